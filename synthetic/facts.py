"""Facts about persons whom other feeds list: disease marks, claims of special drugs, unemployment benefits.

Who is a patient, and at which insurers, hangs on the first night alone, so rows stay the same from night to night; claims
are added as days go by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.codes import read_rows
from schemas.feed import Column, Feed, Layout
from synthetic import day_codes
from synthetic.chance import Ints, Mask, Words, below, salt, uniform, words
from synthetic.covers import PRINCIPAL
from synthetic.dates_and_codes import dates
from synthetic.draft import Cells, Draft, World
from synthetic.people import NONE

DISEASES = ("thalassemia", "haemophilia", "dialysis", "kidney_transplant", "ms")
#: First claim so many days before the first night; a claim lasts for SUPPLY_DAYS; claims at the same insurer follow without
#: a gap. Where two insurers bear the same, the second's are SHIFT_DAYS later.
FIRST_CLAIM_DAYS, SUPPLY_DAYS, CLAIMS, SHIFT_DAYS = 75, 30, 4, 10
#: Of patients with two booklets: those with a mark at both, and those of them who claim at both in the same periods.
TWO_MARKS, TWO_CLAIMS = 0.4, 0.6
#: Serial numbers of a person's rows: marks and claims, by insurer and number.
SERIALS = 16
#: Of benefits: those that still run though their person is at work again.
STILL_PAID = 0.1
BENEFIT_DAYS = 240


@dataclass(frozen=True)
class Rows:
    """Rows of one feed: serial numbers, whose, under which cover, and what they tell by column."""

    serial: Ints
    person: Ints
    cover: Ints
    facts: dict[str, Ints]


def draft(world: World, feed: Feed, layout: Layout, feeds: Sequence[Feed]) -> Draft:
    """The rows of a feed of facts tonight."""
    rows = MADE[feed.role](world, feeds)
    insurer = {"insurer_code": world.covers.feed[rows.cover] if len(rows.cover) else rows.cover}
    codes = tuple(each.insurer_code or "" for each in feeds)
    return Draft(world, feed, layout, rows.serial, rows.person, rows.cover, facts=rows.facts | insurer, insurers=codes)


def _chance(world: World, person: Ints, *purpose: str) -> Words:
    return words(person.astype(np.uint64), salt(world.options.seed, "facts", *purpose))


def _patients(world: World, feeds: Sequence[Feed]) -> tuple[Ints, Ints, Ints]:
    """Person, first and second basic cover (NONE: only one) of each special patient."""
    covers, people = world.covers, world.people
    basic = [i for i, feed in enumerate(feeds) if feed.benefit_kind_code == "basic"]
    lasting = (covers.to_day == NONE) | (covers.to_day > world.first_day)
    held = np.isin(covers.feed, basic) & (covers.copy_of == NONE) & lasting & (covers.from_day < world.first_day)
    death = people.death[covers.person]
    rows = np.flatnonzero(held & ((death == NONE) | (death >= world.first_day)))
    rows = rows[np.lexsort((rows, covers.person[rows]))]
    person, first = np.unique(covers.person[rows], return_index=True)
    one = rows[first]
    after = np.minimum(first + 1, len(rows) - 1)
    two = rows[after]
    is_two = (covers.person[two] == person) & (two != one) & (covers.feed[two] != covers.feed[one])
    share = np.where(is_two, world.options.habits.patient_of_two, world.options.habits.patient)
    chosen = uniform(_chance(world, person, "patient")) < share
    return person[chosen], one[chosen], np.where(is_two, two, NONE)[chosen]


def _twice(world: World, person: Ints, second: Ints) -> tuple[Mask, Mask]:
    """Which patients have a mark at two insurers, and which of them claim at both."""
    marked = (second != NONE) & (uniform(_chance(world, person, "marks")) < TWO_MARKS)
    return marked, marked & (uniform(_chance(world, person, "claims")) < TWO_CLAIMS)


def marks(world: World, feeds: Sequence[Feed]) -> Rows:
    """One mark a patient; some have one at each of two insurers."""
    person, first, second = _patients(world, feeds)
    marked, _ = _twice(world, person, second)
    whose, cover = np.concatenate([person, person[marked]]), np.concatenate([first, second[marked]])
    serial = np.concatenate([person * SERIALS, person[marked] * SERIALS + 1])
    age = below(_chance(world, whose, "since"), 400) + FIRST_CLAIM_DAYS + SUPPLY_DAYS
    disease = below(_chance(world, whose, "disease"), len(DISEASES))
    nothing = np.full(len(whose), NONE, dtype=np.int64)
    told = {"disease_code": disease, "mark_from_date": world.first_day - age, "mark_to_date": nothing}
    return Rows(serial, whose, cover, told)


def claims(world: World, feeds: Sequence[Feed]) -> Rows:
    """Claims up to tonight, one after the other; some of the same drug at two insurers in the same days."""
    person, first, second = _patients(world, feeds)
    _, claimed = _twice(world, person, second)
    parts = [(person, first, 0, 0), (person[claimed], second[claimed], 1, SHIFT_DAYS)]
    whose, cover, serial, day = [], [], [], []
    for who, row, side, shift in parts:
        for number in range(CLAIMS):
            whose.append(who)
            cover.append(row)
            serial.append(who * SERIALS + 2 + side * CLAIMS + number)
            start = world.first_day - FIRST_CLAIM_DAYS + below(_chance(world, who, "start"), SUPPLY_DAYS // 2)
            day.append(start + number * SUPPLY_DAYS + shift)
    all_of, rows, numbers, days = (np.concatenate(part) for part in (whose, cover, serial, day))
    past = days <= world.today
    disease = below(_chance(world, all_of, "disease"), len(DISEASES))
    drug = np.array(_drugs_of())[disease, below(_chance(world, all_of, "drug"), 2)]
    supply = np.full(len(all_of), SUPPLY_DAYS, dtype=np.int64)
    told = {"drug_code": drug, "dispensed_date": days, "supply_days": supply}
    return Rows(numbers[past], all_of[past], rows[past], {name: values[past] for name, values in told.items()})


def benefits(world: World, feeds: Sequence[Feed]) -> Rows:
    """Benefits of members of the insurer of workers: ended before last month, or still paid."""
    covers = world.covers
    theirs = [i for i, feed in enumerate(feeds) if feed.insurer_code == "SSO" and feed.benefit_kind_code == "basic"]
    citizen = world.people.code[covers.person] != NONE
    mine = np.isin(covers.feed, theirs) & (covers.relation == PRINCIPAL) & (covers.copy_of == NONE) & citizen
    rows = np.flatnonzero(mine & (covers.from_day < world.first_day - BENEFIT_DAYS))
    chance = uniform(_chance(world, covers.person[rows], "benefit"))
    rows = rows[chance < world.options.habits.benefit]
    person, first = np.unique(covers.person[rows], return_index=True)
    month_start = day_codes.day_code(*last_month(world.first_day), np.array([1]))[0]
    still = uniform(_chance(world, person, "still paid")) < STILL_PAID
    start = month_start - BENEFIT_DAYS + below(_chance(world, person, "from"), BENEFIT_DAYS // 2)
    ended = start + below(_chance(world, person, "for"), BENEFIT_DAYS // 2)
    told = {"benefit_from_date": start, "benefit_to_date": np.where(still, NONE, ended)}
    return Rows(person * SERIALS, person, rows[first], told)


def last_month(today: int) -> tuple[Ints, Ints]:
    """Year and month of the lists that employers sent last: the one before a day's."""
    day = np.array([today])
    year, month = day_codes.year_of(day).astype(np.int64), day_codes.month_of(day).astype(np.int64)
    return np.where(month == 1, year - 1, year), np.where(month == 1, 12, month - 1)


