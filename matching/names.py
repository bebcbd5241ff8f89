"""The dictionary of names: every distinct way in which a name is written, normalised once.

Millions of records hold few distinct names, so rules run on the distinct values and the records join the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import log
from typing import Any

import pyarrow as pa

from matching.persian import BEFORE, display, match_key, name_and_honorifics, one_byte_letters, parts_and_honorifics
from matching.phonetic import phonetic_key
from schemas.codes import read_rows

# Of so many records with a whole name the father stands in it, where agencies write names so.
FATHERS_SHARE = 1 / 3
BETWEEN_NAMES = frozenset({"de", "del", "la", "las", "los"})
SHORTEST_NICKNAME = 2
# Between a name and the father's: son or daughter of.
_CHILD_OF = frozenset(("بن", "ابن", "بنت", "bin", "ibn", "bint", "binte", "binti"))
# With the word after it a name: servant of, father of.
_BEGIN_NAMES = frozenset(("عبد", "ابو", "ابی", "abd", "abdul", "abdel", "abu"))
# What stands behind a comma and is no given name: degrees (S.Pd, Ph.D.) and who is the younger. Behind one word alone
# Jr and J.R. may be one.
_DEGREE = re.compile(r"(?=.*[^\W\d_]{2})(?:[^\W\d_]{1,4}\. ?)+[^\W\d_]{1,4}\.?")
_BEHIND_WORDS = re.compile(r"(?:[^\W\d_]\. ?)+[^\W\d_]\.?|(?:jr|sr|md|phd|esq)\.?|i{2,3}|iv|", re.IGNORECASE)
# "R.Kumar" is two words.
_AFTER_INITIAL = re.compile(r"(?<=\b\w)\.(?=\w)")


def _called(words: list[str]) -> str:
    """Match key of a given name, told in its parts, with names for its nicknames, and without what stands between them
    (María del Carmen, Ma. Carmen). Short words are nicknames only beside others: Ma alone is no María."""
    is_compound = len(words) > 1
    inner = [word for n, word in enumerate(words) if not (0 < n < len(words) - 1 and word in BETWEEN_NAMES)]
    return "".join(nicknames().get(word, word) if is_compound or len(word) > SHORTEST_NICKNAME else word for word in inner)


@cache
def nicknames() -> dict[str, str]:
    """By match key, what each nickname is short for."""
    return {match_key(word) or "": row["name"] for row in read_rows("nicknames") for word in row["nicknames"].split("|")}


@dataclass(frozen=True)
class NameForms:
    """The forms of one written name; for a full name of its given part, with the surname and the father's name beside it."""

    display: str | None = None
    key: str | None = None
    phonetic: str | None = None
    letters: str | None = None
    honorific: str | None = None
    surname_display: str | None = None
    surname_key: str | None = None
    surname_phonetic: str | None = None
    surname_letters: str | None = None
    father_display: str | None = None
    father_key: str | None = None
    father_phonetic: str | None = None
    father_letters: str | None = None


def given_forms(text: str) -> NameForms:
    """Forms of a given name or a father's name: honorifics apart from the key, still in the display form; a well-known
    nickname sounds as the name that it is short for."""
    parts, honorific = parts_and_honorifics(text)
    key = "".join(parts) or None
    return NameForms(display(text), key, phonetic_key(_called(parts)), one_byte_letters(key), honorific)


def surname_forms(text: str) -> NameForms:
    """Forms of a surname."""
    key = match_key(text)
    return NameForms(display(text), key, phonetic_key(key), one_byte_letters(key))


@dataclass(frozen=True)
class NameCounts:
    """How many records bear a given name or a surname, by its key; and how many a name with such a word in it."""

    whole: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def add(self, key: str | None, written: str, count: int) -> None:
        """Count a written name."""
        if key:
            self.whole[key] += count
            for word in written.split():
                self.words[match_key(word) or ""] += count

    def __add__(self, other: NameCounts) -> NameCounts:
        return NameCounts(self.whole + other.whole, self.words + other.words)


