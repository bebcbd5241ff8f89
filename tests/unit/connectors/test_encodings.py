"""The same names come out of every encoding; a wrong declaration is found out."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from connectors.readers import limits
from hub.errors import ContractError, DeliveryCorrupt
from tests.unit.connectors.reading import everything, fates, layout

TEXT = "code,name,town\n1,علي رضا محمدي,تهران\n2,فاطمه حسيني,مشهد\n"
ROWS = {2: ("1", "علي رضا محمدي", "تهران"), 3: ("2", "فاطمه حسيني", "مشهد")}


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8"),
        ("cp1256", "cp1256"),
        ("windows-1256", "cp1256"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16", "utf-16-be"),
        ("utf-16-le", "utf-16-le"),
        ("utf-32", "utf-32"),
        ("utf-32", "utf-32-be"),
        ("iso-8859-6", "iso8859-6"),
        ("cp720", "cp720"),
        ("mac-farsi", "mac-farsi"),
        ("utf-7", "utf-7"),
        ("gb18030", "gb18030"),
    ],
)
def test_D10_the_same_names_come_out_of_every_encoding(tmp_path: Path, declared: str, written: str) -> None:
    rows, rejects = everything(tmp_path / "f.csv", TEXT.encode(written), layout(encoding=declared))
    assert rows == ROWS
    assert rejects == []


@pytest.mark.parametrize(
    ("declared", "written", "found"),
    [
        ("utf-8", "cp1256", "cp1256"),
        ("cp1256", "utf-8", "utf-8"),
        ("cp1256", "utf-8-sig", "utf-8"),
        ("utf-8", "utf-16", "utf-16"),
        ("utf-8", "utf-16-le", "utf-16"),
        ("cp1256", "utf-16", "utf-16"),
        ("utf-16", "utf-8", "utf-8"),
        ("utf-16", "cp1256", "cp1256"),
    ],
)
def test_D10_a_wrong_declaration_is_found_out(tmp_path: Path, declared: str, written: str, found: str) -> None:
    with pytest.raises(DeliveryCorrupt, match=rf"declared as {declared} but is {found}"):
        everything(tmp_path / "f.csv", TEXT.encode(written), layout(encoding=declared))


def test_D10_a_line_in_another_encoding_is_set_aside(tmp_path: Path) -> None:
    data = TEXT.encode("cp1256") + "3,رضایی,قم\n".encode()
    rows, rejects = everything(tmp_path / "f.csv", data, layout(encoding="cp1256"))
    assert rows == ROWS
    assert fates(rejects) == {4: "other_encoding"}


def test_D06_half_a_character_of_utf16_costs_one_line(tmp_path: Path) -> None:
    data = TEXT.encode("utf-16-le") + "3,".encode("utf-16-le") + b"\x00\xd8" + ",قم\n4,a,b\n".encode("utf-16-le")
    rows, rejects = everything(tmp_path / "f.csv", data, layout(encoding="utf-16-le"))
    assert list(rows) == [2, 3, 5]
    assert fates(rejects) == {4: "illegal_byte"}


def test_utf16_cut_anywhere_in_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", 33)
    rows, _ = everything(tmp_path / "f.csv", TEXT.encode("utf-16"), layout(encoding="utf-16"))
    assert rows == ROWS


def test_utf8_cut_anywhere_is_not_taken_for_another_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", 33)
    with pytest.raises(DeliveryCorrupt, match="is utf-8"):
        everything(tmp_path / "f.csv", TEXT.encode(), layout(encoding="cp1256"))


def test_an_unknown_encoding_is_the_contract_s_fault(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="klingon"):
        everything(tmp_path / "f.csv", TEXT.encode(), layout(encoding="klingon"))


def test_packed_files_are_unpacked_on_the_way(tmp_path: Path) -> None:
    assert everything(tmp_path / "f.csv.gz", gzip.compress(TEXT.encode()), layout())[0] == ROWS
    with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../inside.csv", TEXT)
    for name in ("f.zip", "F.ZIP"):
        assert everything(tmp_path / name, (tmp_path / "made.zip").read_bytes(), layout())[0] == ROWS


def test_D04_a_truncated_or_wrongly_packed_file_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT.encode() * 100)
    changed = packed[:40] + bytes([packed[40] ^ 0xFF]) + packed[41:]
    for name, data, what in (
        ("cut.csv.gz", packed[:-12], "it is cut"),
        ("changed.csv.gz", changed, "cannot be unpacked"),
        ("plain.csv.gz", TEXT.encode(), "cannot be unpacked"),
        ("packed.csv", packed, r"is packed \(.gz\)"),
        ("empty.csv", b"", "is empty"),
        ("no.zip", TEXT.encode(), "no zip archive"),
    ):
        with pytest.raises(DeliveryCorrupt, match=what):
            everything(tmp_path / name, data, layout())


def test_D14_what_grows_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EXPANSION_GRACE_BYTES", 1 << 20)
    with pytest.raises(DeliveryCorrupt, match="unpacks to more than"):
        everything(tmp_path / "bomb.csv.gz", gzip.compress(b"code,name,town\n" + b"1,a,b\n" * (1 << 20)), layout())


def test_D14_a_line_without_end_is_refused_and_a_long_one_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOCK_BYTES", 1_000)
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 500)
    monkeypatch.setattr(limits, "MAX_SKIPPED_BYTES", 20_000)
    data = b"code,name,town\n1,a,b\n2," + b"x" * 600 + b",c\n3," + b"x" * 5_000 + b",c\n4,a,b\n"
    rows, rejects = everything(tmp_path / "f.csv", data, layout())
    assert list(rows) == [2, 5]
    assert fates(rejects) == {3: "too_long", 4: "too_long"}
    with pytest.raises(DeliveryCorrupt, match="without end"):
        everything(tmp_path / "g.csv", data + b"x" * 50_000, layout())


def test_D14_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    header = ",".join(f"c{i}" for i in range(10_000))
    with pytest.raises(DeliveryCorrupt, match="10000 columns"):
        everything(tmp_path / "f.csv", header.encode() + b"\n", layout())
