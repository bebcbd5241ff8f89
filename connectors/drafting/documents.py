"""Where the records of a JSON or XML document are, and which paths their values have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

import ijson

from connectors.drafting.words import person_fields
from connectors.readers.documents import Portioned
from connectors.readers.jsonl import OUTSIDE
from connectors.readers.jsonl import SEPARATOR as JSON_SEPARATOR
from connectors.readers.unpack import corrupt, unpacked
from connectors.readers.xml import ATTRIBUTE, SEPARATOR

LOOKED_AT_RECORDS = 5_000
LISTED_SHARE = 0.8
"""A list holds the records of JSON lines when so many lines have one that is not empty."""
MOST_PLACES = 3
"""So many places of a list inside a record are columns of a draft."""
OWN_TO_PERSONS = ("birth_date", "national_code")
"""What a person has, and no name or address."""
LOOKED_AT_BYTES, PIECE_BYTES = 4 << 20, 1 << 16
_NAMESPACE_END = " "


def json_records(path: Path, encoding: str) -> tuple[str, Mapping[str, bool]]:
    """The path of the first list of objects in a document ('' where it is the document); the paths in its records, and
    whether each is a list's.

    Raises:
        DeliveryCorrupt: it is no JSON, or holds no list of objects.
    """
    try:
        with unpacked(path) as source:
            record = _first_list(Portioned(source, encoding))
        if record is None:
            raise corrupt(path.name, "holds no list of objects", "Ask the agency what this file is.")
        with unpacked(path) as source:
            items = ijson.items(Portioned(source, encoding), f"{record}.item" if record else "item")
            names = with_lists(found for item in islice(items, LOOKED_AT_RECORDS) for found in paths_in(item))
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise corrupt(path.name, "is no JSON or is cut", "Ask the agency to send it again.") from error
    return record, names


def _first_list(portions: Portioned) -> str | None:
    opened = None
    for prefix, event, _ in ijson.parse(portions):
        if event == "start_map" and opened is not None:
            return str(opened)
        opened = prefix if event == "start_array" else None
    return None


def paths_in(record: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, bool]]:
    """The paths of a JSON record's values, and those of its lists; whether it is a list's.

    An object inside it is a step of the path, and so is a place in a list.
    """
    for path, value in _leaves(record, above):
        yield path, isinstance(value, list)
        if isinstance(value, list):
            places = {str(place): each for place, each in enumerate(value[:MOST_PLACES])}
            yield from paths_in(places, f"{path}{JSON_SEPARATOR}")


def with_lists(found: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """Each path once, a list's where any record has a list there; in others nothing may stand in its place."""
    paths: dict[str, bool] = {}
    for path, is_list in found:
        paths[path] = is_list or paths.get(path, False)
    return paths


def list_in_lines(values: Sequence[Mapping[str, Any]]) -> str:
    """The path of a list of persons that the objects of JSON lines hold; '' where each of them is a person."""
    lists, sizes = Counter[str](), Counter[str]()
    names: dict[str, dict[str, None]] = {}
    outside: dict[str, None] = {}
    for value in values:
        for path, each in _leaves(value):
            if isinstance(each, list) and each and all(isinstance(record, dict) for record in each):
                lists[path] += 1
                sizes[path] += len(each)
                names.setdefault(path, {}).update((name, None) for record in each for name, _ in paths_in(record))
            else:
                outside[path] = None
    # One name or address in each line is that line's person's; what has a birth or a code of its own is a person.
    often = [path for path, count in lists.items() if count >= LISTED_SHARE * len(values)]
    long = [path for path in often if sizes[path] > lists[path] or not _who(names[path]).isdisjoint(OWN_TO_PERSONS)]
    best = max(long, key=lambda path: len(_who(names[path])), default="")
    beside = _who([*outside, *(name for path in names if path != best for name in names[path])])
    return best if best and len(_who(names[best])) > max(1, len(beside)) else ""


def _who(paths: Iterable[str]) -> frozenset[str]:
    return person_fields(text for path in paths for text in (path, path.split(JSON_SEPARATOR)[-1]))


def _leaves(record: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}{JSON_SEPARATOR}")
        else:
            yield above + key, value


def paths_of_list(value: Mapping[str, Any], record: str) -> Iterator[tuple[str, bool]]:
    """The paths of a line and of the records in its list, as the reader calls them; whether it is a list's."""
    for path, is_list in paths_in(value, OUTSIDE):
        if path != OUTSIDE + record and not path.startswith(f"{OUTSIDE}{record}{JSON_SEPARATOR}"):
            yield path, is_list
    records = dict(_leaves(value)).get(record)
    for one in records if isinstance(records, list) else ():
        if isinstance(one, dict):
            yield from paths_in(one)


def xml_records(path: Path) -> tuple[str, tuple[str, ...]]:
    """The path of the elements that repeat nearest to the root, and the paths of values in them.

    Raises:
        DeliveryCorrupt: it is no XML, or declares a document type.
    """
    survey = _Survey(path.name)
    with unpacked(path) as source:
        for _ in range(0, LOOKED_AT_BYTES, PIECE_BYTES):
            survey.feed(piece := source.read(PIECE_BYTES))
            if not piece:
                break
    return survey.records()


class _Survey:
    """Counts the elements of a document by path, and notes which hold text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[str] = []
        self.counts: Counter[str] = Counter()
        self.values: dict[str, None] = {}
        self.parser = expat.ParserCreate(namespace_separator=_NAMESPACE_END)
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes) -> None:
        """The next piece; an empty one ends the document."""
        try:
            self.parser.Parse(piece, not piece)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise corrupt(self.name, "is no well-formed XML or is cut", "Ask the agency to send it again.") from error

    def records(self) -> tuple[str, tuple[str, ...]]:
        """The record's path, and the values' paths below it."""
        inner = [path for path in self.counts if SEPARATOR in path]
        if not inner:
            raise corrupt(self.name, "holds no elements below its root", "Ask the agency what this file is.")
        record = min(inner, key=lambda path: (self.counts[path] < 2, path.count(SEPARATOR), -self.counts[path], path))
        below = f"{record}{SEPARATOR}"
        return record, tuple(path.removeprefix(below) for path in self.values if path.startswith(below))

    def _doctype(self, *_: object) -> None:
        raise corrupt(self.name, "declares a document type", "Ask the agency to leave the DOCTYPE out.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.steps.append(name.rpartition(_NAMESPACE_END)[2])
        path = SEPARATOR.join(self.steps)
        self.counts[path] += 1
        for key in attributes:
            self.values[f"{path}{SEPARATOR}{ATTRIBUTE}{key.rpartition(_NAMESPACE_END)[2]}"] = None

    def _text(self, text: str) -> None:
        if text.strip():
            self.values[SEPARATOR.join(self.steps)] = None

    def _end(self, _: str) -> None:
        self.steps.pop()
