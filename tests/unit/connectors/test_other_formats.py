"""Fixed width, JSON lines, Excel and Parquet become the same text rows with line numbers."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.readers import limits
from hub.errors import ContractBreach, DeliveryCorrupt
from tests.unit.connectors.reading import NAMES, everything, fates, fixed_layout, layout


def test_fixed_width_counts_characters_and_drops_padding(tmp_path: Path) -> None:
    rows, _ = everything(tmp_path / "f.dat", "0012علی رضا قم \n0013        ری \n".encode(), fixed_layout((4, 8, 3)))
    assert rows == {1: ("0012", "علی رضا", "قم"), 2: ("0013", None, "ری")}


def test_fixed_width_in_cp1256(tmp_path: Path) -> None:
    rows, _ = everything(
        tmp_path / "f.dat", "0012علي     قم \r\n".encode("cp1256"), fixed_layout((4, 8, 3), encoding="cp1256")
    )
    assert rows == {1: ("0012", "علي", "قم")}


def test_fixed_columns_may_leave_blank_gaps_and_overlap(tmp_path: Path) -> None:
    gapped = fixed_layout((4, 8, 3))
    code, name, town = gapped.columns
    lay = replace(gapped, columns=(code, replace(name, start=7), replace(town, start=1, width=2)))
    rows, rejects = everything(tmp_path / "f.dat", "0012  علی     \n0012x علی     \n".encode(), lay)
    assert rows == {1: ("0012", "علی", "00")}
    assert fates(rejects) == {2: "unmapped_text"}


def test_D06_cut_and_overlong_fixed_lines_are_set_aside(tmp_path: Path) -> None:
    rows, rejects = everything(
        tmp_path / "f.dat", b"0012Ali     Qom\n0013Sara\n0014Ali     QomX\n0015Ali     Qom  \n", fixed_layout((4, 8, 3))
    )
    assert list(rows) == [1, 4]
    assert fates(rejects) == {2: "cut_line", 3: "unmapped_text"}


def test_characters_that_are_ignored_may_be_missing_at_the_end_of_a_fixed_line(tmp_path: Path) -> None:
    lay = replace(fixed_layout((4, 8, 3)), ignored=("16-17", "19-20"))
    lines = (
        "0012Ali     Qom",
        "0013علی     QomX",
        "0014Ali     QomXY ZZ",
        "0015Ali     Qo",
        "0016Ali     QomXYZ",
        "0017Ali     Yzd",
    )
    rows, rejects = everything(tmp_path / "f.dat", "\n".join(lines).encode(), lay)
    assert rows == {
        1: ("0012", "Ali", "Qom"), 2: ("0013", "علی", "Qom"), 3: ("0014", "Ali", "Qom"), 6: ("0017", "Ali", "Yzd"),
    }  # fmt: skip
    assert fates(rejects) == {4: "cut_line", 5: "unmapped_text"}


def test_D05_fixed_lines_of_another_layout_stop_the_file(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach, match="15 characters"):
        everything(tmp_path / "f.dat", b"0012Ali     Qom X\n" * limits.MIN_ROWS_FOR_LAYOUT, fixed_layout((4, 8, 3)))


def test_json_numbers_keep_the_text_in_which_they_were_written(tmp_path: Path) -> None:
    data = '{"code": 12345678901234567890, "name": "علی", "town": null}\n \t{"code": 1.50, "town": true} \n'
    rows, _ = everything(tmp_path / "f.jsonl", data.encode(), layout("jsonl"))
    assert rows == {1: ("12345678901234567890", "علی", None), 2: ("1.50", None, "true")}


def test_D06_bad_json_lines_are_set_aside(tmp_path: Path) -> None:
    lines = (
        '{"code": 1, "name": "a", "town": "b"}',
        '{"code": 01}',
        "[1]",
        '{"code": 1, "code": 2}',
        '{"code": "\\ud800"}',
        '{"code": NaN}',
        "[" * 100_000,
        '{"code": 8}',
    )
    rows, rejects = everything(tmp_path / "f.jsonl", "\n".join(lines).encode(), layout("jsonl"))
    assert list(rows) == [1, 8]
    assert fates(rejects) == {
        2: "not_json",
        3: "not_an_object",
        4: "repeated_key",
        5: "illegal_byte",
        6: "not_json",
        7: "not_json",
    }


def test_D05_a_new_json_key_and_one_that_never_comes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach, match="city"):
        everything(tmp_path / "f.jsonl", b'{"code": 1}\n{"city": 1}\n', layout("jsonl"))
    required = layout("jsonl")
    required = replace(required, columns=tuple(replace(column, is_required=True) for column in required.columns))
    with pytest.raises(ContractBreach, match="town"):
        everything(tmp_path / "f.jsonl", b'{"code": 1, "name": 2}\n', required)


def test_a_json_file_may_leave_out_an_optional_column_throughout(tmp_path: Path) -> None:
    rows, rejects = everything(tmp_path / "f.jsonl", b'{"code": 1, "name": 2}\n' * 100, layout("jsonl"))
    assert (len(rows), rows[1], rejects) == (100, ("1", "2", None), [])


def workbook(*rows: list[object], title: str = "اعضا") -> bytes:
    """An Excel file of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_excel_cells_come_as_a_person_reads_them(tmp_path: Path) -> None:
    data = workbook(["فهرست اعضا"], [], list(NAMES), [1234567890, "0012", date(2026, 11, 20)], [], [1.5, True, "=1+1"])
    for name, content in (("f.xlsx", data), ("f.xlsx.gz", gzip.compress(data))):
        rows, rejects = everything(tmp_path / name, content, layout("excel", sheet="اعضا", header_row=3))
        assert rows == {4: ("1234567890", "0012", "2026-11-20"), 6: ("1.5", "true", None)}
        assert rejects == []


