"""Dealing out covers at the nation's beginning: booklets, leftovers, second booklets, pensions, supplementary cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from synthetic.chance import Ints, Mask, choose, generator
from synthetic.covers import (
    CHILD,
    EMPLOYEE,
    OTHER,
    OTHER_KIND,
    PARENT,
    PENSIONER,
    PRINCIPAL,
    SELF_EMPLOYED,
    SPOUSE,
    STUDENT,
    SUPPORTED,
    Covers,
    Setting,
)
from synthetic.families import YEAR
from synthetic.people import FEMALE, MALE, NONE, People
from synthetic.settle import head_of_household

RURAL, UNIVERSAL, STUDENT_SCHEME, SUPPORT_SCHEME = "IHIO-RUR", "IHIO-UNI", "IHIO-OTH", "IKRF"
FREE = (RURAL, UNIVERSAL)
#: Schemes in which each member has a booklet of their own.
PERSONAL = (RURAL,)
#: Schemes of people at work, by thousands; for earners beside the head of a household.
AT_WORK = ("SSO", "IHIO-GOV", "AFMSIO", "OIL", "BANKS", "TMUN", "IRIB", "IRANINS", "IHIO-IRN")
WORKS = {MALE: 0.62, FEMALE: 0.15}
PENSION_AGE = 60
#: Pension funds: of whose principals they are made, and which share of them.
PENSIONS = {"CSPF": ("IHIO-GOV", 0.95), "AFSSO": ("AFMSIO", 0.9), "RNF": ("IHIO-RUR", 0.16)}
UNKNOWN_PENSION = ("SSO", 0.03)
BOTH_PARENTS_SHARE = 0.25
FOREIGNERS_INSURED = 0.5
#: Further booklets for the persons of some covers: rows of covers, feeds, and the relation (None: as in the cover).
Part: TypeAlias = tuple[Ints, Ints, int | None]


def first_covers(rng: np.random.Generator, setting: Setting) -> Covers:
    """All covers at the nation's beginning, past ones among them."""
    covers = basic_covers(rng, setting, np.arange(len(setting.people)))
    covers.extend(_second(rng, setting, covers))
    covers.extend(_past(rng, setting, covers))
    covers.extend(_supplementary(rng, setting))
    covers.extend(_pensions(rng, setting, covers))
    covers.extend(twice_entered(rng, setting, covers, np.arange(len(covers))))
    covers.extend(second_papers(setting, covers))
    covers.principal = principals(covers, setting.people)
    _end_with_death(rng, setting, covers)
    return covers


def basic_covers(rng: np.random.Generator, setting: Setting, who: Ints) -> Covers:
    """The one basic cover that most people have."""
    people, insurers = setting.people, setting.insurers
    head = head_of_household(people)
    scheme = _schemes(rng, setting, head)
    age, sex = setting.age, people.sex
    works = (age > 19) & (age < PENSION_AGE) & (rng.random(len(people)) < np.where(sex == MALE, WORKS[MALE], WORKS[FEMALE]))
    personal = np.isin(scheme, insurers.having(PERSONAL))
    is_head = head == np.arange(len(people))
    at_work = insurers.having(AT_WORK) or insurers.basic
    own = works & ~is_head & ~personal & (people.nationality == 0)
    scheme = np.where(own, np.array(at_work)[choose(rng, insurers.weights(at_work), len(people))], scheme)
    grown = ~own & ~is_head & ~personal & (people.spouse == NONE) & (sex == MALE) & (age > 22) & (age < PENSION_AGE)
    students = insurers.having((STUDENT_SCHEME,)) or insurers.basic
    fate = rng.random(len(people))
    scheme = np.where(grown, np.where(fate < 0.25, students[0], np.where(fate < 0.7, scheme, NONE)), scheme)
    relation = _relations(people, head)
    relation = np.where(own | personal | is_head | (grown & (fate < 0.25)), PRINCIPAL, relation)
    chosen = who[(scheme[who] != NONE) & ((people.death[who] == NONE) | (people.death[who] > setting.today - 700))]
    kind = _member_kinds(rng, setting, (scheme, relation))
    start = _starts(rng, setting, head)
    return Covers.of(scheme[chosen], chosen, start[chosen], relation[chosen], kind[chosen])


