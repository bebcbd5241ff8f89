"""Four generations of families: sibships, marriages, children, twins, names handed down.

Built forward from sibships born about 1305-1352: each generation marries within itself, mostly within a province, and has
the children that its cohort had. So fathers, grandfathers, cousins and namesakes exist as people, not as noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import day_codes
from synthetic.chance import Floats, Ints, Mask, choose
from synthetic.codes import province_weights
from synthetic.names import NamePool
from synthetic.options import Habits
from synthetic.people import FEMALE, MALE, NONE, People

GENERATIONS = 4
YEAR = 365.2422
#: Mean and spread of the birth year of a first sibship's eldest, and its bounds.
FIRST_BIRTHS = (1334.0, 9.0, 1305, 1352)
SIBSHIP_SIZES = (0.25, 0.30, 0.25, 0.20)
#: Mean number of children by the mother's birth year (Jalali).
FERTILITY_YEARS = (1320, 1335, 1345, 1355, 1365, 1375, 1385)
FERTILITY = (6.0, 5.6, 4.4, 2.9, 2.1, 1.8, 1.5)
MOVED_AT_MARRIAGE = 0.25
#: Age at which half of a cohort has died, and how sharply.
MEDIAN_DEATH_AGE, DEATH_SPREAD = 80.0, 9.0
BOY_SHARE = 106 / 206
TWINS_OF_ONE_SEX = 0.68


@dataclass(frozen=True)
class FamilyRules:
    """What families are built from: names, habits, the last day, and whether they are foreigners' families."""

    pool: NamePool
    habits: Habits
    today: int
    is_foreign: bool = False


def families(rng: np.random.Generator, sibships: int, rules: FamilyRules) -> People:
    """People of four generations, dead ones included, from a number of first sibships."""
    people = _first(rng, sibships, rules)
    generation = np.arange(len(people))
    for _ in range(GENERATIONS - 1):
        husbands, wives = _marry(rng, people, generation, rules.today)
        people.spouse[husbands], people.spouse[wives] = wives, husbands
        moved = rng.random(len(wives)) < MOVED_AT_MARRIAGE
        home = np.where(moved, choose(rng, province_weights(), len(wives)), people.province[husbands])
        children = _children(rng, people, husbands, wives, home, rules)
        generation = np.arange(len(people), len(people) + len(children))
        people.extend(children)
    _let_die(rng, people, rules.today)
    return people


def _first(rng: np.random.Generator, sibships: int, rules: FamilyRules) -> People:
    mean, spread, low, high = FIRST_BIRTHS
    eldest = np.clip(rng.normal(mean + (12 if rules.is_foreign else 0), spread, sibships), low, high + 12)
    province = choose(rng, province_weights(), sibships)
    surname = rules.pool.draw_surnames(rng, province, rules.is_foreign)
    father = rules.pool.draw_given(rng, np.zeros(sibships, dtype=np.int64), np.full(sibships, low), rules.is_foreign)
    size = 1 + choose(rng, SIBSHIP_SIZES, sibships)
    of, order = _repeat(size)
    years = eldest[of] + order * 2.5 + rng.random(len(of))
    birth = ((years - day_codes.FIRST_YEAR) * YEAR).astype(np.int64)
    sex = (rng.random(len(of)) > BOY_SHARE).astype(np.int64)
    given = rules.pool.draw_given(rng, sex, day_codes.year_of(birth), rules.is_foreign)
    return People.born(sex, birth, given, surname[of], father[of], province[of])


def _repeat(counts: Ints) -> tuple[Ints, Ints]:
    """Each index as often as its count says, and the running number within it."""
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)


def _marry(rng: np.random.Generator, people: People, who: Ints, today: int) -> tuple[Ints, Ints]:
    age = (today - people.birth[who]) / YEAR
    marries = rng.random(len(who)) < np.clip((age - 18) / 13, 0, 0.93)
    men = who[marries & (people.sex[who] == MALE)]
    women = who[marries & (people.sex[who] == FEMALE)]
    count = min(len(men), len(women))
    men, women = (np.sort(rng.permutation(side)[:count]) for side in (men, women))
    men, women = men[_wedding_order(rng, people, men, 0.0)], women[_wedding_order(rng, people, women, 4.5)]
    siblings = (people.surname[men] == people.surname[women]) & (people.father_name[men] == people.father_name[women])
    return men[~siblings], women[~siblings]


def _wedding_order(rng: np.random.Generator, people: People, who: Ints, lead_years: float) -> Ints:
    """Those who stand at the same place in the two rows marry: same province, men a few years older."""
    year = people.birth[who] / YEAR - lead_years + rng.normal(0, 1.5, len(who))
    stray = rng.random(len(who)) < 0.15
    province = np.where(stray, choose(rng, province_weights(), len(who)), people.province[who])
    # Rank by birth year first, so that both rows have the same length of each age; province within a band of two years.
    band = np.floor(year / 2)
    return np.lexsort((rng.random(len(who)), province, band))


