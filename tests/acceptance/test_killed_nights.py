"""O01: kill -9 of the night, and of PostgreSQL, at each stage; the next start ends in the state of an undisturbed night."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from hub import postgres
from tests.nation import FIRST, SECOND, Home

pytestmark = pytest.mark.slow

# Columns that say when, not what.
CLOCKS = {
    "landed_at",
    "committed_at",
    "started_at",
    "published_at",
    "at",
    "judged_at",
    "known_from",
    "known_to",
    "seconds",
    "valid_during",
}
STAGES: dict[str, Callable[[Home], bool]] = {
    "landing": lambda home: len(list(home.settings.landing.glob(f"*/*{SECOND}*/delivery.json"))) >= 3,
    "staging": lambda home: len(list(home.settings.staging.glob(f"*/*{SECOND}*/counts.json"))) >= 8,
    "opening": lambda home: _left(home, "staging.current_delivery"),
    "linkage": lambda home: _left(home, "linkage.person_record"),
    "identity": lambda home: _left(home, "person.crosswalk"),
    "cover": lambda home: _left(home, "cover.period"),
    "publish": lambda home: _left(home, "mart.night"),
    "report": lambda home: _is_published(home),
}


@pytest.fixture(scope="session")
def one_night(tmp_path_factory: pytest.TempPathFactory, nation: Path) -> Home:
    """A databank after its first night; tests go on with copies of it."""
    home = Home(tmp_path_factory.mktemp("one_night") / "home", nation)
    home.sync(FIRST)
    return home


@pytest.fixture
def night_after(one_night: Home, tmp_path: Path) -> Iterator[Home]:
    """A databank whose second night is due."""
    home = one_night.copied(tmp_path / "home")
    yield home
    home.close()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, one_night: Home) -> dict[str, str]:
    """Hash of every published table after two nights that nobody disturbed."""
    home = one_night.copied(tmp_path_factory.mktemp("undisturbed") / "home")
    home.sync(SECOND)
    state = published_state(home)
    home.close()
    return state


@pytest.mark.parametrize("stage", STAGES)
def test_O01_killed_in(stage: str, night_after: Home, undisturbed: dict[str, str]) -> None:
    home = night_after
    night = home.start("sync", "--date", SECOND)
    reached = wait_for(lambda: STAGES[stage](home), night)
    assert reached, f"the night ended before {stage} was seen"
    kill(night)
    kill_postgres(home)
    home.sync(SECOND)
    assert published_state(home) == undisturbed


def published_state(home: Home) -> dict[str, str]:
    """Table name -> hash of its rows, clocks left out."""
    with psycopg.connect(postgres.start(home.settings).url) as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns "
            "where table_schema in ('person', 'cover', 'mart', 'ops') "
            "and table_name not in ('run', 'step') order by 1, ordinal_position"
        ).fetchall()
        tables: dict[str, list[str]] = {}
        for table, column in columns:
            if column not in CLOCKS:
                tables.setdefault(table, []).append(column)
        return {table: _hash(connection, table, names) for table, names in tables.items()}


def _hash(connection: psycopg.Connection[tuple[object, ...]], table: str, names: list[str]) -> str:
    rows = f"(select row({', '.join(names)})::text as line from {table}) as r"
    found = connection.execute(
        f"select count(*) || ' ' || coalesce(md5(string_agg(line, '|' order by line)), '') from {rows}"
    )
    return str(found.fetchone()[0])  # type: ignore[index]


def wait_for(is_reached: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if is_reached():
            return True
        time.sleep(0.01)
    return is_reached()


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kill_postgres(home: Home) -> None:
    file = home.settings.postgres / "data" / "postmaster.pid"
    if file.exists():
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(0.2)


def _left(home: Home, table: str) -> bool:
    return any(home.settings.runs.glob(f"{SECOND}-*/{table}.parquet"))


def _is_published(home: Home) -> bool:
    return any((home.settings.returns / SECOND).glob("*/manifest.json"))
