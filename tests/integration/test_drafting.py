"""Drafts of contracts that are known: each agency of the nation as if it were new, the other contracts being there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from connectors.delimited_line import delimited_line
from connectors.drafting.draft import Draft, Wanted, draft_contract
from connectors.readers import read
from hub.errors import DeliveryCorrupt
from hub.settings import CONTRACTS_IN_TREE, Settings
from schemas.contracts import load_feed, load_feeds
from schemas.feed import Feed, FileFormat
from synthetic.dbf import table
from synthetic.nation import generate
from synthetic.options import NationOptions
from tests.integration.drafting_world import DAY, loaded, sample_of
from tests.integration.staging_world import national_code

FEEDS = {feed.name: feed for feed in load_feeds(CONTRACTS_IN_TREE)}
# Formats: bars in cp1256, UTF-16, JSON lines, a workbook, Parquet, fixed width.
DRAFTED = ("sso_members", "ihio_rural", "ihio_other", "behzisti_clients", "banks", "oil", "cspf")
LEAST_RIGHT = 0.9


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nation")
    generate(NationOptions(persons=3_000, seed=5, nights=1), folder, list(FEEDS.values()))
    return folder


def drafted(nation: Path, feed: Feed) -> Draft:
    sample = next(path for path in (nation / "inbox" / feed.name).iterdir() if not path.name.endswith(".json"))
    others = [each for each in FEEDS.values() if each.name != feed.name]
    wanted = Wanted(feed.name, "", feed.role, feed.insurer_code or "", feed.benefit_kind_code or "basic")
    return draft_contract(Settings(home=nation, memory="1GB", threads=1), sample, wanted, others, DAY)


@pytest.mark.parametrize("name", DRAFTED)
def test_a_known_feed_is_drafted_as_it_is(nation: Path, name: str) -> None:
    """Nothing is mapped wrongly, nearly all is mapped, and the draft is a contract that loads."""
    feed, draft = FEEDS[name], drafted(nation, FEEDS[name])
    layout = feed.layouts[0]
    assert draft.sample.recognised.format.kind == layout.format.kind
    path = nation / f"{draft.feed}.odcs.yaml"
    path.write_text(draft.text, encoding="utf-8")
    loaded = load_feed(path)
    if layout.format.kind == "fixed":  # columns have places, and no names
        places = {column.start: column.name for column in layout.columns}
        assert {places.get(column.start) for column in loaded.layouts[0].columns} == {
            c.name for c in loaded.layouts[0].columns
        }
        assert len(loaded.layouts[0].columns) >= len(layout.columns) // 2
        return
    assert (loaded.layouts[0].format.encoding, loaded.layouts[0].format.delimiter) == (
        layout.format.encoding,
        layout.format.delimiter,
    )
    want = {column.source: column.name for column in layout.columns}
    found = {column.source: column.name for column in loaded.layouts[0].columns}
    assert {source: name for source, name in found.items() if want.get(source, name) != name} == {}
    assert len(found) >= LEAST_RIGHT * len(want)
    assert [column.name for column in loaded.layouts[0].keys] == [column.name for column in layout.keys]
    assert loaded.business_date_calendar == feed.business_date_calendar


def test_a_draft_holds_no_persons_value(nation: Path) -> None:
    draft = drafted(nation, FEEDS["sso_members"])
    cells = {str(value) for name in ("NAM", "CODE_MELI", "MOBILE") if name in draft.sample.names
             for value in draft.sample.rows.column(name).to_pylist() if value and len(value) > 3}  # fmt: skip
    assert cells
    assert not [value for value in cells if value in draft.text]


WRITTEN = {
    "two bars": ({"delimiter": "||"}, "utf-8"),
    "tildes around a bar": ({"delimiter": "~|~"}, "cp1256"),
    "apostrophes": ({"delimiter": ",", "quote": "'"}, "utf-8"),
    "never quoted": ({"delimiter": "\t", "quote": ""}, "utf-16"),
    "escapes": ({"delimiter": ",", "quote": "", "escape": "\\"}, "utf-8"),
    "escapes in quotes": ({"delimiter": ";", "escape": "\\"}, "utf-8"),
    "ISO 8859-6": ({"delimiter": ";"}, "iso8859-6"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_how_lines_are_divided_is_told_and_declared(tmp_path: Path, how: str) -> None:
    form, encoding = WRITTEN[how]
    marks = FileFormat("delimited", **form)
    rows = [("code", "نام", "شهر", "نشاني")]
    for n in range(60):
        stray = "" if marks.quote else '"'  # where nothing is quoted a quote may open a value and never close
        inside = marks.delimiter if marks.escape else ""
        rows.append((f"{n:05d}", "علي", "" if n % 3 else "قم", f'{stray}b{inside} "{n}" كوي'))
    lines = [delimited_line(row, marks) for row in rows]
    if marks.quote == "'":
        lines = [lines[0], *(f"'{line.strip()}'\n".replace(",", "','") for line in lines[1:])]
    (tmp_path / "sample.csv").write_bytes("".join(lines).encode(encoding))
    draft = draft_contract(Settings(home=tmp_path, memory="1GB", threads=1), tmp_path / "sample.csv", Wanted("new"), [], DAY)
    (tmp_path / "new.odcs.yaml").write_text(draft.text, encoding="utf-8")
    declared = load_feed(tmp_path / "new.odcs.yaml").layouts[0].format
    assert (declared, declared.header) == (replace(marks, encoding=encoding), True)
    assert draft.sample.rows.num_rows == 60
    assert draft.sample.rows.column("code").to_pylist() == [row[0] for row in rows[1:]]


def test_a_header_of_merged_cells_is_told_from_a_title(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["فهرست مددجویان استان"])
    sheet.append(["شماره پرونده", "مشخصات", None, None, "تاریخ تولد"])
    sheet.append([None, "کد ملی", "نام", "نام خانوادگی"])
    for n in range(60):
        sheet.append(
            [f"K{n * 37:06d}", national_code(1_230_000 + n), "علی", ("احمدی", "رضایی", "حسینی")[n % 3], "1352/03/12"]
        )
    for merged in ("A1:E1", "A2:A3", "B2:D2", "E2:E3"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "sample.xlsx")
    draft = sample_of(tmp_path, (tmp_path / "sample.xlsx").read_bytes(), "sample.xlsx")
    form = draft.sample.recognised.format
    assert (form.header_row, form.header_rows) == (3, 2)
    assert loaded(tmp_path, draft) == {
        "شماره پرونده": "case_no",
        "مشخصات / کد ملی": "national_code",
        "مشخصات / نام": "given_name",
        "مشخصات / نام خانوادگی": "surname",
        "تاریخ تولد": "birth_date",
    }


def test_numbers_of_a_sex_are_told_by_the_names_beside_them(tmp_path: Path) -> None:
    rows = [f"{n:05d},{'زهرا' if n % 2 else 'علی'},{'0' if n % 2 else '5'},{10 + n}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["code,نام,J,x", *rows]).encode())
    assert '{value: "0", description: "female"}' in draft.text
    assert '{value: "5", description: "male"}' in draft.text


def test_whole_names_and_mobiles_are_told_by_their_values(tmp_path: Path) -> None:
    """Whatever the headers call them, and though most given names are rare ones; two given names are no whole name."""
    people = ("زهرا احمدی", "پلوشه رضایی", "زرغونه محمدی", "علی کریمی", "مرسل نوری")
    rows = [f"K{n:05d},{people[n % 5]},{('محمد رضا', 'زهرا')[n % 2]},0912{n * 37:07d},{people[n % 3]}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["unit,name,first name,phone,guardian", *rows]).encode())
    assert loaded(tmp_path, draft) == {
        "unit": "record_no", "name": "full_name", "first name": "given_name", "phone": "mobile_no",
    }  # fmt: skip


def test_organisations_among_persons_are_drafted_as_such(tmp_path: Path) -> None:
    """They are no fault of the file, so its limit on rows set aside is the usual one."""
    rows = [f"K{n * 37:06d},{('حقیقی', 'حقوقی')[n % 5 == 0]},علی" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["unit,نوع مشتری,نام", *rows]).encode())
    assert loaded(tmp_path, draft)["نوع مشتری"] == "subject_kind_code"
    assert load_feed(tmp_path / f"{draft.feed}.odcs.yaml").layouts[0].max_quarantined_percent == 5


def test_a_number_that_counts_rows_is_no_key(tmp_path: Path) -> None:
    rows = [f"{n},K{n * 37:06d},علی" for n in range(1, 60)]
    draft = sample_of(tmp_path, "\n".join(["row,unit,نام", *rows]).encode())
    assert draft.keys[0].columns == ("unit",)
    assert "it counts the rows of the file" in draft.text


def test_a_number_that_counts_rows_is_the_key_where_it_is_called_one(tmp_path: Path) -> None:
    rows = [f"{n},{('Ann', 'Eve')[n % 2]},Leeds,ann{n % 5}@mail.org" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["unique_id,first_name,city,contact", *rows]).encode())
    assert draft.keys[0].columns == ("unique_id",)
    assert loaded(tmp_path, draft) == {
        "unique_id": "record_no", "first_name": "given_name", "city": "city_name", "contact": "email",
    }  # fmt: skip


def test_without_a_unique_column_a_pair_is_sought(tmp_path: Path) -> None:
    rows = [f"{n // 3:05d},{1400 + n % 3},علی" for n in range(90)]
    draft = sample_of(tmp_path, "\n".join(["student no,grade,نام", *rows]).encode())
    assert draft.keys[0].columns == ("student no", "grade")


@pytest.mark.parametrize(("first", "form"), [(1330, "jalali:yyyy-mm-dd"), (1940, "gregorian:yyyy-mm-dd")])
def test_a_birth_in_three_columns_is_joined(tmp_path: Path, first: int, form: str) -> None:
    """In whatever order they stand; numbers of few values beside a year are no months and days."""
    rows = [f"K{n:05d},{1 + n % 28},{1 + n % 12},{first + n % 60},{n % 2},{n % 3},{1990 + n % 5}" for n in range(120)]
    draft = sample_of(tmp_path, "\n".join(["unit,bd,b+m,by,kind,area,since", *rows]).encode())
    assert loaded(tmp_path, draft) == {"unit": "record_no", "by+b++m+bd": "birth_date"}
    assert f'format: "{form}"' in draft.text
    assert 'ignore, value: ["kind", "area", "since"]' in draft.text


@pytest.mark.parametrize("encoding", ["iran-system", "cp1256"])
def test_a_dbf_table_is_read_in_the_encoding_of_its_values(tmp_path: Path, encoding: str) -> None:
    columns = {
        "CODE_MELI": [national_code(1_230_000 + 37 * n) for n in range(60)],
        "NAM": [("زهرا", "محمد", "فاطمه", "علی")[n % 4] for n in range(60)],
        "T_TAVALOD": [f"{1330 + n}0{1 + n % 9}1{n % 9}" for n in range(60)],
    }
    draft = sample_of(tmp_path, table(columns, encoding=encoding), "AFRAD.DBF")
    assert draft.sample.recognised.format.kind == "dbf"
    assert loaded(tmp_path, draft) == {"CODE_MELI": "national_code", "NAM": "given_name", "T_TAVALOD": "birth_date"}


def test_records_of_a_json_document_are_found(tmp_path: Path) -> None:
    people = [{"id": f"K{n:05d}", "person": {"firstName": "زهرا", "nationalId": national_code(n * 41)}} for n in range(60)]
    draft = sample_of(tmp_path, json.dumps({"head": {"n": 60}, "people": people}).encode(), "a.json")
    assert draft.sample.recognised.format.record == "people"
    found = loaded(tmp_path, draft)
    assert (found["person.firstName"], found["person.nationalId"]) == ("given_name", "national_code")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_list_inside_a_record_is_drafted_by_its_places(tmp_path: Path, name: str) -> None:
    """As public ways to exchange patients have names; a record may bring more places than the sample."""
    people = [
        {"id": f"K{n:05d}", "name": [{"use": "official", "family": "احمدی", "given": ["زهرا"]}],
         "telecom": [{"value": f"09{120_000_000 + n * 7}"}] * (1 + n % 6), "address": [{"line": ["1"], "city": "قم"}]}
        for n in range(60)
    ]  # fmt: skip
    text = json.dumps(people) if name == "a.json" else "\n".join(map(json.dumps, people))
    draft = sample_of(tmp_path, text.encode(), name)
    found = loaded(tmp_path, draft)
    assert {path: found.get(path) for path in ("id", "name.0.family", "name.0.given.0", "telecom.0.value", "name")} == {
        "id": "record_no", "name.0.family": "surname", "name.0.given.0": "given_name", "telecom.0.value": "mobile_no",
        "name": None,
    }  # fmt: skip
    assert found["address.0.city"] == "city_name"
    batches = list(read(tmp_path / name, load_feed(tmp_path / "new.odcs.yaml").layouts[0]))
    assert sum(batch.rows.num_rows for batch in batches) == 60


def test_records_of_an_xml_document_are_found(tmp_path: Path) -> None:
    people = "".join(
        f'<person id="K{n:05d}"><nationalCode>{national_code(n * 41)}</nationalCode><family>احمدی</family></person>'
        for n in range(60)
    )
    draft = sample_of(tmp_path, f"<list><count>60</count><people>{people}</people></list>".encode(), "a.xml")
    assert draft.sample.recognised.format.record == "list/people/person"
    assert loaded(tmp_path, draft) == {"@id": "record_no", "nationalCode": "national_code", "family": "surname"}


def test_a_file_without_a_header_keeps_its_order(tmp_path: Path) -> None:
    """Columns in the middle that nobody knows do not shift the others."""
    rows = [f"x{n % 3}y|{national_code(n * 41)}|z|09{120_000_000 + n * 7}" for n in range(1, 60)]
    draft = sample_of(tmp_path, "\n".join(rows).encode(), "bare.txt")
    assert loaded(tmp_path, draft) == {"column_2": "national_code", "column_4": "mobile_no"}
    layout = load_feed(tmp_path / f"{draft.feed}.odcs.yaml").layouts[0]
    batch = next(read(tmp_path / "bare.txt", layout))
    assert batch.rows.column("column_4")[0].as_py() == "09120000007"


def test_a_first_line_of_names_is_not_taken_for_a_header(tmp_path: Path) -> None:
    people = [("زهرا", "احمدی"), ("محمد", "رضائی"), ("علی", "محمدی")] * 20
    draft = sample_of(tmp_path, "\n".join(f"{given};{surname}" for given, surname in people).encode(), "bare.txt")
    assert draft.sample.names == ("column_1", "column_2")
    assert not [name for pair in people for name in pair if name in draft.text]


def test_a_file_of_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryCorrupt, match="is neither Parquet"):
        sample_of(tmp_path, "سلام\nاین نامه است نه داده\n".encode() * 3, "letter.txt")
