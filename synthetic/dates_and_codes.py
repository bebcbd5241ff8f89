"""Columns of dates, months, counts and codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.feed import Column
from synthetic import covers as cover_words
from synthetic import day_codes
from synthetic.chance import Ints, Mask, below, which
from synthetic.codes import provinces
from synthetic.draft import Cells, Draft, indexes
from synthetic.families import YEAR
from synthetic.people import FEMALE, NATIONALITIES, NONE
from synthetic.spelling import VARIANTS

BIRTH_FAULTS = ("missing", "placeholder", "day", "month", "year", "swapped", "zero_day", "zero_month")
PLACEHOLDER = "1300/01/01"
SEXES = ("male", "female")
VITAL = ("alive", "dead", "cancelled")
SUPPORT_KINDS = ("disability", "child_care", "elderly", "household_head", "other")
WAGE_LOWEST, WAGE_SPREAD = 110_000_000, 240_000_000


def dates(draft: Draft, column: Column, day: Ints, missing: Mask | None = None) -> Cells:
    """Day codes in the column's format."""
    texts = pa.array(day_codes.date_texts(column.date_format or "gregorian:yyyy-mm-dd"), pa.string())
    return texts.take(indexes(spoilt_dates(draft, column, day), missing))


def spoilt_dates(draft: Draft, column: Column, day: Ints) -> Ints:
    """Impossible dates where a row is to be broken in this column."""
    broken = draft.broken_in(column.name)
    return (
        day
        if broken is None
        else np.where(broken & (day != NONE), day_codes.impossible(np.clip(day, 0, day_codes.day_count() - 1)), day)
    )


def birth_date(draft: Draft, column: Column) -> Cells:
    """Birth dates and their faults."""
    true = draft.world.people.birth[draft.person]
    bits = draft.bits("birth_date")
    kind = which(bits, [getattr(draft.rates, f"birth_{name}") for name in BIRTH_FAULTS])
    if column.max_null_percent is not None:
        lost = np.isin(kind, (1, 2, 7, 8))
        kind = np.where(lost & ~draft.within(lost, column.max_null_percent / 2, "birth_date"), 0, kind)
    day = _shifted_dates(true, kind, below(bits, 1 << 30))
    for number, name in enumerate(BIRTH_FAULTS, 1):
        draft.fault(column.name, name, (kind == number) & (day != true))
    return dates(draft, column, day)


def _shifted_dates(true: Ints, kind: Ints, chance: Ints) -> Ints:
    years, months, days = day_codes.year_of(true), day_codes.month_of(true), day_codes.day_of_month(true)
    sign = np.where(chance % 2 == 0, 1, -1)
    some = chance // 2 % 9
    leap = sign * np.where(some == 0, 10, 1 + some % 2)
    new_day = ((days - 1 + sign * (1 + some % 3)) % 29 + 1).astype(np.int64)
    new_month = ((months - 1 + sign * (1 + some % 2)) % 12 + 1).astype(np.int64)
    other_day = day_codes.day_code(years, months, new_day)
    other_month = day_codes.day_code(years, new_month, days)
    other_year = day_codes.day_code(
        np.clip(years + leap, day_codes.FIRST_YEAR, day_codes.LAST_YEAR - 1).astype(np.int64), months, days
    )
    swapped = np.where(days <= 12, day_codes.day_code(years, np.minimum(days, 12).astype(np.int64), months), true)
    placeholder = np.full(len(true), day_codes.year_start(1300))
    choices = [
        np.full(len(true), NONE),
        placeholder,
        other_day,
        other_month,
        other_year,
        swapped,
        day_codes.zero_day(true),
        day_codes.zero_month(true),
    ]
    return np.choose(kind, [true, *choices])


def death_date(draft: Draft, column: Column) -> Cells:
    """Days of death, as far as the registry knows them tonight."""
    return dates(draft, column, draft.world.people.death[draft.person])


def cover_from_date(draft: Draft, column: Column) -> Cells:
    """First days of cover."""
    return dates(draft, column, draft.world.covers.from_day[draft.cover])


def cover_to_date(draft: Draft, column: Column) -> Cells:
    """Days after the last day of cover."""
    return dates(draft, column, draft.world.covers.to_day[draft.cover])


