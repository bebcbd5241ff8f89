"""Columns of words: names as written, addresses, jobs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.feed import Column
from synthetic import spelling
from synthetic.chance import Ints, Mask, below, salt, uniform, which, words
from synthetic.codes import cities, provinces
from synthetic.draft import Cells, Draft, indexes
from synthetic.names import name_pool, word_groups
from synthetic.people import FEMALE, NONE, Dwellings
from synthetic.spelling import MISTAKES, VARIANTS, Spelled, spelled

#: Share of people who bear سید in their registered name, by whether their surname is one of descent.
SAYYED_SURNAMES = ("حسینی", "موسوی", "هاشمی", "میری")
SAYYED_SHARE, SAYYED_SHARE_BY_NAME = 0.02, 0.6
HAJ = 3


def sayyed(draft: Draft) -> Ints:
    """Honorific in the registered given name: 0, or by sex that of a sayyed. Goes with the surname, so with the family."""
    people, pool = draft.world.people, name_pool()
    surname = people.surname[draft.person]
    chance = uniform(words((people.mother[draft.person] + 2).astype(np.uint64) * np.uint64(7919) + surname.astype(np.uint64),
                           salt(draft.world.options.seed, "sayyed")))  # fmt: skip
    of_descent = np.isin(surname, [pool.surnames.index(name) for name in SAYYED_SURNAMES])
    is_sayyed = chance < np.where(of_descent, SAYYED_SHARE_BY_NAME, SAYYED_SHARE)
    is_sayyed &= people.nationality[draft.person] == 0
    return np.where(is_sayyed, np.where(people.sex[draft.person] == FEMALE, 2, 1), 0)


def _style(draft: Draft, purpose: str) -> Ints:
    rates = draft.rates
    letters = np.where(draft.happens(rates.name_letters, purpose, "letters"), spelling.LETTERS, 0)
    bits = draft.bits(purpose, "spacing")
    spacing = np.where(
        uniform(bits) < rates.name_spacing, np.where(below(bits, 2) == 0, spelling.SPACED, spelling.JOINED), 0
    )
    hamza = np.where(draft.happens(rates.name_hamza, purpose, "hamza"), spelling.HAMZA, 0)
    return letters + spacing + hamza


def _written(draft: Draft, column: str, pool: tuple[str, ...], name: Ints, honorific: Ints) -> Cells:
    rates = draft.rates
    bits = draft.bits(column)
    shares = [getattr(rates, f"name_{mistake}") for mistake in MISTAKES]
    is_foreign = draft.world.people.nationality[draft.person] != 0
    kind = which(bits, shares)
    kind = np.where((kind == len(MISTAKES)) & ~is_foreign, 0, kind)
    style = _style(draft, column)
    result = spelled(pool, name, honorific, style, (kind, below(bits, VARIANTS)))
    _note(draft, column, result, style, kind)
    return result.texts


def _note(draft: Draft, column: str, result: Spelled, style: Ints, kind: Ints) -> None:
    for number, mistake in enumerate(MISTAKES, 1):
        draft.fault(column, mistake, result.is_changed & (kind == number))
    only = result.is_changed & (kind == 0)
    for name, flag in (
        ("spacing", spelling.SPACED | spelling.JOINED),
        ("hamza", spelling.HAMZA),
        ("letters", spelling.LETTERS),
    ):
        here = only & (style & flag != 0)
        draft.fault(column, name, here)
        only &= ~here


def _given(draft: Draft) -> Cells:
    true = sayyed(draft)
    bits = draft.bits("honorific")
    dropped = (true > 0) & (uniform(bits) < draft.rates.name_honorific_dropped)
    added = (true == 0) & (uniform(bits) < draft.rates.name_honorific)
    haj = np.where(below(bits, 3) == 0, HAJ, np.where(draft.world.people.sex[draft.person] == FEMALE, 2, 1))
    draft.fault("given_name", "honorific_dropped", dropped)
    draft.fault("given_name", "honorific_added", added)
    shown = np.where(dropped, 0, np.where(added, haj, true))
    return _written(draft, "given_name", name_pool().given, draft.world.people.given[draft.person], shown)


def _surname(draft: Draft) -> Cells:
    people = draft.world.people
    former = people.former_surname[draft.person]
    behind = (former != NONE) & draft.happens(0.5, "former_surname") & (not draft.feed.is_registry)
    draft.fault("surname", "former", behind)
    name = np.where(behind, former, people.surname[draft.person])
    return _written(draft, "surname", name_pool().surnames, name, np.zeros(len(draft), dtype=np.int64))


def _swapped(draft: Draft) -> Mask:
    return draft.happens(draft.rates.name_swapped, "swapped")


def given_name(draft: Draft, column: Column) -> Cells:
    """Given names; where first and last are swapped, the surname."""
    swapped = _swapped(draft)
    draft.fault(column.name, "swapped", swapped)
    return pc.if_else(pa.array(swapped), *_both_names(draft)[::-1])


def surname(draft: Draft, column: Column) -> Cells:
    """Surnames; where first and last are swapped, the given name."""
    swapped = _swapped(draft)
    draft.fault(column.name, "swapped", swapped)
    given, family = _both_names(draft)
    return pc.if_else(pa.array(swapped), given, family)


def full_name(draft: Draft, column: Column) -> Cells:
    """Given name and surname in one column."""
    return pc.binary_join_element_wise(*_both_names(draft), " ")


def _both_names(draft: Draft) -> tuple[Cells, Cells]:
    if draft.names is None:
        draft.names = (_given(draft), _surname(draft))
    return draft.names


def father_name(draft: Draft, column: Column) -> Cells:
    """The father's given name, often missing."""
    missing = draft.happens(draft.rates.father_missing, "father", "missing")
    draft.fault(column.name, "missing", missing)
    name = draft.world.people.father_name[draft.person]
    texts = _written(draft, column.name, name_pool().given, name, np.zeros(len(draft), dtype=np.int64))
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), texts)


