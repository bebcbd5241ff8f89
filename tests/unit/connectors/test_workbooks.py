"""Workbooks as agencies make them: old ones, several sheets, hidden rows, failed formulas, and what only looks like one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from connectors.mended_files import BadRow, write_rows
from hub.errors import ContractBreach, DeliveryCorrupt
from tests.unit.connectors.reading import NAMES, everything, fates, layout

SAMPLES = Path(__file__).with_name("samples")
FIRST, SECOND = ("1", "علی", "قم"), ("2", "رضا", "ری")


def workbook(
    sheets: dict[str, list[tuple[object, ...]]], change: Callable[[dict[str, Worksheet]], None] | None = None
) -> bytes:
    """Some sheets, changed before they are saved."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    made = {title: book.create_sheet(title) for title in sheets}
    for title, rows in sheets.items():
        for row in rows:
            made[title].append(row)
    if change:
        change(made)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_of_excel_97_is_read(tmp_path: Path) -> None:
    rows, rejects = everything(tmp_path / "f.xls", (SAMPLES / "members.xls").read_bytes(), layout("excel", sheet="اعضا"))
    assert rows == {2: ("0012", "علی", "قم"), 3: ("13", "رضا", "2026-11-20")}
    assert rejects == []


def test_hidden_rows_and_columns_and_those_that_a_filter_hides_are_delivered_too(tmp_path: Path) -> None:
    def hide(sheets: dict[str, Worksheet]) -> None:
        sheet = sheets["اعضا"]
        sheet.row_dimensions[2].hidden = sheet.column_dimensions["B"].hidden = True
        sheet.auto_filter.ref = "A1:C3"
        sheet.auto_filter.add_filter_column(0, ["2"])

    rows, _ = everything(tmp_path / "f.xlsx", workbook({"اعضا": [NAMES, FIRST, SECOND]}, hide), layout("excel"))
    assert rows == {2: FIRST, 3: SECOND}


def test_D05_which_of_several_sheets_is_meant_must_be_said(tmp_path: Path) -> None:
    data = workbook({"تهران": [NAMES, FIRST], "قم": [NAMES, SECOND]})
    with pytest.raises(ContractBreach, match="has 2 sheets that hold something"):
        everything(tmp_path / "f.xlsx", data, layout("excel"))
    assert everything(tmp_path / "f.xlsx", data, layout("excel", sheet="قم"))[0] == {2: SECOND}


def test_empty_and_hidden_sheets_are_not_meant(tmp_path: Path) -> None:
    def hide(sheets: dict[str, Worksheet]) -> None:
        sheets["lists"].sheet_state = "hidden"

    data = workbook({"lists": [("a",)], "Sheet1": [], "members": [NAMES, FIRST]}, hide)
    assert everything(tmp_path / "f.xlsx", data, layout("excel"))[0] == {2: FIRST}


def test_D08_all_sheets_of_one_form_are_read_and_their_rows_counted_on(tmp_path: Path) -> None:
    data = workbook({"استان ۱": [NAMES, FIRST, (*SECOND, "more")], "other": [("a",)], "استان ۲": [NAMES, (None,), SECOND]})
    rows, rejects = everything(tmp_path / "f.xlsx", data, layout("excel", sheet="استان *"))
    assert rows == {2: FIRST, 6: SECOND}
    assert fates(rejects) == {3: "extra_columns"}


def test_D05_sheets_of_another_form_stop_the_file(tmp_path: Path) -> None:
    data = workbook({"a1": [NAMES, FIRST], "a2": [NAMES[::-1], SECOND]})
    with pytest.raises(ContractBreach, match="not in the same order"):
        everything(tmp_path / "f.xlsx", data, layout("excel", sheet="a*"))


def test_rows_to_mend_of_many_sheets_lie_in_one_that_fits(tmp_path: Path) -> None:
    lay = layout("excel", sheet="استان *")
    write_rows(tmp_path / "w.xlsx", lay, [BadRow(7, None, "", dict(zip(NAMES, FIRST, strict=True)))])
    assert everything(tmp_path / "f.xlsx", (tmp_path / "w.xlsx").read_bytes(), lay)[0] == {2: FIRST}


def test_a_formula_that_failed_says_nothing_and_a_number_kept_as_text_keeps_its_zeros(tmp_path: Path) -> None:
    def fail(sheets: dict[str, Worksheet]) -> None:
        sheets["a"]["B2"].data_type = "e"

    data = workbook({"a": [NAMES, ("0012", "#N/A", 12.0)]}, fail)
    assert everything(tmp_path / "f.xlsx", data, layout("excel"))[0] == {2: ("0012", None, "12")}


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (bytes.fromhex("0908080000000500") + bytes(600), "a workbook of Excel before 97"),
        (bytes.fromhex("0900040002001000") + bytes(600), "a workbook of Excel before 97"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "is locked with a password"),
        (OLE + bytes(600), "no Excel workbook"),
        (b"<html><table><tr><td>code</td></tr></table>", "has the name of one, and neither begins as one"),
        (b"code\tname\ttown\n1\ta\tb\n", "has the name of one, and neither begins as one"),
    ],
    ids=["Excel 4", "Excel 2", "locked", "cut", "web page", "text"],
)
def test_D04_what_only_looks_like_a_workbook_is_refused_by_what_it_is(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(DeliveryCorrupt, match=what):
        everything(tmp_path / "f.xls", data, layout("excel"))
