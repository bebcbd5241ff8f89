"""DBF tables: the same names whatever the header claims; nothing lost where a table is cut, deleted or made of parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.readers import limits
from hub.errors import ContractBreach, DeliveryCorrupt
from schemas.feed import Control
from synthetic.dbf import table
from tests.unit.connectors.reading import everything, fates, layout

PEOPLE = {"code": ["1", "2", "3"], "name": ["علی رضا محمدی", "فاطمه حسینی", "Ali"], "town": ["تهران", "مشهد ۲", None]}
ARABIC = str.maketrans({"ی": "ي", "ک": "ك"})
LISTS = {
    "LIST": ["A", "A", "B"],
    "YY": ["5", "5", "5"],
    "MM": ["7", "7", "8"],
    "code": ["1", "2", "1"],
    "DAYS": ["31", "20", "30"],
}
TOTALS = {"K_LIST": ["A", "B"], "K_NUM": ["2", "1"], "K_DAYS": ["51", "30"]}
CONTROL = Control("KAR*.DBF", {"K_LIST": "LIST"}, "K_NUM", {"K_DAYS": "DAYS"})


@pytest.mark.parametrize("encoding", ["cp1256", "iran-system", "utf-8"])
def test_D10_the_same_names_whatever_the_header_claims(tmp_path: Path, encoding: str) -> None:
    rows, rejects = everything(tmp_path / "f.dbf", table(PEOPLE, encoding=encoding), layout("dbf", encoding="detect"))
    if encoding == "cp1256":  # it has no Persian yeh: the display form sees to that
        assert "ي" in str(rows[1][1])
    assert {n: tuple((v or "").translate(ARABIC) for v in row) for n, row in rows.items()} == {
        1: ("1", "علی رضا محمدی".translate(ARABIC), "تهران"),
        2: ("2", "فاطمه حسینی".translate(ARABIC), "مشهد ۲" if encoding != "cp1256" else "مشهد ?"),
        3: ("3", "Ali", ""),
    }
    assert rejects == []


def test_D10_a_field_in_iran_system_beside_one_in_cp1256(tmp_path: Path) -> None:
    drawn = table({"name": PEOPLE["name"]}, encoding="iran-system")
    plain = table({"town": PEOPLE["town"]}, encoding="cp1256")
    rows, _ = everything(tmp_path / "f.dbf", _beside(drawn, plain), layout("dbf", ("name", "town"), encoding="detect"))
    assert rows[1] == ("علی رضا محمدی", "تهران")


@pytest.mark.parametrize(
    ("declared", "written"), [("cp1256", "iran-system"), ("iran-system", "cp1256"), ("cp1256", "utf-8")]
)
def test_D10_a_wrong_declaration_is_found_out_by_field(tmp_path: Path, declared: str, written: str) -> None:
    with pytest.raises(DeliveryCorrupt, match=rf"declared as {declared} but its field name is {written}"):
        everything(tmp_path / "f.dbf", table(PEOPLE, encoding=written), layout("dbf", encoding=declared))


def test_D10_a_record_in_another_encoding_is_set_aside(tmp_path: Path) -> None:
    names = ["علی", "رضا", "احمد", "غلامرضا"]
    data = table({"name": names}, encoding="cp1256")
    other = table({"name": names}, encoding="iran-system")
    mixed = _last_record_of(data, other)
    rows, rejects = everything(tmp_path / "f.dbf", mixed, layout("dbf", ("name",), encoding="detect"))
    assert [row[0] for row in rows.values()] == ["علي", "رضا", "احمد"]
    assert fates(rejects) == {4: "other_encoding"}


def test_D06_a_deleted_and_a_spoilt_record_are_set_aside(tmp_path: Path) -> None:
    data = bytearray(
        table({"code": ["1", "2", "3", "4"], "name": ["aa", "bb", "cc", "dd"]}, encoding="cp1256", deleted=(1,))
    )
    start = len(data) - 1 - 4 * 4
    data[start + 2 * 4] = ord("?")
    data[start + 3 * 4 + 2] = 7
    rows, rejects = everything(tmp_path / "f.dbf", bytes(data), layout("dbf", ("code", "name"), encoding="detect"))
    assert rows == {1: ("1", "aa")}
    assert fates(rejects) == {2: "deleted_record", 3: "cut_line", 4: "control_character"}


def test_D04_a_table_that_is_cut_or_goes_on_is_refused(tmp_path: Path) -> None:
    data = table(PEOPLE, encoding="cp1256")
    for name, spoilt, what in (
        ("cut", data[:-8], "announces 3 records and holds 2: it is cut"),
        ("more", data + data[-20:], "holds more"),
        ("head", data[:40], "do not make up its records"),
        ("text", b"code,name\n1,Ali\n" * 9, "is no DBF table"),
    ):
        with pytest.raises(DeliveryCorrupt, match=what):
            everything(tmp_path / f"{name}.dbf", spoilt, layout("dbf", encoding="detect"))


def test_D05_a_missing_field_and_one_kept_elsewhere_are_named(tmp_path: Path) -> None:
    data = table(PEOPLE, encoding="cp1256")
    with pytest.raises(ContractBreach, match=r"lacks the column city.*'town'"):
        everything(tmp_path / "f.dbf", data, layout("dbf", ("code", "name", "city"), encoding="detect"))
    memo = data.replace(b"town" + bytes(7) + b"C", b"town" + bytes(7) + b"M")
    with pytest.raises(ContractBreach, match="keeps town outside its records"):
        everything(tmp_path / "g.dbf", memo, layout("dbf", encoding="detect"))
    rows, _ = everything(tmp_path / "h.dbf", memo, layout("dbf", ("code", "name"), ("town",), encoding="detect"))
    assert len(rows) == 3


def test_a_truth_a_number_and_a_text_of_three_hundred_bytes(tmp_path: Path) -> None:
    data = table(
        {"code": ["12", "-3.50"], "name": ["x" * 300, "y"], "town": ["T", "?"]}, encoding="cp1256", numeric=("code",)
    )
    data = data.replace(b"town" + bytes(7) + b"C", b"town" + bytes(7) + b"L")
    rows, _ = everything(tmp_path / "f.dbf", data, layout("dbf", encoding="detect"))
    assert rows == {1: ("12", "x" * 300, "true"), 2: ("-3.50", "y", None)}


def disk(tables: Mapping[str, Mapping[str, list[str]]]) -> bytes:
    """A zip of tables."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, columns in tables.items():
            numeric = [each for each in columns if each.startswith(("DAYS", "K_NUM", "K_DAYS"))]
            archive.writestr(name, table(columns, encoding="iran-system", numeric=numeric))
    return file.getvalue()


