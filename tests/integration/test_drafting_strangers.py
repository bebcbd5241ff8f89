"""Files of agencies never seen: headers in many spellings, values that contradict them, addresses in parts, no key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.drafting.words import words_with
from connectors.readers import read
from hub.errors import ContractBreach, ContractError
from hub.settings import Settings
from nights.drafting import draft_checked
from schemas.contracts import load_feed
from tests.integration.drafting_world import MEN, ROWS, SURNAMES, WOMEN, Wanted, loaded, person, sample_of, table
from tests.integration.staging_world import national_code

HEADERS = {
    "Arabic letters, abbreviations, underscores": (
        "ش_پرسنلي=member_no كدملي=national_code نام=given_name نام_خانوادگي=surname نام_پدر=father_name ت_تولد=birth_date "
        "ش_شناسنامه=birth_certificate_no تلفن_همراه=mobile_no ك_پستي=postal_code"
    ),
    "half spaces, words for whose it is": (
        "ش‌پرونده=case_no کد‌ملی‌بیمار=national_code نام_بیمار=given_name نام‌خانوادگی‌بیمار=surname ت.ت=birth_date "
        "تلفن_منزل=phone_no شهر‌محل‌سکونت=city_name ک‌پستی‌منزل=postal_code"
    ),
    "Persian in Latin letters": (
        "SH_GOVAHINAMEH=record_no CODMELI=national_code ESM=given_name FAMILI=surname NAMEPEDAR=father_name "
        "TTAVALOD=birth_date SHSH=birth_certificate_no SHMOBILE=mobile_no KOD_POSTI=postal_code TEL_H=phone_no "
        "ADR=street SHAHRESTAN=city_name"
    ),
    "English, cut short": (
        "MemID=member_no NatCode=national_code FName=given_name LName=surname FthName=father_name BDate=birth_date "
        "BrthCertNo=birth_certificate_no MobNo=mobile_no Tel=phone_no PostCode=postal_code"
    ),
}


@pytest.mark.parametrize("how", HEADERS)
def test_headers_are_known_however_they_are_spelt(tmp_path: Path, how: str) -> None:
    headers = dict(pair.split("=") for pair in HEADERS[how].split())
    draft = sample_of(tmp_path, table(headers).encode())
    want = {header: {"street": "address"}.get(name, name) for header, name in headers.items()}
    assert loaded(tmp_path, draft) == want
    assert draft.keys[0].columns == (next(iter(headers)),)


def test_what_values_show_outweighs_the_header(tmp_path: Path) -> None:
    """Names under each other's header, a national code under the staff number's, mobiles under the telephone's."""
    headers = {"نام": "surname", "نام خانوادگی": "given_name", "شماره پرسنلی": "national_code", "تلفن": "mobile_no",
               "تاریخ تولد": "birth_date", "کد ملی": "house", "unit": "record_no"}  # fmt: skip
    draft = sample_of(tmp_path, table(headers).encode())
    assert loaded(tmp_path, draft) == {
        "نام": "surname", "نام خانوادگی": "given_name", "شماره پرسنلی": "national_code", "تلفن": "mobile_no",
        "تاریخ تولد": "birth_date", "unit": "record_no",
    }  # fmt: skip
    assert "its header is a word for national_code, and its values are none: CHECK" in draft.text


def test_what_is_another_persons_or_another_days_is_not_the_persons(tmp_path: Path) -> None:
    """Only where a header says so; a physician's code passes the check of codes as well."""
    headers = {"CASE_ID": "case_no", "کد ملی پزشک": "national_code", "نام مادر": "given_name", "آدرس محل کار": "street",
               "تاریخ صدور": "birth_date", "race_ethnicity": "city_name", "SHAHR_TAVALOD": "city_name"}  # fmt: skip
    assert loaded(tmp_path, sample_of(tmp_path, table(headers).encode())) == {"CASE_ID": "case_no"}


