"""Words that headers and code lists use, Persian and English, and to which word of ours they belong."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from connectors.readers.workbook import BETWEEN
from schemas.codes import read_rows
from schemas.feed import Feed
from schemas.letters import match_key_map

LEAST_PART = 4
"""A word inside a longer header counts from so many letters on."""
EXACT, UNDER, PART, COVER = 6.0, 5.5, 2.0, 3.0
"""What a header counts that is a known word; one that stands under a merged cell; one that holds a known word, and for the
share of it that the word covers."""
ELSEWHERE = 0.25
"""How much less a word counts that is known from another feed's contract only: it may mean something of its own there."""
TREE = "header_words.csv"
_OTHER = re.compile(r"[\W_]+")


def levelled(text: str) -> str:
    """A header or code as compared: one form of each letter and digit, no case, blanks or marks."""
    return _OTHER.sub("", unicodedata.normalize("NFKC", text).translate(match_key_map())).lower()


@dataclass(frozen=True)
class Words:
    """What is known of headers and codes.

    ``headers``: levelled word → field → where it is known from; ``codes``: field → levelled text → ours; ``numbers``:
    field → number → how many contracts mean which of our codes by it.
    """

    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)

    def header_evidence(self, header: str, name: str) -> tuple[float, str] | None:
        """How much a header speaks for a field, and why; None when it says nothing of it."""
        text = levelled(header)
        for weight, word in ((EXACT, text), (UNDER, levelled(header.rpartition(BETWEEN)[2]))):
            if name in self.headers.get(word, {}):
                known_from = self.headers[word][name]
                return weight - (0 if known_from == TREE else ELSEWHERE), f"the header is a word for it ({known_from})"
        parts = [
            word for word, fields in self.headers.items() if name in fields and len(word) >= LEAST_PART and word in text
        ]
        if not parts:
            return None
        longest = max(parts, key=lambda word: (len(word), word))
        return PART + COVER * len(longest) / len(text), f"the header holds a word for it ({longest})"

    def is_word_for(self, header: str, names: Iterable[str]) -> bool:
        """Whether a whole header is a word for one of some fields."""
        return any(name in self.headers.get(levelled(header), {}) for name in names)

    def code(self, name: str, text: str) -> str | None:
        """Our code for an agency's text; None when nobody knows it."""
        return self.codes.get(name, {}).get(levelled(text))


def words_with(feeds: Iterable[Feed]) -> Words:
    """The words of the tree, and those of the contracts that are already there."""
    base = _words_of_the_tree()
    headers = {word: dict(fields) for word, fields in base.headers.items()}
    codes = {name: dict(texts) for name, texts in base.codes.items()}
    numbers: dict[str, dict[str, Counter[str]]] = {}
    for feed in feeds:
        for column in (column for layout in feed.layouts for column in layout.columns):
            headers.setdefault(levelled(column.source), {}).setdefault(column.name, f"as in {feed.name}")
            for theirs, ours in column.codes.items():
                text = levelled(theirs)
                if text.isdigit():  # what a number means differs from agency to agency
                    numbers.setdefault(column.name, {}).setdefault(text, Counter())[ours] += 1
                else:
                    codes.setdefault(column.name, {}).setdefault(text, ours)
    return Words(headers, codes, numbers)


def known_header(text: str) -> bool:
    """Whether a text is a word that headers use."""
    return levelled(text) in _words_of_the_tree().headers


@cache
def _words_of_the_tree() -> Words:
    headers: dict[str, dict[str, str]] = {}
    for row in read_rows("header_words"):
        for word in (row["field"], *row["words"].split("|")):
            headers.setdefault(levelled(word), {})[row["field"]] = TREE
    codes: dict[str, dict[str, str]] = {}
    for row in read_rows("value_words"):
        for word in (row["code"], *row["words"].split("|")):
            codes.setdefault(row["field"], {}).setdefault(levelled(word), row["code"])
    for row in read_rows("provinces"):
        for word in (row["name_fa"], row["name_en"], row["province_code"], row["iso_code"]):
            codes.setdefault("province_code", {})[levelled(word)] = row["province_code"]
    return Words(headers, codes)
