"""Deltas: what changed since the delivery before becomes the feed's state; numbers, deletes, snapshots in between."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.current import current_deliveries
from connectors.deliveries import accept, deliveries_of
from hub.errors import ContractBreach, SequenceBreach, VolumeBreach
from nights.intake import stage_feed
from tests.integration.staging_world import COLUMNS, CONTRACT, DAY, FEED, Agency, Row, lines_of, people, person

DELTAS = (
    CONTRACT.replace(
        "value: snapshot}", r"value: {kind: delta, sequence: 'clients_.*_(?P<n>\d+)\.csv$', snapshot: '^clients_.*_full'}}"
    )
    .replace(r"[a-z]?\\.csv$".replace("\\\\", "\\"), r"(_\w+)?\.csv$")
    .replace(
        "      - {name: national_code,",
        """      - {name: operation_code, physicalName: OP, logicalType: string, required: true,
         enum: [{value: I, description: insert}, {value: U, description: update}, {value: D, description: delete}]}
      - {name: national_code,""",
    )
)
Told = tuple[str, Row]


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    """A feed of deltas, after a full snapshot of forty people with the number 0."""
    agency = Agency.at(tmp_path, DELTAS)
    agency.stage(full(agency, people(40), number="_0"))
    return agency


def full(agency: Agency, rows: list[Row], day: date = DAY, number: str = "") -> str:
    """Land a snapshot; it has no operations."""
    return agency.send(lines_of(rows), day, f"_full{number}")


def delta(agency: Agency, number: int, told: list[Told], day: date | None = None) -> str:
    """Land a numbered delta."""
    lines = [
        "OP," + ",".join(COLUMNS),
        *(f"{code}," + ",".join(row.get(name, "") for name in COLUMNS) for code, row in told),
    ]
    return agency.send(lines, day or DAY + timedelta(days=number), f"_{number}")


def state(agency: Agency, delivery: str) -> dict[str, tuple[int, str]]:
    """The feed's records as of a delivery: wage, and how each came."""
    rows = agency.read(delivery, "rows", "record_key, wage_rials, change_code")
    return {key.removeprefix(f"{FEED}:"): (wage, code) for key, wage, code in rows}


def test_D09_a_delta_changes_adds_and_deletes_and_leaves_the_others_as_they_are(agency: Agency) -> None:
    gone = {"CASE": "K000002"}
    first = delta(
        agency,
        1,
        [("U", person(1, WAGE="7")), ("D", gone), ("I", person(41)), ("U", person(3)), ("D", gone | {"CASE": "K9"})],
    )
    counts = agency.stage(first)
    assert (counts.received, counts.accepted, counts.unchanged) == (5, 3, 2)
    assert agency.document(first, "receipt")["rows"]["changes"]["deleted_unknown"] == 1, "an earlier delta may be missing"
    found = state(agency, first)
    assert len(found) == 40
    assert "K000002" not in found
    assert found["K000001"] == (7, "changed")
    assert found["K000041"] == (1_000_041, "new")
    assert found["K000004"] == (1_000_004, "unchanged")
    assert agency.read(first, "ended") == [("relief_clients:K000002", DAY + timedelta(days=1))]
    assert [row[1] for row in agency.read(first, "changes")] == ["changed", "ended", "new"]
    second = delta(agency, 2, [("I", person(2, WAGE="9"))])
    agency.stage(second)
    assert state(agency, second)["K000002"] == (9, "new")
    assert state(agency, second)["K000001"] == (7, "unchanged")
    assert agency.document(second, "counts")["row_count"] == 41


def test_a_delta_without_rows_says_that_nothing_changed(agency: Agency) -> None:
    quiet = delta(agency, 1, [])
    assert agency.stage(quiet).received == 0
    assert len(state(agency, quiet)) == 40


def test_the_last_word_of_a_delta_counts(agency: Agency) -> None:
    told = [
        ("I", person(50)),
        ("U", person(50, WAGE="8")),
        ("U", person(3, WAGE="1")),
        ("D", person(3)),
        ("X", person(4)),
        ("U", person(5, SEX="9")),
    ]
    first = delta(agency, 1, told)
    counts = agency.stage(first)
    assert (counts.accepted, counts.superseded, counts.quarantined) == (2, 2, 2)
    found = state(agency, first)
    assert (found["K000050"], "K000003" in found) == ((8, "new"), False)
    assert found["K000004"] == (1_000_004, "carried"), "an operation that is none ends nobody"
    assert found["K000005"] == (1_000_005, "carried")
    bad = agency.read(first, "quarantine", "column_name, reason_code")
    assert bad == [("operation_code", "unknown_code"), ("sex_code", "unknown_code")]


def test_a_missing_delta_holds_those_after_it_until_it_comes(agency: Agency) -> None:
    second = delta(agency, 2, [("U", person(1, WAGE="2"))])
    with pytest.raises(SequenceBreach, match="Delta 2 of relief_clients came, but 1 did not"):
        agency.stage(second)
    assert agency.state(second) == "held"
    first = delta(agency, 1, [("U", person(1, WAGE="1")), ("U", person(2, WAGE="1"))])
    assert list(stage_feed(agency.settings, FEED, [first])) == [first, second]
    assert state(agency, second)["K000001"] == (2, "changed")
    assert state(agency, second)["K000002"] == (1, "unchanged")
    night = current_deliveries(agency.settings, [agency.feed], DAY + timedelta(days=9))
    assert [each.delivery_id for each in night] == [second], "the number counts, not when it came"


def test_a_missing_delta_is_passed_over_by_a_person_or_by_a_snapshot(agency: Agency) -> None:
    third = delta(agency, 3, [("U", person(1, WAGE="3"))])
    with pytest.raises(SequenceBreach, match="1 to 2 did not"):
        agency.stage(third)
    accept(agency.settings, third, "they never were", "steward")
    agency.stage(third)
    assert state(agency, third)["K000001"] == (3, "changed")
    late = delta(agency, 2, [("U", person(1, WAGE="2"))])
    with pytest.raises(SequenceBreach, match="had been applied without it"):
        agency.stage(late)
    anew = full(agency, people(38), DAY + timedelta(days=5))
    agency.stage(anew)
    assert len(state(agency, anew)) == 38
    assert len(agency.read(anew, "ended")) == 2, "a snapshot ends what it does not list"
    next_delta = delta(agency, 9, [("D", person(1))], DAY + timedelta(days=6))
    agency.stage(next_delta)
    assert len(state(agency, next_delta)) == 37


def test_D02_a_delta_that_comes_again_with_other_content_takes_the_place_of_the_first(agency: Agency) -> None:
    agency.stage(delta(agency, 1, [("U", person(1, WAGE="1")), ("U", person(2, WAGE="1"))]))
    again = agency.send(
        ["OP," + ",".join(COLUMNS), "U," + ",".join(person(1, WAGE="5").values())], DAY + timedelta(days=1), "_1"
    )
    agency.stage(again)
    assert state(agency, again)["K000001"] == (5, "changed")
    assert state(agency, again)["K000002"] == (1_000_002, "unchanged"), "what the first said is taken back"
    kept = deliveries_of(agency.settings, FEED)
    assert kept[-1].supersedes_delivery_id == kept[-2].delivery_id


def test_a_delta_that_would_double_the_feed_is_held(agency: Agency) -> None:
    doubled = delta(agency, 1, [("I", person(n)) for n in range(41, 90)])
    with pytest.raises(VolumeBreach, match="rows more or fewer than before"):
        agency.stage(doubled)


def test_a_numbered_feed_refuses_a_file_without_number(agency: Agency) -> None:
    with pytest.raises(ContractBreach, match="which number it has"):
        agency.send(lines_of(people(3)), DAY + timedelta(days=1), "_x")


def test_two_feeds_of_one_state_are_equal_by_delta_and_by_snapshot(agency: Agency, tmp_path: Path) -> None:
    rows = people(41, {1: {"WAGE": "7"}, 9: {"FAMILY": "رضایی"}})
    del rows[4]
    changed = [("U", rows[0]), ("D", person(5)), ("U", person(9, FAMILY="رضایی")), ("I", person(41))]
    by_delta = delta(agency, 1, changed)
    agency.stage(by_delta)
    other = Agency.at(tmp_path / "other", DELTAS)
    other.stage(full(other, people(40)))
    by_snapshot = full(other, rows, DAY + timedelta(days=1))
    other.stage(by_snapshot)
    said = "record_key, row_hash, change_code, notes"
    assert agency.read(by_delta, "rows", said) == other.read(by_snapshot, "rows", said)
    assert agency.read(by_delta, "changes") == other.read(by_snapshot, "changes")
