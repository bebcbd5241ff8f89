"""What goes wrong with a databank in use, and the commands that say so and mend it: a real process each time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hub.errors import IdentityError, InquiryError, PublishError, meaning
from hub.runs import find_run, open_run
from hub.storage import exclusive
from tests.integration.test_cli import USAGE, figures, live_run, printed
from tests.nation import FIRST, SECOND, Home, make_nation
from warehouse.database import connect

pytestmark = pytest.mark.xdist_group("cli_mending")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A databank after the first night of a very small nation."""
    nation = make_nation(tmp_path_factory.mktemp("nation"), persons=400, seed=4, nights=1)
    home = Home(tmp_path_factory.mktemp("home") / "state", nation)
    home.sync(FIRST)
    yield home
    home.close()


def by_hand(home: Home, *statements: str) -> None:
    with connect(home.settings) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


def test_a_database_changed_by_hand_is_mended_by_publishing_the_live_run_whole(home: Home) -> None:
    run_id = live_run(home)
    before = figures(home, "query", "select * from mart.night")
    by_hand(home, "delete from mart.night", "delete from person.golden where person_id < 9")
    by_hand(home, "delete from person.identity_event where event_no in (1, 2)")
    assert f"databank publish {run_id} --whole" in printed(home, "check", code=meaning(PublishError("")).exit_code)
    assert "live already" in printed(home, "publish", run_id)
    said = printed(home, "publish", run_id, "--whole")
    assert "identity log was not what the nights wrote. Rows restored 2." in said
    assert figures(home, "query", "select * from mart.night") == before
    assert figures(home, "check")["live_run"] == run_id
    assert figures(home, "publish", run_id, "--whole")["identity_log"]["restored"] == 0
    assert "left as it is" in printed(home, "publish", run_id, "--whole")


def test_a_published_run_is_evidence_and_not_linked_again(home: Home) -> None:
    run = home.settings.runs / live_run(home)
    before = {file.name: file.stat().st_mtime_ns for file in run.iterdir()}
    assert "evidence" in printed(home, "link", run.name, code=meaning(PublishError("")).exit_code)
    steps = run / "steps.jsonl"
    kept = steps.read_text()
    steps.write_text(
        json.dumps({"table": "mart.night", "hash": "of an earlier version", "rows": 1, "seconds": 1, "at": "x"})
    )
    try:
        printed(home, "publish", run.name)
    finally:
        steps.write_text(kept)
    assert {file.name: file.stat().st_mtime_ns for file in run.iterdir()} | {"steps.jsonl": 0} == before | {"steps.jsonl": 0}


def scheduled(home: Home, stage: str, argument: str) -> subprocess.CompletedProcess[str]:
    """One stage as the scheduler runs it: a process of its own, called by the DAGs' own function."""
    code = (
        "from datetime import date; from dags.databank import alone, call; from nights import night; "
        f"call(alone, night.{stage}, {argument})"
    )
    return subprocess.run(
        [sys.executable, "-c", code], env=home.environment(), capture_output=True, text=True, timeout=300, check=False
    )


def test_status_says_why_a_scheduled_night_could_not_be_opened(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    empty = Home(tmp_path / "state", tmp_path)
    try:
        assert empty.run("init").returncode == 0
        done = scheduled(empty, "open_night", "date(2026, 11, 20)")
        assert "AirflowFailException" in done.stderr
        failure = figures(empty, "status")["failure"]
        assert (failure["stage"], failure["business_date"], failure["run_id"]) == ("open_night", "2026-11-20", None)
        said = printed(empty, "status")
        assert "Night failed" in said
        assert "No feed has a staged delivery" in said
        assert "what to do  See `databank feeds`" in said
    finally:
        empty.close()


def test_status_says_why_a_scheduled_stage_failed_until_it_ends_well(home: Home) -> None:
    """The returns of the live night cannot be written; then they can."""
    run_id = live_run(home)
    blocked = home.settings.home / "pages"
    kept = blocked.rename(home.settings.home / "pages.kept")
    blocked.write_text("a file where the folder belongs")
    try:
        assert scheduled(home, "report_night", repr(run_id)).returncode != 0
        failure = figures(home, "status")["failure"]
        assert (failure["stage"], failure["run_id"]) == ("report_night", run_id)
        assert "report night" in printed(home, "status")
    finally:
        blocked.unlink()
        kept.rename(blocked)
    assert scheduled(home, "report_night", repr(run_id)).returncode == 0
    assert figures(home, "status")["failure"] is None


def test_O04_status_says_why_a_scheduled_night_is_held_and_how_to_release_it(home: Home) -> None:
    """Most cover ends in this night: far more than usual."""
    run = open_run(home.settings, date.fromisoformat(SECOND), {"made": "by hand"}, live_run(home))
    live = find_run(home.settings, live_run(home))
    for table in live.folder.glob("*.parquet"):
        shutil.copy(table, run.folder)
    with run.runner(home.settings) as runner:
        runner.con.execute(f"create temp table p as select * from read_parquet('{live.table('cover.period')}') limit 0")
        runner.con.execute(f"copy p to '{run.table('cover.period')}' (format parquet)")
    done = scheduled(home, "publish_night", repr(run.run_id))
    assert "NightHeld" in done.stderr, done.stderr
    found = figures(home, "status")["open_run"]
    assert (found["run_id"], found["state_code"]) == (run.run_id, "held")
    said = printed(home, "status")
    assert "far more than usual (ended_cover" in said
    assert f"databank publish {run.run_id} --release" in said
    refused = printed(home, "report", run.run_id, code=meaning(PublishError("")).exit_code)
    assert "never published, so nothing of it leaves" in refused
    shutil.rmtree(run.folder)


def test_O02_a_scheduled_stage_does_not_work_beside_a_night(home: Home) -> None:
    with exclusive(home.settings.home / "locks" / "night.lock", "a night"):
        done = scheduled(home, "link_persons", repr(live_run(home)))
    assert "NightRunning: Another process is at work" in done.stderr


def test_a_pair_of_a_night_that_an_earlier_version_linked_is_not_explained(home: Home) -> None:
    population = home.settings.runs / live_run(home) / "linkage.population.parquet"
    kept = population.rename(population.with_name("kept"))
    try:
        said = printed(home, "explain", "sso_members:1", "sso_members:2", code=meaning(IdentityError("")).exit_code)
    finally:
        kept.rename(population)
    assert "earlier version of this program" in said
    assert "linkage.population" in said


def test_a_query_says_when_there_are_more_rows_and_takes_one_statement(home: Home) -> None:
    done = home.run("query", "--json", "--limit", "2", "select n from generate_series(1, 9) as n")
    assert json.loads(done.stdout) == [{"n": 1}, {"n": 2}]
    assert "these are the first 2 rows" in done.stderr
    assert "several statements" in printed(home, "query", "select 1; select 2", code=meaning(InquiryError("")).exit_code)


def test_wrong_words_to_stewards_commands_are_answered_plainly(home: Home) -> None:
    pair = ("sso_members:1", "sso_members:2")
    assert "--same or --different" in printed(home, "review", "decide", *pair, "--by", "x", "--reason", "y", code=USAGE)
    assert "No pair waits for the reason margn. What waits:" in printed(home, "review", "list", "--reason", "margn")