@dataclass(frozen=True)
class FullNameSplitter:
    """Splits full names by what is a given name and what a surname elsewhere in the same data, in either order.

    Where no split leaves two names that somebody bears, as with second names and errors, each word tells by itself; where
    whole names tell fathers after given names, these are known by the fathers whom others tell; what stands after such a
    father is a grandfather's. Without any such knowledge the first part is the given name, the rest the surname.
    """

    given: NameCounts
    surname: NameCounts
    father: NameCounts
    has_fathers: bool

    def forms(self, text: str) -> NameForms:
        """Forms of a full name's two parts."""
        parts = _without_degrees(text.replace("،", ",").split(","))
        text = ",".join(parts)
        if len(parts) == 2 and all(part.strip() for part in parts):  # "surname, given"
            return _joined(given_forms(parts[1]), surname_forms(parts[0]))
        words = _AFTER_INITIAL.sub(". ", text).split()
        if (own_count := self._before_father(words)) < len(words):
            return self._child(words, own_count)
        if len(words) < 2:
            is_given = bool(words) and self._leaning(words[0]) > 0
            return _joined(given_forms(text), NameForms()) if is_given else _joined(NameForms(), surname_forms(text))
        titles, words = _titles_apart(words)
        splits = [
            (words[:n], words[n:]) if is_given_first else (words[n:], words[:n])
            for n in range(1, len(words))
            for is_given_first in (True, False)
        ]
        # max keeps the first of equals: given name first, as short as may be.
        given, surname = max(splits, key=self._likelihood)
        if not self._likelihood((given, surname)):
            leaning = {word: self._leaning(word) for word in words}
            given, surname = max(
                splits, key=lambda split: sum(leaning[word] for word in split[0]) - sum(leaning[word] for word in split[1])
            )
        own, father = self._own_and_father(given)
        return _joined(
            given_forms(" ".join(titles + own)),
            surname_forms(" ".join(surname)),
            given_forms(" ".join(father)) if father else None,
        )

    def _before_father(self, words: list[str]) -> int:
        """How many words stand before the first "son of"; all, where none does but as a part of a name that others bear."""
        for place in range(1, len(words) - 1):
            if match_key(words[place]) in _CHILD_OF and not self._is_in_a_name(words, place):
                return place
        return len(words)

    def _is_in_a_name(self, words: list[str], place: int) -> bool:
        """Whether others bear a name that begins with this word (بن لادن, بنت الهدی), or a given name that ends with it."""
        begun = [match_key(" ".join(words[place:end])) or "" for end in range(place + 2, len(words) + 1)]
        ended = [match_key(" ".join(words[start : place + 1])) or "" for start in range(place)]
        return any(self.surname.whole[key] for key in begun) or any(self.given.whole[key] for key in begun + ended)

    def _child(self, words: list[str], own_count: int) -> NameForms:
        """Forms of a name as *Ahmad bin Ali bin Hasan Harbi*: his own, the father's, the rest a surname."""
        rest = words[own_count + 1 :]
        father_count, last = self._before_father(rest), rest
        while (count := self._before_father(last)) < len(last):
            last = last[count + 1 :]
        known = (count for count in range(len(last), 0, -1) if _count(self.given, last[:count]))
        end = max(next(known, 1), _shortest_name(last))
        father = rest[:father_count] if father_count < len(rest) else last[:end]
        surname = surname_forms(" ".join(last[end:])) if last[end:] else NameForms()
        return _joined(given_forms(" ".join(words[:own_count])), surname, given_forms(" ".join(father)))

    def _own_and_father(self, given: list[str]) -> tuple[list[str], list[str]]:
        """The words of the person's own name and of the father's after it; all and none, where it is not known to be two."""
        if self.has_fathers and not _count(self.given, given):
            for own_count in range(len(given) - 1, 0, -1):
                for end in range(len(given), own_count, -1):
                    if _count(self.given, given[:own_count]) and _count(self.father, given[own_count:end]):
                        return given[:own_count], given[own_count:end]
        return given, []

    def _likelihood(self, split: tuple[list[str], list[str]]) -> float:
        """0 where nobody bears one of both."""
        given_count = _count(self.given, split[0])
        surname_count = self.surname.whole[match_key(" ".join(split[1])) or ""]
        return log(1 + given_count) + log(1 + surname_count) if given_count and surname_count else 0.0

    def _leaning(self, word: str) -> float:
        key = match_key(word) or ""
        return log(1 + self.given.words[key]) - log(1 + self.surname.words[key])


