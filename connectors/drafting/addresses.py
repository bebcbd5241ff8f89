"""Addresses that an agency writes in several columns, street, number and others, put together as a contract does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

import pyarrow as pa

from connectors.drafting.headers import OWN, address_part, is_of_another, is_vague, subjects_of
from connectors.drafting.shapes import PLAIN_SHARE
from connectors.drafting.words import ELSEWHERE, STREETS, Words
from connectors.kinds.kind import MISSING_WORDS
from schemas.feed import JOINT

LINE = "line"
"""A column that holds an address, or its first or second line."""
NUMBERS = ("number", "unit", "floor")
MOST_LETTERS = 12
"""A number of a house or flat is no longer."""
HELD_SHARE = 0.5
"""A part that stands in the line beside it in so many rows is not told once more."""
_LINE_NO = re.compile(r"[\s_.]*(?:line)?[\s_.]*[1-4۱-۴]$", re.IGNORECASE)


def with_address(rows: pa.Table, words: Words) -> tuple[pa.Table, dict[str, tuple[str, ...]]]:
    """Put the parts of an address together, in the file's order.

    Returns: the columns with the address in place of its parts; the parts of that column, none where none was made. Of two
    addresses, as of a home and of a mailbox, the first one.
    """
    named = {name: part for name in rows.column_names if (part := _part(name, words))}
    wheres = dict.fromkeys(subjects_of(name) for name in named)
    for where in wheres:
        names = _fitting(rows, {name: part for name, part in named.items() if subjects_of(name) == where})
        if len(names) > 1 and any(named[name] in (LINE, *STREETS) for name in names):
            joined = JOINT.join(names)
            place = rows.column_names.index(names[0])
            return rows.drop_columns(list(names)).add_column(place, joined, joined_text(rows, names)), {joined: names}
    return rows, {}


def _fitting(rows: pa.Table, named: Mapping[str, str]) -> tuple[str, ...]:
    """Columns of one address whose values are the parts that headers name; none twice, none that another one holds or
    that stands elsewhere in the file than a whole address."""
    found: dict[str, str] = {}
    for name, part in named.items():
        is_new = part not in found.values() or (part == LINE and _LINE_NO.search(name) is not None)
        if is_new and _fits(part, told_texts(rows, name)):
            found[name] = part
    streets = [name for name, part in found.items() if part in STREETS]
    near = _beside(rows.column_names, named, streets) if streets else ()
    found = {name: part for name, part in found.items() if name in near or not is_vague(name)}
    lines = [name for name, part in found.items() if part == LINE]
    beside = _beside(rows.column_names, named, lines)
    return tuple(
        name for name in found if name in lines or (name in beside and not any(_is_held(rows, name, line) for line in lines))
    )


def _beside(columns: Sequence[str], named: Mapping[str, str], lines: Sequence[str]) -> set[str]:
    """Parts that stand side by side with a whole address; all parts where there is none."""
    stretches = [set(group) for is_part, group in groupby(columns, named.__contains__) if is_part]
    return {name for stretch in stretches if not lines or not stretch.isdisjoint(lines) for name in stretch}


def joined_text(rows: pa.Table, names: Sequence[str]) -> pa.Array:
    """The parts joined by blanks; empty ones are left out. (pyarrow 26 leaves out rows whose parts are all null.)"""
    cells = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
    return pa.array([" ".join(part for part in row if part and part.strip()) for row in cells], pa.string())


def _part(name: str, words: Words) -> str | None:
    """Which part of an address a column's header names; a line of one as well."""
    if is_of_another(name, "address"):
        return None
    if part := address_part(name, is_json=words.is_json):
        return part
    counts, _ = words.header_evidence(_LINE_NO.sub("", name)).get("address", (0.0, ""))
    return LINE if counts >= OWN - ELSEWHERE else None


def _fits(part: str, texts: list[str]) -> bool:
    """Whether values are as the part that the header names: numbers begin with a digit, streets have letters."""
    if part in NUMBERS:
        fitting = [len(text) <= MOST_LETTERS and any(sign.isdecimal() for sign in text) for text in texts]
    else:
        fitting = [any(sign.isalpha() for sign in text) for text in texts]
    return bool(texts) and sum(fitting) >= PLAIN_SHARE * len(texts)


def _is_held(rows: pa.Table, name: str, line: str) -> bool:
    both = [(part, whole) for part, whole in zip(_values(rows, name), _values(rows, line), strict=True) if part and whole]
    return sum(part in whole for part, whole in both) > HELD_SHARE * len(both)


def told_texts(rows: pa.Table, name: str) -> list[str]:
    """What a column tells, without cells that say nothing."""
    return [text for text in _values(rows, name) if text]


def _values(rows: pa.Table, name: str) -> list[str]:
    texts = (value.strip() if value else "" for value in rows.column(name).to_pylist())
    return ["" if text in MISSING_WORDS else text for text in texts]
