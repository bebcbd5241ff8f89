"""The dictionary of names: every distinct way in which a name is written, normalised once.

Millions of records hold few distinct names, so rules run on the distinct values and the records join the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Any

import pyarrow as pa

from matching.persian import display, match_key, name_and_honorifics, one_byte_letters
from matching.phonetic import phonetic_key

KINDS = ("given", "surname", "full")


@dataclass(frozen=True)
class NameForms:
    """The forms of one written name; for a full name of its given part, with the surname beside it."""

    display: str | None = None
    key: str | None = None
    phonetic: str | None = None
    letters: str | None = None
    honorific: str | None = None
    surname_display: str | None = None
    surname_key: str | None = None
    surname_phonetic: str | None = None
    surname_letters: str | None = None


def given_forms(text: str) -> NameForms:
    """Forms of a given name or a father's name: honorifics apart from the key, still in the display form."""
    key, honorific = name_and_honorifics(text)
    return NameForms(display(text), key, phonetic_key(key), one_byte_letters(key), honorific)


def surname_forms(text: str) -> NameForms:
    """Forms of a surname."""
    key = match_key(text)
    return NameForms(display(text), key, phonetic_key(key), one_byte_letters(key))


@dataclass(frozen=True)
class FullNameSplitter:
    """Splits full names by what is a given name and what a surname elsewhere in the same data, in either order.

    Without any such knowledge the first part is the given name, the rest the surname.
    """

    given: Counter[str]
    surname: Counter[str]

    def forms(self, text: str) -> NameForms:
        """Forms of a full name's two parts."""
        parts = text.replace("،", ",").split(",")
        if len(parts) == 2 and all(part.strip() for part in parts):  # "surname, given"
            return _joined(given_forms(parts[1]), surname_forms(parts[0]))
        words = text.split()
        if len(words) < 2:
            return _joined(NameForms(), surname_forms(text))
        splits = [
            (" ".join(words[:n]), " ".join(words[n:]), is_given_first)
            for n in range(1, len(words))
            for is_given_first in (True, False)
        ]
        # max keeps the first of equals: given name first, as short as may be.
        first, rest, is_given_first = max(splits, key=self._likelihood)
        given, surname = (first, rest) if is_given_first else (rest, first)
        return _joined(given_forms(given), surname_forms(surname))

    def _likelihood(self, split: tuple[str, str, bool]) -> float:
        given, surname = split[:2] if split[2] else (split[1], split[0])
        given_count = self.given[name_and_honorifics(given)[0] or ""]
        surname_count = self.surname[match_key(surname) or ""]
        return log(1 + given_count) + log(1 + surname_count)


def _joined(given: NameForms, surname: NameForms) -> NameForms:
    return replace(
        given,
        surname_display=surname.display,
        surname_key=surname.key,
        surname_phonetic=surname.phonetic,
        surname_letters=surname.letters,
    )


def name_dictionary(written: Iterable[tuple[str, str, int]], counted: Mapping[str, Counter[str]] | None = None) -> pa.Table:
    """Forms of every distinct written name.

    Args:
        written: kind (given, surname, full), text, number of records.
        counted: how many records bear a given name's or a surname's key, where an earlier night counted that already; the
            numbers in ``written`` do not count then.

    Returns: one row per (kind, written): ``written_kind``, ``written``, ``record_count`` as counted here, and the columns of
        NameForms.
    """
    entries = sorted(written)
    rules: dict[str, Callable[[str], NameForms]] = {"given": given_forms, "surname": surname_forms}
    forms = {(kind, text): rules[kind](text) for kind, text, _ in entries if kind in rules}
    counts = counted or {kind: Counter() for kind in rules}
    for kind, text, count in entries if counted is None else ():
        if kind in rules and (key := forms[kind, text].key):
            counts[kind][key] += count
    split = FullNameSplitter(counts["given"], counts["surname"]).forms
    rows = [forms[kind, text] if kind in rules else split(text) for kind, text, _ in entries]
    columns: dict[str, Any] = {
        "written_kind": [kind for kind, _, _ in entries],
        "written": [text for _, text, _ in entries],
    }
    record_count = pa.array([count if counted is None else 0 for _, _, count in entries], pa.int64())
    columns |= {name: [getattr(row, name) for row in rows] for name in NameForms.__dataclass_fields__}
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table(texts | {"record_count": record_count})
