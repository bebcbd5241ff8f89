"""A draft: the rows of one feed on one night while their columns are filled, and the faults put into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from schemas.feed import Column, Feed, Layout
from synthetic.chance import Ints, Mask, Words, salt, uniform, which, words
from synthetic.covers import Covers
from synthetic.options import NationOptions, NoiseRates
from synthetic.people import NONE, Dwellings, People

#: Text of a column as the agency writes it: an Arrow array of strings.
Cells: TypeAlias = Any
#: At most this share of a contract's limit of missing or invalid values is used up by noise, so that a small file is not
#: held by bad luck.
LIMIT_USED = 0.6
#: What makes a row unreadable, in the order of their numbers from 1.
ROW_FAULTS = ("bad_date", "bad_code", "cut", "illegal_byte")
CUT, ILLEGAL_BYTE = 3, 4
TEXT_KINDS = ("delimited", "fixed", "jsonl")
UTF_8 = ("utf-8", "utf-8-sig")


def line_faults(layout: Layout) -> tuple[int, ...]:
    """Which row faults a file's format can show beside bad values: lines can be cut, UTF-8 can hold an illegal byte."""
    if layout.format.kind not in TEXT_KINDS:
        return ()
    return (CUT, ILLEGAL_BYTE) if layout.format.encoding in UTF_8 else (CUT,)


@dataclass(frozen=True)
class World:
    """The nation as it is on one night."""

    options: NationOptions
    people: People
    dwellings: Dwellings
    covers: Covers
    first_day: int
    today: int
    addresses: Callable[[Ints, bool], Cells]


@dataclass(frozen=True)
class Fault:
    """Rows of one column that do not show the truth, and in what way."""

    column: str
    kind: str
    rows: Ints


@dataclass
class Draft:
    """Rows of one feed.

    Args:
        serial: a number for each row that stays its own from night to night; noise hangs on it.
        person: whose row it is. cover: row of ``world.covers``, or NONE where the feed is not an insurer's.
        facts: what rows tell beside persons, by column (``synthetic.facts``).
        insurers: code of each feed's insurer, by the feed's place, where rows of facts name theirs.
        shown: numbers that a file shows in place of the true ones, by column; NONE where it shows nothing readable.
    """

    world: World
    feed: Feed
    layout: Layout
    serial: Ints
    person: Ints
    cover: Ints
    faults: list[Fault] = field(default_factory=list)
    names: tuple[Cells, Cells] | None = None
    facts: dict[str, Ints] = field(default_factory=dict)
    shown: dict[str, Ints] = field(default_factory=dict)
    insurers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def rates(self) -> NoiseRates:
        """Noise of this feed."""
        return self.world.options.rates(self.feed)

    @cached_property
    def _uid(self) -> Words:
        return self.serial.astype(np.uint64)

    def bits(self, *purpose: str) -> Words:
        """Random bits of each row for a purpose; the same every night."""
        return words(self._uid, salt(self.world.options.seed, self.feed.name, *purpose))

    def happens(self, rate: float, *purpose: str) -> Mask:
        """For each row whether something happens."""
        return uniform(self.bits(*purpose)) < rate

    def fault(self, column: str, kind: str, where: Mask | Ints) -> None:
        """Remember that rows were spoilt."""
        rows = np.flatnonzero(where) if where.dtype == np.bool_ else where
        if len(rows):
            self.faults.append(Fault(column, kind, rows.astype(np.int64)))

    def within(self, rows: Mask, percent: float | None, *purpose: str) -> Mask:
        """As many of the rows as a limit in percent allows, chosen by their own chance."""
        if percent is None:
            return rows
        allowed = int(LIMIT_USED * percent / 100 * len(rows))
        places = np.flatnonzero(rows)
        if len(places) <= allowed:
            return rows
        kept = places[np.argsort(self.bits("within", *purpose)[places], kind="stable")[:allowed]]
        mask = np.zeros(len(rows), dtype=np.bool_)
        mask[kept] = True
        return mask

    @cached_property
    def broken(self) -> Ints:
        """What makes each row unreadable: 0 nothing, else the number of one of ``ROW_FAULTS``."""
        rates = self.rates
        kind = which(self.bits("row"), (rates.row_bad_date, rates.row_bad_code, rates.row_cut, rates.row_illegal_byte))
        kept = self.within(kind > 0, self.layout.max_quarantined_percent / 2, "row")
        return np.where(kept, kind, 0)

    def broken_in(self, name: str) -> Mask | None:
        """Which rows are broken in a column: a bad date or code in its first required one."""
        for number, kind in ((1, "date"), (2, "code")):
            typed = [column for column in self.layout.columns if column.field.type == kind]
            chosen = next((column for column in typed if column.is_required), typed[0] if typed else None)
            if chosen is not None and chosen.name == name:
                where = self.broken == number
                self.fault(name, ROW_FAULTS[number - 1], where)
                return where if where.any() else None
        return None

    def has(self, name: str) -> bool:
        """Whether the layout has a column of that name."""
        return any(column.name == name for column in self.layout.columns)

    def coded(self, column: Column, ours: tuple[str, ...], number: Ints) -> Cells:
        """The agency's codes for ours, given by index; NONE is empty. What it has no code for becomes its last code."""
        agency = {value: key for key, value in reversed(column.codes.items())}
        spare = next(reversed(column.codes), "")
        texts = pa.array([agency.get(value, spare) for value in ours], pa.string())
        return texts.take(indexes(number))


def indexes(number: Ints, missing: Mask | None = None) -> Cells:
    """Indexes for ``take``; NONE and missing ones give null."""
    absent = number == NONE
    return pa.array(number, mask=absent if missing is None else absent | missing)
