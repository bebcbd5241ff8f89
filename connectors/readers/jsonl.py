"""JSON lines: one object a line, or a list of them in each; numbers keep the text in which they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.readers.batch import RawBatch, Reject
from connectors.readers.lines import blocks, clean
from connectors.readers.nested import Rows, is_writable
from connectors.readers.unpack import unpacked
from hub.progress import Progress
from schemas.feed import Layout

SEPARATOR = "."
OUTSIDE = "/"
"""What stands before the path of a value that is not in the list of records, but beside or above it."""


def read_jsonl(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a JSON lines file. A key may be absent from a row, one of a required column not from the whole file.

    Whether an optional column may be empty throughout is for the gate to say: sparse JSON leaves out what is null. Where
    each line holds a list of records, these are numbered, not the lines.
    """
    rows = Rows(path.name, layout, SEPARATOR)
    listed = _Listed(rows, layout.format.record) if layout.format.record else None
    with unpacked(path, layout.format.member) as source:
        for block in blocks(source, layout.format.encoding):
            lines = clean(block)
            numbered = zip(lines.numbers.tolist(), lines.data.split(b"\n"), strict=False)
            if listed:
                listed.take(dict(numbered), {each.line_no: each for each in lines.rejects})
            else:
                rows.extend(lines.rejects)
                for line_no, line in numbered:
                    _take(rows, line_no, line)
            yield rows.batch()
            progress(f"read {path.name}", source.position, source.total)
    rows.check_seen()


class _Listed:
    """Records in a list of each line. They, and the lines that hold none, are numbered through."""

    def __init__(self, rows: Rows, path: str) -> None:
        self.rows, self.path = rows, path
        self.count = 0

    def take(self, lines: Mapping[int, bytes], rejects: Mapping[int, Reject]) -> None:
        """Take the records of some lines, in order."""
        for line_no in sorted(lines.keys() | rejects.keys()):
            if line_no in rejects:
                self._set_aside(rejects[line_no].reason_code, rejects[line_no].raw_text)
            else:
                self._take(lines[line_no])

    def _take(self, line: bytes) -> None:
        value = _object(line)
        records = _taken(value, self.path)
        if not isinstance(value, dict) or not isinstance(records, list):
            self._set_aside(value if isinstance(value, str) else "not_an_object", line)
            return
        outside = _flat(self.rows, value, OUTSIDE)
        if isinstance(outside, str):
            self._set_aside(outside, line)
            return
        for record in records:
            flat = _flat(self.rows, record) if isinstance(record, dict) else "not_an_object"
            if isinstance(flat, str):
                self._set_aside(flat, line)
            elif not outside.keys().isdisjoint(flat):
                self._set_aside("repeated_key", line)
            else:
                self.count += 1
                self.rows.add(self.count, {**outside, **flat})

    def _set_aside(self, reason_code: str, text: str | bytes) -> None:
        self.count += 1
        self.rows.set_aside(self.count, reason_code, text)


def _taken(value: Any, path: str) -> Any:
    """Take the value of a path out of an object; a key may hold a dot itself."""
    if not isinstance(value, dict):
        return None
    if path in value:
        return value.pop(path)
    below = ((value[key], path.removeprefix(key + SEPARATOR)) for key in value if path.startswith(key + SEPARATOR))
    return next((found for inner, rest in below if (found := _taken(inner, rest)) is not None), None)


def _take(rows: Rows, line_no: int, line: bytes) -> None:
    value = _object(line)
    flat = _flat(rows, value) if isinstance(value, dict) else value
    if isinstance(flat, str):
        rows.set_aside(line_no, flat, line)
    else:
        rows.add(line_no, flat)


def _flat(rows: Rows, value: Mapping[str, Any], above: str = "") -> Mapping[str, Any] | str:
    """An object's values by path; why it has none, where it has none."""
    try:
        found = rows.flat(value, above)
    except RecursionError:
        return "not_json"
    return "repeated_key" if found is None else found


def _object(line: bytes) -> dict[str, Any] | str:
    """The object of a line; why it has none, where it has none."""
    try:
        value = _decoded(line.decode("utf-8").strip(" \t"))
    except _RepeatedKey:
        return "repeated_key"
    except (ValueError, RecursionError):
        return "not_json"
    if not isinstance(value, dict):
        return "not_an_object"
    return "illegal_byte" if b"\\u" in line and not is_writable(value) else value


def _decoded(text: str) -> Any:
    value, end = _DECODER.raw_decode(text)
    # Each key has a colon: as many keys kept as there are colons means that none was there twice.
    if end == len(text) and isinstance(value, dict) and text.count(":") == len(value):
        return value
    return _CAREFUL_DECODER.decode(text)


class _RepeatedKey(ValueError):
    """An object names a key twice: one of the values would be lost."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _RepeatedKey
    return value


def _constant(text: str) -> str:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)
_CAREFUL_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant, object_pairs_hook=_unique)
