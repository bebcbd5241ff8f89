"""Given names that an agency writes in two columns, first and middle, put together as a contract does."""

from __future__ import annotations

import pyarrow as pa

from connectors.drafting.addresses import joined_text, told_texts
from connectors.drafting.headers import is_middle_name
from connectors.drafting.words import Words
from schemas.feed import JOINT

LEAST_LETTERS, WHOLE_SHARE = 2, 0.5
"""Initials are no names: at least so many of the filled cells have so many letters."""


def with_middle_name(rows: pa.Table, words: Words) -> tuple[pa.Table, dict[str, tuple[str, ...]]]:
    """Put a middle name beside the given name, in the file's order: it stands first in Vietnam.

    Returns: the columns with both in place of the given name; the parts of that column, none where none was made.
    """
    first = next((name for name in rows.column_names if words.is_first_for(name, "given_name")), None)
    middle = next((name for name in rows.column_names if is_middle_name(name, is_json=words.is_json)), None)
    if first is None or middle is None or first == middle or not _holds_names(told_texts(rows, middle)):
        return rows, {}
    names = tuple(name for name in rows.column_names if name in (first, middle))
    joined, place = JOINT.join(names), rows.column_names.index(first)
    kept = rows.set_column(place, joined, joined_text(rows, names)).drop_columns([middle])
    return kept, {joined: names}


def _holds_names(texts: list[str]) -> bool:
    whole = [text for text in texts if len(text.strip(".")) >= LEAST_LETTERS and text.replace(" ", "").isalpha()]
    return bool(texts) and len(whole) >= WHOLE_SHARE * len(texts)
