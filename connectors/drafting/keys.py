"""What makes a row unique: columns whose values hardly ever repeat and are filled, the agency's own numbers first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from connectors.drafting.meanings import Meaning
from connectors.drafting.shapes import Shape, is_fit

OWN_NUMBERS = ("member_no", "student_no", "pupil_no", "case_no", "record_no", "insurance_no", "booklet_no", "account_no")
"""Numbers that an agency gives once and keeps, best first. Whoever changes his bank account stays who he is."""
NUMBERS = (*OWN_NUMBERS, "answer_no", "conflict_no", "passport_no", "foreign_id", "national_code")
"""Numbers that may tell rows apart by themselves."""
SHARED_NUMBERS = ("workshop_no", "list_no", "school_no", "principal_member_no", "principal_national_code")
"""Numbers of what several rows have in common: they may be one of two."""
PARTNERS = ("relation_code", "member_kind_code", "pension_kind_code", "support_kind_code", "degree_code", "disease_code",
            "drug_code", "insurer_code", "work_month", "grade_no", "cover_from_date", "support_from_date", "graduation_date",
            "account_opened_date", "mark_from_date", "dispensed_date", "benefit_from_date", "told_date")  # fmt: skip
"""What several rows of one number may differ by. All else describes a person: unique in a sample perhaps, and not kept."""
MOST_COLUMNS = 8
"""Pairs are sought among so many columns, the most distinct ones."""


@dataclass(frozen=True)
class RecordKey:
    """A candidate. ``repeated_count``: rows of the sample that share their key with another, or lack it."""

    columns: tuple[str, ...]
    repeated_count: int
    why: str


def candidates(rows: pa.Table, found: Sequence[Meaning], shapes: Mapping[str, Shape]) -> list[RecordKey]:
    """Record keys by the sample, the best first; none where no number is fit for one."""
    numbers = {each.source: each.field.name for each in found if each.field is not None and each.field.name in NUMBERS}
    keys = [_single(name, shapes[source], source) for source, name in numbers.items()]
    if not any(is_fit(key.repeated_count, rows.num_rows) and numbers[key.columns[0]] in OWN_NUMBERS for key in keys):
        keys += _pairs(rows, found, shapes)

    def order(key: RecordKey) -> tuple[bool, bool, int, int]:
        rank = NUMBERS.index(numbers.get(key.columns[0], NUMBERS[-1])) if len(key.columns) == 1 else 0
        is_own = len(key.columns) == 1 and rank < len(OWN_NUMBERS)
        return not is_own, key.repeated_count > 0, len(key.columns), rank

    return sorted((key for key in keys if is_fit(key.repeated_count, rows.num_rows)), key=order)


def nearest(found: Sequence[Meaning], shapes: Mapping[str, Shape]) -> RecordKey | None:
    """The number that tells most rows apart, where none is fit."""
    keys = [
        _single(each.field.name, shapes[each.source], each.source)
        for each in found
        if each.field is not None and each.field.name in NUMBERS
    ]
    return min(keys, key=lambda key: key.repeated_count, default=None)


def _single(name: str, shape: Shape, source: str) -> RecordKey:
    repeated = shape.repeated_count
    own = "a number of the agency's own" if name in OWN_NUMBERS else "no number of the agency's own"
    said = f"each of {shape.row_count} rows has its own value" if repeated == 0 else f"{repeated} rows share or lack it"
    return RecordKey((source,), repeated, f"{said}; {own}")


def _pairs(rows: pa.Table, found: Sequence[Meaning], shapes: Mapping[str, Shape]) -> list[RecordKey]:
    names = {each.source: each.field.name for each in found if each.field is not None}
    anchors = {source for source, name in names.items() if name in (*NUMBERS, *SHARED_NUMBERS)}
    usable = [source for source, name in names.items() if source in anchors or name in PARTNERS]
    likely = sorted(usable, key=lambda source: -shapes[source].distinct_count)[:MOST_COLUMNS]
    keys = []
    for pair in combinations([source for source in usable if source in likely], 2):
        if anchors.isdisjoint(pair) or any(is_fit(shapes[source].repeated_count, rows.num_rows) for source in pair):
            continue
        values = zip(*(rows.column(source).to_pylist() for source in pair), strict=True)
        repeated = rows.num_rows - len({value for value in values if all(value)})
        told = f"each of {rows.num_rows} rows has its own pair" if repeated == 0 else f"{repeated} rows share or lack it"
        keys.append(RecordKey(pair, repeated, told))
    return keys