def _shortest_name(words: list[str]) -> int:
    """Of how many words the name is that these begin with, at least: titles and the like are none by themselves."""
    whole = (place for place, word in enumerate(words, 1) if match_key(word) not in BEFORE | _BEGIN_NAMES)
    return next(whole, len(words))


def _titles_apart(words: list[str]) -> tuple[list[str], list[str]]:
    """Titles before a whole name, and its words, two at the least: a title alone is a given name (Haji Ali)."""
    count = next(n for n, word in enumerate(words) if n + 2 >= len(words) or match_key(word) not in BEFORE)
    return words[:count], words[count:]


def _without_degrees(parts: list[str]) -> list[str]:
    """What commas part in a whole name, without degrees and the like at its end."""
    *before, last = parts
    is_behind = _DEGREE.fullmatch(last.strip()) or (
        len(" ".join(before).split()) > 1 and _BEHIND_WORDS.fullmatch(last.strip())
    )
    return _without_degrees(before) if before and is_behind else parts


def _count(names: NameCounts, words: list[str]) -> int:
    return names.whole[name_and_honorifics(" ".join(words))[0] or ""]


def _joined(given: NameForms, surname: NameForms, father: NameForms | None = None) -> NameForms:
    father = father or NameForms()
    return replace(
        given,
        surname_display=surname.display,
        surname_key=surname.key,
        surname_phonetic=surname.phonetic,
        surname_letters=surname.letters,
        father_display=father.display,
        father_key=father.key,
        father_phonetic=father.phonetic,
        father_letters=father.letters,
    )


def name_dictionary(
    written: Iterable[tuple[str, str, int]],
    counted: Mapping[str, NameCounts] | None = None,
    *,
    has_fathers: bool | None = None,
) -> pa.Table:
    """Forms of every distinct written name.

    Args:
        written: kind (given, father, surname, full), text, number of records.
        counted: how many records bear a given name or a surname, where an earlier night counted that already; the
            numbers in ``written`` do not count then.
        has_fathers: whether whole names tell fathers after given names, where an earlier night found that out already. Else
            they do where enough of them read so: a few are people of two given names whom nobody else calls by both.

    Returns: one row per (kind, written): ``written_kind``, ``written``, ``record_count`` as counted here, and the columns of
        NameForms.
    """
    entries = sorted(written)
    rules: dict[str, Callable[[str], NameForms]] = {
        "given": given_forms,
        "father": given_forms,
        "surname": surname_forms,
    }
    forms = {(kind, text): rules[kind](text) for kind, text, _ in entries if kind in rules}
    counts = counted or {kind: NameCounts() for kind in rules}
    for kind, text, count in entries if counted is None else ():
        if kind in rules:
            counts[kind].add(forms[kind, text].key, text, count)
    whole = [(text, count) for kind, text, count in entries if kind not in rules]
    given = counts["given"] + counts["father"]
    split = FullNameSplitter(given, counts["surname"], counts["father"], has_fathers is not False)
    found = {text: split.forms(text) for text, _ in whole}
    if has_fathers is None and not _tell_fathers(whole, found):
        split = replace(split, has_fathers=False)
        found |= {text: split.forms(text) for text, form in found.items() if form.father_key}
    rows = [forms[kind, text] if kind in rules else found[text] for kind, text, _ in entries]
    columns: dict[str, Any] = {
        "written_kind": [kind for kind, _, _ in entries],
        "written": [text for _, text, _ in entries],
    }
    record_count = pa.array([count if counted is None else 0 for _, _, count in entries], pa.int64())
    columns |= {name: [getattr(row, name) for row in rows] for name in NameForms.__dataclass_fields__}
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table(texts | {"record_count": record_count})


def _tell_fathers(whole: Iterable[tuple[str, int]], found: Mapping[str, NameForms]) -> bool:
    telling = sum(count for text, count in whole if found[text].father_key)
    return telling >= FATHERS_SHARE * sum(count for _, count in whole)