LIST_LAYOUT = layout("dbf", ("LIST", "YY+MM", "code", "DAYS"), encoding="detect", member="WOR*.DBF", control=CONTROL)


def test_a_list_disk_is_one_delivery(tmp_path: Path) -> None:
    wide = {**LISTS, "MM": ["07", "07", "11"]}
    rows, rejects = everything(tmp_path / "f.zip", disk({"WOR00.DBF": wide, "kar00.dbf": TOTALS}), LIST_LAYOUT)
    assert rows == {1: ("A", "507", "1", "31"), 2: ("A", "507", "2", "20"), 3: ("B", "511", "1", "30")}
    assert rejects == []


def test_many_list_disks_in_folders_are_one_delivery(tmp_path: Path) -> None:
    data = disk({"1/WOR00.DBF": LISTS, "1/KAR00.DBF": TOTALS, "2/WOR00.DBF": LISTS, "2/KAR00.DBF": TOTALS})
    assert list(everything(tmp_path / "f.zip", data, LIST_LAYOUT)[0]) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("totals", "what"),
    [
        ({**TOTALS, "K_NUM": ["3", "1"]}, r"totals: K_NUM of record 1 of KAR00.DBF \(2 rows\)\."),
        (
            {**TOTALS, "K_NUM": ["3", "1"], "K_DAYS": ["50", "31"]},
            r"K_NUM, K_DAYS of record 1 of KAR00.DBF \(2 rows\); K_DAYS of record 2 of KAR00.DBF \(1 rows\)\.",
        ),
        ({name: values[:1] for name, values in TOTALS.items()}, "1 lists without their totals"),
        ({**TOTALS, "K_LIST": ["A", "C"]}, "1 lists without their totals"),
        (
            {"K_LIST": ["A", "B", "C"], "K_NUM": ["2", "1", "1"], "K_DAYS": ["51", "30", "0"]},
            r"K_NUM of record 3 of KAR00.DBF \(0 rows\)",
        ),
        ({"K_LIST": ["A", "B"]}, "lacks K_NUM, K_DAYS"),
    ],
)
def test_D04_a_list_that_does_not_make_its_totals_is_refused(
    tmp_path: Path, totals: dict[str, list[str]], what: str
) -> None:
    with pytest.raises(DeliveryCorrupt, match=what):
        everything(tmp_path / "f.zip", disk({"WOR00.DBF": LISTS, "KAR00.DBF": totals}), LIST_LAYOUT)