def drugs() -> tuple[str, ...]:
    """Codes of special drugs."""
    return tuple(row["drug_code"] for row in read_rows("special_drugs"))


def _drugs_of() -> list[list[int]]:
    """Places of the drugs of each disease, two each."""
    rows = read_rows("special_drugs")
    return [[i for i, row in enumerate(rows) if row["disease_code"] == disease][:2] for disease in DISEASES]


MADE: dict[str, Callable[[World, Sequence[Feed]], Rows]] = {
    "special_mark": marks,
    "special_claim": claims,
    "benefit": benefits,
}


def insurer_code(draft: Draft, column: Column) -> Cells:
    """Codes of the insurers under which rows are."""
    return pa.array(draft.insurers, pa.string()).take(pa.array(draft.facts[column.name]))


def disease_code(draft: Draft, column: Column) -> Cells:
    """Diseases."""
    return draft.coded(column, DISEASES, draft.facts[column.name])


def drug_code(draft: Draft, column: Column) -> Cells:
    """Special drugs."""
    return pa.array(drugs(), pa.string()).take(pa.array(draft.facts[column.name]))


def supply_days(draft: Draft, column: Column) -> Cells:
    """Days for which a drug lasts."""
    return pc.cast(pa.array(draft.facts[column.name]), pa.string())


def _told_dates(draft: Draft, column: Column) -> Cells:
    return dates(draft, column, draft.facts[column.name])


mark_from_date = mark_to_date = dispensed_date = benefit_from_date = benefit_to_date = _told_dates
