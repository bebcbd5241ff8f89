"""JSON lines: one object a line; numbers keep the text in which they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.readers.batch import RawBatch
from connectors.readers.lines import blocks, clean
from connectors.readers.nested import Rows, is_writable
from connectors.readers.unpack import unpacked
from hub.progress import Progress
from schemas.feed import Layout

SEPARATOR = "."


def read_jsonl(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a JSON lines file. A key may be absent from a row, one of a required column not from the whole file.

    Whether an optional column may be empty throughout is for the gate to say: sparse JSON leaves out what is null.
    """
    rows = Rows(path.name, layout, SEPARATOR)
    with unpacked(path, layout.format.member) as source:
        for block in blocks(source, layout.format.encoding):
            lines = clean(block)
            rows.extend(lines.rejects)
            for line_no, line in zip(lines.numbers.tolist(), lines.data.split(b"\n"), strict=False):
                _take(rows, line_no, line)
            yield rows.batch()
            progress(f"read {path.name}", source.position, source.total)
    rows.check_seen()


def _take(rows: Rows, line_no: int, line: bytes) -> None:
    try:
        value = _decoded(line.decode("utf-8").strip(" \t"))
        flat = rows.flat(value) if isinstance(value, dict) else None
    except _RepeatedKey:
        rows.set_aside(line_no, "repeated_key", line)
    except (ValueError, RecursionError):
        rows.set_aside(line_no, "not_json", line)
    else:
        if not isinstance(value, dict):
            rows.set_aside(line_no, "not_an_object", line)
        elif b"\\u" in line and not is_writable(value):
            rows.set_aside(line_no, "illegal_byte", line)
        elif flat is None:
            rows.set_aside(line_no, "repeated_key", line)
        else:
            rows.add(line_no, flat)


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
