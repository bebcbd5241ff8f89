"""Nobody loses cover through one bad character: what is spoilt today keeps its last good version."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.carried import DOUBT_DAYS
from tests.integration.staging_world import COLUMNS, CONTRACT, DAY, Agency, Row, lines_of, people

NEXT_DAY = DAY + timedelta(days=1)
WIDTH = 12


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.at(tmp_path)


def key(number: int) -> str:
    return f"relief_clients:K{number:06d}"


def without(numbers: set[int], changed: dict[int, Row] | None = None) -> list[str]:
    """The lines of forty persons but some."""
    gone = {f"K{number:06d}" for number in numbers}
    return lines_of(row for row in people(40, changed) if row["CASE"] not in gone)


def state(agency: Agency, delivery: str) -> dict[str, tuple[str, str]]:
    """Change and surname of every row that is not unchanged."""
    rows = agency.read(delivery, "rows", "record_key, change_code, surname")
    return {row[0]: row[1:] for row in rows if row[1] != "unchanged"}


def ended(agency: Agency, delivery: str) -> list[str]:
    return [row[0] for row in agency.read(delivery, "ended", "record_key")]


def test_D06_a_member_with_a_bad_date_today_keeps_yesterdays_row(agency: Agency) -> None:
    first = agency.send(lines_of(people(40)))
    agency.stage(first)
    spoilt = agency.send(lines_of(people(40, {7: {"BORN": "1352/13/45", "FAMILY": "دیگر"}})), day=NEXT_DAY)
    counts = agency.stage(spoilt)
    assert (counts.received, counts.unchanged, counts.quarantined) == (40, 39, 1)
    columns = "* exclude (line_no, change_code)"
    old, new = ([row for row in agency.read(each, "rows", columns) if row[0] == key(7)] for each in (first, spoilt))
    assert old == new
    rows = agency.read(spoilt, "rows", "record_key, line_no, change_code, since_delivery_id")
    assert [row for row in rows if row[2] != "unchanged"] == [(key(7), None, "carried", first)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert ended(agency, spoilt) == []
    fates = agency.read(spoilt, "fates", "record_key, fate_code")
    assert [fate for fate in fates if fate[1] != "unchanged"] == [(key(7), "quarantined")]
    assert agency.document(spoilt, "counts")["changes"]["carried"] == 1
    assert agency.document(spoilt, "receipt")["rows"]["changes"]["carried"] == 1


def test_D06_what_comes_after_is_compared_with_the_carried_row(agency: Agency) -> None:
    agency.stage(first := agency.send(lines_of(people(40))))
    for day in (1, 2):
        spoilt = agency.send(lines_of(people(40, {7: {"SEX": "9"}})), day=DAY + timedelta(days=day))
        agency.stage(spoilt)
        assert state(agency, spoilt).keys() == {key(7)}, "as long as it is listed, however often it is spoilt"
    good = agency.send(lines_of(people(40)), day=DAY + timedelta(days=3))
    assert agency.stage(good).unchanged == 40
    assert {row[0] for row in agency.read(good, "rows", "since_delivery_id")} == {first}


def test_D09_a_carried_record_ends_when_it_is_no_longer_listed(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    agency.stage(agency.send(lines_of(people(40, {7: {"BORN": "1352/13/45"}})), day=NEXT_DAY))
    last = agency.send(without({7}), day=DAY + timedelta(days=2))
    agency.stage(last)
    assert ended(agency, last) == [key(7)]
    assert state(agency, last) == {}


def test_D02_a_correction_that_spoils_a_row_keeps_the_row_that_it_corrects(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40, {7: {"FAMILY": "پیشین"}}))))
    agency.stage(agency.send(lines_of(people(40, {7: {"FAMILY": "رضایی"}})), day=NEXT_DAY))
    second = agency.send(lines_of(people(40, {7: {"WAGE": "many"}, 9: {"FAMILY": "نو"}})), day=NEXT_DAY, mark="b")
    agency.stage(second)
    assert state(agency, second) == {key(7): ("carried", "رضایی"), key(9): ("changed", "نو")}


def test_D06_a_cut_line_keeps_the_record_whose_key_stands_in_it_and_only_that(agency: Agency) -> None:
    """Day after day, also when nothing else could tell whose line it is."""
    agency.stage(agency.send(lines_of(people(40))))
    for day in range(1, DOUBT_DAYS + 3):
        delivery = agency.send([*without({7, 8}), f"K000007,cut {day}"], day=DAY + timedelta(days=day))
        agency.stage(delivery)
    assert state(agency, delivery).keys() == {key(7)}
    assert agency.read(delivery, "rows", "notes")[6] == ([],)


def test_D06_while_lines_have_no_key_who_seems_to_be_gone_is_carried_in_doubt_for_some_days(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    found = []
    for day in range(1, DOUBT_DAYS + 2):
        delivery = agency.send([*without({7, 8}), f"K0\ufffd, cut {day}"], day=DAY + timedelta(days=day))
        agency.stage(delivery)
        found.append(state(agency, delivery).keys())
        assert agency.document(delivery, "counts")["unread_lines"] == 1
    assert found == [{key(7), key(8)}] * DOUBT_DAYS + [set()]
    assert ended(agency, delivery) == [key(7), key(8)]


def test_D09_doubt_ends_with_the_first_delivery_whose_lines_all_have_a_key(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    doubtful = agency.send([*without({7, 8}), ",spoilt"], day=NEXT_DAY)
    agency.stage(doubtful)
    assert agency.document(doubtful, "counts")["changes"]["carried_in_doubt"] == 2
    assert agency.read(doubtful, "rows", "notes")[6:8] == [([":unlisted"],), ([":unlisted"],)]
    clean = agency.send(without({7}, {5: {"SEX": "9"}}), day=DAY + timedelta(days=2))
    agency.stage(clean)
    assert ended(agency, clean) == [key(7)], "a row in quarantine is still listed; so is one that came back"
    assert agency.read(clean, "rows", "change_code")[6] == ("unchanged",)


def test_D06_a_key_with_an_illegal_character_is_no_key(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    delivery = agency.send(lines_of(people(40, {7: {"CASE": "K0\ufffd0007"}})), day=NEXT_DAY)
    agency.stage(delivery)
    assert state(agency, delivery).keys() == {key(7)}
    assert ended(agency, delivery) == []


def test_a_carried_row_outlives_a_change_of_the_contract(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    more = "      - {name: city_name, physicalName: TOWN, logicalType: string}\n    quality:"
    agency = agency.under(CONTRACT.replace("    quality:", more))
    lines = [f"{line},{'TOWN' if n == 0 else ''}" for n, line in enumerate(lines_of(people(40, {7: {"SEX": "9"}})))]
    agency.stage(agency.send(lines, day=NEXT_DAY))
    good = [f"{line},{'TOWN' if n == 0 else ''}" for n, line in enumerate(lines_of(people(40)))]
    assert agency.stage(agency.send(good, day=DAY + timedelta(days=2))).unchanged == 40


def test_D06_in_fixed_width_the_key_is_read_at_its_place(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, fixed_width())
    lines = ["".join(f"{row[name]:<{WIDTH}}" for name in COLUMNS) for row in people(40)]
    agency.stage(agency.send(lines))
    for day in range(1, DOUBT_DAYS + 3):
        cut = [*lines[:6], lines[6][:30], *lines[8:]]
        delivery = agency.send(cut, day=DAY + timedelta(days=day))
        agency.stage(delivery)
    assert state(agency, delivery).keys() == {key(7)}


def fixed_width() -> str:
    """The contract with all columns side by side, without a gap."""
    text = CONTRACT.replace(
        'delimited, encoding: utf-8, delimiter: ",", header: true', "fixed, encoding: utf-8, header: false"
    )
    for number, name in enumerate(COLUMNS):
        place = f"[{{property: start, value: {1 + number * WIDTH}}}, {{property: width, value: {WIDTH}}}]"
        text = text.replace(f"physicalName: {name},", f"physicalName: {name}, customProperties: {place},")
    return text