@pytest.mark.parametrize(
    "headers",
    [
        "کد ملی سرپرست=national_code نام سرپرست=given_name نام خانوادگی سرپرست=surname تاریخ تولد سرپرست=birth_date",
        "CHILD_NAME=given_name CHILD_FAMILY=surname CHILD_DOB=birth_date CHILD_NATCODE=national_code",
        "child_name=given_name child_family=surname child_dob=birth_date father_name=father_name",
        "نام سرپرست=given_name نام خانوادگی سرپرست=surname نام پدر سرپرست=father_name تاریخ تولد=birth_date",
    ],
)
def test_a_file_whose_names_are_all_of_a_head_or_a_child_is_about_them(tmp_path: Path, headers: str) -> None:
    want = dict(re.findall(r"(\S[^=]*)=(\w+)", headers))
    assert loaded(tmp_path, sample_of(tmp_path, table(want).encode())) == want


def test_a_doctor_beside_the_persons_own_number_is_not_the_person(tmp_path: Path) -> None:
    headers = {"کد ملی": "national_code", "نام پزشک": "given_name", "نام خانوادگی پزشک": "surname"}
    assert loaded(tmp_path, sample_of(tmp_path, table(headers).encode())) == {"کد ملی": "national_code"}


@pytest.mark.parametrize("header", ["Branch Code", "Branch.Code", "کد شعبه", "Code"])
def test_a_code_that_repeats_does_not_hide_the_number_of_the_record(tmp_path: Path, header: str) -> None:
    rows = [f"{person(n)['given_name']},{person(n)['surname']},B{n % 12:02d},R{31 * n}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join([f"First Name,Last Name,{header},Ref", *rows]).encode())
    want = {"First Name": "given_name", "Last Name": "surname", "Ref": "record_no"}
    assert loaded(tmp_path, draft) == want
    assert draft.keys[0].columns == ("Ref",)


def test_a_dot_makes_a_path_in_json_only(tmp_path: Path) -> None:
    headers = {"Ref": "case_no", "Dept.Name": "city_name", "Hosp.Name": "city_name", "Branch.Code": "house"}
    assert loaded(tmp_path, sample_of(tmp_path, table(headers).encode())) == {"Ref": "record_no"}
    rows = [{"ref": person(n)["case_no"], "who": {"name": person(n)["given_name"]}} for n in range(ROWS)]
    draft = sample_of(tmp_path, json.dumps(rows, ensure_ascii=False).encode(), "a.json")
    assert loaded(tmp_path, draft) == {"ref": "record_no", "who.name": "given_name"}


def test_a_file_of_which_nothing_is_known_is_drafted(tmp_path: Path) -> None:
    rows = [f"{'QZ'[n % 2]},{'ZQ'[n // 2 % 2]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["gender,وضعیت حیات", *rows]).encode())
    assert draft.keys == ()
    assert "nothing is known of any column" in draft.text
    assert "there is no record key" in draft.text
    loaded(tmp_path, draft)


def test_a_column_named_by_a_mark_alone_teaches_nothing(tmp_path: Path) -> None:
    """Every header that has no word for whose it is would else be known by it."""
    draft = sample_of(tmp_path, table({"case no": "case_no", "#": "member_no", "نام": "given_name"}).encode())
    text = draft.text.replace('ignore, value: ["#"]', "ignore, value: []")
    column = "      - {name: member_no, physicalName: '#', logicalType: string}\n"
    (tmp_path / "new.odcs.yaml").write_text(
        text.replace("    properties:\n", f"    properties:\n{column}", 1), encoding="utf-8"
    )
    feed = load_feed(tmp_path / "new.odcs.yaml")
    assert "#" in [column.source for column in feed.layouts[0].columns]
    assert words_with([feed]).header_evidence("club") == {}
    assert words_with([feed]).header_evidence("*") == {}


def test_numbers_of_another_country_get_a_pattern(tmp_path: Path) -> None:
    rows = [f"V{31 * n},{100 + n}-{10 + n}-{1000 + 7 * n},{27000 + 13 * n},BC{100 + n}D" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["voter_id,ssn,zip_code,club", *rows]).encode())
    assert loaded(tmp_path, draft) == {"voter_id": "record_no", "ssn": "foreign_id", "zip_code": "postal_code"}
    (tmp_path / "new.odcs.yaml").write_text(draft.text, encoding="utf-8")
    shapes = {column.name: column.shape for column in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns}
    assert shapes["foreign_id"] == "^[0-9]{3}-?[0-9]{2}-?[0-9]{4}$"
    assert shapes["postal_code"] == "^[0-9]{5}$"


def test_a_number_with_letters_is_no_birth_certificates(tmp_path: Path) -> None:
    """And a tenth of its values may be mistyped: what they look like still tells the others apart."""
    numbers = [f"X{1_000_000 + 7919 * n}" if n % 13 else f"X{n}?" for n in range(130)]
    rows = "\n".join(f"V{31 * n},{number}" for n, number in enumerate(numbers))
    draft = sample_of(tmp_path, f"rec_id,id_no\n{rows}\n".encode())
    assert loaded(tmp_path, draft) == {"rec_id": "record_no", "id_no": "foreign_id"}
    assert "'^[A-Z][0-9]{7}$'" in draft.text
    ours = "\n".join(f"V{31 * n},{100 + 7 * n}" for n in range(130))
    draft = sample_of(tmp_path, f"rec_id,id_no\n{ours}\n".encode())
    assert loaded(tmp_path, draft)["id_no"] == "birth_certificate_no"


def test_names_may_end_with_digits(tmp_path: Path) -> None:
    """As those of synthetic patients do; numbers that begin with letters are none."""
    rows = [f"V{31 * n},{MEN[n % 4]}{n},{SURNAMES[n % 4]}{7 * n},A{n}B{n}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["record id,first,last,father", *rows]).encode())
    assert loaded(tmp_path, draft) == {"record id": "record_no", "first": "given_name", "last": "surname"}


def test_a_telephone_beside_another_countrys_numbers_is_its_persons(tmp_path: Path) -> None:
    """Iran's landlines are households', so beside Iran's numbers a telephone stays one."""
    rows = [f"V{31 * n},{27000 + 13 * n},{201 + n}-555-{1000 + 7 * n}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["voter_id,zip_code,phone", *rows]).encode())
    assert loaded(tmp_path, draft)["phone"] == "mobile_no"
    assert "'^[0-9]{3}-?[0-9]{3}-?[0-9]{4}$'" in draft.text
    ours = [f"V{31 * n},{1391713000 + 97 * n},{22000000 + 91 * n}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["voter_id,zip_code,phone", *ours]).encode())
    assert loaded(tmp_path, draft)["phone"] == "phone_no"


def test_postal_codes_with_letters_are_told_by_their_header(tmp_path: Path) -> None:
    rows = [f"V{31 * n},K{n % 10}A {n % 9}B{n % 8}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["voter_id,CAP", *rows]).encode())
    assert loaded(tmp_path, draft)["CAP"] == "postal_code"
    assert "'^[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]$'" in draft.text


@pytest.mark.parametrize("headers", [("خیابان", "پلاک"), ("street_name", "house_num"), ("KHIABAN", "PELAK")])
def test_an_address_in_parts_is_joined_in_the_files_order(tmp_path: Path, headers: tuple[str, str]) -> None:
    street, number = headers
    draft = sample_of(tmp_path, table({number: "house", "case no": "case_no", street: "street"}).encode())
    assert loaded(tmp_path, draft) == {f"{number}+{street}": "address", "case no": "case_no"}
    assert draft.sample.rows.column(f"{number}+{street}")[0].as_py() == "3 خیابان آزادی"


def test_an_address_inside_json_is_joined(tmp_path: Path) -> None:
    def record(n: int) -> dict[str, Any]:
        one = person(n)
        home = {"city": one["city_name"], "street": one["street"], "plate": one["house"], "zip": one["postal_code"]}
        return {"studentNumber": f"4001{3 * n:05d}", "lastNameFa": one["surname"], "homeAddr": home}

    draft = sample_of(tmp_path, json.dumps([record(n) for n in range(60)], ensure_ascii=False).encode(), "a.json")
    assert loaded(tmp_path, draft) == {
        "studentNumber": "student_no", "lastNameFa": "surname", "homeAddr.city": "city_name", "homeAddr.zip": "postal_code",
        "homeAddr.street+homeAddr.plate": "address",
    }  # fmt: skip


def test_a_part_that_an_address_holds_is_not_joined(tmp_path: Path) -> None:
    rows = [f"A{n * 7},{2 * n + 1},خیابان آزادی پلاک {2 * n + 1}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["case no,پلاک,نشانی", *rows]).encode())
    assert loaded(tmp_path, draft) == {"case no": "case_no", "نشانی": "address"}


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ("آدرس=street,واحد=unit,منطقه=city", "آدرس"),
        ("آدرس=street,پلاک=house,case=x,کوچه=street", "آدرس+پلاک"),
        ("آدرس=street,پلاک=empty", "آدرس"),
        ("HouseNo=house,Addr=street", "HouseNo+Addr"),
        ("خیابان=street,پلاک=house,واحد=unit", "خیابان+پلاک+واحد"),
    ],
)
def test_a_whole_address_takes_only_parts_beside_it_and_units_only_beside_a_street(
    tmp_path: Path, headers: str, address: str
) -> None:
    named = dict(pair.split("=") for pair in headers.split(","))
    rows = [
        {
            "street": person(n)["street"],
            "house": f"{3 + n}",
            "unit": f"{12 + n % 13}",
            "city": "شهریار",
            "x": "y",
            "empty": "",
        }
        for n in range(ROWS)
    ]
    lines = [
        ",".join(["case no", *named]),
        *(",".join([f"A{n}", *map(row.get, named.values())]) for n, row in enumerate(rows)),
    ]
    draft = sample_of(tmp_path, "\n".join(lines).encode())
    assert loaded(tmp_path, draft) == {"case no": "case_no", address: "address"}


def test_a_year_of_birth_is_the_birth(tmp_path: Path) -> None:
    rows = [f"A{n * 7},{1930 + n},{2001 + n % 9}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["case no,birth_year,entryYear", *rows]).encode())
    assert loaded(tmp_path, draft) == {"case no": "case_no", "birth_year": "birth_date"}


def test_without_a_number_that_tells_rows_apart_no_key_is_proposed(tmp_path: Path) -> None:
    """The draft says what to do; it is not accepted until somebody has done it."""
    rows = [
        f"Ann,{1 + n % 28}/3/{1930 + n},{('Leeds', 'York')[n % 2]},{('F', 'M')[n % 2]},{1000 + n // 2}" for n in range(60)
    ]
    sample = tmp_path / "voters.csv"
    sample.write_text("\n".join(["first_name,dob,city,sex,member_no", *rows]), encoding="utf-8")
    draft, path = draft_checked(Settings(home=tmp_path), sample, Wanted("new"), tmp_path)
    assert draft.keys == ()
    assert "there is no record key" in draft.text
    assert "the nearest is member_no: 30 rows share or lack it" in draft.text
    assert "primaryKey: true" not in draft.text.partition("    properties:")[2]
    assert path is not None
    with pytest.raises(ContractError, match="no primaryKey"):
        load_feed(path)


def test_a_key_may_lack_in_a_row_of_many(tmp_path: Path) -> None:
    """Agencies' own files hold a row twice; that is no reason to take a pair of other columns."""
    rows = [f"M{n - (n == 100):05d},{national_code(41 * n)}" for n in range(200)]
    draft = sample_of(tmp_path, "\n".join(["شماره عضویت,کد ملی", *rows]).encode())
    assert draft.keys[0].columns == ("شماره عضویت",)
    assert "1 rows share or lack it" in draft.keys[0].why


def test_what_a_fixed_width_line_holds_without_a_meaning_is_left_out_by_its_characters(tmp_path: Path) -> None:
    """So the draft reads its own sample; the rest of the line may still hold nothing else."""
    people = [person(n) for n in range(ROWS)]
    lines = [
        f"{n // 4 + 1:06d}{n % 4 + 1:02d}{one['surname']:<12}{'ABC'[n % 3]}{one['national_code']}"
        for n, one in enumerate(people)
    ]
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "LINES_14050829.txt")
    assert '{property: ignore, value: ["21-21"]}' in draft.text
    loaded(tmp_path, draft)
    layout = load_feed(tmp_path / "new.odcs.yaml").layouts[0]
    batches = list(read(tmp_path / "LINES_14050829.txt", layout))
    codes = next(column.source for column in layout.columns if column.name == "national_code")
    assert [code for each in batches for code in each.rows.column(codes).to_pylist()] == [
        one["national_code"] for one in people
    ]
    (tmp_path / "longer.txt").write_text("\n".join(f"{line}x" for line in lines), encoding="utf-8")
    with pytest.raises(ContractBreach, match="32 to the end"):
        list(read(tmp_path / "longer.txt", layout))


def test_a_middle_name_is_joined_to_the_given_name(tmp_path: Path) -> None:
    """Where it holds names; initials are left out."""
    rows = [f"K{n:05d},{MEN[n % 4]},{MEN[(n + 1) % 4] if n % 3 == 0 else ''},{SURNAMES[n % 11]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["unit,نام,نام دوم,نام خانوادگی", *rows]).encode())
    assert loaded(tmp_path, draft) == {"unit": "record_no", "نام+نام دوم": "given_name", "نام خانوادگی": "surname"}
    assert draft.sample.rows.column("نام+نام دوم")[0].as_py() == f"{MEN[0]} {MEN[1]}"
    rows = [f"K{n:05d},{MEN[(n + 1) % 4] if n % 3 == 0 else ''},{MEN[n % 4]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["ma_bn,ten_dem,ten", *rows]).encode(), "vietnam.csv")
    assert loaded(tmp_path, draft) == {"ma_bn": "case_no", "ten_dem+ten": "given_name"}, "in the file's order"
    initials = [f"K{n:05d},{MEN[n % 4]},{'A.' if n % 3 == 0 else ''},{SURNAMES[n % 11]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["unit,first_name,middle_name,last_name", *initials]).encode(), "initials.csv")
    assert "first_name" in loaded(tmp_path, draft)


@pytest.mark.parametrize(("man", "woman", "third"), [("M", "F", "U"), ("1", "2", "9"), ("پسر", "دختر", "نامعین")])
def test_a_third_code_of_sex_is_drafted_as_unknown(tmp_path: Path, man: str, woman: str, third: str) -> None:
    """No row is set aside for it, whatever an agency writes."""
    rows = [
        f"K{n:05d},{(MEN, WOMEN)[n % 2][n // 2 % 4]},{third if n % 20 in (3, 8) else (man, woman)[n % 2]}"
        for n in range(ROWS)
    ]
    draft = sample_of(tmp_path, "\n".join(["unit,نام,جنسیت", *rows]).encode())
    assert loaded(tmp_path, draft)["جنسیت"] == "sex_code"
    column = next(each for each in load_feed(tmp_path / f"{draft.feed}.odcs.yaml").layouts[0].columns if each.codes)
    assert column.codes == {man: "male", woman: "female", third: "unknown"}
    assert column.max_null_percent is not None
    assert column.max_null_percent > 100 / 10, "one row in ten has that code, and such a file is not held"


def test_whole_names_of_few_known_given_names_are_no_surnames(tmp_path: Path) -> None:
    """Whole names end as surnames do; the header says which of both they are."""
    people = ("پلوشه رضایی", "زرغونه محمدی", "مرسل نوری", "بیژن پاکدل", "کیکاووس کریمی")
    rows = [f"K{n:05d},{people[n % 5]} {'' if n % 7 else 'پور'},{n % 3}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["unit,نام و نام خانوادگی,x", *rows]).encode())
    assert loaded(tmp_path, draft)["نام و نام خانوادگی"] == "full_name"


def test_the_row_of_a_household_member_is_half_of_the_key(tmp_path: Path) -> None:
    rows = [f"{20_000 + n // 4},{1 + n % 4},{(MEN, WOMEN)[n % 2][n % 4]}" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["شماره خانوار,ردیف عضو,نام", *rows]).encode())
    assert draft.keys[0].columns == ("شماره خانوار", "ردیف عضو")


def test_days_that_no_header_explains_are_told_as_days(tmp_path: Path) -> None:
    """As in lines of fixed width: whoever corrects the draft need not look into the file."""
    rows = [f"K{n:05d},{MEN[n % 4]},{1390 + n % 9}{1 + n % 12:02d}01" for n in range(ROWS)]
    draft = sample_of(tmp_path, "\n".join(["unit,نام,x", *rows]).encode())
    assert "100% of its values are days as jalali:yyyymmdd, and no header says which: CHECK" in draft.text


def test_births_of_former_centuries_are_births(tmp_path: Path) -> None:
    rows = "\n".join(f"Q{n:04d},{1500 + 3 * n % 400}-{n % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(ROWS))
    fields = loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode()))
    assert fields["dob"] == "birth_date"
