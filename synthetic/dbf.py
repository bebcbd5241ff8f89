"""DBF tables as programs under DOS write them; a list disk is a zip of the rows' table and that of their totals."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas import iran_system
from schemas.feed import Control, Layout
from schemas.layouts import DETECTED
from synthetic.excel import MOMENT
from synthetic.sheet import Sheet

VERSION, CP1256_MARK, LAST_BYTE = 0x03, 0x7E, b"\x1a"
HEADER_BYTES, FIELD_BYTES = 32, 32
#: What cp1256 has no place for, and what agencies that use it write instead.
TO_CP1256 = str.maketrans({"ی": "ي", "ک": "ك", "ۀ": "ه"})
Texts = Sequence[str | None]


def table(columns: Mapping[str, Texts], *, encoding: str, numeric: Sequence[str] = (), deleted: Sequence[int] = ()) -> bytes:
    """A table of text and number fields, each as wide as its longest value. Its header always claims code page 1256.

    Args:
        columns: values by field; a name has ten letters at most.
        encoding: cp1256, utf-8 or iran-system.
        deleted: rows that bear the mark of deletion.
    """
    coded = {name: _coded(texts, encoding) for name, texts in columns.items()}
    widths = {name: max(1, *map(len, values)) if values else 1 for name, values in coded.items()}
    count = len(next(iter(coded.values()), ()))
    head = bytearray(HEADER_BYTES)
    head[0], head[1:4], head[29] = VERSION, bytes((126, 11, 20)), CP1256_MARK
    head[4:8] = count.to_bytes(4, "little")
    head[8:10] = (HEADER_BYTES + FIELD_BYTES * len(coded) + 1).to_bytes(2, "little")
    head[10:12] = (1 + sum(widths.values())).to_bytes(2, "little")
    parts = [bytes(head)]
    for name, width in widths.items():
        kind = b"N" if name in numeric else b"C"
        long, short = (width >> 8, width & 0xFF) if kind == b"C" else (0, width)
        parts.append(name.encode("ascii").ljust(11, b"\0") + kind + bytes(4) + bytes((short, long)) + bytes(14))
    parts.append(b"\r")
    marks = np.full((count, 1), ord(" "), np.uint8)
    marks[list(deleted)] = ord("*")
    fields = [_field(values, widths[name], name in numeric) for name, values in coded.items()]
    return b"".join((*parts, np.concatenate([marks, *fields], axis=1).tobytes(), LAST_BYTE))


def _field(values: Sequence[bytes], width: int, is_number: bool) -> npt.NDArray[np.uint8]:
    """One field of all records, filled up with blanks: numbers stand at its end."""
    filled = b"".join(value.rjust(width) if is_number else value.ljust(width) for value in values)
    return np.frombuffer(filled, np.uint8).reshape(len(values), width)


def write_dbf(sheet: Sheet, layout: Layout, path: Path) -> None:
    """Write a sheet. Where the contract lets values tell the encoding it is Iran System, whatever the header claims."""
    form = layout.format
    encoding = iran_system.NAME if form.encoding == DETECTED else form.encoding
    columns = _fields(sheet)
    summed = () if form.control is None else form.control.sums.values()
    numeric = [name for name in columns if name in sheet.numeric or name in summed]
    files = {form.member or "": table(columns, encoding=encoding, numeric=numeric)}
    if form.control is not None:
        totals = _totals(columns, form.control)
        files[form.control.member] = table(totals, encoding=encoding, numeric=(form.control.count, *form.control.sums))
    if path.suffix != ".zip":
        path.write_bytes(files.popitem()[1])
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name.replace("*", "00"), date_time=MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def _fields(sheet: Sheet) -> dict[str, list[str | None]]:
    """Columns as fields: one that is made of several is cut into equal parts."""
    fields: dict[str, list[str | None]] = {}
    for name, cells in sheet.cells.items():
        parts, texts = name.split("+"), cells.to_pylist()
        for number, part in enumerate(parts):
            fields[part] = [_piece(text, number, len(parts)) for text in texts] if len(parts) > 1 else texts
    return fields


def _piece(text: str | None, number: int, count: int) -> str | None:
    size = len(text or "") // count
    return text[number * size : (number + 1) * size] if text else None


def _totals(columns: Mapping[str, Texts], control: Control) -> dict[str, list[str]]:
    """The totals of each list, as its employer sends them."""
    keys = {theirs: pa.array(columns[ours], pa.string()) for theirs, ours in control.keys.items()}
    sums = {theirs: pc.cast(pa.array(columns[ours], pa.string()), pa.int64()) for theirs, ours in control.sums.items()}
    grouped = pa.table(keys | sums).group_by(list(keys), use_threads=False)
    found = grouped.aggregate([([], "count_all"), *((name, "sum") for name in sums)])
    taken = {name: name for name in keys} | {control.count: "count_all"} | {name: f"{name}_sum" for name in sums}
    return {name: [str(value or 0) for value in found[source].to_pylist()] for name, source in taken.items()}


def _coded(texts: Texts, encoding: str) -> list[bytes]:
    """Values in an encoding, each distinct one made once."""
    known = {text: _bytes(text or "", encoding) for text in set(texts)}
    return [known[text] for text in texts]


def _bytes(text: str, encoding: str) -> bytes:
    if encoding == iran_system.NAME:
        return iran_system.encode(text, "replace")
    return text.translate(TO_CP1256).encode(encoding, "replace") if encoding == "cp1256" else text.encode(encoding)
