"""Cover judged the slow and obvious way: one person, one day, one booklet at a time, in plain Python.

Written from the cases (C01 to C10), not from the SQL; it shares no code with the warehouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.codes import ANY_OTHER, OverlapRule

Booklet = tuple[str, str]


@dataclass(frozen=True)
class Listed:
    """One delivered row of basic cover."""

    record_key: str
    person_id: int
    insurer_code: str
    booklet_no: str
    member_kind_code: str
    from_date: date
    to_date: date
    relation_code: str | None = None


@dataclass(frozen=True)
class Known:
    """What is known of a person beside the covers."""

    sex_code: str | None = None
    birth_date: date | None = None
    death_date: date | None = None

    def age_on(self, day: date) -> int | None:
        """Completed years."""
        if self.birth_date is None:
            return None
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))


@dataclass(frozen=True)
class Held:
    """A booklet on one day: what counts of it."""

    booklet: Booklet
    member_kind_code: str
    relation_code: str | None
    since_date: date


@dataclass(frozen=True)
class Judged:
    """A pair of booklets on one day."""

    kind_code: str
    rule_code: str | None
    outcome_code: str
    keeper_insurer_code: str | None


@dataclass(frozen=True)
class Day:
    """What is true of a person on one day."""

    standing: dict[Booklet, str]
    pairs: dict[tuple[Booklet, Booklet], Judged]


def judged_days(listed: Sequence[Listed], rules: Sequence[OverlapRule], known: Known) -> dict[date, Day]:
    """Every day on which the person holds any booklet."""
    last = known.death_date + timedelta(days=1) if known.death_date else date.max
    alive = [(row, min(row.to_date, last)) for row in listed if row.from_date < min(row.to_date, last)]
    days = sorted({day for row, end in alive for day in _days(row.from_date, end)})
    periods = _periods(alive)
    return {
        day: _judge(
            [held for held, start, end in periods if start <= day < end], [r for r in rules if _holds(r, known, day)]
        )
        for day in days
    }


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def _holds(rule: OverlapRule, known: Known, day: date) -> bool:
    """Whether a rule is in force on a day and fits the person, whatever the covers."""
    age = known.age_on(day)
    is_old_enough = rule.from_age_a is None or (age is not None and age >= rule.from_age_a)
    is_young_enough = rule.to_age_a is None or (age is not None and age < rule.to_age_a)
    is_of_sex = rule.sex_code_a in ("", known.sex_code)
    return rule.from_date <= day < rule.to_date and is_old_enough and is_young_enough and is_of_sex


def _periods(alive: Sequence[tuple[Listed, date]]) -> list[tuple[Held, date, date]]:
    """Rows of a booklet that overlap, or touch with the same kind of member, are one period, known by its first row."""
    periods = []
    for booklet in {(row.insurer_code, row.booklet_no) for row, _ in alive}:
        rows = sorted(
            ((row, end) for row, end in alive if (row.insurer_code, row.booklet_no) == booklet),
            key=lambda pair: (pair[0].from_date, pair[1], pair[0].record_key),
        )
        first, end, before = rows[0][0], rows[0][1], rows[0][0]
        for row, row_end in rows[1:]:
            if row.from_date > end or (row.from_date == end and _standing(row) != _standing(before)):
                periods.append((Held(booklet, *_standing(first), first.from_date), first.from_date, end))
                first, end = row, row_end
            end, before = max(end, row_end), row
        periods.append((Held(booklet, *_standing(first), first.from_date), first.from_date, end))
    return periods


def _standing(row: Listed) -> tuple[str, str | None]:
    return row.member_kind_code, row.relation_code


def _judge(held: Sequence[Held], rules: Sequence[OverlapRule]) -> Day:
    found = {}
    for a in held:
        for b in held:
            if a.booklet < b.booklet:
                found[a.booklet, b.booklet] = _decide(a, b, rules)
    beats: dict[Booklet, set[Booklet]] = {h.booklet: set() for h in held}  # loser -> who beats it
    for (a, b), (_, outcome) in found.items():
        if outcome == "block_a":
            beats[a].add(b)
        if outcome == "block_b":
            beats[b].add(a)
    blocked = {loser for loser, winners in beats.items() if any(not beats[winner] for winner in winners)}
    free = sorted((h for h in held if h.booklet not in blocked), key=lambda h: (h.since_date, h.booklet))
    standing = dict.fromkeys(blocked, "blocked") | {h.booklet: "contested" for h in free} | {free[0].booklet: "active"}
    return Day(standing, {pair: _outcome(pair, *found[pair], beats, blocked) for pair in found})


def _decide(a: Held, b: Held, rules: Sequence[OverlapRule]) -> tuple[str | None, str]:
    """Rule and outcome for a pair, as seen from a."""
    if a.booklet[0] == b.booklet[0]:
        return None, "case"
    for rule in sorted(rules, key=lambda r: (r.priority, r.rule_code)):
        if _fits(rule, a, b):
            return rule.rule_code, rule.outcome_code
        if _fits(rule, b, a):
            mirrored = {"block_a": "block_b", "block_b": "block_a"}
            return rule.rule_code, mirrored.get(rule.outcome_code, rule.outcome_code)
    return None, "case"


def _fits(rule: OverlapRule, one: Held, other: Held) -> bool:
    return (
        rule.insurer_a == one.booklet[0]
        and rule.member_kind_a in ("", one.member_kind_code)
        and rule.insurer_b in (ANY_OTHER, other.booklet[0])
        and _relates(rule.relation_a, one.relation_code)
        and _relates(rule.relation_b, other.relation_code)
    )


def _relates(wanted: str, relation_code: str | None) -> bool:
    if wanted == "dependant":
        return relation_code is not None and relation_code != "principal"
    return wanted in ("", relation_code)


def _outcome(
    pair: tuple[Booklet, Booklet],
    rule_code: str | None,
    outcome: str,
    beats: dict[Booklet, set[Booklet]],
    blocked: set[Booklet],
) -> Judged:
    a, b = pair
    if a[0] == b[0]:
        return Judged("same_insurer", None, "case", None)
    keeper = {"block_a": b, "block_b": a}.get(outcome)
    if keeper is not None and not beats[keeper]:
        return Judged("two_basic", rule_code, "block", keeper[0])
    if a in blocked or b in blocked:
        return Judged("two_basic", rule_code, "inform", None)
    return Judged("two_basic", rule_code, "case" if keeper is not None else outcome, None)
