"""Conflict returns: each insurer hears of its own members, once per change, in files that cannot harm."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path

import openpyxl
import pytest

from reports import excel, returns
from reports.returns import MANIFEST, SCHEMA_VERSION, write_returns
from tests.spec.cover_world import given_cover, judge
from tests.unit.reports.conftest import COVER, GOLDEN, Night
from warehouse.scores import insurer_scores


def rows(night: Night, insurer_code: str, day: str = "2026-11-20") -> list[dict[str, str]]:
    path = night.settings.returns / day / insurer_code / f"conflicts_{day}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_insurer_with_cover_gets_a_folder(night: Night) -> None:
    folders = write_returns(night.settings, night.run)
    assert [folder.name for folder in folders] == ["CSPF", "IHIO-GOV", "OIL", "RNF", "SSO", "SUPP", "TMUN"]
    for folder in folders:
        names = {path.name for path in folder.iterdir()}
        assert names == {
            "conflicts_2026-11-20.csv",
            "conflicts_2026-11-20.csv-metadata.json",
            "conflicts_2026-11-20.xlsx",
            "dictionary.csv",
            "manifest.json",
            "summary.en.html",
            "summary.html",
        }


def test_both_sides_read_the_same_conflict_each_from_its_own_side(told: Night) -> None:
    (keeper,) = rows(told, "IHIO-GOV")
    blocked = next(row for row in rows(told, "SSO") if row["kind_code"] == "two_basic")
    assert keeper["conflict_no"] == blocked["conflict_no"]
    assert (keeper["outcome_code"], blocked["outcome_code"]) == ("keep", "block")
    assert (keeper["other_insurer_code"], blocked["other_insurer_code"]) == ("SSO", "IHIO-GOV")
    assert keeper["other_insurer_fa"] == "سازمان تأمین اجتماعی"
    assert (keeper["member_no"], keeper["booklet_no"]) == ("G-10", "G1")
    assert keeper["national_code"] == "0012345679"
    assert (keeper["from_date"], keeper["from_jalali"], keeper["to_date"]) == ("2026-01-01", "1404/10/11", "")
    assert keeper["rule_code"] == "R2"
    assert keeper["reason_fa"].endswith(".")
    assert keeper["reason_en"].endswith(".")
    assert "donya-e-eqtesad" in keeper["rule_source"]
    assert (blocked["principal_name"], keeper["principal_name"]) == ("حسین رضائی", "")


def test_nothing_of_the_other_insurers_membership_appears(told: Night) -> None:
    for code, foreign in (("IHIO-GOV", ("S-10", "=S1")), ("SSO", ("G-10", "G1"))):
        text = "\n".join("\t".join(row.values()) for row in rows(told, code))
        sheet = _cells(told.folder(code) / "conflicts_2026-11-20.xlsx")
        for value in foreign:
            assert value not in text
            assert not [cell for cell in sheet if value in cell]


def test_C07_two_booklets_at_one_insurer_go_only_to_it_as_one_row(told: Night) -> None:
    own = [row for row in rows(told, "SSO") if row["kind_code"] == "same_insurer"]
    assert [(row["booklet_no"], row["other_booklet_no"], row["overlap_days"]) for row in own] == [("S2", "S3", "92")]
    for folder in told.settings.returns.glob("*/*"):
        if folder.name != "SSO":
            assert "same_insurer" not in {row["kind_code"] for row in rows(told, folder.name)}


def test_C08_a_death_is_told_to_the_insurer_that_still_lists_the_person(told: Night) -> None:
    (row,) = rows(told, "SUPP")
    assert (row["kind_code"], row["from_date"], row["other_insurer_code"]) == ("deceased", "2026-03-02", "")


def test_C01_two_pensions_are_not_reported(told: Night) -> None:
    assert rows(told, "CSPF") == rows(told, "RNF") == []


def test_C13_conflicts_under_review_are_not_reported(told: Night) -> None:
    kinds = told.world.con.execute("select kind_code from cover.conflict where is_under_review").fetchall()
    assert kinds == [("two_basic",)]
    assert rows(told, "OIL") == rows(told, "TMUN") == []


def test_C11_a_conflict_is_reported_once_per_change(night: Night) -> None:
    write_returns(night.settings, night.run)
    ended = COVER.replace("G1         | 2026-01-01 | 9999-12-31", "G1         | 2026-01-01 | 2026-11-21")
    another_night(night, ended.replace("sso:3      |", "sso:9      |"), GOLDEN)
    told = {row["change_code"]: row for row in rows(night, "IHIO-GOV", "2026-11-21")}
    assert list(told) == ["changed"]
    assert told["changed"]["to_date"] == "2026-11-21"
    changes = [row["change_code"] for row in rows(night, "SSO", "2026-11-21")]
    assert sorted(changes) == ["changed", "opened", "resolved"]
    shown = {"changed": "دگرگون‌شده", "opened": "تازه", "resolved": "رفع‌شده"}
    sheet = openpyxl.load_workbook(night.folder("SSO", "2026-11-21") / "conflicts_2026-11-21.xlsx").worksheets[0]
    assert [sheet.cell(excel.HEADER_ROW + number, 2).value for number in (1, 2, 3)] == [shown[code] for code in changes]
    assert rows(night, "SUPP", "2026-11-21") == []  # unchanged since it was told


def test_C06_a_dependant_of_two_principals_is_told_with_both_names_to_both_insurers(night: Night) -> None:
    cover = """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date   | principal_person_id
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31 | P2
        oil:1      | P1        | OIL          | basic             | O1         | 2020-01-01 | 9999-12-31 | P3
        tmun:4     | P4        | TMUN         | basic             | T4         | 2020-01-01 | 9999-12-31 | P2
        irib:4     | P4        | IRIB         | basic             | I4         | 2020-01-01 | 9999-12-31 | P5
    """
    golden = """
        person_id | national_code | national_code_status_code | given_name | surname
        P1        | 0012345679    | registry                  | سارا       | رضائی
        P2        | 0012345687    | registry                  | علی        | رضائی
        P3        | 0012345695    | registry                  | مریم       | احمدی
        P5        | 0012345717    | claimed                   | نام دیگران | دیگران
    """
    another_night(night, cover, golden)
    names = {
        code: [
            (row["principal_name"], row["other_principal_name"])
            for row in rows(night, code, "2026-11-21")
            if row["kind_code"] == "two_principals"
        ]
        for code in ("SSO", "OIL", "TMUN")
    }
    assert names == {"SSO": [("علی رضائی", "مریم احمدی")], "OIL": [("مریم احمدی", "علی رضائی")], "TMUN": [("علی رضائی", "")]}


def test_C12_a_return_says_until_when_an_answer_is_awaited_and_of_whom(told: Night) -> None:
    blocked = next(row for row in rows(told, "SSO") if row["kind_code"] == "two_basic")
    (keeper,) = rows(told, "IHIO-GOV")
    assert (blocked["due_date"], blocked["due_jalali"]) == ("2026-12-20", "1405/09/29")
    assert (keeper["due_date"], keeper["due_jalali"]) == ("", "")


def test_C15_what_tells_of_health_stands_in_lists_of_its_own(night: Night) -> None:
    world = night.world
    world.next_night()
    given_cover(world, "record_key | insurer_code", person__golden=GOLDEN)
    judge(world)
    world.given(
        "cover.conflict",
        """
        conflict_no | kind_code          | person_id | insurer_a | insurer_b | record_key_a | record_key_b | status_code | outcome_code | reported_date | opened_date | from_date
        9           | special_drug_twice | P1        | IHIO-GOV  | SSO       | marks:77     | marks:88     | open        | case         | 2026-11-21    | 2026-11-21  | 2026-11-01
        """,  # noqa: E501
    )
    world.given("cover.conflict_side", "conflict_no | insurer_code | is_awaited\n9 | SSO | true\n9 | IHIO-GOV | true")
    world.when(insurer_scores(world.run.business_date))
    world.given("staging.current_delivery", "feed | business_date")
    write_returns(night.settings, world.run)
    assert rows(night, "SSO", "2026-11-21") == []
    folder = night.folder("SSO", "2026-11-21")
    with (folder / "special_patients_2026-11-21.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["kind_code"], row["record_no"], row["other_insurer_code"]) == ("special_drug_twice", "88", "IHIO-GOV")
    assert "special_patients_2026-11-21.xlsx" in json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    assert 'href="special_patients_2026-11-21.csv"' in (folder / "summary.html").read_text(encoding="utf-8")


def another_night(night: Night, cover: str, golden: str) -> None:
    """Judge and report the night after, of other cover."""
    night.world.next_night()
    given_cover(night.world, cover, person__golden=golden)
    judge(night.world)
    night.world.when(insurer_scores(night.world.run.business_date))
    night.world.given("staging.current_delivery", "feed | business_date")
    write_returns(night.settings, night.world.run)


def test_text_that_a_spreadsheet_takes_for_a_formula_is_neutralised(told: Night) -> None:
    row = next(row for row in rows(told, "SSO") if row["kind_code"] == "two_basic")
    assert (row["member_no"], row["booklet_no"], row["given_name"]) == ("'+S-10", "'=S1", "'@زهرا")
    assert rows(told, "SUPP")[0]["member_no"] == "'＝X-50"  # as spreadsheets of the far east write it
    book = openpyxl.load_workbook(told.folder("SSO") / "conflicts_2026-11-20.xlsx")
    kinds = {cell.data_type for line in book.worksheets[0].iter_rows() for cell in line}
    assert "f" not in kinds
    assert not [
        cell for cell in _cells(told.folder("SSO") / "conflicts_2026-11-20.xlsx") if cell[:1] in ("=", "+", "-", "@")
    ]


def test_the_sheet_is_persian_right_to_left_filtered_and_frozen(told: Night) -> None:
    sheet = openpyxl.load_workbook(told.folder("SUPP") / "conflicts_2026-11-20.xlsx").worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == "A2:AB3"
    assert [cell.value for cell in sheet[2]][:2] == ["شمارهٔ تعارض", "تغییر"]
    assert sheet["J3"].value == "<b>موسوی"
    assert sheet["A3"].value == int(rows(told, "SUPP")[0]["conflict_no"])


def test_a_sheet_beyond_the_row_limit_says_so(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "ROW_LIMIT", 1)
    write_returns(night.settings, night.run)
    sheet = openpyxl.load_workbook(night.folder("SSO") / "conflicts_2026-11-20.xlsx").worksheets[0]
    assert sheet.max_row == excel.HEADER_ROW + 1
    assert "CSV" in sheet["A1"].value
    assert len(rows(night, "SSO")) == 2


def test_the_manifest_counts_and_hashes(told: Night) -> None:
    folder = told.folder("SSO")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["run_id"] == told.run.run_id
    assert manifest["conflict_count"] == 2
    assert manifest["by_kind"] == {"same_insurer": 1, "two_basic": 1}
    assert manifest["by_change"] == {"opened": 2}
    for name, file in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == file["sha256"]


def test_the_manifest_says_of_which_deliveries_and_layout_it_speaks(told: Night) -> None:
    manifest = json.loads((told.folder("SSO") / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["schema_version"] == SCHEMA_VERSION
    assert manifest["as_of"] == {"sso": "2026-11-19"}
    assert manifest["open_by_kind"] == {"same_insurer": 1, "two_basic": 1}


def test_metadata_of_the_web_describe_each_column_of_the_machine_file(told: Night) -> None:
    path = told.folder("SSO") / "conflicts_2026-11-20.csv-metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    assert (path.parent / metadata["url"]).exists()
    columns = metadata["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(rows(told, "SSO")[0])
    assert {column["datatype"] for column in columns} == {"string", "integer", "date"}


def test_what_only_others_know_of_a_person_is_not_told(told: Night) -> None:
    """A name and a code that civil registration does not bear out are the insurer's own, never another agency's."""
    (row,) = [row for row in rows(told, "SSO") if row["kind_code"] == "same_insurer"]
    assert (row["given_name"], row["national_code"]) == ("حسین", "0012345687")
    for folder in told.settings.returns.glob("*/*"):
        for path in folder.glob("*.csv"):
            assert "نام دیگران" not in path.read_text(encoding="utf-8-sig")


def test_the_page_to_print_has_figures_and_nobody(told: Night) -> None:
    page = (told.folder("SSO") / "summary.html").read_text(encoding="utf-8")
    assert '<html lang="fa" dir="rtl">' in page
    assert re.search(r"<b>۲</b><span>تعارض در این برگشتی", page)
    assert "دفترچهٔ شما مسدود می‌شود" in page
    assert "@page" in page
    english = (told.folder("SSO") / "summary.en.html").read_text(encoding="utf-8")
    assert "Your booklet is blocked" in english
    for value in ("0012345679", "۰۰۱۲۳۴۵۶۷۹", "S-10", "علی"):
        assert value not in page + english


def test_every_column_of_the_machine_file_is_in_the_dictionary(told: Night) -> None:
    with (told.folder("SSO") / "dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        words = [row["column"] for row in csv.DictReader(file)]
    assert words == list(rows(told, "SSO")[0])


def test_writing_again_gives_the_same_bytes_and_leaves_nothing_else(night: Night) -> None:
    def contents() -> dict[str, bytes]:
        folder = night.settings.returns
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    write_returns(night.settings, night.run)
    before = contents()
    (night.folder("SSO") / "stray.txt").write_text("from an earlier run")
    write_returns(night.settings, night.run)
    assert contents() == before


def _cells(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None]
