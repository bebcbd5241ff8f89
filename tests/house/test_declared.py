"""What the tree imports is declared in pyproject.toml, so that nothing comes by luck with another package."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from tests.house.rules import Source, imports
from tests.house.tree import PROJECT, modules

# Where package and distribution differ in more than spelling, and the package is an extra or split over many.
DISTRIBUTIONS = {"airflow": "apache-airflow", "pyspark": "pyspark", "py4j": "py4j"}
STUBS = {"_typeshed"}  # known to the type checker only
OURS = {source.room for source in modules()} | {"planted"}
NOT_SHIPPED = ("tests", "dags")  # an extra is enough for them
PYPROJECT: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PYPROJECT["optional-dependencies"]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: Iterable[str]) -> set[str]:
    """Names of distributions, as packaging compares them."""
    return {_plain(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requirements}


DECLARED = names([*PYPROJECT["dependencies"], *EXTRAS["spark"]])
DECLARED_FOR_TESTS = DECLARED | names(EXTRAS["dev"]) | names(EXTRAS["airflow"])


def undeclared(sources: Iterable[Source]) -> list[str]:
    """Imports of packages that no requirement names."""
    installed = packages_distributions()
    offences = []
    for source in sources:
        declared = DECLARED_FOR_TESTS if source.room in NOT_SHIPPED else DECLARED
        for line, module in imports(source):
            package = module.partition(".")[0]
            if package in OURS | STUBS or package in sys.stdlib_module_names:
                continue
            known = [DISTRIBUTIONS[package]] if package in DISTRIBUTIONS else installed.get(package, [package])
            if declared.isdisjoint(map(_plain, known)):
                offences.append(f"{source.path}:{line} imports {package}, which pyproject.toml does not declare")
    return offences


def test_every_imported_package_is_declared() -> None:
    assert undeclared(modules()) == []


def test_every_requirement_says_from_which_version_on() -> None:
    every = [*PYPROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
    assert [each for each in every if not re.search(r"[=>]=", each)] == []


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("hub/planted.py", "import urllib3\n", 1),
        ("connectors/planted.py", "def act():\n    from lxml import etree\n", 1),
        ("connectors/planted.py", "import pytest\n", 1),
        ("tests/planted.py", "import pytest\nimport json\nimport yaml\n", 0),
        ("connectors/planted.py", "import requests\nfrom hub.duck import quote\n", 0),
    ],
)
def test_the_rule_has_teeth(path: str, text: str, count: int) -> None:
    assert len(undeclared([Source(path, text)])) == count
