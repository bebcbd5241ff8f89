"""The truth of a nation, apart from its deliveries: who is who, whose each record is, what was spoilt, who overlaps.

Written to ``out/truth/``; the databank never reads it, evaluations do.

As of the last night: person, cover, overlap, conflict.

Tables: person (true_person_id); record (business_date, record_key); cover (one row a true membership); overlap (person,
pair of insurers, days); conflict (``synthetic.conflict_truth``); corruption (business_date, record_key, column, kind: the
first night on which it shows).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from synthetic import day_codes
from synthetic.chance import Ints, Mask
from synthetic.codes import provinces
from synthetic.covers import RELATIONS, Covers, Insurers
from synthetic.names import name_pool
from synthetic.numerals import digits
from synthetic.people import NATIONALITIES, NONE, People
from synthetic.sheet import Sheet

FOREVER = date(9999, 12, 31)


class TruthBook:
    """Collects records and faults while files are written; ``write`` puts everything into Parquet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.record_count = 0
        self.corruption_count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, feed: str, sheet: Sheet, person: Ints, business_date: date, known: Mask | None) -> None:
        """Note the records of one file; faults only of records that the nights before did not show (``known``)."""
        day = pa.array([business_date] * 1, pa.date32())
        count = len(sheet)
        self._append("record", pa.table({
            "feed": pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), [feed]),
            "record_key": sheet.keys,
            "true_person_id": pa.array(person),
            "business_date": day.take(pa.array(np.zeros(count, np.int64))),
        }))  # fmt: skip
        self.record_count += count
        for fault in sheet.faults:
            rows = fault.rows if known is None else fault.rows[~known[fault.rows]]
            if not len(rows):
                continue
            zeros = pa.array(np.zeros(len(rows), np.int32))
            self._append("corruption", pa.table({
                "record_key": sheet.keys.take(pa.array(rows)),
                "column": pa.DictionaryArray.from_arrays(zeros, [fault.column]),
                "kind": pa.DictionaryArray.from_arrays(zeros, [fault.kind]),
                "business_date": day.take(zeros),
            }))  # fmt: skip
            self.corruption_count += len(rows)

    def _append(self, name: str, table: pa.Table) -> None:
        table = pa.table(
            {
                c: table[c].cast(pa.string()) if pa.types.is_dictionary(table[c].type) else table[c]
                for c in table.column_names
            }
        )
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", table.schema, compression="zstd")
        self._writers[name].write_table(table)

    def close(self, people: People, covers: Covers, insurers: Insurers) -> int:
        """Write persons, covers and overlaps; returns the number of overlaps."""
        for writer in self._writers.values():
            writer.close()
        self.keep("person", person_table(people))
        self.keep("cover", cover_table(people, covers, insurers))
        overlap = overlap_table(people, covers, insurers)
        self.keep("overlap", overlap)
        return int(overlap.num_rows)

    def keep(self, name: str, table: pa.Table) -> None:
        """Write one table of the truth."""
        pq.write_table(table, self._folder / f"{name}.parquet", compression="zstd")


def _days(code: Ints, open_end: bool = False) -> pa.Array:
    """Day codes as dates; NONE is null, or the last day there is."""
    shift = day_codes.FIRST_DAY - date(1970, 1, 1).toordinal()
    none = (FOREVER - date(1970, 1, 1)).days if open_end else 0
    values = np.where(code == NONE, none, code + shift).astype(np.int32)
    return pa.array(values, mask=None if open_end else code == NONE).cast(pa.date32())