def _schemes(rng: np.random.Generator, setting: Setting, head: Ints) -> Ints:
    """Scheme of each person's household, NONE for the uninsured."""
    people, insurers = setting.people, setting.insurers
    count = len(people)
    rural = setting.dwellings.is_rural[people.dwelling[head]] == 1
    weights = insurers.weights(insurers.basic)
    is_rural_fund = np.isin(insurers.basic, insurers.having((RURAL,)))
    share = float(weights[is_rural_fund].sum() / weights.sum())
    in_fund = rural & (rng.random(count) < min(1.0, share * 1.06 / max(0.01, float(rural.mean()))))
    draw = (
        np.array(insurers.basic)[choose(rng, np.where(is_rural_fund, 0.0, weights), count)]
        if not is_rural_fund.all()
        else None
    )
    scheme = np.full(count, insurers.having((RURAL,))[0]) if draw is None else draw
    if is_rural_fund.any():
        scheme = np.where(in_fund, insurers.having((RURAL,))[0], scheme)
    scheme = np.where(rng.random(count) < setting.options.habits.uninsured * 0.85, NONE, scheme)
    if insurers.takes_foreigners:
        theirs = np.array(insurers.takes_foreigners)[choose(rng, insurers.weights(insurers.takes_foreigners), count)]
        scheme = np.where(people.nationality == 0, scheme, np.where(rng.random(count) < FOREIGNERS_INSURED, theirs, NONE))
    else:
        scheme = np.where(people.nationality == 0, scheme, NONE)
    return scheme[head]


def _relations(people: People, head: Ints) -> Ints:
    number = np.arange(len(people))
    relation = np.full(len(people), OTHER, dtype=np.int64)
    relation[people.spouse[head] == number] = SPOUSE
    relation[(people.father == head) | (people.mother == head)] = CHILD
    relation[(people.father[head] == number) | (people.mother[head] == number)] = PARENT
    relation[head == number] = PRINCIPAL
    return relation


def _member_kinds(rng: np.random.Generator, setting: Setting, standing: tuple[Ints, Ints]) -> Ints:
    scheme, relation = standing
    insurers, count = setting.insurers, len(setting.people)
    kind = np.where(rng.random(count) < 0.85, EMPLOYEE, SELF_EMPLOYED)
    kind = np.where(np.isin(scheme, insurers.having(FREE)), OTHER_KIND, kind)
    kind = np.where(np.isin(scheme, insurers.having((SUPPORT_SCHEME,))), SUPPORTED, kind)
    other = np.isin(scheme, insurers.having((STUDENT_SCHEME,)))
    kind = np.where(other, np.where(setting.age < 30, STUDENT, SUPPORTED), kind)
    kind = np.where((setting.age >= PENSION_AGE) & (kind <= SELF_EMPLOYED), PENSIONER, kind)
    return np.where((relation == PRINCIPAL) | other, kind, OTHER_KIND)


def _starts(rng: np.random.Generator, setting: Setting, head: Ints) -> Ints:
    """Covers begin with the household's, or with birth where that is later."""
    since = setting.today - (30 + rng.random(len(setting.people)) ** 2 * 5500).astype(np.int64)
    return np.maximum(np.maximum(since[head], setting.people.birth + 3), setting.people.birth[head] + 3)


