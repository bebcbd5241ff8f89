"""Files that are well formed as far as it goes and mean harm, by the short name of a format: strategies of hypothesis."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.fuzz.target import seeds

TEXT = st.one_of(
    st.sampled_from(
        ["", " ", "1", "علی", "=1+1", "\u202e", "\ufeff", "\x00", "\x1e\x1f", "NaN", "\\N", '"', "'", "a\nb", "x" * 5_000]
    ),
    st.text(max_size=12),
)
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
#: Numbers that headers of binary formats give: none, some, too many.
COUNTS = st.sampled_from([0, 1, 2, 31, 32, 33, 255, 256, 65_535, (1 << 31) - 1, (1 << 32) - 1])


def names_of(name: str) -> list[str]:
    """The columns of a format's good file."""
    return [column.source for column in seeds()[name][0].layout.columns]


def rows_of(name: str) -> st.SearchStrategy[list[dict[str, object]]]:
    """Records with the declared columns, strange ones and none, whose values nest."""
    keys = st.one_of(st.sampled_from(names_of(name)), TEXT)
    numbers = st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.just(10**400))
    values = st.recursive(
        st.one_of(TEXT, numbers), lambda inner: st.one_of(st.lists(inner), st.dictionaries(keys, inner)), max_leaves=6
    )
    return st.lists(st.dictionaries(keys, values, max_size=12), max_size=6)


@st.composite
def delimited(draw: st.DrawFn, name: str = "delimited-escapes") -> bytes:
    """Lines of marks and texts in any order, behind the good header."""
    form = seeds()[name][0].layout.format
    pieces = st.one_of(st.sampled_from([form.delimiter, form.quote, form.escape, "\n", "\r", "\\N"]), TEXT)
    lines = draw(st.lists(pieces, max_size=80))
    return (form.delimiter.join(names_of(name)) + "\n" + "".join(lines)).encode("utf-8", "surrogatepass")


@st.composite
def fixed(draw: st.DrawFn) -> bytes:
    """Lines about as long as they should be, of letters of one byte and none."""
    width = sum(int(column.width or 0) for column in seeds()["fixed-width-cp1256"][0].layout.columns)
    lengths = draw(st.lists(st.integers(max(0, width - 2), width + 2), max_size=20))
    return b"\n".join(draw(st.binary(min_size=size, max_size=size)) for size in lengths)


@st.composite
def json_lines(draw: st.DrawFn) -> bytes:
    """Objects a line, some with a key twice."""
    lines = [json.dumps(row, ensure_ascii=draw(st.booleans())) for row in draw(rows_of("json-lines"))]
    twice = draw(st.booleans())
    return "\n".join(line.replace("{", '{"member_no": 1, ', 1) if twice else line for line in lines).encode(
        "utf-8", "replace"
    )


@st.composite
def json_document(draw: st.DrawFn) -> bytes:
    """Lists of records within each other, deep ones too."""
    text = json.dumps(draw(rows_of("json-document")))
    depth = draw(st.sampled_from([0, 0, 1, 63, 64, 2_000]))
    return ("[" * depth + text + "]" * draw(st.sampled_from([depth, 0]))).encode()


@st.composite
def xml(draw: st.DrawFn) -> bytes:
    """Elements, attributes, comments, sections and declarations where the records should be."""
    tags = st.sampled_from(["list", "person", *names_of("xml"), "x:y", "سن"])
    inner = st.sampled_from(
        ["", "text", "&amp;", "&b;", "&#0;", "&#x110000;", "<!-- -->", "<![CDATA[<]]>", "<?p i?>", "]]>"]
    )
    start = draw(st.sampled_from(["", "<?xml version='1.0' encoding='cp1256'?>", "<?xml version='1.0' encoding='utf-7'?>"]))
    entity = draw(st.sampled_from(["", "", "<!DOCTYPE list [<!ENTITY b 'bbbb'>]>"]))
    parts = [
        f"<{tag} {attribute}='1' xmlns:x='urn:x'>" + text + (f"</{tag}>" if is_closed else "")
        for tag, attribute, text, is_closed in draw(st.lists(st.tuples(tags, tags, inner, st.booleans()), max_size=30))
    ]
    return f"{start}{entity}<list>{''.join(parts)}</list>".encode()


@st.composite
def dbf(draw: st.DrawFn) -> bytes:
    """A header that claims anything over records of anything."""
    types = st.sampled_from("CNFDLMBGPYTIV+@0\x00é")
    named = st.one_of(st.sampled_from(names_of("dbf-cp1256")), WORDS)
    fields = draw(st.lists(st.tuples(named, types, st.integers(0, 255), st.integers(0, 255)), max_size=14))
    width = 1 + sum(each[2] for each in fields)
    head = bytearray(32)
    head[0] = draw(st.sampled_from([0x03, 0x30, 0x83, 0xF5, 0x00]))
    head[4:8] = draw(st.one_of(st.integers(0, 5), COUNTS)).to_bytes(4, "little")
    head[8:10] = (draw(st.one_of(st.just(33 + 32 * len(fields)), COUNTS)) & 0xFFFF).to_bytes(2, "little")
    head[10:12] = (draw(st.one_of(st.just(width), COUNTS)) & 0xFFFF).to_bytes(2, "little")
    for field, kind, size, decimals in fields:
        head += field.encode("cp1256", "replace")[:11].ljust(11, b"\0") + kind.encode("latin-1") + bytes(4)
        head += bytes((size, decimals, draw(st.sampled_from([0, 1])))) + bytes(13)
    return bytes(head) + b"\r" + draw(st.binary(max_size=4 * width)) + draw(st.sampled_from([b"", b"\x1a"]))


