"""Records of JSON and XML as rows: a column is the path of a value inside its record."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import breach, check_columns, declared
from schemas.feed import Layout

_PLAIN = frozenset((str, int, bool, Decimal))


class Rows:
    """Records of one file until they make a batch, and which columns any of them had.

    Args:
        name: file name for messages.
        separator: what stands between the steps of a path.
    """

    def __init__(self, name: str, layout: Layout, separator: str) -> None:
        self.name, self.layout, self.separator = name, layout, separator
        self.names = list(dict.fromkeys((*declared(layout), *layout.ignored)))
        self.whole = frozenset(self.names)
        self.parents = _parents(self.names, separator)
        self.count = 0
        self._seen: set[str] = set()
        self._clear()

    def _clear(self) -> None:
        self._numbers: list[int] = []
        self._records: list[Mapping[str, Any]] = []
        self._rejects: list[Reject] = []

    def __len__(self) -> int:
        return len(self._numbers) + len(self._rejects)

    def add(self, number: int, record: Mapping[str, Any]) -> None:
        """Take a record whose keys are paths."""
        self._numbers.append(number)
        self._records.append(record)

    def set_aside(self, number: int, reason_code: str, text: str | bytes) -> None:
        """Take what is no record."""
        self._rejects.append(reject(number, reason_code, text))

    def extend(self, rejects: Collection[Reject]) -> None:
        """Take what others set aside."""
        self._rejects.extend(rejects)

    def batch(self) -> RawBatch:
        """What was taken since the last batch.

        Raises:
            ContractBreach: a record has a value whose path is neither mapped nor ignored.
        """
        keys = set().union(*self._records) - self._seen
        if keys:
            self._seen |= keys
            known = declared(self.layout)
            check_columns(self.name, [*known, *sorted(self._seen - set(known))], self.layout)
        columns = [_column([record.get(name) for record in self._records]) for name in self.names]
        batch = raw_batch(np.array(self._numbers, np.int64), self.names, columns, self._rejects)
        self.count += len(self._numbers)
        self._clear()
        return batch

    def check_seen(self) -> None:
        """Prove at the end that no required column was missing throughout. Sparse records leave out what is null.

        Raises:
            ContractBreach: names those that were.
        """
        wanted = [self.layout.parts(column) for column in self.layout.columns if column.is_required or column.is_key]
        missing = [name for name in dict.fromkeys(chain.from_iterable(wanted)) if name not in self._seen]
        if self.count and missing:
            raise breach(f"No row of {self.name} has {', '.join(missing)}", "Ask the agency, or mend the contract")

    def flat(self, record: Mapping[str, Any], above: str = "") -> Mapping[str, Any] | None:
        """Objects inside a record as paths, and lists of which a column names a place; None where two values have one path.

        Below what is a column itself, or ignored, there is only what other columns name.

        Args:
            above: what stands before each path.
        """
        if not above and _PLAIN.issuperset(map(type, record.values())):
            return record
        found: dict[str, Any] = {}
        return found if self._flatten(record, above, found, is_named_only=False) else None

    def _flatten(self, record: Mapping[str, Any], above: str, found: dict[str, Any], *, is_named_only: bool) -> bool:
        for key, value in record.items():
            path = above + key
            if path in self.parents or (isinstance(value, dict) and path not in self.whole):
                inner = {str(place): each for place, each in enumerate(value)} if isinstance(value, list) else value
                is_rest_told = is_named_only or path in self.whole
                if isinstance(inner, dict) and not self._flatten(
                    inner, path + self.separator, found, is_named_only=is_rest_told
                ):
                    return False
                if path not in self.whole and (value is None or isinstance(inner, dict)):
                    continue
            if is_named_only and path not in self.whole:
                continue
            if path in found:
                return False
            found[path] = value
        return True


def _parents(names: Collection[str], separator: str) -> frozenset[str]:
    """Paths that have a column somewhere below."""
    steps = (name.split(separator) for name in names)
    return frozenset(separator.join(path[:end]) for path in steps for end in range(1, len(path)))


def _column(values: list[Any]) -> pa.Array:
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        column = pa.array([text_of(value) for value in values], pa.string())
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def text_of(value: Any) -> str | None:
    """A value as text: numbers as they were written, lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def is_writable(value: Any) -> bool:
    """Whether all text can be written: escapes can spell half characters."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
