"""The tree of errors holds what the databank says, and nothing that nobody is ever told."""

from __future__ import annotations

import inspect
import re

from hub import errors
from tests.house.tree import modules

CLASSES = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.HubError)}


def test_every_error_is_drawn_in_the_tree() -> None:
    drawn = re.findall(r"^    (?:[ │├└─]*)(\w+)(?:  |$)", errors.__doc__ or "", re.M)
    assert sorted(drawn) == sorted(CLASSES)


def test_every_error_is_told_by_some_module() -> None:
    rooms = "\n".join(source.text for source in modules() if source.path != "hub/errors.py" and source.room != "tests")
    kinds = {name for name, kind in CLASSES.items() if kind.__subclasses__()}
    assert {name for name in CLASSES if not re.search(rf"\b{name}\b", rooms)} <= kinds
