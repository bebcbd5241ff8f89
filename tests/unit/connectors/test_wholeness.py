"""Files that stopped halfway, told by the end that their format must have."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.transports.wholeness import is_cut
from schemas.feed import FileFormat
from synthetic.dbf import table


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", "1\n2\n")
    return packed.getvalue()


def _parquet() -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table({"code": ["1", "2"]}), packed)
    return packed.getvalue()


WHOLE = {
    "gzip": ("delimited", gzip.compress(b"1\n2\n")),
    "zip": ("delimited", _zip()),
    "excel": ("excel", _zip()),
    "parquet": ("parquet", _parquet()),
    "dbf": ("dbf", table({"code": ["1", "2"]}, encoding="cp1256")),
    "xml": ("xml", "<?xml version='1.0'?><all><p>علی</p></all>\n".encode()),
    "json": ("json", b'{"all": [{"a": 1}]}\n'),
    "json in utf-16": ("json", '{"all": [{"a": 1}]}'.encode("utf-16")),
}


@pytest.mark.parametrize("name", WHOLE)
def test_D04_a_file_without_its_end_is_known(tmp_path: Path, name: str) -> None:
    kind, data = WHOLE[name]
    path, form = tmp_path / "file", FileFormat(kind)
    path.write_bytes(data)
    assert not is_cut(path, form)
    path.write_bytes(data[:-6])
    assert is_cut(path, form)


def test_lines_of_text_have_no_end_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1,a\n2,")
    assert not is_cut(path, FileFormat("delimited"))


def test_an_empty_table_is_cut_and_a_broken_archive_is_not_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    assert is_cut(path, FileFormat("dbf"))
    path.write_bytes(gzip.compress(b"1\n2\n" * 99).replace(b"\x00", b"\x01"))
    assert not is_cut(path, FileFormat("delimited")), "it is wrong, which reading it tells"
