"""Who lives where: households, dwellings, mobiles; and the numbers that the state gives people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic import day_codes
from synthetic.chance import Ints, choose
from synthetic.codes import CodeOffice, cities, foreign_codes, mobiles, postal_codes, province_weights
from synthetic.families import YEAR, FamilyRules, families
from synthetic.names import name_pool, word_groups
from synthetic.options import NationOptions
from synthetic.people import FEMALE, MALE, NONE, Dwellings, People

#: First sibships from which the size of a nation is estimated.
PILOT = 3000
#: How many more people are made than asked for, so that enough of them live; single people too many are left out again.
SURPLUS, SURPLUS_SIBSHIPS = 1.02, 80
#: Share of persons in the register who are dead when the nation begins.
DEAD_SHARE = 0.025
RURAL_SHARE = 0.27
MOVED_RECENTLY = 0.25
LEAVES_HOME_AGE, LEAVES_HOME_SHARE = 30, 0.5
FOREIGN_SHARES = (0.0, 0.92, 0.04, 0.04)
PASSPORT_SHARE = 0.4
#: From this Jalali year on, certificates bear the national code or 0 instead of a number of their own.
CERTIFICATE_YEAR = 1368
CERTIFICATE_ZERO_SHARE = 0.6
MOBILE_FROM_AGE, MOBILE_SHARE = 12, 0.92


def first_people(
    options: NationOptions, today: int, office: CodeOffice, rng: np.random.Generator
) -> tuple[People, Dwellings]:
    """Everybody who is in the nation at its beginning: exactly as many as asked for, some of them dead."""
    rules = FamilyRules(name_pool(), options.habits, today)
    foreigners = round(options.persons * options.habits.foreigner)
    people = _just(rng, options.persons - foreigners, rules)
    if foreigners:
        people.extend(_just(rng, foreigners, replace(rules, is_foreign=True), is_living=True).shifted(len(people)))
    dwellings = _house(rng, people, today, options.habits.grandparent_with_child)
    is_foreign = np.arange(len(people)) >= options.persons - foreigners
    register(rng, people, np.flatnonzero(~is_foreign), office)
    _register_foreigners(rng, people, np.flatnonzero(is_foreign))
    give_mobiles(rng, people, np.arange(len(people)), today, options.habits.mobile_shared)
    return people, dwellings


def _just(rng: np.random.Generator, persons: int, rules: FamilyRules, is_living: bool = False) -> People:
    pilot = families(np.random.default_rng(7), PILOT, rules)
    living_each = pilot.is_alive.sum() / PILOT
    wanted = persons if is_living else round(persons * (1 - DEAD_SHARE))
    people = families(rng, max(2, round(wanted / living_each * SURPLUS) + SURPLUS_SIBSHIPS), rules)
    alive = np.flatnonzero(people.is_alive)
    dropped_first = alive[np.lexsort((rng.random(len(alive)), people.spouse[alive] != NONE))]
    kept = np.setdiff1d(alive, dropped_first[: max(0, len(alive) - wanted)])
    dead = np.flatnonzero(~people.is_alive & (people.birth < rules.today))
    recent = dead[np.argsort(-people.death[dead], kind="stable")][: persons - len(kept)]
    rows = np.sort(np.concatenate([kept, recent]))
    chosen = people.relabelled(rows)
    follows = (
        (chosen.mother[1:] == chosen.mother[:-1]) & (chosen.birth[1:] == chosen.birth[:-1]) & (chosen.mother[1:] != NONE)
    )
    chosen.sibling_order[1:] *= follows  # a twin whose sibling is not among the chosen stands alone
    return chosen


def _house(rng: np.random.Generator, people: People, today: int, grandparent_with_child: float) -> Dwellings:
    """One dwelling a household: couples, their children at home, some grandparents, and people alone."""
    count = len(people)
    number = np.arange(count)
    couple = np.where(people.spouse == NONE, number, np.minimum(number, people.spouse))
    parent = np.where(people.father == NONE, people.mother, people.father)
    age = (today - people.birth) / YEAR
    stays = (people.spouse == NONE) & (parent != NONE) & ((age < LEAVES_HOME_AGE) | (rng.random(count) > LEAVES_HOME_SHARE))
    home = np.where(stays, couple[parent], couple)
    eldest = np.full(count, NONE, dtype=np.int64)
    heirs = np.flatnonzero((people.spouse != NONE) & (parent != NONE))[::-1]
    eldest[parent[heirs]] = heirs
    joins = (age > 70) & (people.spouse == NONE) & (eldest != NONE) & (rng.random(count) < grandparent_with_child)
    home = np.where(joins, home[eldest], home)
    heads, people.dwelling = np.unique(home, return_inverse=True)
    return new_dwellings(rng, people.province[heads], today, MOVED_RECENTLY)


def new_dwellings(rng: np.random.Generator, province: Ints, today: int, moved_share: float) -> Dwellings:
    """Dwellings in given provinces; some have a previous one, appended after all of them."""
    count = len(province)
    moved = np.flatnonzero(rng.random(count) < moved_share)
    strays = choose(rng, province_weights(), len(moved))
    before = np.where(rng.random(len(moved)) < 0.8, province[moved], strays)
    everywhere = np.concatenate([province, before])
    size = len(everywhere)
    city_counts = np.array([len(names) for names in cities()])
    groups = word_groups("streets.txt")
    previous = np.full(size, NONE, dtype=np.int64)
    previous[moved] = count + np.arange(len(moved))
    return Dwellings(
        province=everywhere,
        city=(rng.random(size) ** 2 * city_counts[everywhere]).astype(np.int64),
        street=choose(rng, [rank**-0.5 for rank in range(1, len(groups["streets"]) + 1)], size),
        alley=rng.integers(0, len(groups["alleys"]), size),
        plate=rng.integers(1, 400, size),
        postal=postal_codes(rng, everywhere),
        phone=rng.integers(20_000_000, 90_000_000, size),
        since=today - rng.integers(30, 5000, size),
        is_rural=(rng.random(size) < RURAL_SHARE).astype(np.int64),
        previous=previous,
    )


def register(rng: np.random.Generator, people: People, rows: Ints, office: CodeOffice) -> None:
    """Civil registration: national code and certificate number. A province is where a person was born."""
    people.code[rows] = office.issue(rng, people.province[rows], people.sibling_order[rows])
    recent = day_codes.year_of(people.birth[rows]) >= CERTIFICATE_YEAR
    zero = rng.random(len(rows)) < CERTIFICATE_ZERO_SHARE
    number = (10 ** rng.uniform(0, 4.6, len(rows))).astype(np.int64)
    people.certificate[rows] = np.where(recent, np.where(zero, 0, people.code[rows]), number)


def _register_foreigners(rng: np.random.Generator, people: People, rows: Ints) -> None:
    people.nationality[rows] = choose(rng, FOREIGN_SHARES, len(rows))
    partner = people.spouse[rows]
    people.nationality[rows] = np.where(partner > rows, people.nationality[partner], people.nationality[rows])
    people.fida[rows] = foreign_codes(rng, len(rows), first=0)
    has_passport = rng.random(len(rows)) < PASSPORT_SHARE
    people.passport[rows] = np.where(has_passport, rng.permutation(9 * len(rows) + 1)[: len(rows)] + 1_000_000, NONE)


def give_mobiles(rng: np.random.Generator, people: People, rows: Ints, today: int, shared: float) -> None:
    """Mobiles for those old enough; some bear the number of their spouse or a parent."""
    own = mobiles(rng, len(rows))
    age = (today - people.birth[rows]) / YEAR
    has_own = (age >= MOBILE_FROM_AGE) & (rng.random(len(rows)) < MOBILE_SHARE)
    people.mobile[rows] = np.where(has_own, own, NONE)
    parent = np.where(people.mother[rows] == NONE, people.father[rows], people.mother[rows])
    lender = np.where((people.sex[rows] == FEMALE) & (people.spouse[rows] != NONE), people.spouse[rows], parent)
    borrows = (lender != NONE) & ((rng.random(len(rows)) < shared) | (age < MOBILE_FROM_AGE))
    people.mobile[rows] = np.where(borrows, people.mobile[lender], people.mobile[rows])


def head_of_household(people: People) -> Ints:
    """For each person the head of their dwelling: the eldest living man married there, else the eldest living."""
    married_man = (people.sex == MALE) & (people.spouse != NONE)
    order = np.lexsort((people.birth, ~married_man, ~people.is_alive, people.dwelling))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = people.dwelling[order][1:] != people.dwelling[order][:-1]
    head = np.full(int(people.dwelling.max()) + 1, NONE, dtype=np.int64)
    head[people.dwelling[order][first]] = order[first]
    return head[people.dwelling]
