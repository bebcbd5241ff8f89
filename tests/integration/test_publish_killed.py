"""A publisher or server that dies leaves the old night or the new one; publishing again ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hub import postgres
from hub.errors import DatabaseAway
from hub.runs import Run
from hub.settings import Settings
from tests.integration.tiny import Night, TinyNation
from warehouse.changes import published_tables
from warehouse.database import connect
from warehouse.publish import publish
from warehouse.runs import live_run_id

PROJECT = Path(__file__).resolve().parent.parent.parent
SECOND = Night(persons=70, renamed=frozenset({4, 9}), merged=((8, 2),))
STAGES = ("publish: audit", "publish: person.golden", "publish: cover.period", "publish: person.identity_event")


def state(settings: Settings) -> dict[str, str]:
    """A fingerprint of every published table, without the moment of publishing."""
    with connect(settings) as connection:
        return {
            table.name: str(
                connection.execute(
                    f"select count(*) || md5(coalesce(string_agg(({', '.join(table.columns)})::text, '|' "
                    f"order by {', '.join(table.grain)}), '')) from {table.name}"
                ).fetchone()
            )
            for table in published_tables()
        }


def publish_apart(settings: Settings, run: Run, stage: str, whom: str) -> subprocess.CompletedProcess[str]:
    """Publish in a process of its own, which kills itself or the server at a stage."""
    return subprocess.run(
        [sys.executable, "-m", "tests.integration.publisher", str(settings.home), run.run_id, stage, whom],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def undisturbed(own_server: Settings, settings: Settings) -> Settings:
    """Another database that publishes the same run folders in peace."""
    return replace(settings, home=own_server.home)


@pytest.mark.parametrize("first_night", [True, False], ids=["first night", "second night"])
def test_O01_publisher_killed_at_any_stage(first_night: bool, own_server: Settings, undisturbed: Settings) -> None:
    run = _last_night(own_server, undisturbed, first_night)
    before = state(own_server), live_run_id(own_server)
    for stage in STAGES:
        assert publish_apart(own_server, run, stage, "me").returncode == -signal.SIGKILL
        assert (state(own_server), live_run_id(own_server)) == before, stage
    assert publish_apart(own_server, run, "", "nobody").returncode == 0
    assert live_run_id(own_server) == run.run_id
    assert state(own_server) == state(undisturbed)


@pytest.mark.parametrize("first_night", [True, False], ids=["first night", "second night"])
def test_O01_server_killed_at_any_stage(first_night: bool, own_server: Settings, undisturbed: Settings) -> None:
    run = _last_night(own_server, undisturbed, first_night)
    old = state(own_server), live_run_id(own_server)
    new = state(undisturbed), run.run_id
    for stage in STAGES:
        killed = publish_apart(own_server, run, stage, "server")
        # A backend that outlives its postmaster for a moment may still commit: the whole night then, or nothing of it.
        # The driver may log before it that the connection is lost.
        assert killed.returncode == 0 or killed.stderr.splitlines()[-1] == "DatabaseAway"
        assert (state(own_server), live_run_id(own_server)) in (old, new), stage
    assert publish_apart(own_server, run, "", "nobody").returncode == 0
    assert (state(own_server), live_run_id(own_server)) == new


def _last_night(own_server: Settings, undisturbed: Settings, first_night: bool) -> Run:
    """The run to publish, published on the undisturbed database; the night before it, if any, on both."""
    nation = TinyNation(own_server)
    run = nation.make(Night(persons=60))
    publish(undisturbed, run)
    if not first_night:
        publish(own_server, run)
        run = nation.make(SECOND, run)
        publish(undisturbed, run)
    return run


def test_O01_a_server_killed_after_the_commit_keeps_the_night(own_server: Settings) -> None:
    run = TinyNation(own_server).make(Night())
    publish(own_server, run)
    before = state(own_server)
    postmaster = (own_server.postgres / "data" / "postmaster.pid").read_text().splitlines()[0]
    os.kill(int(postmaster), signal.SIGKILL)
    assert state(own_server) == before
    assert publish(own_server, run).is_repeat


def test_O03_database_away_is_said_and_nothing_is_half_published(own_server: Settings) -> None:
    nation = TinyNation(own_server)
    first = nation.make(Night())
    publish(own_server, first)
    before = state(own_server)
    second = nation.make(SECOND, first)
    external = replace(own_server, database_url=postgres.start(own_server).url)
    postgres.stop(own_server, mode="fast")
    with pytest.raises(DatabaseAway, match="start the same command again") as caught:
        publish(external, second)
    assert postgres.start(own_server).password not in str(caught.value)
    assert state(external) == before
    publish(external, second)
    assert live_run_id(external) == second.run_id