def _second(rng: np.random.Generator, setting: Setting, covers: Covers) -> Covers:
    """Second basic booklets: free funds that a household never left, children on both parents' booklets, others."""
    people, insurers, habits = setting.people, setting.insurers, setting.options.habits
    scheme_of = np.full(len(people), NONE, dtype=np.int64)
    scheme_of[covers.person] = covers.feed
    head = head_of_household(people)
    free = insurers.having(FREE)
    eligible = ~np.isin(covers.feed, free) & (people.nationality[covers.person] == 0)
    kept = rng.random(len(people)) < habits.overlap * 0.95 / max(0.05, float(eligible.mean()))
    left_over = np.flatnonzero(eligible & kept[head[covers.person]]) if free else np.array([], dtype=np.int64)
    fund = np.array(free or [0])[
        choose(rng, insurers.weights(free), len(people)) if free else np.zeros(len(people), dtype=np.int64)
    ]
    parts: list[Part] = [(left_over, fund[head[covers.person[left_over]]], None)]
    mother = people.mother[covers.person]
    through_mother = np.where(mother == NONE, NONE, scheme_of[mother])
    both = (covers.relation == CHILD) & (through_mother != NONE) & (through_mother != covers.feed) & eligible
    both &= rng.random(len(covers)) < BOTH_PARENTS_SHARE
    rows = np.flatnonzero(both)
    parts.append((rows, through_mother[rows], CHILD))
    rows = np.flatnonzero(eligible & (rng.random(len(covers)) < habits.overlap * 0.16))
    others = np.array(insurers.basic)[choose(rng, insurers.weights(insurers.basic), len(rows))]
    parts.append((rows, others, PRINCIPAL))
    return _extra(rng, setting, covers, parts)


def _extra(rng: np.random.Generator, setting: Setting, covers: Covers, parts: Sequence[Part]) -> Covers:
    rows = np.concatenate([part[0] for part in parts])
    feed = np.concatenate([part[1] for part in parts])
    relation = np.concatenate([covers.relation[r] if rel is None else np.full(len(r), rel) for r, _, rel in parts])
    relation = np.where(np.isin(feed, setting.insurers.having(PERSONAL)), PRINCIPAL, relation)
    rows, feed, relation = (column[feed != covers.feed[rows]] for column in (rows, feed, relation))
    start = covers.from_day[rows] - (rng.random(len(rows)) * 1500).astype(np.int64) + 200
    start = np.clip(start, setting.people.birth[covers.person[rows]] + 3, setting.today - 3)
    return Covers.of(feed, covers.person[rows], start, relation, np.full(len(rows), OTHER_KIND, dtype=np.int64))


def _past(rng: np.random.Generator, setting: Setting, covers: Covers) -> Covers:
    """Earlier covers, ended on the day the present one began or some weeks before."""
    insurers = setting.insurers
    rows = np.flatnonzero(
        (rng.random(len(covers)) < setting.options.habits.past_cover) & (setting.people.nationality[covers.person] == 0)
    )
    feed = np.array(insurers.basic)[choose(rng, insurers.weights(insurers.basic), len(rows))]
    end = covers.from_day[rows] - np.where(rng.random(len(rows)) < 0.5, 0, rng.integers(5, 90, len(rows)))
    start = end - rng.integers(60, 3000, len(rows))
    keep = (start > setting.people.birth[covers.person[rows]]) & (feed != covers.feed[rows])
    past = Covers.of(feed, covers.person[rows], start, np.full(len(rows), PRINCIPAL), np.full(len(rows), OTHER_KIND)).take(
        keep
    )
    past.to_day = end[keep]
    return past


def _supplementary(rng: np.random.Generator, setting: Setting) -> Covers:
    people = setting.people
    head = head_of_household(people)
    parts = []
    for feed in setting.insurers.of_kind("supplementary"):
        bought = rng.random(len(people)) < setting.options.habits.supplementary
        who = np.flatnonzero(bought[head] & people.is_alive & (people.nationality == 0))
        start = setting.today - 20 - (rng.random(len(people)) * 300).astype(np.int64)
        begin = np.maximum(start[head[who]], people.birth[who] + 3)
        kinds = np.full(len(who), OTHER_KIND, dtype=np.int64)
        parts.append(Covers.of(np.full(len(who), feed), who, begin, _relations(people, head)[who], kinds))
    return _joined(parts)


