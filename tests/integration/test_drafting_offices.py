"""Files as offices send them: two kinds of rows in one, days without end, titles, numbers side by side."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from schemas.contracts import load_feed
from tests.integration.drafting_world import MEN, ROWS, SURNAMES, loaded, person, sample_of, table


def test_days_without_end_are_days(tmp_path: Path) -> None:
    """Most end in the year 9999; the day of hire beside them is not taken for the end of cover."""
    rows = [f"{person(n)['member_no']},1400/0{1 + n % 9}/11,{'9999/99/99' if n % 5 else '1405/06/31'},1399/01/15"
            for n in range(ROWS)]  # fmt: skip
    text = "\n".join(["personnel_no,cover_from,cover_to,employed_from", *rows])
    draft = sample_of(tmp_path, text.encode(), insurer_code="BANKS")
    found = {each.source: each.field and each.field.name for each in draft.meanings}
    assert found["cover_to"] == "cover_to_date"
    assert found["employed_from"] is None


def test_days_that_are_none_are_empty_in_the_limits(tmp_path: Path) -> None:
    """As staging counts them: else the very file that was drafted from is held."""
    born = [person(n)["birth_date"] if n % 2 else "0000/00/00" for n in range(ROWS)]
    rows = [f"{person(n)['member_no']},{born[n]},{'1405/06/31' if n % 3 else '۹۹۹۹/۱۲/۲۹'}" for n in range(ROWS)]
    text = "\n".join(["personnel_no,birth_date,cover_to", *rows])
    loaded(tmp_path, sample_of(tmp_path, text.encode(), insurer_code="BANKS"))
    limits = {each.name: each.max_null_percent for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns}
    assert (limits["birth_date"], limits["cover_to_date"]) == (80, 55)


def test_a_header_for_persons_and_companies_is_read_as_either(tmp_path: Path) -> None:
    headers = {"شماره اقتصادی": "record_no", "نام خانوادگی/نام شرکت": "surname", "تاریخ تولد/ثبت": "birth_date",
               "تاریخ تشکیل پرونده": "birth_date"}  # fmt: skip
    assert loaded(tmp_path, sample_of(tmp_path, table(headers).encode())) == {
        "شماره اقتصادی": "record_no", "نام خانوادگی/نام شرکت": "surname", "تاریخ تولد/ثبت": "birth_date",
    }  # fmt: skip


def test_studies_that_begin_are_no_cover(tmp_path: Path) -> None:
    headers = {"شماره دانشجویی": "record_no", "تاریخ شروع به تحصیل": "birth_date"}
    assert loaded(tmp_path, sample_of(tmp_path, table(headers).encode())) == {"شماره دانشجویی": "student_no"}


def test_towns_under_a_header_of_provinces_set_no_rows_aside(tmp_path: Path) -> None:
    towns = ("مشهد", "شیراز", "کرج", "تبریز", "اهواز", "رشت", "سنندج", "قم", "یزد")
    rows = [f"{person(n)['case_no']},{towns[n % 9]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["case no,province", *rows]).encode())
    assert loaded(tmp_path, draft) == {"case no": "case_no"}
    assert "its header is a word for province_code, and its values are none: CHECK" in draft.text


def test_an_account_is_no_key_where_another_number_tells_the_rows_apart(tmp_path: Path) -> None:
    rows = [f"{iban(n)},{7_000 + 13 * n},{person(n)['given_name']}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["sheba,folder,نام", *rows]).encode())
    assert [key.columns for key in draft.keys] == [("folder",), ("sheba",)]
    alone = [f"{iban(n)},{n % 7},{person(n)['given_name']}" for n in range(ROWS)]
    assert sample_of(tmp_path, "\n".join(["sheba,folder,نام", *alone]).encode()).keys[0].columns == ("sheba",)


def iban(n: int) -> str:
    account = f"0170{10**17 + 997 * n:018d}"
    return f"IR{98 - int(account + '182700') % 97:02d}{account}"


def test_whole_names_rank_among_the_sources_of_identity(tmp_path: Path) -> None:
    rows = [f"{person(n)['case_no']},{MEN[n % 4]} {SURNAMES[n % 11]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["case no,full name", *rows]).encode())
    assert "survivorship, value: {identity: 90}" in draft.text


def test_unique_numbers_that_begin_with_9_are_no_mobiles_without_a_header(tmp_path: Path) -> None:
    """A licence beside a national code, digits throughout: the check of codes cuts them, and the licence is the key."""
    lines = [f"{person(n)['national_code']}{9_600_000_000 + 5_003 * n}{person(n)['given_name']:<12}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "sample.txt")
    assert loaded(tmp_path, draft) == {"column_1": "national_code", "column_2": "record_no", "column_3": "given_name"}


def test_where_another_number_may_begin_among_digits_is_said(tmp_path: Path) -> None:
    lines = [f"{1_000 + 7 * n}{n * 7_919 % 100_000:05d}{4_400_000 + 3 * n}{MEN[n % 4]:<10}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "sample.txt")
    assert "characters 1 to 16 are digits, and another number may begin at 10: CHECK" in draft.text


def test_a_title_that_is_merged_over_most_columns_is_no_part_of_their_names(tmp_path: Path) -> None:
    """It tells the month, so that no later file would have the columns of this one."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["فهرست دانشجویان - مهرماه ۱۴۰۵"])
    sheet.append(["شماره دانشجویی", "کد ملی", "نام", "نام خانوادگی"])
    for n in range(ROWS):
        sheet.append([person(n)[name] for name in ("record_no", "national_code", "given_name", "surname")])
    sheet.merge_cells("A1:C1")
    book.save(tmp_path / "sample.xlsx")
    draft = sample_of(tmp_path, (tmp_path / "sample.xlsx").read_bytes(), "sample.xlsx")
    assert loaded(tmp_path, draft) == {
        "شماره دانشجویی": "student_no", "کد ملی": "national_code", "نام": "given_name", "نام خانوادگی": "surname",
    }  # fmt: skip
