"""The tree keeps the rules of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.house import rules
from tests.house.rules import Source
from tests.house.tree import PROJECT, modules, sources

ROOMS = rules.rooms_table((PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8"))
IN_ROOMS = [source for source in sources() if source.room in ROOMS]


def test_every_package_is_a_declared_room() -> None:
    folders = {source.room for source in modules()} - {"tests"}
    assert folders <= set(ROOMS), "add the room and what it may import to docs/architecture.md"


def test_rooms_import_only_what_they_may() -> None:
    assert rules.room_offences(modules(), ROOMS) == []


def test_each_vendor_has_one_place() -> None:
    assert rules.vendor_offences([source for source in modules() if source.room in ROOMS]) == []


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        (rules.long_modules, modules()),
        (rules.catch_all_offences, [source for source in modules() if source.room in ROOMS]),
        (rules.word_offences, IN_ROOMS),
        (rules.bare_table_offences, [source for source in modules() if source.room in ROOMS]),
        (rules.address_offences, sources()),
        (rules.machine_path_offences, sources()),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_tree_keeps_the_rule(rule: Callable[[Iterable[Source]], list[str]], held: Iterable[Source]) -> None:
    assert list(held), "nothing was read: the rule would hold for any tree"
    assert rule(held) == []