def address_date(draft: Draft, column: Column) -> Cells:
    """Since when a dwelling is known."""
    return dates(draft, column, draft.world.dwellings.since[draft.world.people.dwelling[draft.person]])


def support_from_date(draft: Draft, column: Column) -> Cells:
    """First days of support."""
    people = draft.world.people
    first = draft.world.first_day
    span = np.maximum(first - people.birth[draft.person] - 3, 1)
    return dates(draft, column, first - below(draft.bits("support"), 3000) % span)


def work_month(draft: Draft, column: Column) -> Cells:
    """The month that ended last."""
    return pa.array([month_text(draft.world.today, column.date_format or "jalali:yyyy-mm")] * len(draft))


def month_text(today: int, form: str) -> str:
    """The Jalali month before a day's, in a contract's month format."""
    year, month = (int(part(np.array([today]))[0]) for part in (day_codes.year_of, day_codes.month_of))
    year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return f"{year % 100:02d}{month:02d}" if form == "jalali:yymm" else f"{year}-{month:02d}"


def contribution_days(draft: Draft, column: Column) -> Cells:
    """Insured days of the month; most work it in full."""
    bits = draft.bits("days")
    full = draft.happens(0.8, "full")
    return pc.cast(pa.array(np.where(full, 30, 1 + below(bits, 29))), pa.string())


def wage_rials(draft: Draft, column: Column) -> Cells:
    """Insured wages of the month."""
    return pc.cast(pa.array(WAGE_LOWEST + below(draft.bits("wage"), WAGE_SPREAD) // 1000 * 1000), pa.string())


def _codes(draft: Draft, column: Column, ours: Sequence[str], number: Ints) -> Cells:
    cells = draft.coded(column, tuple(ours), number)
    broken = draft.broken_in(column.name)
    return cells if broken is None else pc.if_else(pa.array(broken), "?", cells)


def sex_code(draft: Draft, column: Column) -> Cells:
    """Sex, rarely the other one."""
    sex = draft.world.people.sex[draft.person]
    wrong = draft.happens(draft.rates.sex_wrong, "sex")
    draft.fault(column.name, "wrong", wrong)
    return _codes(draft, column, SEXES, np.where(wrong, FEMALE - sex, sex))


def nationality_code(draft: Draft, column: Column) -> Cells:
    """Nationality."""
    return _codes(draft, column, NATIONALITIES, draft.world.people.nationality[draft.person])


def vital_status_code(draft: Draft, column: Column) -> Cells:
    """Alive or dead."""
    return _codes(draft, column, VITAL, (draft.world.people.death[draft.person] != NONE).astype(np.int64))


def province_code(draft: Draft, column: Column) -> Cells:
    """Province: of birth in civil registration, else of the dwelling."""
    people, dwellings = draft.world.people, draft.world.dwellings
    number = people.province[draft.person] if draft.feed.is_registry else dwellings.province[people.dwelling[draft.person]]
    return _codes(draft, column, [code for code, _, _ in provinces()], number)


def relation_code(draft: Draft, column: Column) -> Cells:
    """Relation to the principal."""
    return _codes(draft, column, cover_words.RELATIONS, draft.world.covers.relation[draft.cover])


def member_kind_code(draft: Draft, column: Column) -> Cells:
    """Kind of member."""
    return _codes(draft, column, cover_words.MEMBER_KINDS, draft.world.covers.member_kind[draft.cover])


def pension_kind_code(draft: Draft, column: Column) -> Cells:
    """Standing in a pension fund."""
    kind = draft.world.covers.member_kind[draft.cover]
    return _codes(draft, column, cover_words.PENSION_KINDS, np.minimum(kind, len(cover_words.PENSION_KINDS) - 1))


def support_kind_code(draft: Draft, column: Column) -> Cells:
    """Kind of support."""
    age = (draft.world.first_day - draft.world.people.birth[draft.person]) / YEAR
    chance = below(draft.bits("support_kind"), VARIANTS)
    kind = np.where(age < 18, 1, np.where(age > 65, 2, np.where(chance < 4, 0, np.where(chance < 7, 3, 4))))
    return _codes(draft, column, SUPPORT_KINDS, kind)
