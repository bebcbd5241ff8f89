"""Samples from Asia and the Arab world: headers in their languages, their calendars, ages, whole names under 'Name'."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.drafting_world import ROWS, loaded, sample_of

HEADERS = {
    "Arabic": (
        "رقم السجل=record_no رقم الهوية=foreign_id الاسم الكامل=full_name اسم الأب=father_name اسم الجد= "
        "الجنس=sex_code تاريخ الميلاد=birth_date المدينة=city_name"
    ),
    "Turkish": (
        "KAYIT_NO=record_no TC_KIMLIK_NO=foreign_id Adı Soyadı=full_name BABA_ADI=father_name Anne Adı= "
        "CINSIYET=sex_code DOGUM_TARIHI=birth_date Şehir=city_name"
    ),
    "Thai": (
        "HN=case_no เลขประจำตัวประชาชน=foreign_id ชื่อ=given_name นามสกุล=surname เพศ=sex_code วันเกิด=birth_date จังหวัด=city_name"
    ),
    "Korean": "환자번호=case_no 주민등록번호=foreign_id 성명=full_name 성별=sex_code 생년월일=birth_date",
    "Indonesian": (
        "No RM=case_no NIK=foreign_id Nama Pasien=full_name NAMA AYAH=father_name "
        "Jenis Kelamin=sex_code Tgl Lahir=birth_date Alamat=address"
    ),
}
SEXES = {
    "Arabic": ("ذكر", "أنثى"),
    "Turkish": ("E", "K"),
    "Thai": ("ชาย", "หญิง"),
    "Korean": ("남", "여"),
    "Indonesian": ("L", "P"),
}
FORMS = {"hijri": "{1}/{2}/{0}", "buddhist": "{1}-{2}-{0}", "gregorian": "{1}.{2}.{0}"}
FIRST_YEARS = {"hijri": 1385, "buddhist": 2495, "gregorian": 1955}


def value(language: str, name: str, n: int) -> str:
    numbers = {"record_no": 700_000 + 31 * n, "case_no": 900_000 + 17 * n, "foreign_id": 10**10 * 3 + 7919 * n}
    if name in numbers:
        return str(numbers[name])
    if name == "sex_code":
        return SEXES[language][n % 2]
    if name == "birth_date":
        return f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/{1955 + n % 60}"
    return (
        f"{'abcdefghij'[n % 10]}ulan {'klmnopqrst'[n // 10]}asan" if name == "full_name" else "abcdefghij"[n % 10] + "asan"
    )


@pytest.mark.parametrize("language", HEADERS)
def test_headers_and_sexes_of_other_languages_are_known(tmp_path: Path, language: str) -> None:
    words = HEADERS[language].split("=")
    names = [word.split(" ", 1)[0] for word in words[1:]]
    headers = [words[0], *(word.split(" ", 1)[1] for word in words[1:-1])]
    rows = [[value(language, name, n) for name in names] for n in range(ROWS)]
    text = "\n".join(",".join(row) for row in (headers, *rows))
    wanted = {header: name for header, name in zip(headers, names, strict=True) if name}
    assert loaded(tmp_path, sample_of(tmp_path, text.encode())) == wanted


@pytest.mark.parametrize("calendar", FORMS)
def test_a_calendar_that_a_whole_column_is_written_in_is_told(tmp_path: Path, calendar: str) -> None:
    days = [FORMS[calendar].format(FIRST_YEARS[calendar] + n, f"{n % 30 + 1:02d}", f"{n % 12 + 1:02d}") for n in range(ROWS)]
    rows = "\n".join(f"Q{n:04d},{day}" for n, day in enumerate(days))
    draft = sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode())
    assert loaded(tmp_path, draft)["dob"] == "birth_date"
    assert f'format: "{calendar}:dd/mm/yyyy"' in draft.text


def test_jalali_days_that_go_on_after_today_are_no_hijri_ones(tmp_path: Path) -> None:
    """Cards that end in years to come: the Jalali calendar has a 31st."""
    rows = "\n".join(f"Q{n:04d},{1390 + n % 40}/{n % 6 + 1:02d}/31" for n in range(ROWS))
    assert 'format: "hijri' not in sample_of(tmp_path, f"unique_id,valid_to\n{rows}\n".encode(), insurer_code="SSO").text


def test_days_of_cover_that_are_to_come_tell_no_calendar(tmp_path: Path) -> None:
    """Each ends with a year, most of them with one to come: no 31st is among them, and they are Jalali all the same."""
    rows = "\n".join(f"Q{n:04d},{1320 + n}/05/31,{1385 + n % 40}/12/29" for n in range(ROWS))
    draft = sample_of(tmp_path, f"unique_id,dob,valid_to\n{rows}\n".encode(), insurer_code="SSO")
    assert loaded(tmp_path, draft)["valid_to"] == "cover_to_date"
    assert "hijri" not in draft.text


def test_the_calendar_of_births_is_that_of_the_other_days(tmp_path: Path) -> None:
    rows = "\n".join(f"Q{n:04d},{1385 + n}/05/{1 + n % 30:02d},1447/{1 + n % 12:02d}/01" for n in range(ROWS))
    draft = sample_of(tmp_path, f"unique_id,dob,valid_to\n{rows}\n".encode(), insurer_code="SSO")
    assert loaded(tmp_path, draft)["valid_to"] == "cover_to_date"
    assert draft.text.count('format: "hijri:yyyy/mm/dd"') == 2


@pytest.mark.parametrize("header", ["سال تولد", "روز تولد", "birth year", "تولد"])
def test_two_digits_under_a_header_of_births_are_no_ages(tmp_path: Path, header: str) -> None:
    """Who was born in 65 is not 65 years old, nor 12 who was born on a 12th."""
    rows = "\n".join(f"Q{n:04d},{n % 31 + 1}" for n in range(ROWS))
    assert header not in loaded(tmp_path, sample_of(tmp_path, f"unique_id,{header}\n{rows}\n".encode()))


def test_an_age_beside_a_birth_is_left_out_for_it(tmp_path: Path) -> None:
    rows = "\n".join(f"Q{n:04d},{85 - n},{1320 + n}/05/31" for n in range(ROWS))
    draft = sample_of(tmp_path, f"unique_id,سن,تاریخ تولد\n{rows}\n".encode())
    assert loaded(tmp_path, draft) == {"unique_id": "record_no", "تاریخ تولد": "birth_date"}
    assert "سن: filled in 100.0% of the rows, 60 distinct values; it looks like birth_date too" in draft.text


def test_the_day_of_a_birth_in_pieces_does_not_take_the_place_of_its_year(tmp_path: Path) -> None:
    rows = "\n".join(f"{n % 31 + 1},Q{n:04d},{n % 12 + 1},x,{1320 + n}" for n in range(ROWS))
    draft = sample_of(tmp_path, f"روز تولد,unique_id,ماه تولد,-,سال تولد\n{rows}\n".encode())
    assert loaded(tmp_path, draft) == {"unique_id": "record_no", "سال تولد": "birth_date"}


def test_an_age_is_the_year_of_birth_where_nothing_else_tells_it(tmp_path: Path) -> None:
    draft = sample_of(tmp_path, ("unique_id,umur\n" + "\n".join(f"Q{n:04d},{n}" for n in range(3, ROWS))).encode())
    assert loaded(tmp_path, draft)["umur"] == "birth_date"
    assert 'format: "age:years"' in draft.text


@pytest.mark.parametrize(
    ("start", "pattern"),
    [("05", "^[0-9]{10}$"), ("+8210", "^[+]?[0-9]{12}$"), ("(04) ", "^[(]?[0-9]{2}[)]? ?[0-9]{8}$"), ("#04 ", None)],
)
def test_a_mobile_that_begins_otherwise_than_ours_is_one(tmp_path: Path, start: str, pattern: str | None) -> None:
    rows = "\n".join(f"Q{n:04d},{start}{10**7 * 3 + 7919 * n},{n % 7}" for n in range(ROWS))
    draft = sample_of(tmp_path, f"unique_id,mobile,visits\n{rows}\n".encode())
    assert (loaded(tmp_path, draft).get("mobile") == "mobile_no") == bool(pattern)
    assert pattern is None or pattern in draft.text


def test_a_name_of_several_words_is_a_whole_name_where_nothing_is_a_surname(tmp_path: Path) -> None:
    rows = [f"Q{n:04d},{value('', 'full_name', n)},{value('', 'city', n)}" for n in range(ROWS)]
    assert loaded(tmp_path, sample_of(tmp_path, "\n".join(("id,Name,city", *rows)).encode()))["Name"] == "full_name"
    assert loaded(tmp_path, sample_of(tmp_path, "\n".join(("id,Name,surname", *rows)).encode()))["Name"] == "given_name"