def _pensions(rng: np.random.Generator, setting: Setting, covers: Covers) -> Covers:
    """Pension funds: contributors and pensioners out of a basic scheme's principals; widows as survivors."""
    people, age = setting.people, setting.age
    parts = []
    for feed in setting.insurers.of_kind("pension"):
        source, share = PENSIONS.get(setting.insurers.code_of[feed], UNKNOWN_PENSION)
        mine = (
            np.isin(covers.feed, setting.insurers.having((source,)))
            & (covers.relation == PRINCIPAL)
            & (covers.to_day == NONE)
        )
        adult = (age[covers.person] > 22) & (people.nationality[covers.person] == 0)
        who = np.unique(covers.person[mine & adult & (rng.random(len(covers)) < share)])
        widow = (people.spouse[who] != NONE) & ~people.is_alive[people.spouse[who]] & (people.sex[who] == FEMALE)
        relation = np.where(widow, SPOUSE, PRINCIPAL)
        kind = np.where(widow, 2, np.where(age[who] >= PENSION_AGE, 1, 0))
        start = setting.today - (np.minimum(age[who] - 20, 35) * rng.uniform(0.3, 1, len(who)) * YEAR).astype(np.int64)
        parts.append(Covers.of(np.full(len(who), feed), who, start, relation, kind))
    return _joined(parts)


def _joined(parts: Sequence[Covers]) -> Covers:
    empty = np.array([], dtype=np.int64)
    whole = Covers.of(empty, empty, empty, empty, empty)
    for part in parts:
        whole.extend(part)
    return whole


def twice_entered(rng: np.random.Generator, setting: Setting, covers: Covers, rows: Ints) -> Covers:
    """Members whom an insurer entered twice under two numbers."""
    rows = rows[rng.random(len(rows)) < setting.options.noise.row_duplicate]
    copies = covers.take(rows)
    copies.copy_of = rows.copy()
    return copies


def second_papers(setting: Setting, covers: Covers) -> Covers:
    """Foreigners whom an insurer entered again, by papers with another code."""
    foreign = setting.people.nationality[covers.person] != 0
    rows = np.flatnonzero(foreign & (covers.copy_of == NONE) & np.isin(covers.feed, setting.insurers.takes_foreigners))
    chance = generator(setting.options.seed, "second papers").random(len(rows))
    rows = rows[chance < setting.options.habits.second_papers]
    copies = covers.take(rows)
    copies.copy_of = rows.copy()
    return copies


def principals(covers: Covers, people: People) -> Ints:
    """Row of the principal's cover at the same feed: the head's, or for a child through the mother hers."""
    key = covers.feed * (len(people) + 1) + covers.person
    own = np.flatnonzero((covers.relation == PRINCIPAL) & (covers.to_day == NONE) & (covers.copy_of == NONE))
    own = own[np.argsort(key[own], kind="stable")]
    found = np.full(len(covers), NONE, dtype=np.int64)
    dependant = covers.relation != PRINCIPAL
    head = head_of_household(people)[covers.person]
    for candidate in (head, people.father[covers.person], people.mother[covers.person], people.spouse[covers.person]):
        rows = np.flatnonzero(dependant & (found == NONE) & (candidate != NONE))
        wanted = covers.feed[rows] * (len(people) + 1) + candidate[rows]
        place = np.minimum(np.searchsorted(key[own], wanted), max(0, len(own) - 1))
        hit: Mask = key[own][place] == wanted if len(own) else np.zeros(len(rows), dtype=np.bool_)
        found[rows[hit]] = own[place[hit]]
    return found


def _end_with_death(rng: np.random.Generator, setting: Setting, covers: Covers) -> None:
    death = setting.people.death[covers.person]
    over = (death != NONE) & (covers.to_day == NONE) & (rng.random(len(covers)) > setting.options.habits.dead_still_listed)
    covers.to_day = np.where(over, np.maximum(death + 1, covers.from_day), covers.to_day)
