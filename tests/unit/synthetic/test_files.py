"""Files are what their contracts say: names, encodings, positions, sidecars; keys are those of the truth."""

from __future__ import annotations

import gzip
import json
import re
from datetime import date
from fnmatch import fnmatchcase

import openpyxl
import pyarrow.parquet as pq
import pytest

from connectors.readers import read
from hub.errors import ContractError
from hub.settings import CONTRACTS_IN_TREE
from hub.storage import sha256_of
from schemas.contracts import load_feeds
from schemas.file_names import file_name
from tests.unit.synthetic.conftest import Written

FEEDS = [feed.name for feed in load_feeds(CONTRACTS_IN_TREE) if not feed.is_occasional]


@pytest.mark.parametrize("name", FEEDS)
def test_file_names_fit_their_contracts(nation: Written, name: str) -> None:
    feed = nation.feed(name)
    files = nation.files(name)
    assert len(files) == 2
    for path in files:
        assert fnmatchcase(path.name, feed.files)
        assert re.search(feed.business_date_pattern, path.name)


def test_a_jalali_name_bears_the_jalali_date(nation: Written) -> None:
    assert file_name(nation.feed("ihio_rural"), date(2026, 11, 19)) == "RUR_14050828.csv.gz"


def test_a_pattern_that_no_name_fits_is_refused(nation: Written) -> None:
    from dataclasses import replace

    feed = replace(nation.feed("ihio_rural"), files="NOTHING.csv")
    with pytest.raises(ContractError, match="No file name fits"):
        file_name(feed, date(2026, 11, 19))


def test_a_delimited_file_reads_back_to_the_true_keys(nation: Written) -> None:
    text = gzip.decompress(nation.files("ihio_rural")[0].read_bytes()).decode("cp1256")
    lines = text.splitlines()
    header = lines[0].split("|")
    feed = nation.feed("ihio_rural")
    assert {column.source for column in feed.layouts[0].columns} | set(feed.layouts[0].ignored) == set(header)
    whole = [line.split("|") for line in lines[1:] if line.count("|") == len(header) - 1]
    keys = {f"ihio_rural:{row[header.index('SH_BIME')]}" for row in whole}
    truth = {str(row["record_key"]) for row in nation.records("ihio_rural")}
    assert keys <= truth
    assert len(keys) >= 0.99 * len(truth)
    assert not {"ی", "ک"} & set(text)


def test_a_fixed_width_file_reads_back_by_position(nation: Written) -> None:
    layout = nation.feed("afmsio").layouts[0]
    place = {
        column.name: slice((column.start or 1) - 1, (column.start or 1) - 1 + (column.width or 0))
        for column in layout.columns
    }
    end = max(part.stop for part in place.values())
    lines = nation.files("afmsio")[0].read_bytes().decode("cp1256").splitlines()
    whole = [line for line in lines if len(line) == end]
    assert len(whole) >= 0.99 * len(lines)
    assert {f"afmsio:{line[place['member_no']].strip()}" for line in whole} <= {
        str(row["record_key"]) for row in nation.records("afmsio")
    }
    assert {line[place["sex_code"]] for line in whole} <= {"1", "2"}
    births = [line[place["birth_date"]] for line in whole if line[place["birth_date"]].strip()]
    assert all(re.fullmatch(r"1[34]\d{6}", text) for text in births)


def test_json_lines_are_json(nation: Written) -> None:
    lines = nation.files("ikrf")[0].read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [json.loads(line) for line in lines if line.endswith("}")]
    assert len(rows) >= len(lines) - 3
    assert {f"ikrf:{row['شماره پرونده']}" for row in rows} <= {str(row["record_key"]) for row in nation.records("ikrf")}


def test_excel_has_its_header_where_the_contract_says(nation: Written) -> None:
    layout = nation.feed("irib").layouts[0]
    sheet = openpyxl.load_workbook(nation.files("irib")[0], read_only=True)[layout.format.sheet or ""]
    rows = list(sheet.iter_rows(values_only=True))
    header = [str(cell) for cell in rows[layout.format.header_row - 1]]
    assert {column.source for column in layout.columns} <= set(header)
    assert len(rows) - layout.format.header_row == len(nation.records("irib"))
    starts = [row[header.index("شروع")] for row in rows[layout.format.header_row :]]
    assert all(isinstance(value, int | float) for value in starts)


def test_parquet_holds_every_declared_column(nation: Written) -> None:
    table = pq.read_table(nation.files("oil")[0])
    layout = nation.feed("oil").layouts[0]
    assert set(table.column_names) == {column.source for column in layout.columns} | set(layout.ignored)
    assert table.num_rows == len(nation.records("oil"))


def test_sidecars_tell_checksum_rows_and_control_totals(nation: Written) -> None:
    path = nation.files("sso_contributions")[0]
    manifest = json.loads(path.with_name(f"{path.name}.manifest.json").read_text(encoding="utf-8"))
    feed = next(each for each in nation.feeds if each.name == "sso_contributions")
    days = [int(day) for batch in read(path, feed.layouts[0]) for day in batch.rows["DSW_DD"].to_pylist()]
    assert manifest["sha256"] == sha256_of(path)
    assert manifest["rows"] == len(days)
    assert manifest["business_date"] == "2026-11-19"
    assert manifest["control_totals"]["DSW_DD"] == sum(days)


def test_no_truth_lies_in_the_inbox(nation: Written) -> None:
    assert {path.name for path in (nation.folder / "inbox").iterdir()} == set(FEEDS)
    assert not list((nation.folder / "inbox").rglob("*truth*"))
