"""The night through Airflow's own machinery: both nights, a late feed, XComs, services with a backfill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from connectors.deliveries import deliveries_of
from hub import postgres
from hub.storage import holder_of, sha256_of
from tests.acceptance.published import published_state
from tests.nation import FIRST, SECOND, Home
from tests.servers.process import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow")]
PROJECT = Path(__file__).parents[2]


DAY_AFTER = "2026-11-21"  # a bare date means its midnight, before that day's night at 01:00
LOOPBACK, LISTENING = "0100007F", "0A"  # 127.0.0.1 and the state, in /proc/net/tcp
FEW = ("sabt_persons", "sso_members", "ihio_rural", "oil")


@pytest.fixture
def small(tmp_path: Path, nation: Path) -> Iterator[Home]:
    """A databank of four feeds only."""
    home = Home(tmp_path / "small", nation, FEW)
    yield home
    home.run("down")
    home.close()


def airflow(home: Home, *arguments: str, port: int = 8080) -> str:
    """Run one of Airflow's own commands on this home."""
    from cli.scheduler import airflow_environment

    environment = {**airflow_environment(home.settings, port), "DATABANK_RETRY_MINUTES": "0"}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "airflow"), *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory: pytest.TempPathFactory, nation: Path) -> Iterator[Home]:
    """A databank after both nights through Airflow."""
    home = Home(tmp_path_factory.mktemp("scheduled") / "home", nation)
    done = home.run("nightly")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Night of 2026-11-20", done.stdout)
    yield home
    home.close()


def test_both_nights_through_airflow_end_as_without_it(scheduled: Home, undisturbed: dict[str, str]) -> None:
    assert published_state(scheduled) == undisturbed


def test_no_rows_and_no_values_travel_through_xcom(scheduled: Home) -> None:
    """XComs hold run ids and nothing longer."""
    postgres.start(scheduled.settings)
    values = [row[0] for row in asked(scheduled, "select distinct value::text from xcom where key = 'return_value'")]
    assert values
    assert all(re.fullmatch(r'"?(\d{4}-\d{2}-\d{2}-[0-9a-f]{12})"?|null', value) for value in values), values


def test_D12_a_late_feed_does_not_stop_the_night(small: Home) -> None:
    for file in small.settings.inbox.glob("*/*"):
        is_second = (
            "14050829" in file.name
            or "1405-08-29" in file.name
            or SECOND.replace("-", "") in file.name
            or SECOND in file.name
        )
        if is_second or (file.parent.name == "ihio_rural" and "14050828" in file.name):
            file.unlink()
    done = small.run("nightly", DATABANK_RETRY_MINUTES="0")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = small.run("query", "--json", "select feed from mart.feed_quality order by 1")
    assert "ihio_rural" not in figures.stdout
    assert "sabt_persons" in figures.stdout


def test_D08_services_run_a_backfill_though_tasks_are_killed_and_stop(small: Home) -> None:
    """The run that the scheduler makes at once finds an empty inbox and ends; the backfill then brings both nights. Tasks
    that take deliveries in are killed, and retried by the scheduler."""
    port = free_port()
    aside = small.settings.home / "aside"
    small.settings.inbox.rename(aside)
    up = small.run("up", "--port", str(port), DATABANK_RETRY_MINUTES="0")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        assert wait_until(lambda: ("night", "failed") in dag_runs(small)), dag_runs(small)
        shutil.rmtree(small.settings.inbox)
        aside.rename(small.settings.inbox)
        dates = ("--from-date", FIRST, "--to-date", DAY_AFTER, "--max-active-runs", "1")
        with killing_landings(small, most=2) as killed:
            airflow(small, "backfill", "create", "--dag-id", "intake", *dates, port=port)
            is_done = wait_until(lambda: f'"{SECOND}"' in small.run("status", "--json").stdout, seconds=480)
        assert is_done, dag_runs(small)
        assert killed, "no task was seen at work"
        assert retried_tasks(small) > 0, "the scheduler tried again"
        landed = {feed: deliveries_of(small.settings, feed) for feed in FEW}
        assert {feed: [each.state(small.settings) for each in found] for feed, found in landed.items()} == {
            feed: ["staged", "staged"] for feed in FEW
        }
        assert all(sha256_of(each.path(small.settings)) == each.sha256 for found in landed.values() for each in found)
        assert small.run("check").returncode == 0
        assert listening_addresses(port) == {LOOPBACK}
    finally:
        down = small.run("down")
    assert down.returncode == 0, down.stderr
    assert not [pid for pid in Path("/proc").glob("[0-9]*/environ") if belongs(pid, small)]


@contextmanager
def killing_landings(home: Home, most: int) -> Iterator[list[int]]:
    """Kill the first processes that are seen landing a feed; their ids."""
    killed: list[int] = []
    is_over = threading.Event()

    def hunt() -> None:
        while len(killed) < most and not is_over.wait(0.001):
            for lock in home.settings.landing.glob("*/.lock"):
                if (pid := holder_of(lock)) and pid not in killed and len(killed) < most:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        yield killed
    finally:
        is_over.set()
        hunter.join()


def retried_tasks(home: Home) -> int:
    """How many takings-in of the backfill ended well after more than one try."""
    tried = "run_id like 'backfill%' and task_id = 'take_in' and state = 'success' and try_number > 1"
    return len(asked(home, f"select task_id from task_instance where {tried}"))


def dag_runs(home: Home) -> list[tuple[str, str]]:
    """Airflow's runs so far: DAG and state."""
    return asked(home, "select dag_id, state from dag_run order by id")


def asked(home: Home, sql: LiteralString) -> list[Any]:
    """What Airflow's own database says."""
    url = (home.settings.home / "airflow" / "database_url").read_text().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return connection.execute(sql).fetchall()


def wait_until(is_so: Callable[[], bool], seconds: float = 240) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(2)
    return False


def belongs(environ: Path, home: Home) -> bool:
    """Whether a process works on this home and is one of Airflow's."""
    try:
        here = f"DATABANK_HOME={home.settings.home}".encode() in environ.read_bytes()
        return here and b"airflow" in (environ.parent / "cmdline").read_bytes() and environ.parent.name != str(os.getpid())
    except OSError:
        return False


def listening_addresses(port: int) -> set[str]:
    """Addresses, as the kernel writes them, on which somebody listens on a port."""
    tables = [path.read_text().splitlines()[1:] for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if path.exists()]
    sockets = [line.split() for table in tables for line in table]
    local = [fields[1].split(":") for fields in sockets if fields[3] == LISTENING]
    return {address for address, hexadecimal in local if int(hexadecimal, 16) == port}
