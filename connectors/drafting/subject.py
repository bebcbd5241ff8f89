"""Whose record a file holds, where its headers say that of every name: a head of household's, a child's."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.drafting.headers import OWN, persons_of, without
from connectors.drafting.words import ELSEWHERE, Words
from schemas.feed import JOINT

NAME_FIELDS = ("given_name", "surname", "full_name")
TELLING = (*NAME_FIELDS, "national_code")
"""Fields of which one without a word for another person says that the record is of nobody else."""
LEAST_FIELDS = 2
"""A word for a person in one header alone, as a doctor's name, does not make him the subject."""


def read_headers(headers: Iterable[str], words: Words) -> dict[str, str]:
    """Each header as it is read: without the word for the person whom all names of the file are of."""
    read = {header: header for header in headers}
    word = _subject(read, words)
    return {header: _without(header, word) for header in read} if word else read


def _subject(headers: Iterable[str], words: Words) -> str | None:
    """The word that all columns for names and national codes carry; of several, the one of most fields."""
    carried: dict[str, set[str]] = {}
    for header in headers:
        said = persons_of(header)
        named = words.header_evidence(without(header, said))
        fields = {name for name, (counts, _) in named.items() if counts >= OWN - ELSEWHERE}
        if not said and not fields.isdisjoint(TELLING):
            return None
        for word in said:
            carried.setdefault(word, set()).update(fields)
    fit = [word for word, fields in carried.items() if len(fields) >= LEAST_FIELDS and not fields.isdisjoint(NAME_FIELDS)]
    return max(fit, key=lambda word: len(carried[word]), default=None)


def _without(header: str, word: str) -> str:
    return JOINT.join(without(piece, (word,)) if word in persons_of(piece) else piece for piece in header.split(JOINT))
