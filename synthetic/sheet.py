"""From a draft to a sheet: every column of the layout as the agency's own text, ignored columns too, and record keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.errors import ContractError
from schemas.feed import Column
from synthetic import dates_and_codes, facts, numerals, studies, words
from synthetic.chance import Ints
from synthetic.dates_and_codes import month_text
from synthetic.draft import CUT, ILLEGAL_BYTE, ROW_FAULTS, Cells, Draft, Fault, line_faults
from synthetic.people import NONE

Maker = Callable[[Draft, Column], Cells]
_MODULES = (words, numerals, dates_and_codes, studies, facts)
NUMERIC_TYPES = ("int",)


@dataclass(frozen=True)
class Sheet:
    """One file's content.

    Columns: ``cells`` by physical name, in the file's order. ``row_faults``: number of the row's fault or 0;
    ``numeric``: physical names of columns that hold numbers.
    """

    cells: dict[str, Cells]
    keys: Cells
    row_faults: Ints
    numeric: frozenset[str]
    faults: list[Fault]

    def __len__(self) -> int:
        return len(self.keys)


def maker_of(column: Column) -> Maker:
    """The function that fills a column: it bears the column's name.

    Raises:
        ContractError: nothing fills that column.
    """
    for module in _MODULES:
        if maker := getattr(module, column.name, None):
            return maker  # type: ignore[no-any-return]
    raise ContractError(
        f"The synthetic nation knows no content for the column {column.name}; nothing was written.",
        hint=f"Write a function {column.name}(draft, column) in a module of synthetic/ that sheet.py knows.",
    )


def sheet(draft: Draft) -> Sheet:
    """Fill every column."""
    filled = {column.name: _text(maker_of(column)(draft, column)) for column in draft.layout.columns}
    copies = (
        draft.world.covers.copy_of[draft.cover] != NONE
        if draft.feed.role == "insurer"
        else np.zeros(len(draft), dtype=np.bool_)
    )
    draft.fault("row", "duplicate", copies)
    _note_broken_lines(draft)
    cells = {name: _ignored(draft, number) for number, name in enumerate(draft.layout.ignored)}
    cells |= {column.source: filled[column.name] for column in draft.layout.columns}
    numeric = frozenset(c.source for c in draft.layout.columns if c.field.type in NUMERIC_TYPES)
    return Sheet(cells, _keys(draft, filled), draft.broken, numeric, draft.faults)


def _note_broken_lines(draft: Draft) -> None:
    for number in (CUT, ILLEGAL_BYTE):
        if number in line_faults(draft.layout):
            draft.fault("row", ROW_FAULTS[number - 1], draft.broken == number)


def _text(cells: Cells) -> Cells:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _ignored(draft: Draft, number: int) -> Cells:
    """Columns that we leave out on purpose: the agency's own small numbers."""
    if number == 0:
        return pc.cast(pa.array(draft.serial + 1), pa.string())
    return pa.array([str(code) for code in range(100, 140)]).take(pa.array(draft.person % 40))


def _keys(draft: Draft, filled: dict[str, Cells]) -> Cells:
    """``feed:source key`` as staging makes it: key values joined by a bar, months in ISO order."""
    values: list[Cells | str] = []
    for column in draft.layout.keys:
        is_month = column.field.type == "month"
        text = month_text(draft.world.today, "jalali:yyyy-mm") if is_month else None
        values.append(filled[column.name] if text is None else pa.array([text] * len(draft)))
    joined = values[0] if len(values) == 1 else pc.binary_join_element_wise(*values, "|")
    return pc.binary_join_element_wise(f"{draft.feed.name}:", joined, "")
