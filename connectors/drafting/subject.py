"""How headers are read in the light of others: whose record a file holds, where that stands beside every name, as a head of
household's or a child's; what a value is, where a column beside it says so, as in FHIR's records of patients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.drafting.headers import OWN, persons_of, without
from connectors.drafting.shapes import PLAIN_SHARE, Shape
from connectors.drafting.words import ELSEWHERE, Words
from connectors.readers.jsonl import SEPARATOR
from schemas.feed import JOINT

NAME_FIELDS = ("given_name", "surname", "full_name")
TELLING = (*NAME_FIELDS, "national_code")
"""Fields of which one without a word for another person says that the record is of nobody else."""
_OF_ADDRESS = re.compile(r"[/:.#]")
"""What stands before the last word of an address by which a kind is named, as http://hl7.org/fhir/sid/us-ssn."""
LEAST_FIELDS = 2
"""A word for a person in one header alone, as a doctor's name, does not make him the subject."""
VALUE, SAY_WHICH = "value", ("type.text", "type", "system", "kind", "code", "label")
"""In an object of JSON, a value and what says of which kind it is, the most telling first."""


def read_headers(shapes: Mapping[str, Shape], words: Words) -> dict[str, str]:
    """Each header as it is read: what says its kind in place of a mere value, without the word for the person whom all names
    of the file are of."""
    read = {header: _kind(header, shapes) if words.is_json else header for header in shapes}
    word = _subject(read.values(), words)
    return {header: _without(text, word) for header, text in read.items()} if word else read


def _kind(header: str, shapes: Mapping[str, Shape]) -> str:
    """The path of a value with the word that nearly all of its rows have beside it, where there is one."""
    above, _, last = header.rpartition(SEPARATOR)
    beside = [shapes.get(f"{above}{SEPARATOR}{name}") for name in SAY_WHICH] if above and last == VALUE else []
    for shape in beside:
        text, count = max(shape.codes.items(), key=lambda each: each[1], default=("", 0)) if shape else ("", 0)
        if shape and text and count >= PLAIN_SHARE * shape.filled_count:
            return f"{above}{SEPARATOR}{_OF_ADDRESS.split(text)[-1]}"
    return header


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