def test_D05_a_missing_sheet_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryCorrupt, match="no sheet"):
        everything(tmp_path / "f.xlsx", workbook(list(NAMES)), layout("excel", sheet="Sheet1"))
    with pytest.raises(ContractBreach, match="town"):
        everything(tmp_path / "g.xlsx", workbook(["code", "name"], [1, 2]), layout("excel"))


def test_D04_a_cut_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryCorrupt, match="no Excel workbook"):
        everything(tmp_path / "f.xlsx", workbook(list(NAMES))[:900], layout("excel"))


def test_D14_a_workbook_too_large_for_memory_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 1_000)
    with pytest.raises(DeliveryCorrupt, match="too large"):
        everything(tmp_path / "f.xlsx", workbook(list(NAMES)), layout("excel"))


def parquet(**columns: pa.Array) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def test_parquet_types_become_text(tmp_path: Path) -> None:
    data = parquet(
        code=pa.array([12, None, 3]),
        name=pa.array(["علی", "", None]).dictionary_encode(),
        town=pa.array([datetime(2026, 11, 20), datetime(2026, 11, 20, 3, 4), None]),
    )
    rows, _ = everything(tmp_path / "f.parquet", data, layout("parquet"))
    assert rows == {1: ("12", "علی", "2026-11-20"), 2: (None, None, "2026-11-20 03:04:00.000000"), 3: ("3", None, None)}
    data = parquet(code=pa.array([Decimal("1.50")]), name=pa.array([date(2026, 11, 20)]), town=pa.array([True]))
    assert everything(tmp_path / "g.parquet", data, layout("parquet"))[0] == {1: ("1.50", "2026-11-20", "true")}


def test_D06_text_that_is_no_text_costs_one_parquet_row(tmp_path: Path) -> None:
    data = parquet(code=pa.array([b"1", b"\xff"]), name=pa.array(["a", "b"]), town=pa.array(["c", "d"]))
    rows, rejects = everything(tmp_path / "f.parquet", data, layout("parquet"))
    assert rows == {1: ("1", "a", "c")}
    assert fates(rejects) == {2: "illegal_byte"}


def test_D04_a_cut_parquet_file_is_refused(tmp_path: Path) -> None:
    data = parquet(code=pa.array([1]), name=pa.array(["a"]), town=pa.array(["c"]))
    for cut in (data[:-5], data[: len(data) // 2], b"PAR1"):
        with pytest.raises(DeliveryCorrupt, match="no Parquet file"):
            everything(tmp_path / "f.parquet", cut, layout("parquet"))


def test_D05_nested_parquet_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContractBreach, match="town"):
        everything(
            tmp_path / "f.parquet",
            parquet(code=pa.array([1]), name=pa.array(["a"]), town=pa.array([["c"]])),
            layout("parquet"),
        )


def test_a_header_of_merged_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["فهرست اعضا"],
        ["كد\nملي", "مشخصات", None, "شهر"],
        [None, "نام", "نام خانوادگی"],
        ["0012", "علی", "رضایی", "قم"],
    ):
        sheet.append(row)
    for merged in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    names = ("کد ملی", "مشخصات / نام", "مشخصات / نام خانوادگی", "شهر")
    rows, _ = everything(tmp_path / "f.xlsx", file.getvalue(), layout("excel", names, header_row=3, header_rows=2))
    assert rows == {4: ("0012", "علی", "رضایی", "قم")}


def test_D14_a_small_workbook_that_asks_for_all_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SHEET_MEMORY", 1 << 29)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "code", "far away"
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(DeliveryCorrupt, match="too much memory"):
        everything(tmp_path / "f.xlsx", file.getvalue(), layout("excel"))