ARRAYS: Sequence[pa.Array] = (
    pa.array(["علی", None]), pa.array([b"\xff", b""]), pa.array([1 << 62, None]), pa.array([float("nan"), 1e300]),
    pa.array([Decimal("1.50"), None]), pa.array([[1], None]), pa.array([{"a": 1}, None]), pa.nulls(2),
    pa.array([-(1 << 62), 1 << 62], pa.timestamp("us")), pa.array([1 << 30, -(1 << 30)], pa.date32()),
    pa.array(["a", "b"]).dictionary_encode(), pa.array(["a", None], pa.large_string()), pa.array([0, 1], pa.time64("ns")),
    pa.array([1, 2], pa.duration("s")), pa.array([True, None]),
)  # fmt: skip


@st.composite
def parquet(draw: st.DrawFn) -> bytes:
    """The declared columns and others, of all types that can be written."""
    names = [*names_of("parquet"), *draw(st.lists(WORDS, max_size=2))]
    table = pa.Table.from_arrays([draw(st.sampled_from(ARRAYS)) for _ in names], names=names)
    file = io.BytesIO()
    codec, version = draw(st.sampled_from(["none", "snappy", "gzip", "zstd"])), draw(st.sampled_from(["1.0", "2.6"]))
    pq.write_table(table, file, compression=codec, version=version, row_group_size=draw(st.integers(1, 2)))
    return file.getvalue()


@st.composite
def excel(draw: st.DrawFn) -> bytes:
    """Cells of anything anywhere, merged over each other, and parts of the package that lie."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(names_of("excel"))
    cells = st.one_of(
        st.integers(-(10**15), 10**15),
        st.booleans(),
        st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",)), max_size=9),
    )
    for row, column, value in draw(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 30), cells), max_size=12)):
        sheet.cell(row, column).value = value
    for row, column in draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=2)):
        sheet.merge_cells(start_row=row, end_row=row + 2, start_column=column, end_column=column + 2)
    file = io.BytesIO()
    book.save(file)
    lies = [
        (b'r="A1"', b'r="XFE1048577"'),
        (b't="inlineStr"', b't="s"'),
        (b"<row ", b"<row spans='1:16384' "),
        (b"<v>", b"<v>9e999"),
    ]
    old, new = draw(st.sampled_from([(b"", b""), *lies]))
    return repacked(file.getvalue(), old, new)


def repacked(data: bytes, old: bytes, new: bytes) -> bytes:
    """A zip after some bytes of its files were replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(file, "w") as out:
        for name in archive.namelist():
            out.writestr(name, archive.read(name).replace(old, new, 1) if old else archive.read(name))
    return file.getvalue()


@st.composite
def archive(draw: st.DrawFn, name: str) -> bytes:
    """Files under any names, the good ones among them, in a directory that lies about sizes and ways of packing."""
    good = seeds()[name][1]
    with zipfile.ZipFile(io.BytesIO(good)) as packed:
        members = {member: packed.read(member) for member in packed.namelist()}
    strange = st.sampled_from(
        ["../../x.csv", "/etc/x.csv", "a/", "WOR1.DBF", "KAR1.DBF", "سن.csv", "x.csv\x00", "con.csv", "a\\b.csv"]
    )
    contents = st.sampled_from([b"", good, b"\0" * 10_000, *members.values()])
    file = io.BytesIO()
    with zipfile.ZipFile(
        file, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]))
    ) as out:
        for member, data in (members | dict(draw(st.lists(st.tuples(strange, contents), max_size=3)))).items():
            out.writestr(member, data)
        out.comment = draw(st.sampled_from([b"", b"PK\x05\x06" + bytes(18)]))
    data = bytearray(file.getvalue())
    start = data.find(b"PK\x01\x02")
    for place in draw(st.lists(st.sampled_from([8, 10, 20, 24, 42]), max_size=2)):  # flags, way, sizes, offset
        data[start + place : start + place + 2] = draw(st.integers(0, 65_535)).to_bytes(2, "little")
    return bytes(data)


@st.composite
def gzipped(draw: st.DrawFn) -> bytes:
    """Members one after the other, with other bytes between and behind."""
    whole = gzip.decompress(seeds()["delimited-utf-8-gzip"][1])
    cut = draw(st.integers(0, len(whole)))
    between, behind = (draw(st.sampled_from([b"", b"\0" * 9, b"\x1f\x8b", b"more"])) for _ in range(2))
    return gzip.compress(whole[:cut]) + between + gzip.compress(whole[cut:]) + behind


HOSTILE: dict[str, st.SearchStrategy[bytes]] = {
    "delimited-utf-8": delimited("delimited-utf-8"),
    "delimited-escapes": delimited(),
    "delimited-utf-8-gzip": gzipped(),
    "delimited-utf-8-zip": archive("delimited-utf-8-zip"),
    "fixed-width-cp1256": fixed(),
    "json-lines": json_lines(),
    "json-document": json_document(),
    "xml": xml(),
    "dbf-cp1256": dbf(),
    "dbf-iran-system-detected": dbf(),
    "parquet": parquet(),
    "excel": excel(),
    "list-disk": archive("list-disk"),
}
