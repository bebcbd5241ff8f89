"""One small nation for all tests here; each test gets a state folder of its own."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.published import published_state
from tests.nation import FIRST, SECOND, Home, make_nation

Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """Makes a folder that all test processes read: one makes it, the others wait until it is there."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_made = shared / f"{name}.made"
            if not is_made.exists():
                make(shared / name)
                is_made.touch()
        return shared / name

    return make_once


@pytest.fixture(scope="session")
def nation(once: Once) -> Path:
    """2,000 persons, two nights, seed 5."""
    return once("nation", lambda folder: make_nation(folder, persons=2_000, seed=5))


@pytest.fixture
def home(tmp_path: Path, nation: Path) -> Iterator[Home]:
    """An empty databank with that nation's files in its inbox."""
    home = Home(tmp_path / "home", nation)
    yield home
    home.close()


@pytest.fixture(scope="session")
def one_night(once: Once, nation: Path) -> Home:
    """A databank after its first night; tests go on with copies of it."""

    def make(folder: Path) -> None:
        home = Home(folder, nation)
        home.sync(FIRST)
        home.stop()

    return Home(once("one_night", make))


@pytest.fixture
def night_after(one_night: Home, tmp_path: Path) -> Iterator[Home]:
    """A databank whose second night is due."""
    home = one_night.copied(tmp_path / "home")
    yield home
    home.close()


@pytest.fixture(scope="session")
def undisturbed(once: Once, one_night: Home) -> dict[str, str]:
    """Hash of every published table after two nights that nobody disturbed."""

    def make(folder: Path) -> None:
        folder.mkdir()
        home = one_night.copied(folder / "home")
        home.sync(SECOND)
        (folder / "published.json").write_text(json.dumps(published_state(home)))
        home.close()

    state: dict[str, str] = json.loads((once("undisturbed", make) / "published.json").read_text())
    return state