def _children(
    rng: np.random.Generator, people: People, husbands: Ints, wives: Ints, home: Ints, rules: FamilyRules
) -> People:
    mean = np.interp(day_codes.year_of(people.birth[wives]), FERTILITY_YEARS, FERTILITY)
    couple, order = _repeat(np.minimum(rng.poisson(mean), 9))
    wed = np.maximum(
        people.birth[wives] + (rng.normal(22.5, 3.0, len(wives)).clip(15, 38) * YEAR), people.birth[husbands] + 18 * YEAR
    )
    birth = (wed[couple] + 280 + rng.integers(0, 700, len(couple)) + order * rng.integers(600, 1300, len(couple))).astype(
        np.int64
    )
    mother_age = (birth - people.birth[wives[couple]]) / YEAR
    keep = (birth <= rules.today) & (mother_age < 48)
    return newborn(rng, people, (husbands[couple[keep]], wives[couple[keep]]), (birth[keep], home[couple[keep]]), rules)


def newborn(
    rng: np.random.Generator, people: People, parents: tuple[Ints, Ints], born: tuple[Ints, Ints], rules: FamilyRules
) -> People:
    """Children with names, twins among them.

    Args:
        parents: fathers and mothers, one pair a birth.
        born: days and provinces of birth.
    """
    (fathers, mothers), (birth, province) = parents, born
    twins = 1 + (rng.random(len(birth)) < rules.habits.twin / 2).astype(np.int64)
    of, order = _repeat(twins)
    sex = (rng.random(len(of)) > BOY_SHARE).astype(np.int64)
    second = np.flatnonzero(order == 1)
    sex[second] = np.where(rng.random(len(second)) < TWINS_OF_ONE_SEX, sex[second - 1], 1 - sex[second - 1])
    father, mother = fathers[of], mothers[of]
    given = _named(rng, people, father, (sex, birth[of]), rules)
    _name_twins(rng, given, sex, second, rules)
    children = People.born(sex, birth[of], given, people.surname[father], people.given[father], province[of])
    children.father, children.mother, children.sibling_order = father, mother, order
    return children


def _named(rng: np.random.Generator, people: People, father: Ints, born: tuple[Ints, Ints], rules: FamilyRules) -> Ints:
    sex, birth = born
    year = day_codes.year_of(birth)
    given = rules.pool.draw_given(rng, sex, year, rules.is_foreign)
    for _ in range(2):  # siblings do not share a name; two more tries leave next to none
        again = _repeats(father, sex, given)
        given[again] = rules.pool.draw_given(rng, sex[again], year[again], rules.is_foreign)
    boys = sex == MALE
    as_father = boys & (rng.random(len(sex)) < rules.habits.son_named_as_father)
    as_grandfather = boys & ~as_father & (rng.random(len(sex)) < rules.habits.grandson_named_as_grandfather)
    given = np.where(as_father, people.given[father], given)
    handed_down = np.where(as_grandfather, people.father_name[father], given)
    return np.where(_repeats(father, sex, handed_down), given, handed_down)


def _repeats(father: Ints, sex: Ints, given: Ints) -> Mask:
    key = (father * 2 + sex) * 100_000 + given
    first = np.zeros(len(key), dtype=np.bool_)
    first[np.unique(key, return_index=True)[1]] = True
    return ~first


def _name_twins(rng: np.random.Generator, given: Ints, sex: Ints, second: Ints, rules: FamilyRules) -> None:
    alike = (sex[second] == sex[second - 1]) & (rng.random(len(second)) < rules.habits.twin_alike)
    for value in (MALE, FEMALE):
        rows = second[alike & (sex[second] == value)]
        pairs = rules.pool.alike[value][rng.integers(0, len(rules.pool.alike[value]), len(rows))]
        given[rows - 1], given[rows] = pairs[:, 0], pairs[:, 1]


def _let_die(rng: np.random.Generator, people: People, today: int) -> None:
    age: Floats = (today - people.birth) / YEAR
    lifespan = MEDIAN_DEATH_AGE + DEATH_SPREAD * np.log(-np.log(rng.random(len(people)).clip(1e-12, 1 - 1e-12)) / np.log(2))
    early = rng.random(len(people)) < 0.012
    lifespan = np.where(early, rng.random(len(people)) * 60, lifespan).clip(0.1)
    dead = lifespan < age
    people.death = np.where(dead, np.minimum(people.birth + (lifespan * YEAR).astype(np.int64), today - 1), NONE)
