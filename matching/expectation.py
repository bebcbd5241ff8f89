"""Expectation maximisation over agreement patterns: m and u of each comparison level, without any truth.

u starts as the levels of random pairs, and is then freed of the pairs of one person that are among them: in a small set
they are many, and would make every code look common. m comes from blocks that hold mostly one person each; within a block
the comparisons that read its fields say nothing and are left out, so each comparison learns from the other blocks, and takes
the median of what they say. Blocks that also bring twins or neighbours together teach only what no better block could.

A block of one home, phone or birth brings relatives together as well. They are a class of their own between one person and
strangers: what families share agrees as it does in one person, all else as it does in strangers. Without it a sister would
be taken for the person with another given name. Some bear one birth, in a file at least: a kind of their own. How many
relatives come with each pair of one person is kept: it tells how likely two records of one home are two of a family.

A set that tells names and births alone has no block in which names are free, but of a birth: an error in the one field is
then all that a block can show. There all pairs that any block brings together teach at once, against all pairs that there
are: whether two records are one person is told by everything they tell, and no field is taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.comparisons import COMPARISONS, OWN_NAMES, Comparison
from matching.patterns import Numbers, Patterns, Relatives, Shares

ROUNDS = 2  # m with u as seen; u freed of matches; both again
MOST_ITERATIONS, SMALL_CHANGE = 2_000, 1e-7
START_BEST, START_BLOCK, START_RANDOM = 0.95, 0.5, 1e-3
START_RELATIVES = 0.1
# What people of one family have in common, be they twins or father and son.
SHARED_BY_RELATIVES = frozenset(
    ["surname", "father_name", "mobile", "email", "residence", "province", "city", "nationality"]
)
SHARED_BY_TWINS = SHARED_BY_RELATIVES | {"birth"}
# Nowhere have more persons a twin: of two records with one birth that differ in the given name, most are one person's then.
TWINS_PER_PERSON = 0.03
# Of two relatives of one home so many bear one birth at the most: twins, and who was given the date of the row above.
ONE_BIRTH = 0.1
# As if so many pairs of one person had been seen that agree as at the start: it decides where the data leave open whether
# some are one person who differs, or two relatives.
ASSUMED_PAIRS = 10.0
# With fewer expected pairs of one person, what a block says about a comparison is chance.
LEAST_MATCHES = 50.0


@dataclass(frozen=True)
class Estimate:
    """``m`` lacks the comparisons about which no block taught anything; ``u`` those that no random pair shows.
    ``match_share``: of random pairs, of which there are ``random_pairs``, those of one person; ``relatives``: where blocks
    of one home teach names, so many pairs of relatives come with each pair of one person; ``one_birth``: so many of these
    that tell one birth.
    """

    m: Shares
    u: Shares
    match_share: float = 0.0
    random_pairs: float = 0.0
    relatives: float = 0.0
    one_birth: float = 0.0


@dataclass(frozen=True)
class Learnt:
    """What one block says: m of the comparisons of which it showed enough; pairs of one person, and of relatives by kind."""

    m: Shares
    matches: float
    relatives: Sequence[float]


@dataclass(frozen=True)
class Lesson:
    """The patterns of one block, and the comparisons that may learn from them.

    ``is_rough``: only what no other teaches; ``has_relatives``: records of relatives may be in it as well.
    """

    block: Patterns
    comparisons: Sequence[Comparison]
    is_rough: bool
    has_relatives: bool = True

    @property
    def is_birth_free(self) -> bool:
        """Whether births of its pairs agree by choice."""
        return any(comparison.name == "birth" for comparison in self.comparisons)


@dataclass(frozen=True)
class Whole:
    """The patterns of all pairs that any block brings together, each once, and how many pairs the set has."""

    found: Patterns
    pairs: float

    @property
    def prior(self) -> float:
        """Share of pairs of one person, were there one other record of each."""
        return _a_person(self.pairs)


def estimate(random: Patterns, lessons: Sequence[Lesson], whole: Callable[[], Whole] | None = None) -> Estimate:
    """Estimate m and u from the patterns of random pairs and those of blocks.

    Args:
        whole: teaches where blocks, one by one, cannot teach names; asked for only then.
    """
    u = {c.name: shares for c in COMPARISONS if (shares := _shares(random.counted(c, random.count))) is not None}
    m: dict[str, Numbers] = {}
    together: Whole | None = None
    learnt: list[Learnt] = []
    for _ in range(ROUNDS):
        learnt = [_learn_m(each, [c for c in each.comparisons if c.name in u], u) for each in lessons]
        fine = _medians([said.m for each, said in zip(lessons, learnt, strict=True) if not each.is_rough])
        m = _medians([said.m for said in learnt])
        if whole and (set(OWN_NAMES) & u.keys()) - m.keys():
            together = together or whole()
            m |= _learn_together(together, m, u)
        m |= fine
        free, match_share = _free_of_matches(random, m, u)
        u |= free
    known = {name: value for name, value in m.items() if _tells(value, u[name])}
    return Estimate(
        known, u, match_share, random.pairs, *_relatives_of_a_person(lessons, learnt, is_birth_told="birth" in u)
    )


def _relatives_of_a_person(
    lessons: Sequence[Lesson], learnt: Sequence[Learnt], *, is_birth_told: bool
) -> tuple[float, float]:
    """Pairs of relatives, and of those of one birth, for each pair of one person in blocks that show both: in a block of
    one birth all relatives have it."""
    shown = [
        said
        for lesson, said in zip(lessons, learnt, strict=True)
        if lesson.has_relatives and said.m.keys() >= set(OWN_NAMES) and (lesson.is_birth_free or not is_birth_told)
    ]
    matches = sum(said.matches for said in shown)
    if not matches:
        return 0.0, 0.0
    all_kinds = sum(sum(said.relatives) for said in shown)
    return all_kinds / matches, sum(sum(said.relatives[1:]) for said in shown) / matches


def _learn_together(whole: Whole, begun: Shares, u: Shares) -> dict[str, Numbers]:
    relatives = [
        Relatives(whole.prior, SHARED_BY_RELATIVES),
        Relatives(TWINS_PER_PERSON * whole.prior, SHARED_BY_TWINS, most=TWINS_PER_PERSON),
    ]
    start = {c.name: begun.get(c.name, _start(c)) for c in COMPARISONS if c.name in u}
    return dict(_maximised(whole.found, whole.pairs, u, start, whole.prior, relatives).m)


def _medians(learnt: Sequence[Shares]) -> dict[str, Numbers]:
    said = {c.name: [each[c.name] for each in learnt if c.name in each] for c in COMPARISONS}
    return {name: np.median(shares, axis=0) for name, shares in said.items() if shares}


def _learn_m(lesson: Lesson, comparisons: Sequence[Comparison], u: Shares) -> Learnt:
    relatives = [Relatives(START_RELATIVES, SHARED_BY_RELATIVES)] if lesson.has_relatives else []
    if relatives and lesson.is_birth_free and "birth" in u:
        relatives.append(Relatives(ONE_BIRTH * START_RELATIVES, SHARED_BY_TWINS, most_of_others=ONE_BIRTH))
    return _maximised(lesson.block, lesson.block.pairs, u, {c.name: _start(c) for c in comparisons}, START_BLOCK, relatives)


def _maximised(
    block: Patterns, pairs: float, u: Shares, start: Shares, prior: float, relatives: Sequence[Relatives]
) -> Learnt:
    """m of the comparisons in ``start`` and the shares of all classes, by expectation and maximisation in turns.

    Args:
        pairs: among how many pairs those of the block were found; the others are strangers.
    """
    m, comparisons = dict(start), [c for c in COMPARISONS if c.name in start]
    for _ in range(MOST_ITERATIONS):
        matches, *kin = block.classes(m, u, prior, relatives)
        after = {c.name: _learnt(block.counted(c, matches), c) for c in comparisons}
        change = max((float(np.abs(after[name] - m[name]).max()) for name in m), default=0.0)
        m, prior = after, _within(matches.sum() / pairs)
        shares = [float(found.sum()) / pairs for found in kin]
        relatives = [
            replace(kind, share=min(share, _most(kind, sum(shares) - share, prior + _a_person(pairs))))
            for kind, share in zip(relatives, shares, strict=True)
        ]
        if change < SMALL_CHANGE:
            break
    matches, *kin = block.classes(m, u, prior, relatives)
    taught = {c.name: m[c.name] for c in comparisons if block.counted(c, matches).sum() >= LEAST_MATCHES}
    return Learnt(taught, float(matches.sum()), [float(found.sum()) for found in kin])


def _most(kind: Relatives, others: float, persons: float) -> float:
    """The largest share that a kind of relatives may have, beside those of the others and that of one person."""
    return kind.most * persons if kind.most_of_others is None else kind.most_of_others * others


def _free_of_matches(random: Patterns, m: Mapping[str, Numbers], u: Shares) -> tuple[dict[str, Numbers], float]:
    """u without the pairs of one person, and the share of these."""
    free = dict(u)
    prior = START_RANDOM
    for _ in range(MOST_ITERATIONS):
        matches = random.matches(m, free, prior)
        found = {c.name: _shares(random.counted(c, random.count - matches)) for c in COMPARISONS if c.name in u}
        after = {name: free[name] if shares is None else shares for name, shares in found.items()}
        change = abs(matches.sum() / random.pairs - prior)
        free, prior = after, _within(matches.sum() / random.pairs)
        if change < SMALL_CHANGE * prior:
            break
    return free, prior


def _tells(m: Numbers, u: Numbers) -> bool:
    """Whether one person's records differ less than those of two; else what was learnt was something else."""
    return bool(m[-1] < u[-1])


def _start(comparison: Comparison) -> Numbers:
    others = len(comparison.labels) - 1
    return np.array([START_BEST, *[(1 - START_BEST) / others] * others])


def _learnt(counted: Numbers, comparison: Comparison) -> Numbers:
    assumed = ASSUMED_PAIRS * _start(comparison)
    return np.asarray((counted + assumed) / (counted.sum() + ASSUMED_PAIRS), dtype=np.float64)


def _shares(counted: Numbers) -> Numbers | None:
    total = counted.sum()
    return counted / total if total > 0 else None


def _within(prior: float) -> float:
    return float(min(max(prior, 1e-9), 1 - 1e-9))


def _a_person(pairs: float) -> float:
    """Share of one record among all records that make so many pairs."""
    return float(1 / np.sqrt(2 * pairs))
