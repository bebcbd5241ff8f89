"""The command line as people use it: a real process each time, one small databank for all."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hub.errors import (
    ContractError,
    DatabaseAway,
    DeliveryCorrupt,
    DeliveryError,
    DeliveryMissing,
    InquiryError,
    NightRunning,
    PublishError,
    SettingsError,
    meaning,
)
from hub.storage import exclusive
from tests.nation import FIRST, SECOND, Home, make_nation
from tests.servers.certificates import client_certificate

pytestmark = pytest.mark.xdist_group("cli")
PERSONS, SEED = 2_000, 5
USAGE = 2


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A databank after both nights of a small nation, with the nation's truth beside."""
    nation = make_nation(tmp_path_factory.mktemp("nation"), persons=PERSONS, seed=SEED)
    home = Home(tmp_path_factory.mktemp("home") / "state", nation)
    shutil.copytree(nation / "truth", home.settings.home / "truth")
    home.sync(FIRST)
    home.sync(SECOND)
    yield home
    home.close()


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    """A state folder in which nothing was made."""
    (tmp_path / "inbox").mkdir()
    return Home(tmp_path / "state", tmp_path)


def printed(home: Home, *arguments: str, code: int = 0) -> str:
    """What a command prints; the test fails when it ends otherwise than it should, or with a traceback."""
    done = home.run(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def figures(home: Home, *arguments: str) -> Any:
    """What a command prints for programs."""
    return json.loads(printed(home, *arguments, "--json"))


def live_run(home: Home) -> str:
    return str(figures(home, "status")["live"]["run_id"])


def test_in_an_empty_folder_each_says_what_to_do(empty: Home) -> None:
    assert "`databank init` makes one" in printed(empty, "status")
    assert figures(empty, "status") is None
    refused = meaning(SettingsError("")).exit_code
    for command in (["query"], ["query", "select 1"], ["evaluate"]):
        assert "There is no databank" in printed(empty, *command, code=refused)
    assert "There are no pages" in printed(empty, "serve", code=refused)
    assert "delivered nothing yet" in printed(empty, "feeds", "oil")
    assert "Nothing new in" in printed(empty, "land", "oil")
    assert "Nothing to stage" in printed(empty, "stage", "oil")
    assert figures(empty, "check")["live_run"] is None
    assert not (empty.settings.postgres / "server.json").exists(), "looking makes nothing"


def test_status_tells_a_newcomer_and_a_program_the_same(home: Home) -> None:
    state = figures(home, "status")
    live = state["live"]
    assert (live["business_date"], state["open_run"], state["is_working"]) == (SECOND, None, False)
    assert live["rows"]["received"] == sum(
        live["rows"][fate] for fate in ("accepted", "unchanged", "quarantined", "superseded")
    )
    said = printed(home, "status")
    assert f"Night of {SECOND}" in said
    assert f"{live['persons']:,}" in said
    assert f"{home.settings.returns}/{SECOND}/<insurer>/" in said, "a path is never cut"


def test_status_counts_the_booklets_of_its_day(home: Home) -> None:
    """Not those that have ended, nor those that have not begun."""
    live = figures(home, "status")["live"]
    table = pq.read_table(home.settings.runs / live["run_id"] / "cover.booklet.parquet").to_pylist()
    held = sum(row["from_date"] <= date.fromisoformat(SECOND) < row["to_date"] for row in table)
    assert sum(live["booklets"].values()) == held < len(table)


def test_status_names_deliveries_that_wait_and_how_to_release_them(home: Home) -> None:
    """A nation so small has no members of the broadcaster: an empty file is held."""
    waiting = figures(home, "status")["waiting"]
    assert ("irib", "held", "snapshot") in {(item["feed"], item["state"], item["kind"]) for item in waiting}
    said = printed(home, "status")
    assert f"{waiting[0]['delivery_id']} (snapshot)" in said
    held = next(row for row in figures(home, "feeds", "irib") if row["state"] == "held")
    assert held["why"] == next(item["reason"] for item in waiting if item["delivery_id"] == held["delivery"])
    assert "databank land --accept DELIVERY" in said


def test_status_says_when_the_certificate_of_the_hub_ends(home: Home, tmp_path: Path) -> None:
    """Every insurer needs the new one, by another way than returns come."""
    assert "Hub's certificate" not in printed(home, "status")
    certificate = home.settings.keys / "hub.certificate.pem"
    kept = certificate.read_bytes()
    try:
        for days, is_told in ((30, True), (200, False), (-1, True)):
            last = (datetime.now(UTC) + timedelta(days=days)).date()
            certificate.write_bytes(
                client_certificate(tmp_path, f"hub{days}", bits=None, last=timedelta(days=days))[0].read_bytes()
            )
            assert (f"its last day is {last}" in printed(home, "status")) is is_told
            assert figures(home, "status")["certificate_ends"] == (last.isoformat() if is_told else None)
    finally:
        certificate.write_bytes(kept)


def test_D04_status_names_a_file_that_never_landed_and_why(home: Home) -> None:
    file = home.settings.inbox / "cspf" / "CSPF_14050830.txt.gz"
    manifest = file.with_name(f"{file.name}.manifest.json")
    file.write_bytes(b"x")
    manifest.write_text(json.dumps({"sha256": "0" * 64}))
    try:
        printed(home, "land", "cspf", "--date", "2026-11-21", code=meaning(DeliveryCorrupt("")).exit_code)
        waiting = {item["delivery_id"]: item for item in figures(home, "status")["waiting"] if item["feed"] == "cspf"}
        assert [(item["state"], file.name in item["reason"]) for item in waiting.values()] == [("refused", True)]
        assert next(iter(waiting)) in printed(home, "status")
    finally:
        file.unlink()
        manifest.unlink()
        shutil.rmtree(home.settings.landing / "cspf" / "refused")


def test_sync_of_a_night_that_is_live_says_so(home: Home) -> None:
    again = figures(home, "sync", "--date", SECOND)
    assert again["is_new"] is False
    assert again["failures"] == {}, "what is held was said when it came; status goes on saying it"
    assert again["summary"]["business_date"] == SECOND
    assert "Nothing new since this night" in printed(home, "sync", "--date", SECOND)


def test_a_night_without_a_terminal_logs_its_stages_not_its_steps(tmp_path: Path) -> None:
    nation = make_nation(tmp_path / "nation", persons=200, seed=4, nights=1)
    small = Home(tmp_path / "home", nation)
    try:
        done = small.run("sync", "--date", FIRST)
        assert done.returncode == 0, done.stderr
        stages = [line.partition("INFO ")[2] for line in done.stderr.splitlines() if "INFO   " not in line]
        assert stages == ["take in deliveries", "link persons", "judge cover", "publish", "report"]
    finally:
        small.close()


def test_feeds_lists_feeds_and_one_feeds_deliveries(home: Home) -> None:
    rows = {row["feed"]: row for row in figures(home, "feeds")}
    assert rows["oil"]["newest"] == SECOND
    assert rows["oil"]["state"] == "staged"
    deliveries = figures(home, "feeds", "oil")
    assert [(row["date"], row["state"]) for row in deliveries] == [(FIRST, "staged"), (SECOND, "staged")]
    assert deliveries[0]["delivery"] in printed(home, "feeds", "oil")


def test_a_feed_nobody_declares_is_refused_with_the_names_of_those_that_are(home: Home) -> None:
    for command in (["feeds", "oyl"], ["land", "oyl"], ["stage", "oyl"]):
        assert "ihio_rural" in printed(home, *command, code=meaning(DeliveryError("")).exit_code)


def test_landing_by_hand_knows_what_landed(home: Home) -> None:
    assert figures(home, "land", "oil", "--date", SECOND) == []
    assert figures(home, "stage", "oil") == {}


def test_releasing_needs_a_reason_and_a_held_delivery(home: Home) -> None:
    delivery = figures(home, "feeds", "oil")[0]["delivery"]
    assert "reason" in printed(home, "land", "--accept", delivery, code=USAGE)
    printed(home, "land", "--accept", delivery, "--reason", "x", code=meaning(DeliveryError("")).exit_code)
    printed(home, "land", "--accept", "oil-none", "--reason", "x", code=meaning(DeliveryMissing("")).exit_code)


def test_check_finds_sound_contracts_codes_and_database(home: Home) -> None:
    checked = figures(home, "check")
    assert "sabt_persons" in checked["contracts"]
    assert checked["codes"]["insurers"] > 0
    assert checked["live_run"] == live_run(home)
    assert checked["tables"] > 10


def test_check_names_file_and_line_of_a_wrong_contract(home: Home, tmp_path: Path) -> None:
    wrong = tmp_path / "oil.odcs.yaml"
    wrong.write_text((home.settings.contracts / "oil.odcs.yaml").read_text().replace("national_code", "natonal_code"))
    said = printed(home, "check", str(wrong), code=meaning(ContractError("")).exit_code)
    assert re.search(r"oil\.odcs\.yaml:\d+", said)
    assert "What to do" in said
    printed(home, "check", str(tmp_path / "none.yaml"), code=meaning(ContractError("")).exit_code)


def test_check_sees_that_the_database_was_changed_by_hand(home: Home) -> None:
    import psycopg

    from hub import postgres

    with psycopg.connect(postgres.start(home.settings).url) as connection:
        connection.execute("delete from mart.night")
        connection.commit()
        try:
            said = printed(home, "check", code=meaning(PublishError("")).exit_code)
            assert "mart.night: 1 missing, 0 that no night wrote, 0 altered, of 1" in said
        finally:
            columns = figures(home, "status")["live"]["run_id"]
            path = home.settings.runs / columns / "mart.night.parquet"

            row = pq.read_table(path).to_pylist()[0]
            marks = ", ".join(["%s"] * len(row))
            connection.execute(f"insert into mart.night ({', '.join(row)}) values ({marks})", list(row.values()))
            connection.commit()
    assert figures(home, "check")["live_run"]


def test_evaluate_measures_persons_and_double_cover(home: Home) -> None:
    found = figures(home, "evaluate")
    assert found["run_id"] == live_run(home)
    assert found["persons"]["precision"] > 0.99
    assert found["persons"]["recall"] > 0.95
    assert found["overlaps"]["right"] > 0
    assert found["overlaps"]["precision"] > 0.9
    assert found["overlaps"]["recall"] > 0.9
    assert "Pairs of one person" in printed(home, "evaluate")


def test_evaluate_says_when_there_is_no_truth(home: Home, tmp_path: Path) -> None:
    assert "record.parquet" in printed(home, "evaluate", "--truth", str(tmp_path), code=meaning(SettingsError("")).exit_code)


def test_query_answers_as_the_planner(home: Home) -> None:
    assert figures(home, "query", "select as_of_date from mart.night") == [{"as_of_date": SECOND}]
    assert SECOND in printed(home, "query", "select as_of_date from mart.night")
    assert "No rows" in printed(home, "query", "select * from mart.night where false")
    refused = meaning(InquiryError("")).exit_code
    printed(home, "query", "select * from person.golden", code=refused)
    printed(home, "query", "select nothing from mart.night", code=refused)


def test_query_alone_says_how_any_tool_connects_and_keeps_the_password(home: Home) -> None:
    said = printed(home, "query")
    assert "databank_planner" in said
    assert "psql" in said
    passwords = json.loads((home.settings.postgres / "logins.json").read_text())
    assert passwords["databank_planner"] not in said


def test_publishing_a_live_run_again_changes_nothing(home: Home) -> None:
    again = figures(home, "publish", live_run(home))
    assert (again["is_repeat"], again["written"]) == (True, 0)
    assert "returns" in printed(home, "report", live_run(home)).lower()


def test_an_unknown_run_is_refused(home: Home) -> None:
    for command in ("link", "publish", "report"):
        said = printed(home, command, "2026-11-20-000000000000", code=meaning(PublishError("")).exit_code)
        assert "has no folder" in said


def test_a_release_needs_words(home: Home) -> None:
    printed(home, "publish", live_run(home), "--release", " ", code=USAGE)


def test_O02_a_second_night_says_that_one_is_at_work(home: Home) -> None:
    with exclusive(home.settings.home / "locks" / "night.lock", "a night"):
        assert figures(home, "status")["is_working"] is True
        said = printed(home, "sync", "--date", SECOND, code=meaning(NightRunning("")).exit_code)
    assert "Another process is at work" in said


def test_O03_a_database_that_is_away_is_named_without_its_password(home: Home) -> None:
    done = home.run("status", DATABANK_DATABASE_URL="postgresql://someone:topsecret@127.0.0.1:9/none")
    assert done.returncode == meaning(DatabaseAway("")).exit_code
    assert "What to do" in done.stderr
    assert "topsecret" not in done.stderr + done.stdout


def test_synth_takes_its_rates(empty: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = figures(empty, "synth", "--persons", "200", "--nights", "1", "--nocodes", "--out", str(out))
    assert made["records"] > made["persons"] == 200
    assert (out / "truth" / "record.parquet").exists()
    printed(empty, "synth", "--persons", "200", "--missing-national-code", "1.5", "--out", str(out), code=USAGE)


def test_serve_shows_pages_on_loopback_and_no_return(home: Home) -> None:
    server = home.start("serve", "--port", "0", PYTHONUNBUFFERED="1")
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        with urllib.request.urlopen(found[0], timeout=10) as page:
            assert "html" in page.read(200).decode().lower()
        for path in ("returns/x", "../postgres/server.json", "%2e%2e/postgres/server.json"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(found[0] + path, timeout=10)
    finally:
        server.terminate()
        server.communicate(timeout=10)


def test_an_error_that_nobody_expected_tells_kind_and_place_only(home: Home) -> None:
    run = home.settings.runs / live_run(home)
    manifest = run / "manifest.json"
    kept = manifest.read_text()
    manifest.write_text('{"Zarrinmarked": ')
    try:
        said = printed(home, "status", code=1)
        shown = home.run("status", DATABANK_DEBUG="1")
    finally:
        manifest.write_text(kept)
    assert re.search(r"Unexpected JSONDecodeError at hub\.\w+:\d+", said)
    assert "Traceback" in shown.stderr
