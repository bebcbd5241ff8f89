"""How headers are read: cut into tokens, spelt in one way, without the words that only say whose record it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from connectors.readers.jsonl import SEPARATOR as JSON_SEPARATOR
from connectors.readers.workbook import BETWEEN
from connectors.readers.xml import ATTRIBUTE, SEPARATOR
from schemas.codes import read_rows
from schemas.letters import match_key_map

EXACT, SPELT, UNDER, OWN = 6.0, 5.75, 5.5, 5.25
"""What a header counts that is a known word; one that is but for abbreviations; one whose last part is, under a merged cell
or inside a JSON or XML object; one that is without the words for the person."""
FATHER = "father"
_OTHER = re.compile(r"[\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_MARKS = re.compile("[\u064b-\u0652\u0670]")
_CUTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_PATH, _JSON_PATH = (
    re.compile("|".join(map(re.escape, marks)))
    for marks in ((BETWEEN, SEPARATOR, ATTRIBUTE), (BETWEEN, SEPARATOR, ATTRIBUTE, JSON_SEPARATOR))
)
_LONGEST_SUBJECT = 3


def levelled(text: str) -> str:
    """A header or code as compared: one form of each letter and digit, no case, blanks, marks or Latin accents."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return _OTHER.sub("", unicodedata.normalize("NFKC", plain).translate(match_key_map())).lower()


def tokens(header: str) -> tuple[str, ...]:
    """The words of a header, levelled: cut at blanks, marks, half spaces, between cases and beside digits."""
    pieces = _OTHER.split(_MARKS.sub("", unicodedata.normalize("NFKC", header)))
    return tuple(word for piece in pieces for part in _CUTS.split(piece) if (word := levelled(part)))


def spelt(header: str) -> str:
    """A header as compared where abbreviations and ways of spelling do not count."""
    known = parts().spellings
    return "".join(known.get(token, token) for token in tokens(header))


def forms(header: str, *, is_json: bool = False) -> Iterator[tuple[float, float, str]]:
    """The ways to read a whole header, the surest first: what each counts as it is, and but for spelling.

    Args:
        is_json: whether a dot stands between an object and what is in it; elsewhere it only abbreviates.
    """
    steps = (_JSON_PATH if is_json else _PATH).split(header)
    named = [step for step in steps if not (is_json and step.isdigit())] or [header]
    last = named[-1]
    yield EXACT, SPELT, header
    yield UNDER, UNDER, last
    yield UNDER, UNDER, " ".join(named[-2:])
    yield OWN, OWN, _without_subject(last)


def address_part(header: str, *, is_json: bool = False) -> str | None:
    """Which part of an address a header names, as street or number; None for other headers."""
    known = parts().address
    for _, _, text in forms(header, is_json=is_json):
        if part := known.get(levelled(text)) or known.get(spelt(text)):
            return part
    return None


def is_middle_name(header: str, *, is_json: bool = False) -> bool:
    """Whether a header names what stands between given name and surname."""
    known = parts().middle
    return any(levelled(text) in known or spelt(text) in known for _, _, text in forms(header, is_json=is_json))


def holds(header: str, word: str, least: int) -> bool:
    """Whether a levelled word stands in a longer header: as whole tokens, or as most of one at its beginning or end.

    Args:
        least: how many letters a word has at the least that is not whole tokens.
    """
    cuts = list(accumulate((len(token) for token in tokens(header)), initial=0))
    text, first = levelled(header), -1
    while (first := text.find(word, first + 1)) >= 0:
        last = first + len(word)
        if first in cuts and last in cuts:
            return True
        touched = [(start, end) for start, end in pairwise(cuts) if start < last and end > first]
        is_most = all(2 * (min(end, last) - max(start, first)) > end - start for start, end in touched)
        if is_most and (first in cuts or last in cuts) and len(word) >= least:
            return True
    return False


def is_age(header: str, *, is_json: bool = False) -> bool:
    """Whether a header names an age."""
    return any(levelled(text) in parts().ages for _, _, text in forms(header, is_json=is_json))


def is_of_another(header: str, name: str) -> bool:
    """Whether a header says that a value is of another person or place than the record's, as a doctor's or an employer's."""
    said = {parts().persons[token] for token in tokens(header) if token in parts().persons}
    return bool(said - {FATHER} if name == "father_name" else said)


def persons_of(header: str) -> tuple[str, ...]:
    """The words of a header for another person than the record's or his father."""
    return tuple(token for token in tokens(header) if parts().persons.get(token, FATHER) != FATHER)


def without(header: str, words: Collection[str]) -> str:
    """A header without some of its words; as it is where nothing else would be left, or none of them is in it."""
    kept = [token for token in tokens(header) if token not in words]
    return " ".join(kept) if words and kept else header


def is_another_day(header: str) -> bool:
    """Whether a header says that a day is none of a life, but of issue, visit, hire and the like."""
    return not parts().days.isdisjoint(tokens(header))


def is_another_place(header: str) -> bool:
    """Whether a header says that a place is of birth or issue, where nobody need live."""
    return not parts().places.isdisjoint(tokens(header))


def is_vague(header: str) -> bool:
    """Whether a header names a part of an address that means something else where no street is beside it."""
    return levelled(header) in parts().vague


def subjects_of(header: str) -> frozenset[str]:
    """The words of a header that only say whose it is, or whether somebody lives there or has post sent there."""
    return parts().subjects.intersection(tokens(header))


def _without_subject(header: str) -> str:
    """A header without words like patient; nothing where it has none, or nothing else."""
    words = tokens(header)
    kept: list[str] = []
    place = 0
    while place < len(words):
        sizes = range(_LONGEST_SUBJECT, 0, -1)
        taken = next((size for size in sizes if "".join(words[place : place + size]) in parts().subjects), 0)
        kept += [] if taken else [words[place]]
        place += taken or 1
    return " ".join(kept) if len(kept) < len(words) else ""


@dataclass(frozen=True)
class HeaderParts:
    """``schemas/codes/header_parts.csv``, its words levelled. ``spellings``: to one way; ``persons``: to father or other;
    ``address``: to street, number and other parts; ``vague``: those of them that only a street beside them makes one;
    ``middle``: for a second given name; ``ages``: for an age in place of a birth."""

    spellings: dict[str, str]
    subjects: frozenset[str]
    persons: dict[str, str]
    days: frozenset[str]
    places: frozenset[str]
    generic: frozenset[str]
    address: dict[str, str]
    vague: frozenset[str]
    middle: frozenset[str]
    ages: frozenset[str]


@cache
def parts() -> HeaderParts:
    """The words that are parts of headers."""
    rows = [(row["kind"], row["name"], word) for row in read_rows("header_parts") for word in row["words"].split("|")]
    of = {kind: {levelled(word): name for each, name, word in rows if each == kind} for kind, _, _ in rows}
    return HeaderParts(
        {word: levelled(name) for word, name in of["spelling"].items()},
        frozenset(of["subject"]),
        of["person"],
        frozenset(of["day"]),
        frozenset(of["place"]),
        frozenset(of["generic"]),
        of["address"],
        frozenset(of["vague"]),
        frozenset(of["middle"]),
        frozenset(of["age"]),
    )
