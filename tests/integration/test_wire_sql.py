"""Rows pulled from a real PostgreSQL."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from connectors.fetching import look
from hub import postgres
from hub.errors import ContractBreach, WireDown, WireRefused
from hub.settings import Settings
from schemas.feed import Column, Feed, FileFormat, Layout
from schemas.fields import field_dictionary
from schemas.wires import Wire
from tests.integration.oil import FEED, NIGHT
from tests.integration.wire_world import NAME, WireWorld
from tests.servers.process import free_port

KEY = Column(field_dictionary()["member_no"], "NO", is_key=True)
LAYOUT = Layout(FileFormat("delimited"), (KEY, Column(field_dictionary()["given_name"], "NAM")))
DELIMITED = replace(FEED, layouts=(LAYOUT,))
PARQUET = replace(
    FEED,
    files="OIL_*.parquet",
    business_date_pattern=FEED.business_date_pattern.replace("csv", "parquet"),
    layouts=(replace(LAYOUT, format=FileFormat("parquet")),),
)
TABLE = Wire("sql", "oil", table="out.members")
CHANGES = replace(TABLE, watermark="changed_at")
NEXT_NIGHT = NIGHT + timedelta(days=1)


@pytest.fixture
def agency(settings: Settings) -> Iterator[psycopg.Connection]:
    """The agency's database."""
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        connection.execute("create schema out")
        connection.execute('create table out.members ("NO" bigint, "NAM" text, "EXTRA" text, changed_at timestamptz)')
        yield connection


def insert(agency: psycopg.Connection, number: int, name: str | None, changed: str | None = "2026-11-20 01:00+00") -> None:
    agency.execute("insert into out.members values (%s, %s, 'x', %s)", (number, name, changed))


def world_of(settings: Settings, monkeypatch: pytest.MonkeyPatch, wire: Wire, feed: Feed = DELIMITED) -> WireWorld:
    world = WireWorld(settings.home, wire, feed)
    world.connect(monkeypatch, url=settings.database_url)
    return world


def rows_of(world: WireWorld, name: str = NAME) -> list[list[str]]:
    with (world.inbox / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_a_table_becomes_a_delimited_file(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(agency, 2, 'علی, "حسین"')
    insert(agency, 1, None)
    world = world_of(settings, monkeypatch, TABLE)
    (fetched,) = world.fetch()
    assert rows_of(world) == [["1", ""], ["2", 'علی, "حسین"']]
    assert world.manifest()["wire"]["rows"] == 2  # type: ignore[index]
    assert world.fetch() == [], "the same rows are no new delivery"
    assert [each.file_name for each in world.land()] == [fetched.file_name]


def test_a_query_becomes_a_parquet_file(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.execute("insert into out.members select n, 'x', null, now() from generate_series(1, 25000) as n")
    wire = Wire("sql", "oil", query='select "NO", upper("NAM") as "NAM" from out.members;')
    world = world_of(settings, monkeypatch, wire, PARQUET)
    (fetched,) = world.fetch()
    table = pq.read_table(world.inbox / fetched.file_name)
    assert table.num_rows == 25_000
    assert table.slice(0, 1).to_pylist() == [{"NO": "1", "NAM": "X"}]


def test_a_watermark_brings_what_changed_since_the_night_before(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(settings, monkeypatch, CHANGES)
    insert(agency, 1, "one", "2026-11-19 01:00+00")
    insert(agency, 2, "two", "2026-11-20 01:00+00")
    world.fetch()
    assert rows_of(world) == [["1", "one"], ["2", "two"]]
    insert(agency, 3, "late, at the same moment", "2026-11-20 01:00+00")
    insert(agency, 4, "four", "2026-11-21 01:00+00")
    world.fetch(NEXT_NIGHT)
    assert [row[0] for row in rows_of(world, "OIL_14050830.csv")] == ["2", "3", "4"]


def test_a_row_without_a_watermark_is_not_lost(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(settings, monkeypatch, CHANGES)
    insert(agency, 1, "one")
    world.fetch()
    insert(agency, 2, "two", None)
    world.fetch(NEXT_NIGHT)
    assert [row[0] for row in rows_of(world, "OIL_14050830.csv")] == ["1", "2"]


def test_a_date_pulled_again_holds_all_that_it_held_before(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(settings, monkeypatch, CHANGES)
    insert(agency, 1, "one", "2026-11-19 01:00+00")
    world.fetch()
    insert(agency, 2, "two", "2026-11-20 01:00+00")
    world.fetch()
    assert [row[0] for row in rows_of(world)] == ["1", "2"]


def test_a_date_that_is_past_is_not_pulled_anymore(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(settings, monkeypatch, TABLE)
    insert(agency, 1, "one")
    world.fetch(NEXT_NIGHT)
    assert world.fetch(date(2026, 11, 1)) == []


def test_a_missing_column_is_a_breach_that_names_no_value(
    settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.execute('alter table out.members drop column "NAM"')
    world = world_of(settings, monkeypatch, TABLE)
    with pytest.raises(ContractBreach, match="columns of the contract"):
        world.fetch()
    assert not [name for name in world.names() if not name.startswith(".")]


def test_a_look_finds_the_table(settings: Settings, agency: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(settings, monkeypatch, TABLE)
    assert look(settings, TABLE) == "it answers (postgresql)"
    agency.execute("drop table out.members")
    with pytest.raises(ContractBreach, match="table"):
        look(world.settings, TABLE)


def test_a_wrong_password_is_refused_and_told_nowhere(
    settings: Settings, server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(settings, monkeypatch, TABLE)
    world.connect(monkeypatch, url=str(settings.database_url).replace(server.password, "wrong-secret"))
    with pytest.raises(WireRefused, match="user or password") as caught:
        world.fetch()
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.facts}"


@pytest.mark.parametrize("url", ["no url", "postgresql://u:secret@h:port/d", "nosuch://u:secret@h/d"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    world = WireWorld(tmp_path, TABLE, DELIMITED)
    world.connect(monkeypatch, url=url)
    with pytest.raises(WireRefused) as caught:
        world.fetch()
    assert "secret" not in f"{caught.value} {caught.value.facts}"


def test_a_database_that_is_away_makes_the_feed_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = WireWorld(tmp_path, TABLE, DELIMITED)
    world.connect(monkeypatch, url=f"postgresql://user:password@127.0.0.1:{free_port()}/agency")
    with pytest.raises(WireDown, match="does not answer"):
        world.fetch()
