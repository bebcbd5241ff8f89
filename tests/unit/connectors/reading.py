"""Small layouts and files for tests of the readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.readers import LINE_NO, Reject, read
from schemas.feed import Column, FileFormat, Layout
from schemas.fields import field_dictionary

NAMES = ("code", "name", "town")


def layout(kind: str = "delimited", names: tuple[str, ...] = NAMES, ignored: tuple[str, ...] = (), **form: Any) -> Layout:
    """A layout that maps some source columns to any field; readers look at sources only."""
    field = field_dictionary()["given_name"]
    return Layout(FileFormat(kind, **form), tuple(Column(field, source=name) for name in names), ignored)


def fixed_layout(widths: tuple[int, ...], **form: Any) -> Layout:
    """A fixed width layout of columns side by side."""
    field = field_dictionary()["given_name"]
    starts = [1 + sum(widths[:i]) for i in range(len(widths))]
    columns = tuple(
        Column(field, source=name, start=start, width=width)
        for name, start, width in zip(NAMES, starts, widths, strict=True)
    )
    return Layout(FileFormat("fixed", **{"header": False, **form}), columns)


def everything(path: Path, data: bytes, lay: Layout) -> tuple[dict[int, tuple[str | None, ...]], list[Reject]]:
    """Write a file, read it: rows by line number, and rejects."""
    path.write_bytes(data)
    rows: dict[int, tuple[str | None, ...]] = {}
    rejects: list[Reject] = []
    for batch in read(path, lay):
        columns = batch.rows.to_pydict()
        for line_no, *values in zip(columns.pop(LINE_NO), *columns.values(), strict=True):
            assert line_no not in rows
            rows[line_no] = tuple(values)
        rejects += batch.rejects
    return rows, rejects


def fates(rejects: list[Reject]) -> dict[int, str]:
    """Reason by line number."""
    return {each.line_no: each.reason_code for each in rejects}
