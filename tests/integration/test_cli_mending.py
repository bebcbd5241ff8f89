"""What goes wrong with a databank in use, and the commands that say so and mend it: a real process each time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hub.errors import PublishError, meaning
from tests.integration.test_cli import figures, live_run, printed
from tests.nation import FIRST, Home, make_nation
from warehouse.database import connect

pytestmark = pytest.mark.xdist_group("cli_mending")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A databank after the first night of a very small nation."""
    nation = make_nation(tmp_path_factory.mktemp("nation"), persons=200, seed=4, nights=1)
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
