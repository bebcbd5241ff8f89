"""The night through Airflow's own machinery: DAGs load, both nights run, a late feed does not stop it, services schedule it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.test_killed_nights import published_state
from tests.nation import FIRST, SECOND, Home

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow")]
PROJECT = Path(__file__).parents[2]


def airflow(home: Home, *arguments: str, port: int = 8080) -> str:
    """Run one of Airflow's own commands on this home."""
    from cli.scheduler import airflow_environment

    environment = {**airflow_environment(home.settings, port), "DATABANK_RETRY_MINUTES": "0.01"}
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


def test_both_nights_through_airflow_end_as_without_it(home: Home, tmp_path: Path, nation: Path) -> None:
    done = home.run("nightly")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Night of 2026-11-20", done.stdout)
    without = Home(tmp_path / "without", nation)
    without.sync(FIRST)
    without.sync(SECOND)
    assert published_state(home) == published_state(without)
    without.close()


def test_D12_a_late_feed_does_not_stop_the_night(home: Home) -> None:
    for file in (home.settings.inbox / "ihio_rural").iterdir():
        if "14050829" in file.name:
            file.unlink()
    done = home.run("nightly", DATABANK_RETRY_MINUTES="0.01")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = home.run("query", "--json", "select feed, as_of_days from mart.feed_quality where as_of_days > 0")
    assert "ihio_rural" in figures.stdout


def test_no_rows_and_no_values_travel_through_xcom(home: Home) -> None:
    """XComs hold run ids and nothing longer."""
    import psycopg

    done = home.run("nightly")
    assert done.returncode == 0, done.stdout + done.stderr
    url = (home.settings.home / "airflow" / "database_url").read_text().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        values = [row[0] for row in connection.execute("select distinct value::text from xcom where key = 'return_value'")]
    assert values
    assert all(re.fullmatch(r'"?(\d{4}-\d{2}-\d{2}(-[0-9a-f]{12})?)?"?|null', value) for value in values), values


def test_services_come_up_run_a_backfilled_night_and_stop(home: Home) -> None:
    port = free_port()
    shutil.rmtree(home.settings.home / "airflow", ignore_errors=True)
    up = home.run("up", "--port", str(port), DATABANK_RETRY_MINUTES="0.01")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        airflow(
            home,
            "backfill",
            "create",
            "--dag-id",
            "intake",
            "--from-date",
            FIRST,
            "--to-date",
            SECOND,
            "--max-active-runs",
            "1",
            port=port,
        )
        assert wait_for_live(home, SECOND), (home.settings.home / "airflow/logs/scheduler.log").read_text()[-3000:]
        listening = subprocess.run(["ss", "-ltn"], capture_output=True, text=True, check=False).stdout
        assert f"0.0.0.0:{port}" not in listening
    finally:
        down = home.run("down")
    assert down.returncode == 0, down.stderr
    assert not [pid for pid in Path("/proc").glob("[0-9]*/environ") if belongs(pid, home)]


def wait_for_live(home: Home, business_date: str, seconds: float = 240) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if f'"{business_date}"' in home.run("status", "--json").stdout:
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
