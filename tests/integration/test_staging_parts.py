"""Columns that agencies cut in pieces: a birth in year, month and day, a name in two columns, make one value each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import VolumeBreach
from nights.outbox import tell_agency
from tests.integration.staging_world import CONTRACT, DAY, Agency, Row, lines_of, people
from tests.integration.test_staging_formats import agency_of

CUT = {
    "physicalName: NAME": "physicalName: NAME1+NAME2",
    "physicalName: BORN": "physicalName: YEAR + MONTH + DAY",
}
BORN_LAST_YEAR = {**CUT, "physicalName: BORN": "physicalName: DAY+MONTH+YEAR", "jalali:yyyy/mm/dd": "jalali:dd/mm/yyyy"}


def cut(row: Row, second_name: str = "") -> Row:
    year, month, day = row["BORN"].split("/")
    rest = {name: text for name, text in row.items() if name not in ("NAME", "BORN")}
    return {**rest, "NAME1": row["NAME"], "NAME2": second_name, "YEAR": year, "MONTH": str(int(month)), "DAY": str(int(day))}


def csv_of(rows: list[Row]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode() + b"\n"


def jsonl_of(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode() + b"\n"


@pytest.mark.parametrize(
    ("form", "suffix", "written", "contract"),
    [
        ('{kind: delimited, encoding: utf-8, delimiter: ",", header: true}', ".csv", csv_of, CUT),
        ("{kind: jsonl}", ".jsonl", jsonl_of, BORN_LAST_YEAR),
    ],
)
def test_D11_a_birth_and_a_name_in_parts_are_one_value_each(
    tmp_path: Path, form: str, suffix: str, written: Callable[[list[Row]], bytes], contract: dict[str, str]
) -> None:
    rows = people(20)
    whole = Agency.at(tmp_path / "whole")
    first = whole.send_file(f"clients_{DAY}.csv", csv_of(rows))
    whole.stage(first)
    parts = agency_of(tmp_path / "parts", form, suffix, contract)
    second = parts.send_file(f"clients_{DAY}{suffix}", written([cut(row) for row in rows]))
    assert parts.stage(second).accepted == len(rows)
    columns = "record_key, given_name, surname, birth_date"
    assert parts.read(second, "rows", columns) == whole.read(first, "rows", columns)


def test_D11_what_a_cut_birth_or_name_lacks_is_not_made_up(tmp_path: Path) -> None:
    agency = agency_of(tmp_path, '{kind: delimited, encoding: utf-8, delimiter: ",", header: true}', ".csv", CUT)
    some = [cut(row) for row in people(4)]
    some[0] |= {"MONTH": "", "DAY": "", "NAME2": "رضا"}
    some[1] |= {"YEAR": ""}
    some[2] |= {"YEAR": "", "MONTH": "", "DAY": ""}
    some[3] |= {"NAME1": "", "NAME2": ""}
    sent = agency.send_file(f"clients_{DAY}.csv", csv_of(some))
    agency.stage(sent)
    found = agency.read(sent, "rows", "given_name, birth_date, birth_date_partial")
    assert found[0] == (some[0]["NAME1"] + " رضا", None, f"{some[0]['YEAR']}-00-00")
    assert found[1][1:] == (None, None)
    assert found[2][1:] == (None, None)
    assert found[3][0] is None


def test_D05_births_of_which_only_the_year_is_known_are_births(tmp_path: Path) -> None:
    agency, rows = Agency.at(tmp_path), people(40)
    sent = agency.send(lines_of([row | {"BORN": row["BORN"][:4] + "0000"} for row in rows]))
    assert agency.stage(sent).accepted == len(rows)
    assert agency.read(sent, "rows", "birth_date_partial") == [(f"{row['BORN'][:4]}-00-00",) for row in rows]
    figures = {tuple(key): figure for *key, figure in agency.read(sent, "profile", "column_name, figure_code, figure")}
    assert (figures["birth_date", "filled_count"], figures["birth_date", "invalid_percent"]) == (len(rows), 0)


def test_a_code_for_unknown_leaves_its_cell_empty_and_its_row_in_place(tmp_path: Path) -> None:
    """Code 9 means unknown where the contract says so; in a contract that does not know it the row is set aside."""
    rows = people(40)
    rows[7] |= {"SEX": "9"}
    lines = lines_of(rows)
    silent = Agency.at(tmp_path / "silent")
    assert silent.stage(silent.send(lines)).quarantined == 1
    agency = Agency.at(tmp_path / "told", CONTRACT.replace("enum: [", 'enum: [{value: "9", description: unknown}, '))
    sent = agency.send(lines)
    assert agency.stage(sent).accepted == len(rows)
    assert [sex for (sex,) in agency.read(sent, "rows", "sex_code")].count(None) == 1


def test_D11_a_plus_in_a_name_of_the_agencys_joins_nothing(tmp_path: Path) -> None:
    contract = {"physicalName: NAME": "physicalName: NAME++FULL"}
    agency = agency_of(tmp_path, '{kind: delimited, encoding: utf-8, delimiter: ",", header: true}', ".csv", contract)
    rows = [{("NAME+FULL" if name == "NAME" else name): text for name, text in row.items()} for row in people(4)]
    sent = agency.send_file(f"clients_{DAY}.csv", csv_of(rows))
    assert agency.stage(sent).accepted == len(rows)
    assert agency.read(sent, "rows", "given_name") == [(row["NAME+FULL"],) for row in rows]


@pytest.mark.parametrize(
    ("form", "suffix", "written", "named"),
    [
        (
            '{kind: delimited, encoding: utf-8, delimiter: ",", header: true}',
            ".csv",
            csv_of,
            lambda text: {"NAME.FULL": text},
        ),
        ("{kind: jsonl}", ".jsonl", jsonl_of, lambda text: {"NAME": {"FULL": text}}),
    ],
)
def test_D11_a_dot_in_a_column_is_part_of_its_name_or_of_its_path(
    tmp_path: Path, form: str, suffix: str, written: Callable[[list[Row]], bytes], named: Callable[[str], Row]
) -> None:
    agency = agency_of(tmp_path, form, suffix, {"physicalName: NAME": "physicalName: NAME.FULL"})
    rows = people(4)
    told = [{name: text for name, text in row.items() if name != "NAME"} | named(row["NAME"]) for row in rows]
    sent = agency.send_file(f"clients_{DAY}{suffix}", written(told))
    assert agency.stage(sent).accepted == len(rows)
    assert agency.read(sent, "rows", "given_name") == [(row["NAME"],) for row in rows]


def customers(tmp_path: Path, organisation: int | None) -> tuple[Agency, list[Row]]:
    """A bank that says of each customer whether it is a person, and its customers; one is an organisation."""
    rows = [row | {"KIND": "حقوقی" if n == organisation else "حقیقی"} for n, row in enumerate(people(40))]
    form = '{kind: delimited, encoding: utf-8, delimiter: ",", header: true}'
    kind = """- {name: subject_kind_code, physicalName: KIND, logicalType: string,
         enum: [{value: حقیقی, description: person}, {value: حقوقی, description: organisation}]}
      - {name: given_name,"""
    return agency_of(tmp_path, form, ".csv", {"- {name: given_name,": kind}), rows


def test_an_organisation_that_was_taken_for_a_person_ends_and_nobody_is_to_mend_it(tmp_path: Path) -> None:
    agency, rows = customers(tmp_path, None)
    agency.stage(agency.send_file(f"clients_{DAY}.csv", csv_of(rows)))
    rows[7] |= {"KIND": "حقوقی", "CODE": "10101234567"}  # a number of eleven digits, as organisations have
    sent = agency.send_file(f"clients_{DAY + timedelta(days=1)}.csv", csv_of(rows))
    assert agency.stage(sent).quarantined == 1
    assert len(agency.read(sent, "rows", "record_key")) == 39
    tell_agency(agency.settings, agency.feed)
    assert not list(agency.settings.outbox.rglob("mend"))


def test_rows_of_organisations_become_no_persons(tmp_path: Path) -> None:
    """Among a bank's customers; the ledger still holds each of them."""
    agency, rows = customers(tmp_path, 7)
    sent = agency.send_file(f"clients_{DAY}.csv", csv_of(rows))
    counts = agency.stage(sent)
    assert (counts.accepted, counts.quarantined) == (39, 1)
    assert agency.read(sent, "quarantine", "column_name, reason_code") == [("subject_kind_code", "no_person")]


def test_organisations_hold_no_delivery_until_persons_are_lost_to_them(tmp_path: Path) -> None:
    """Ten of forty rows are set aside, within a limit of 5 percent; the next day ten persons more are said to be none."""
    agency, rows = customers(tmp_path, None)
    for row in rows[:10]:
        row["KIND"] = "حقوقی"
    counts = agency.stage(agency.send_file(f"clients_{DAY}.csv", csv_of(rows)))
    assert (counts.accepted, counts.quarantined) == (30, 10)
    for row in rows[10:20]:
        row["KIND"] = "حقوقی"
    with pytest.raises(VolumeBreach, match="rows more or fewer"):
        agency.stage(agency.send_file(f"clients_{DAY + timedelta(days=1)}.csv", csv_of(rows)))