def test_D04_half_a_list_disk_is_refused(tmp_path: Path) -> None:
    for half in ({"WOR00.DBF": LISTS}, {"KAR00.DBF": TOTALS}):
        with pytest.raises(DeliveryCorrupt, match="holds no file named"):
            everything(tmp_path / "f.zip", disk(half), LIST_LAYOUT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.sampled_from("ابسیکم ۱۲(a1"), max_size=6), min_size=1, max_size=20),
    block_bytes=st.integers(1, 60),
)
@example(texts=["a1 aا", "1 aا a1", "12 34ا"], block_bytes=60)
def test_what_is_written_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str], block_bytes: int
) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", block_bytes)
    data = table({"code": [str(n) for n in range(len(texts))], "name": texts}, encoding="iran-system")
    rows, rejects = everything(tmp_path / "f.dbf", data, layout("dbf", ("code", "name"), encoding="iran-system"))
    assert {n: (row[1] or "").strip() for n, row in rows.items()} == {n: text.strip() for n, text in enumerate(texts, 1)}
    assert rejects == []


def test_D05_a_field_that_comes_twice_is_named(tmp_path: Path) -> None:
    twice = _beside(table(PEOPLE, encoding="cp1256"), table({"town": PEOPLE["town"]}, encoding="cp1256"))
    with pytest.raises(ContractBreach, match="names a column twice: 'town'"):
        everything(tmp_path / "f.dbf", twice, layout("dbf", encoding="cp1256"))


def _beside(left: bytes, right: bytes) -> bytes:
    """One table of the fields of two."""
    (head, first), (other, second) = (_halves(each) for each in (left, right))
    size, more = (int.from_bytes(each[10:12], "little") for each in (head, other))
    joined = bytearray(head[:-1] + other[32:])
    joined[8:10] = len(joined).to_bytes(2, "little")
    joined[10:12] = (size + more - 1).to_bytes(2, "little")
    records = zip(range(0, len(first), size), range(0, len(second), more), strict=True)
    return bytes(joined) + b"".join(first[a : a + size] + second[b + 1 : b + more] for a, b in records) + b"\x1a"


def _last_record_of(data: bytes, other: bytes) -> bytes:
    """A table whose last record is the other's."""
    (head, records), (_, theirs) = _halves(data), _halves(other)
    size = int.from_bytes(head[10:12], "little")
    return head + records[:-size] + theirs[-size:].ljust(size)[:size] + b"\x1a"


def _halves(data: bytes) -> tuple[bytes, bytes]:
    """Header and records."""
    start = int.from_bytes(data[8:10], "little")
    return data[:start], data[start:-1]
