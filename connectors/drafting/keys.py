"""What makes a row unique: columns whose values never repeat, the agency's own numbers first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from connectors.drafting.meanings import Meaning
from connectors.drafting.shapes import Shape

OWN_NUMBERS = ("member_no", "student_no", "pupil_no", "account_no", "case_no", "record_no", "insurance_no", "booklet_no")
"""Numbers that an agency gives once and keeps, best first."""
NEVER = ("birth_date", "given_name", "surname", "full_name", "address", "mobile_no", "email", "wage_rials")
"""Attributes of a person: they may be unique in a sample, and are not kept."""
MOST_COLUMNS = 8
"""Pairs are sought among so many columns, the most distinct ones."""


@dataclass(frozen=True)
class RecordKey:
    """A candidate. ``repeated_count``: rows of the sample that share their key with another, or lack it."""

    columns: tuple[str, ...]
    repeated_count: int
    why: str


def candidates(rows: pa.Table, found: Sequence[Meaning], shapes: Mapping[str, Shape]) -> list[RecordKey]:
    """Record keys by the sample, the best first: never empty."""
    usable = [each for each in found if each.field is not None and each.field.name not in NEVER]
    single = sorted((_single(each, shapes[each.source]) for each in usable), key=lambda key: key[0])
    keys = [key for _, key in single if key.repeated_count == 0]
    if not keys or _rank(found, keys[0].columns[0]) >= len(OWN_NUMBERS):
        keys += _pairs(rows, [each.source for each in usable], shapes)
    return keys or [key for _, key in single][:1] or [_everything(rows, found)]


def _everything(rows: pa.Table, found: Sequence[Meaning]) -> RecordKey:
    """Where nothing can be a key: all that is known of a row."""
    columns = tuple(each.source for each in found if each.field is not None)
    values = list(zip(*(rows.column(source).to_pylist() for source in columns), strict=True))
    return RecordKey(columns, len(values) - len(set(values)), "no column is fit for a key, so all of them together: CHECK")


def _single(meaning: Meaning, shape: Shape) -> tuple[tuple[int, int, int], RecordKey]:
    repeated = shape.row_count - shape.distinct_count
    name = meaning.field.name if meaning.field else ""
    rank = OWN_NUMBERS.index(name) if name in OWN_NUMBERS else len(OWN_NUMBERS) + (name == "national_code")
    own = "a number of the agency's own" if name in OWN_NUMBERS else "no number of the agency's own"
    said = f"each of {shape.row_count} rows has its own value" if repeated == 0 else f"{repeated} rows share or lack it"
    return (min(repeated, 1), rank, repeated), RecordKey((meaning.source,), repeated, f"{said}; {own}")


def _rank(found: Sequence[Meaning], source: str) -> int:
    name = next(each.field.name for each in found if each.source == source and each.field)
    return OWN_NUMBERS.index(name) if name in OWN_NUMBERS else len(OWN_NUMBERS)


def _pairs(rows: pa.Table, sources: Sequence[str], shapes: Mapping[str, Shape]) -> list[RecordKey]:
    likely = sorted(sources, key=lambda source: -shapes[source].distinct_count)[:MOST_COLUMNS]
    found = []
    for pair in combinations([source for source in sources if source in likely], 2):
        values = list(zip(*(rows.column(source).to_pylist() for source in pair), strict=True))
        if all(all(value) for value in values) and len(set(values)) == len(values):
            found.append(RecordKey(pair, 0, f"each of {len(values)} rows has its own pair"))
    return found
