"""Quarantined rows go out in the delivery's own format, are mended, and come back as a supplement: only they are added."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.current import current_deliveries
from connectors.deliveries import deliveries_of
from connectors.mended_files import BadRow, write_rows
from connectors.mending import Mendable, write_mendable
from connectors.readers import read
from hub.errors import ContractBreach, DeliveryError
from tests.integration.staging_world import COLUMNS, CONTRACT, DAY, FEED, Agency, lines_of, people, person
from tests.integration.test_staging_carried import fixed_width
from tests.integration.test_staging_ledger import asked

NEXT_DAY = DAY + timedelta(days=1)
BAD = {5: {"BORN": "1352/13/45"}, 8: {"SEX": "9", "NAME": "نشانه, با جدا"}}


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.at(tmp_path, CONTRACT.replace("[a-z]?\\.csv$", "\\w*\\.csv$"))


def spoilt(agency: Agency) -> str:
    """A staged delivery of sixty people with two bad rows and a cut line."""
    lines = lines_of(people(60, BAD))
    lines = [line.replace("نشانه, با جدا", '"نشانه, با جدا"') for line in lines]
    delivery = agency.send([*lines, "K000061,cut"])
    counts = agency.stage(delivery)
    assert (counts.received, counts.accepted, counts.quarantined) == (61, 58, 3)
    return delivery


def mended(agency: Agency, done: Mendable, text: str, mark: str = "_mended") -> str:
    """Send a mended file back with the manifest that lies beside it."""
    inbox = agency.settings.inbox / FEED
    name = f"clients_{DAY}{mark}.csv"
    shutil.copy(done.manifest, inbox / f"{name}.manifest.json")
    return agency.send_file(name, text.encode())


def test_the_rows_come_in_the_columns_of_the_delivery_with_their_reasons(agency: Agency, tmp_path: Path) -> None:
    done = write_mendable(agency.settings, agency.feed, spoilt(agency), tmp_path / "bad.csv")
    assert done.row_count == 3
    lines = done.path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "CASE,CODE,NAME,FAMILY,SEX,BORN,SINCE,WAGE,MOBILE"
    assert [line.split(",")[0] for line in lines[1:]] == ["K000005", "K000008", "K000061"]
    assert '"نشانه, با جدا"' in lines[2]
    assert done.reasons.read_text(encoding="utf-8-sig").splitlines() == [
        "row\tline_no\tcolumn\treason",
        "1\t6\tBORN\tbad_date",
        "2\t9\tSEX\tunknown_code",
        "3\t62\t\tcut_line",
    ]


def test_D02_mended_rows_are_added_and_only_they(agency: Agency, tmp_path: Path) -> None:
    first = spoilt(agency)
    done = write_mendable(agency.settings, agency.feed, first, tmp_path / "bad.csv")
    text = done.path.read_text(encoding="utf-8").replace("1352/13/45", "1352/11/05")
    text = text.replace(",9,", ",1,").replace("K000061,cut\n", "")
    second = mended(agency, done, text)
    counts = agency.stage(second)
    assert (counts.received, counts.accepted, counts.quarantined) == (2, 2, 0)
    rows = {row[0]: row[1:] for row in agency.read(second, "rows", "record_key, change_code, since_delivery_id")}
    assert len(rows) == 60
    assert rows[f"{FEED}:K000005"] == ("new", second)
    assert rows[f"{FEED}:K000006"] == ("unchanged", first)
    assert agency.read(second, "ended") == []
    assert agency.document(second, "counts")["base_delivery_id"] == first
    kept = deliveries_of(agency.settings, FEED)
    assert [(each.kind, each.supersedes_delivery_id) for each in kept] == [("snapshot", None), ("supplement", None)]
    assert [each.delivery_id for each in current_deliveries(agency.settings, [agency.feed], NEXT_DAY)] == [second]


def test_D03_a_supplement_to_yesterday_is_no_news_today(agency: Agency, tmp_path: Path) -> None:
    done = write_mendable(agency.settings, agency.feed, spoilt(agency), tmp_path / "bad.csv")
    today = agency.send(lines_of(people(60)), NEXT_DAY)
    agency.stage(today)
    late = mended(agency, done, done.path.read_text(encoding="utf-8").replace("1352/13/45", "1352/11/05"))
    agency.stage(late)
    assert deliveries_of(agency.settings, FEED)[1].is_late
    assert [each.delivery_id for each in current_deliveries(agency.settings, [agency.feed], NEXT_DAY)] == [today]


def test_a_supplement_to_nothing_is_refused(agency: Agency, tmp_path: Path) -> None:
    done = write_mendable(agency.settings, agency.feed, spoilt(agency), tmp_path / "bad.csv")
    done.manifest.write_text(f'{{"supplements": "{FEED}-2026-11-20-000000000000"}}')
    with pytest.raises(ContractBreach, match="never landed"):
        mended(agency, done, done.path.read_text(encoding="utf-8"))


def test_columns_stand_in_the_order_of_the_file_so_that_a_cut_line_stands_under_its_names(tmp_path: Path) -> None:
    ignore = "      - {property: delivery, value: snapshot}"
    agency = Agency.at(tmp_path, CONTRACT.replace(ignore, f"{ignore}\n      - {{property: ignore, value: [NOTE]}}"))
    names = ["NOTE", *reversed(COLUMNS)]
    rows = [{"NOTE": "x", **row} for row in people(60, BAD)]
    lines = [";".join(row[name] for name in names) for row in rows]
    delivery = agency.send(
        [line.replace(";", ",").replace("نشانه, با", "نشانه با") for line in (";".join(names), *lines, "y;cut")]
    )
    agency.stage(delivery)
    done = write_mendable(agency.settings, agency.feed, delivery, tmp_path / "bad.csv")
    kept = done.path.read_text(encoding="utf-8").splitlines()
    assert (kept[0], kept[-1]) == (",".join(names), "y,cut")
    assert [line.split(",")[0] for line in kept[1:3]] == ["x", "x"]


def test_of_a_delivery_that_is_not_staged_nothing_is_written(agency: Agency, tmp_path: Path) -> None:
    landed = agency.send(lines_of(people(20)))
    with pytest.raises(DeliveryError, match="is not staged"):
        write_mendable(agency.settings, agency.feed, landed, tmp_path / "bad.csv")
    assert not (tmp_path / "bad.csv").exists()


BACKWARDS = f"header: false, columns: [{', '.join(reversed(COLUMNS))}]"
FORMATS = {
    "delimited": CONTRACT.replace('utf-8, delimiter: ",", header: true', 'utf-16, delimiter: ";", header: false'),
    "delimited without header": CONTRACT.replace("header: true", BACKWARDS),
    "fixed": fixed_width(),
    "jsonl": CONTRACT.replace('delimited, encoding: utf-8, delimiter: ",", header: true', "jsonl, encoding: utf-8"),
    "json": CONTRACT.replace('delimited, encoding: utf-8, delimiter: ",", header: true', "json, record: data.clients"),
    "xml": CONTRACT.replace('delimited, encoding: utf-8, delimiter: ",", header: true', "xml, record: list/client")
    .replace("physicalName: CODE,", 'physicalName: "@code",')
    .replace("physicalName: NAME,", "physicalName: name/given,")
    .replace("physicalName: FAMILY,", "physicalName: name/family,"),
    "excel": CONTRACT.replace('delimited, encoding: utf-8, delimiter: ",", header: true', "excel, sheet: بد, header_row: 3"),
    "parquet": CONTRACT.replace('delimited, encoding: utf-8, delimiter: ",", header: true', "parquet"),
}


OURS = {"CODE": "national_code", "NAME": "given_name", "FAMILY": "surname"}  # in XML an attribute, and elements within one
NAMES = dict.fromkeys(FORMATS, "bad.csv") | {
    "excel": "bad.xlsx",
    "parquet": "bad.parquet",
    "jsonl": "bad.jsonl.gz",
    "fixed": "bad.zip",
}


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_written_is_read_back_by_the_feed_s_own_reader(kind: str, tmp_path: Path) -> None:
    layout = Agency.at(tmp_path, FORMATS[kind]).feed.layouts[0]
    sources = {column.name: column.source for column in layout.columns}
    names = {name: sources[OURS[name]] if name in OURS else name for name in COLUMNS}
    people_of = [person(n, NAME="ali; reza" if n == 2 else "علی <&>", MOBILE="") for n in (1, 2)]
    rows = [BadRow(9, "BORN", "bad_date", {names[name]: value for name, value in each.items()}) for each in people_of]
    path = tmp_path / NAMES[kind]
    write_rows(path, layout, rows)
    batches = list(read(path, layout))
    assert [each.rejects for each in batches] == [()] * len(batches)
    found = [row for batch in batches for row in batch.rows.to_pylist()]
    assert [{name: row[name] for name in names.values()} for row in found] == [
        {name: value or None for name, value in row.values.items()} for row in rows
    ]


@pytest.mark.parametrize(("kind", "left"), [("json", ["not_an_object"]), ("xml", [])])
def test_what_was_no_record_stands_beside_those_that_were(kind: str, left: list[str], tmp_path: Path) -> None:
    layout = Agency.at(tmp_path, FORMATS[kind]).feed.layouts[0]
    case, code = layout.keys[0].source, next(each.source for each in layout.columns if each.name == "national_code")
    rows = [BadRow(3, None, "repeated_key", text="--> 1\t<2>"), BadRow(4, "BORN", "bad_date", {case: "K1", code: "5"})]
    path = tmp_path / f"bad.{kind}"
    write_rows(path, layout, rows)
    [batch] = read(path, layout)
    assert batch.rows[case].to_pylist() == ["K1"]
    assert [each.reason_code for each in batch.rejects] == left


def test_inside_an_archive_the_file_has_a_name_that_fits_the_contract(tmp_path: Path) -> None:
    one = CONTRACT.replace("header: true", 'header: true, member: "PEOPLE*.CSV"')
    layout = Agency.at(tmp_path, one).feed.layouts[0]
    path = tmp_path / "bad.zip"
    write_rows(path, layout, [BadRow(9, "BORN", "bad_date", dict(person(1)))])
    [batch] = read(path, layout)
    assert batch.rows["CASE"].to_pylist() == ["K000001"]


def test_D14_a_workbook_to_mend_holds_texts_only_and_what_was_no_row_as_it_came(tmp_path: Path) -> None:
    layout = Agency.at(tmp_path, FORMATS["excel"]).feed.layouts[0]
    hostile = ['=HYPERLINK("http://agency.example")', "#N/A", "a\x01b"]
    rows = [BadRow(9, None, "bad_date", dict(person(n, NAME=name))) for n, name in enumerate(hostile)]
    rows.append(BadRow(12, None, "extra_columns", text="\t".join((*person(3).values(), "more"))))
    path = tmp_path / NAMES["excel"]
    write_rows(path, layout, rows)
    [batch] = read(path, layout)
    assert batch.rows["NAME"].to_pylist() == hostile
    assert [(each.reason_code, each.raw_text) for each in batch.rejects] == [("extra_columns", rows[-1].text)]


def test_D08_the_ledger_adds_up_over_a_delivery_and_its_supplement(agency: Agency, tmp_path: Path) -> None:
    first = spoilt(agency)
    done = write_mendable(agency.settings, agency.feed, first, tmp_path / "bad.csv")
    second = mended(agency, done, done.path.read_text(encoding="utf-8").replace("1352/13/45", "1352/11/05"))
    agency.stage(second)
    fates = asked(agency, "select delivery_id, fate_code, row_count from ops.ledger where row_count > 0 order by all")
    assert sorted(fates) == sorted(
        [
            (first, "accepted", 58),
            (first, "quarantined", 3),
            (first, "received", 61),
            (second, "accepted", 1),
            (second, "quarantined", 2),
            (second, "received", 3),
        ]
    )
    states = asked(agency, "select state_code from ops.delivery")
    assert states == [("staged",), ("staged",)], "a delivery that was mended is not superseded"
