"""Wires within a night: fetched before landing, archived after it, late when they fail (D12), and codes verified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from connectors.deliveries import deliveries_of
from hub.errors import WireDown, WireRefused
from hub.settings import Settings
from nights.intake import take_in, take_in_all
from nights.verification import known_alone, verify
from nights.wires import fetch_feed
from schemas.contracts import load_feeds
from schemas.inquiries import CONTRACT as INQUIRIES
from schemas.inquiries import Question
from tests.integration.staging_world import CONTRACT, DAY, FEED, lines_of, people, person
from tests.integration.wire_world import QUICK
from tests.servers.process import free_port
from tests.servers.s3 import ObjectStore, object_store
from tests.servers.soap import SoapServer, soap_server

BY_HAND = "welfare_clients"
NAME = f"clients_{DAY}.csv"
SERVER = """
servers:
  - server: agency
    type: s3
    location: "s3://relief-bucket/out"
    customProperties:
      - {property: connection, value: relief}
      - {property: archive, value: taken}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with object_store(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoapServer]:
    with soap_server(tmp_path_factory.mktemp("sabt")) as running:
        yield running


@pytest.fixture
def agency(store: ObjectStore) -> Path:
    """The agency's folder in its bucket, empty."""
    folder = store.folder / "relief-bucket" / "out"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    return folder


@pytest.fixture
def settings(tmp_path: Path, store: ObjectStore, agency: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A databank with one feed that comes from the store, and one that comes by hand."""
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / f"{FEED}.odcs.yaml").write_text(CONTRACT.rstrip() + SERVER, encoding="utf-8")
    (contracts / f"{BY_HAND}.odcs.yaml").write_text(
        CONTRACT.replace(FEED, BY_HAND)
        .replace("relief-clients", "welfare-clients")
        .replace("value: relief}", "value: welfare}"),
        encoding="utf-8",
    )
    monkeypatch.setenv("DATABANK_CONNECTION_RELIEF", json.dumps(store.access))
    monkeypatch.setenv("DATABANK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABANK_CONTRACTS", str(contracts))
    return Settings(home=tmp_path / "home", contracts=contracts, memory="500MB", threads=1)


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines_of(rows)) + "\n", encoding="utf-8")


def test_a_night_fetches_lands_stages_and_archives(settings: Settings, agency: Path) -> None:
    write(agency / NAME, people(5))
    taken = take_in(settings, FEED, DAY)
    assert [counts.accepted for counts in taken.staged.values()] == [5]
    assert not (agency / NAME).exists()
    assert (agency / "taken" / NAME).exists()
    assert take_in(settings, FEED, DAY).staged == {}


def test_D12_a_wire_that_is_down_makes_its_feed_late_and_stops_nobody_else(
    settings: Settings, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nights.wires.PATIENCE", QUICK)
    monkeypatch.setenv("DATABANK_CONNECTION_RELIEF", json.dumps(store.access | {"endpoint": f"127.0.0.1:{free_port()}"}))
    write(settings.inbox / BY_HAND / NAME, people(5))
    intakes = {each.feed: each for each in take_in_all(settings, DAY)}
    assert isinstance(intakes[FEED].error, WireDown)
    assert intakes[BY_HAND].error is None
    assert len(deliveries_of(settings, BY_HAND)) == 1


def test_what_already_lies_in_the_inbox_is_used_when_the_wire_fails(
    settings: Settings, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABANK_CONNECTION_RELIEF", json.dumps(store.access | {"secret_key": "wrong"}))
    write(settings.inbox / FEED / NAME, people(5))
    taken = take_in(settings, FEED, DAY)
    assert [counts.accepted for counts in taken.staged.values()] == [5]


def test_two_who_fetch_one_feed_at_once_do_not_disturb_each_other(settings: Settings, agency: Path) -> None:
    write(agency / NAME, people(5))
    (feed,) = [feed for feed in load_feeds(settings.contracts) if feed.name == FEED]
    with ThreadPoolExecutor(2) as pool:
        fetched = [each.result() for each in [pool.submit(fetch_feed, settings, feed, DAY) for _ in range(2)]]
    assert sorted(len(each.files) for each in fetched) == [0, 1]
    assert [each.error for each in fetched] == [None, None]


def test_a_connection_that_is_not_set_makes_its_feed_late(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABANK_CONNECTION_RELIEF")
    with pytest.raises(WireRefused, match="is not set"):
        take_in(settings, FEED, DAY)


def test_the_shell_fetches_and_tries_connections(settings: Settings, agency: Path) -> None:
    write(agency / NAME, people(5))
    run = CliRunner()
    tried = run.invoke(app, ["connections", "test", "--json"])
    assert json.loads(tried.stdout)[0]["answer"] == "1 files lie there"
    listed = run.invoke(app, ["connections", "list", "--json"])
    assert json.loads(listed.stdout) == [{"name": "relief", "place": "DATABANK_CONNECTION_RELIEF", "feeds": [FEED]}]
    fetched = run.invoke(app, ["fetch", "--date", str(DAY), "--json"])
    (one,) = json.loads(fetched.stdout)
    assert (one["feed"], one["error"], [file["file_name"] for file in one["files"]]) == (FEED, None, [NAME])
    assert "nothing" not in fetched.stdout


def test_codes_that_one_agency_alone_knows_are_asked_about(
    settings: Settings, agency: Path, registry: SoapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(agency / NAME, people(5))
    # A birth before the registry's calendar begins cannot be asked about.
    write(settings.inbox / BY_HAND / NAME, [*people(3), person(9, CODE=""), person(10, BORN="1810-05-06")])
    for feed in (FEED, BY_HAND):
        take_in(settings, feed, DAY)
    alone = [person(4), person(5)]
    questions = [Question(row["CODE"], row["BORN"].replace("/", "")) for row in alone]
    feeds = load_feeds(settings.contracts)
    assert known_alone(settings, feeds, DAY) == questions

    (settings.contracts / INQUIRIES.name).write_bytes(INQUIRIES.read_bytes().replace(b"07:00-22:00", b"00:00-24:00"))
    monkeypatch.setenv("DATABANK_CONNECTION_SABT", json.dumps(registry.access))
    first = alone[0]
    registry.knows({
        first["CODE"]: {"nin": int(first["CODE"]), "birthDate": questions[0].birth_date, "name": "زهرا", "family": "احمدی"},
    })  # fmt: skip
    assert verify(settings, DAY, is_dry=True).unsettled == 2
    done = verify(settings, DAY).inquiries
    assert done is not None
    assert done.answers == {"err.record.not.found": 1, "found": 1}
    assert [counts.accepted for counts in take_in(settings, "sabt_inquiries", DAY).staged.values()] == [2]
    assert verify(settings, DAY).unsettled == 0