def person_table(people: People) -> pa.Table:
    """One row a person, with true attributes."""
    pool = name_pool()

    def named(texts: tuple[str, ...], index: Ints) -> pa.Array:
        return pa.array(texts, pa.string()).take(pa.array(index, mask=index == NONE))

    return pa.table({
        "true_person_id": pa.array(np.arange(len(people))),
        "national_code": digits(people.code, 10),
        "foreign_id": digits(people.fida, 12),
        "passport_no": pc.binary_join_element_wise("P", digits(people.passport, 8), ""),
        "given_name": named(pool.given, people.given),
        "surname": named(pool.surnames, people.surname),
        "former_surname": named(pool.surnames, people.former_surname),
        "father_name": named(pool.given, people.father_name),
        "sex_code": named(("male", "female"), people.sex),
        "birth_date": _days(people.birth),
        "death_date": _days(people.death),
        "nationality_code": named(NATIONALITIES, people.nationality),
        "province_code": named(tuple(code for code, _, _ in provinces()), people.province),
        "father_person_id": pa.array(people.father, mask=people.father == NONE),
        "mother_person_id": pa.array(people.mother, mask=people.mother == NONE),
        "spouse_person_id": pa.array(people.spouse, mask=people.spouse == NONE),
        "is_second_twin": pa.array(people.sibling_order > 0),
    })  # fmt: skip


def true_ends(people: People, covers: Covers) -> Ints:
    """Day after the last day of each cover: its own, or the day after death where that is earlier; NONE goes on."""
    death = people.death[covers.person]
    far = np.int64(1 << 40)
    end = np.minimum(np.where(covers.to_day == NONE, far, covers.to_day), np.where(death == NONE, far, death + 1))
    return np.where(end == far, NONE, np.maximum(end, covers.from_day))


def cover_table(people: People, covers: Covers, insurers: Insurers) -> pa.Table:
    """One row a membership as it truly is: ended by death even where the insurer does not know."""
    codes = [insurers.code_of.get(i, "") for i in range(int(covers.feed.max(initial=0)) + 1)]
    kinds = [insurers.kind_of.get(i, "") for i in range(len(codes))]
    rows = np.flatnonzero(covers.copy_of == NONE)
    chosen = covers.take(rows)
    return pa.table({
        "true_person_id": pa.array(chosen.person),
        "insurer_code": pa.array(codes, pa.string()).take(pa.array(chosen.feed)),
        "benefit_kind_code": pa.array(kinds, pa.string()).take(pa.array(chosen.feed)),
        "from_date": _days(chosen.from_day),
        "to_date": _days(true_ends(people, covers)[rows], open_end=True),
        "relation_code": pa.array(RELATIONS).take(pa.array(chosen.relation)),
    })  # fmt: skip


def overlap_table(people: People, covers: Covers, insurers: Insurers) -> pa.Table:
    """True conflicts: two basic covers of one person at two insurers on the same days; days as half-open periods."""
    basic = np.flatnonzero(np.isin(covers.feed, insurers.basic) & (covers.copy_of == NONE))
    order = basic[np.lexsort((basic, covers.person[basic]))]
    person, start = covers.person[order], covers.from_day[order]
    end = true_ends(people, covers)[order]
    end = np.where(end == NONE, 1 << 40, end)
    codes = np.array([insurers.code_of.get(i, "") for i in range(int(covers.feed.max(initial=0)) + 1)])
    insurer = codes[covers.feed[order]]
    found = []
    for step in range(1, int(np.bincount(person).max(initial=1))):
        a, b = np.arange(len(order) - step), np.arange(step, len(order))
        low, high = np.maximum(start[a], start[b]), np.minimum(end[a], end[b])
        hit = np.flatnonzero((person[a] == person[b]) & (insurer[a] != insurer[b]) & (low < high))
        found.append((person[a[hit]], insurer[a[hit]], insurer[b[hit]], low[hit], high[hit]))
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)] if found else [np.array([], np.int64)] * 5
    who, one, two, low, high = columns
    flip = one > two
    return pa.table({
        "true_person_id": pa.array(who),
        "insurer_a": pa.array(np.where(flip, two, one).tolist(), pa.string()),
        "insurer_b": pa.array(np.where(flip, one, two).tolist(), pa.string()),
        "from_date": _days(low),
        "to_date": _days(np.where(high == 1 << 40, NONE, high), open_end=True),
    })  # fmt: skip