def address(draft: Draft, column: Column) -> Cells:
    """Addresses, long or abbreviated, some of the dwelling before."""
    world = draft.world
    home = world.people.dwelling[draft.person]
    old = draft.happens(draft.rates.address_old, "address", "old") & (world.dwellings.previous[home] != NONE)
    draft.fault(column.name, "old", old)
    lived = np.where(old, world.dwellings.previous[home], home)
    short = draft.happens(0.4, "address", "short")
    return pc.if_else(pa.array(short), world.addresses(lived, True), world.addresses(lived, False))


def city_name(draft: Draft, column: Column) -> Cells:
    """City of the dwelling."""
    return _cities(draft.world.dwellings, draft.world.people.dwelling[draft.person])


@cache
def _city_table() -> tuple[pa.Array, Ints]:
    flat = [city for names in cities() for city in names]
    starts = np.cumsum([0] + [len(names) for names in cities()])[:-1]
    return pa.array(flat), starts


def _cities(dwellings: Dwellings, lived: Ints) -> Cells:
    texts, starts = _city_table()
    return texts.take(pa.array(starts[dwellings.province[lived]] + dwellings.city[lived]))


def written_addresses(dwellings: Dwellings, lived: Ints, is_short: bool) -> Cells:
    """Addresses of dwellings as text."""
    groups = word_groups("streets.txt")
    street = pa.array(groups["streets"]).take(pa.array(dwellings.street[lived]))
    alley = pa.array(groups["alleys"]).take(pa.array(dwellings.alley[lived]))
    plate = pc.cast(pa.array(dwellings.plate[lived]), pa.string())
    names = (" خ ", " ک ", " پ ") if is_short else ("، خیابان ", "، کوچه ", "، پلاک ")
    parts = [_cities(dwellings, lived), names[0], street, names[1], alley, names[2], plate]
    town = pc.binary_join_element_wise(*parts, "")
    province = pa.array([name for _, name, _ in provinces()]).take(pa.array(dwellings.province[lived]))
    village = pc.binary_join_element_wise(province, "، روستای ", street, "، پلاک ", plate, "")
    return pc.if_else(pa.array(dwellings.is_rural[lived] == 1), village, town)


def job_title(draft: Draft, column: Column) -> Cells:
    """Jobs as employers write them."""
    jobs = word_groups("streets.txt")["jobs"]
    return pa.array(jobs).take(indexes(below(draft.bits("job"), len(jobs))))
