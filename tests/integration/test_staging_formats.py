"""Whole deliveries in the formats that agencies really have: a workbook made by hand, DBF, JSON, XML, all typed alike."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from synthetic.dbf import table
from tests.integration.staging_world import COLUMNS, CONTRACT, DAY, Agency, Row, national_code, people

FORMAT = '{kind: delimited, encoding: utf-8, delimiter: ",", header: true}'


def agency_of(home: Path, form: str, suffix: str, changed: dict[str, str] | None = None) -> Agency:
    """The small feed, delivered in another format."""
    contract = (
        CONTRACT.replace(FORMAT, form).replace("*.csv", f"*{suffix}").replace(r"\.csv$", suffix.replace(".", r"\.") + "$")
    )
    for old, new in (changed or {}).items():
        contract = contract.replace(old, new)
    return Agency.at(home, contract)


def xml_of(rows: list[Row]) -> bytes:
    people = ("".join(f"<{name}>{text}</{name}>" for name, text in row.items()) for row in rows)
    return ("<list>" + "".join(f"<one>{each}</one>" for each in people) + "</list>").encode()


def dbf_of(rows: list[Row], encoding: str) -> bytes:
    return table({name: [row[name] for row in rows] for name in COLUMNS}, encoding=encoding, numeric=("WAGE",))


def json_of(rows: list[Row]) -> bytes:
    return json.dumps({"data": {"people": rows}}, ensure_ascii=False).encode()


FORMATS: dict[str, tuple[str, str, Callable[[list[Row]], bytes]]] = {
    "json": ("{kind: json, record: data.people}", ".json", json_of),
    "xml": ("{kind: xml, record: list/one}", ".xml", xml_of),
    "cp1256": ("{kind: dbf}", ".dbf", lambda rows: dbf_of(rows, "cp1256")),
    "iran system": ("{kind: dbf}", ".dbf", lambda rows: dbf_of(rows, "iran-system")),
}


@pytest.mark.parametrize("name", FORMATS)
def test_D10_a_delivery_is_the_same_in_every_format(tmp_path: Path, name: str) -> None:
    form, suffix, written = FORMATS[name]
    rows = people(30)
    plain = Agency.at(tmp_path / "plain")
    first = plain.send([",".join(COLUMNS), *(",".join(row.values()) for row in rows)])
    plain.stage(first)
    other = agency_of(tmp_path / "other", form, suffix)
    second = other.send_file(f"clients_{DAY}{suffix}", written(rows))
    assert other.stage(second).accepted == len(rows)
    columns = (
        "record_key, national_code, translate(given_name, 'یک', 'يك'), birth_date, support_from_date, wage_rials, sex_code"
    )
    assert other.read(second, "rows", columns) == plain.read(first, "rows", columns)


def test_D11_a_workbook_made_by_hand(tmp_path: Path) -> None:
    header = {
        "physicalName: CASE": 'physicalName: "شماره پرونده"',
        "physicalName: CODE": 'physicalName: "مشخصات / کد ملی"',
        "physicalName: NAME": 'physicalName: "مشخصات / نام"',
        "physicalName: FAMILY": 'physicalName: "مشخصات / نام خانوادگی"',
        "physicalName: BORN": 'physicalName: "تاریخ تولد"',
        "physicalName: SINCE": 'physicalName: "از تاریخ"',
    }
    agency = agency_of(tmp_path, "{kind: excel, header_row: 3, header_rows: 2}", ".xlsx", header)
    codes = [national_code(1_230_000 + n) for n in range(5)]
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    given = [
        int(codes[0]),
        float(codes[1]),
        codes[2].translate(persian),
        f"{int(codes[3]):.9E}",
        f" {codes[4][:3]}-{codes[4][3:]} ",
    ]
    born = ["۱۳۵۲/۳/۱۲", "1352/03/12", "13520312", 13520312, "1352-3-12"]
    since = [13980101, "13980101", "۱۳۹۸۰۱۰۱", "1398/01/01", 13980101.0]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["فهرست مددجویان استان"])
    sheet.append(["شماره\nپرونده", "مشخصات", None, None, "SEX", "تاريخ تولد", "از تاريخ", "WAGE", "MOBILE"])
    sheet.append([None, "كد ملي", "نام", "نام خانوادگي"])
    for n in range(5):
        sheet.append([f"K{n}", given[n], "علی", "رضایی", 1, born[n], since[n], "۱٬۰۰۰" if n else 1000.0, 9120000000 + n])
    for merged in ("A1:I1", "A2:A3", "B2:D2", "E2:E3", "F2:F3", "G2:G3", "H2:H3", "I2:I3"):
        sheet.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    delivery = agency.send_file(f"clients_{DAY}.xlsx", file.getvalue())
    assert agency.stage(delivery).accepted == 5
    rows = agency.read(delivery, "rows", "national_code, birth_date, support_from_date, wage_rials, mobile_no")
    assert [row[0] for row in rows] == codes
    assert {row[1:4] for row in rows} == {(date(1973, 6, 2), date(2019, 3, 21), 1000)}
    assert [row[4] for row in rows] == [f"0912000000{n}" for n in range(5)]
