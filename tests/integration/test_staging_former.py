"""Records that a feed lists no more: their last good row stays, with the day on which they ended (D09)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.current import current_deliveries
from schemas.delivery import former_rows
from tests.integration.staging_world import CONTRACT, DAY, FEED, Agency, Row, lines_of, people, person
from tests.integration.test_staging_deltas import DELTAS, delta, full

Former = dict[str, tuple[int, date]]
SECOND, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    """A feed of snapshots, after one of thirty people."""
    agency = Agency.at(tmp_path)
    agency.stage(agency.send(lines_of(people(30))))
    return agency


def without(*gone: int, changed: dict[int, Row] | None = None, count: int = 30) -> list[str]:
    """A file without some people."""
    return lines_of(person(n, **(changed or {}).get(n, {})) for n in range(1, count + 1) if n not in gone)


def staged(agency: Agency, lines: list[str], day: date, mark: str = "") -> str:
    """Land and stage a snapshot; returns its id."""
    delivery = agency.send(lines, day, mark)
    agency.stage(delivery)
    return delivery


def former(agency: Agency, delivery: str) -> Former:
    """Who is listed no more: the wage of the last good row, the day on which it ended."""
    rows = agency.read(delivery, "former", "record_key, wage_rials, ended_date")
    return {key.removeprefix(f"{FEED}:"): (wage, ended) for key, wage, ended in rows}


def test_D09_who_is_listed_no_more_keeps_the_last_good_row_and_the_day_it_ended(agency: Agency) -> None:
    last = staged(agency, without(3, changed={4: {"WAGE": "44"}}), SECOND)
    assert former(agency, last) == {"K000003": (1_000_003, SECOND)}
    later = staged(agency, without(3, 4), THIRD)
    assert former(agency, later) == {"K000003": (1_000_003, SECOND), "K000004": (44, THIRD)}
    (current,) = current_deliveries(agency.settings, [agency.feed], THIRD)
    assert former_rows(current) == agency.folder(later) / "former.parquet"


def test_D09_who_is_listed_again_has_not_ended(agency: Agency) -> None:
    staged(agency, without(3, 4), SECOND)
    again = staged(agency, without(4), THIRD)
    assert former(agency, again) == {"K000004": (1_000_004, SECOND)}


def test_D02_who_only_a_corrected_delivery_listed_never_was(agency: Agency) -> None:
    staged(agency, lines_of(people(31, {5: {"WAGE": "55"}})), SECOND)
    right = staged(agency, without(5), SECOND, "b")
    assert former(agency, right) == {"K000005": (1_000_005, SECOND)}, "what the corrected delivery said does not count"


def test_D09_whose_line_is_spoilt_has_not_ended(agency: Agency) -> None:
    assert former(agency, staged(agency, without(changed={7: {"SEX": "9"}}), SECOND)) == {}


def test_D09_a_contract_with_one_more_column_keeps_who_ended_before(agency: Agency) -> None:
    staged(agency, without(3), SECOND)
    more = "      - {name: city_name, physicalName: TOWN, logicalType: string}\n    quality:"
    agency = agency.under(CONTRACT.replace("    quality:", more))
    lines = [line + (",TOWN" if n == 0 else ",") for n, line in enumerate(without(3, 4))]
    last = staged(agency, lines, THIRD)
    assert agency.read(last, "former", "record_key, city_name, ended_date") == [
        (f"{FEED}:K000003", None, SECOND),
        (f"{FEED}:K000004", None, THIRD),
    ]


def test_D09_a_delete_ends_a_record_and_a_later_insert_brings_it_back(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, DELTAS)
    agency.stage(full(agency, people(10), number="_0"))
    first = delta(agency, 1, [("D", person(2)), ("U", person(3, WAGE="9")), ("D", person(99))])
    agency.stage(first)
    assert former(agency, first) == {"K000002": (1_000_002, SECOND)}
    second = delta(agency, 2, [("I", person(2)), ("D", person(3))])
    agency.stage(second)
    assert former(agency, second) == {"K000003": (9, THIRD)}
