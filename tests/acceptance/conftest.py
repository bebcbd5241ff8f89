"""One small nation for all tests here; each test gets a state folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nation import Home, make_nation


@pytest.fixture(scope="session")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 persons, two nights, seed 5."""
    return make_nation(tmp_path_factory.mktemp("nation"), persons=2_000, seed=5)


@pytest.fixture
def home(tmp_path: Path, nation: Path) -> Iterator[Home]:
    """An empty databank with that nation's files in its inbox."""
    home = Home(tmp_path / "home", nation)
    yield home
    home.close()
