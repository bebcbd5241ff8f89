"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.duck import connection
from hub.settings import Settings
from tests.tables import World


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="Property tests go through thousands of worlds instead of a few.")


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether property tests may take hours."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Small tables given, steps run, small tables expected; see ``tests/tables.py``."""
    with connection(Settings(home=tmp_path, memory="1GB", threads=1)) as con:
        yield World(con, tmp_path)
