"""JSON lines: one object a line; numbers keep the text in which they were written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import breach, check_columns, declared
from connectors.readers.lines import Block, blocks, clean
from connectors.readers.unpack import unpacked
from hub.progress import Progress
from schemas.feed import Layout


def read_jsonl(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a JSON lines file. A key may be absent from a row, one of a required column not from the whole file.

    Whether an optional column may be empty throughout is for the gate to say: sparse JSON leaves out what is null.
    """
    names = list(dict.fromkeys((*declared(layout), *layout.ignored)))
    seen: set[str] = set()
    row_count = 0
    with unpacked(path, layout.format.member) as source:
        for block in blocks(source, layout.format.encoding):
            batch, keys = _batch(block, names)
            if keys - seen:
                seen |= keys
                check_columns(path.name, [*declared(layout), *sorted(seen - set(declared(layout)))], layout)
            row_count += batch.rows.num_rows
            yield batch
            progress(f"read {path.name}", source.position, source.total)
    wanted = [column.source for column in layout.columns if column.is_required or column.is_key]
    missing = [name for name in dict.fromkeys(wanted) if name not in seen]
    if row_count and missing:
        raise breach(f"No row of {path.name} has {', '.join(missing)}", "Ask the agency, or mend the contract")


def _batch(block: Block, names: list[str]) -> tuple[RawBatch, set[str]]:
    lines = clean(block)
    numbers: list[int] = []
    objects: list[dict[str, Any]] = []
    rejects = list(lines.rejects)
    keys: set[str] = set()
    for line_no, line in zip(lines.numbers.tolist(), lines.data.split(b"\n"), strict=False):
        parsed = _object(line_no, line)
        if isinstance(parsed, Reject):
            rejects.append(parsed)
            continue
        keys.update(parsed)
        numbers.append(line_no)
        objects.append(parsed)
    columns = [_column([each.get(name) for each in objects]) for name in names]
    return raw_batch(np.array(numbers, np.int64), names, columns, rejects), keys


def _object(line_no: int, line: bytes) -> dict[str, Any] | Reject:
    try:
        value = _decoded(line.decode("utf-8"))
    except _RepeatedKey:
        return reject(line_no, "repeated_key", line)
    except (ValueError, RecursionError):
        return reject(line_no, "not_json", line)
    if not isinstance(value, dict):
        return reject(line_no, "not_an_object", line)
    if b"\\u" in line and not _is_writable(value):
        return reject(line_no, "illegal_byte", line)
    return value


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


def _is_writable(value: dict[str, Any]) -> bool:
    """Whether all text can be written: escapes can spell half characters."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _column(values: list[Any]) -> pa.Array:
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        column = pa.array([_text(value) for value in values], pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
