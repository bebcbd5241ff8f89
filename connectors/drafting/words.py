"""Words that headers and code lists use, Persian and English, and to which word of ours they belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from connectors.drafting.headers import OWN, forms, holds, levelled, parts, spelt
from connectors.readers.workbook import BETWEEN
from schemas.codes import read_rows
from schemas.feed import JOINT, Feed

LEAST_PART, LEAST_TOKEN = 4, 3
"""A word inside a longer header counts from so many letters on; one that is a whole token of it, from so many."""
PART, COVER = 2.0, 3.0
"""What a header counts that holds a known word, and for the share of it that the word covers."""
ELSEWHERE = 0.25
"""How much less a word counts that is known from another feed's contract only: it may mean something of its own there."""
TREE = "header_words.csv"
JSON_KINDS, PATH_KINDS = ("json", "jsonl"), ("json", "jsonl", "xml")
EITHER = "/"
"""What stands between two words of one header where its rows are of two kinds, as of persons and companies."""
STREETS = ("street", "alley", "village")
"""Parts of an address that are one by themselves, where there are no others."""

WHO = ("national_code", "given_name", "surname", "full_name", "father_name", "sex_code", "birth_date")

ANY_FIELD = "any"
"""In value_words.csv: of whatever code list."""

Evidence = dict[str, tuple[float, str]]


@dataclass(frozen=True)
class Words:
    """What is known of headers and codes.

    ``headers``: levelled word → field → where it is known from; ``respelt``: the same of the tree's words, spelt in one way;
    ``codes``: field → levelled text → ours; ``numbers``: field → number → how many contracts mean which code by it;
    ``is_json``: whether headers are paths with dots between their parts; ``is_path``: with dots or strokes.
    """

    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    respelt: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    is_json: bool = False
    is_path: bool = False

    def of_kind(self, kind: str) -> Words:
        """The same words for headers of a format."""
        return replace(self, is_json=kind in JSON_KINDS, is_path=kind in PATH_KINDS)

    def header_evidence(self, header: str) -> Evidence:
        """Each field that a header speaks for: how much, and why."""
        found = self._inside(header)
        for piece in (*header.split(JOINT), *self._either(header)):
            for exact, respelt, text in forms(piece, is_json=self.is_json):
                for weight, known in (
                    (respelt, self.respelt.get(spelt(text), {})),
                    (exact, self.headers.get(levelled(text), {})),
                ):
                    for name, known_from in known.items():
                        counts = weight - (0 if known_from == TREE else ELSEWHERE)
                        if counts > found.get(name, (0.0, ""))[0]:
                            found[name] = (counts, f"the header is a word for it ({known_from})")
        return found

    def _inside(self, header: str) -> Evidence:
        """Fields whose words stand inside a longer header."""
        text, found = levelled(header), Evidence()
        for word, names in sorted(self._parts.items(), key=lambda each: (len(each[0]), each[0])):
            if word in text and holds(header, word, LEAST_PART):
                counts = PART + COVER * len(word) / len(text)
                found |= dict.fromkeys(names, (counts, f"the header holds a word for it ({word})"))
        return found

    @cached_property
    def _parts(self) -> dict[str, dict[str, str]]:
        generic = parts().generic
        return {word: names for word, names in self.headers.items() if len(word) >= LEAST_TOKEN and word not in generic}

    def is_word_for(self, header: str, names: Iterable[str]) -> bool:
        """Whether a whole header is a word for one of some fields."""
        texts = (header, *self._either(header))
        known = {
            name for text in texts for name in (*self.headers.get(levelled(text), {}), *self.respelt.get(spelt(text), {}))
        }
        return not known.isdisjoint(names)

    def _either(self, header: str) -> list[str]:
        """The words of a header that is one for either of two kinds of rows."""
        return header.split(EITHER) if EITHER in header and not self.is_path and BETWEEN not in header else []

    def is_first_for(self, header: str, name: str) -> bool:
        """Whether a header is a word for a field and for no other one more."""
        found = self.header_evidence(header)
        counts, _ = found.get(name, (0.0, ""))
        return counts >= OWN - ELSEWHERE and counts == max(weight for weight, _ in found.values())

    def code(self, name: str, text: str) -> str | None:
        """Our code for an agency's text; None when nobody knows it."""
        return self.codes.get(name, {}).get(levelled(text))

    def is_unknown(self, text: str) -> bool:
        """Whether a text says that nobody knows, whatever the code list."""
        return levelled(text) in self.codes.get(ANY_FIELD, {})


def words_with(feeds: Iterable[Feed]) -> Words:
    """The words of the tree, and those of the contracts that are already there."""
    base = _words_of_the_tree()
    headers = {word: dict(fields) for word, fields in base.headers.items()}
    codes = {name: dict(texts) for name, texts in base.codes.items()}
    numbers: dict[str, dict[str, Counter[str]]] = {}
    for feed in feeds:
        for column in (column for layout in feed.layouts for column in layout.columns):
            if word := levelled(column.source):  # a name of marks alone, as #, says nothing
                headers.setdefault(word, {}).setdefault(column.name, f"as in {feed.name}")
            for theirs, ours in column.codes.items():
                text = levelled(theirs)
                if text.isdigit():  # what a number means differs from agency to agency
                    numbers.setdefault(column.name, {}).setdefault(text, Counter())[ours] += 1
                elif text:
                    codes.setdefault(column.name, {}).setdefault(text, ours)
    return Words(headers, base.respelt, codes, numbers)


def known_header(text: str) -> bool:
    """Whether a text is a word that headers use."""
    return levelled(text) in _words_of_the_tree().headers


def person_fields(headers: Iterable[str]) -> frozenset[str]:
    """Which fields that tell who somebody is some headers are words for."""
    known = _words_of_the_tree().headers
    return frozenset(name for text in headers for name in known.get(levelled(text), {}) if name in WHO)


@cache
def _words_of_the_tree() -> Words:
    headers: dict[str, dict[str, str]] = {}
    respelt: dict[str, dict[str, str]] = {}
    texts = [(row["field"], word) for row in read_rows("header_words") for word in (row["field"], *row["words"].split("|"))]
    for name, word in (*texts, *(("address", word) for word, part in parts().address.items() if part in STREETS)):
        headers.setdefault(levelled(word), {})[name] = TREE
        respelt.setdefault(spelt(word), {})[name] = TREE
    codes: dict[str, dict[str, str]] = {}
    for row in read_rows("value_words"):
        for word in (row["code"], *row["words"].split("|")):
            codes.setdefault(row["field"], {}).setdefault(levelled(word), row["code"])
    for row in read_rows("provinces"):
        for word in (row["name_fa"], row["name_en"], row["province_code"], row["iso_code"]):
            codes.setdefault("province_code", {})[levelled(word)] = row["province_code"]
    return Words(headers, respelt, codes)
