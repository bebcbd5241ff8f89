"""Thousands of random small worlds: the set-based Steps and the day-by-day oracle say the same."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa

from schemas.codes import ANY_OTHER, OverlapRule
from tests.properties.cover_oracle import Booklet, Day, Judged, Known, Listed, judged_days
from tests.spec.cover_world import given_cover, judge
from tests.tables import World

INSURERS = ("A", "B", "C", "D", "E")
KINDS = ("employee", "student")
RELATIONS = (None, "principal", "principal", "spouse", "child")
SEXES = (None, "male", "female")
FIRST_DAY, DAY_COUNT = date(2026, 1, 1), 40
TWENTY = date(2006, 1, 1)
"""Who was born within the next days becomes twenty within the days looked at."""
WORLDS, PERSONS = 2000, 2
BEGINNING, END = date(1, 1, 1), date(9999, 12, 31)


class SmallWorld:
    """Random persons with random basic cover, and a random rule table: dated, conditional, also running in circles.

    A world has insurers of its own, so that many of them can be judged at once, each by its own rules.
    """

    def __init__(self, number: int, chance: random.Random) -> None:
        self.insurers = [f"{name}{number}" for name in INSURERS]
        self.rules = [self._rule(chance, f"T{number}-{each}") for each in range(chance.randint(0, 9))]
        self.listed: dict[int, list[Listed]] = {}
        self.known: dict[int, Known] = {}
        for person_id in range(number * PERSONS + 1, (number + 1) * PERSONS + 1):
            self.listed[person_id] = [self._listed(chance, person_id, each) for each in range(chance.randint(1, 5))]
            self.known[person_id] = Known(
                chance.choice(SEXES),
                TWENTY + timedelta(days=chance.randrange(DAY_COUNT)) if chance.random() < 0.8 else None,
                FIRST_DAY + timedelta(days=chance.randrange(DAY_COUNT)) if chance.random() < 0.1 else None,
            )

    def _listed(self, chance: random.Random, person_id: int, number: int) -> Listed:
        start = FIRST_DAY + timedelta(days=chance.randrange(DAY_COUNT))
        return Listed(
            f"f:{person_id:05d}:{number}",
            person_id,
            chance.choice(self.insurers),
            f"{person_id}-{chance.randrange(3)}",
            chance.choice(KINDS),
            start,
            start + timedelta(days=chance.randint(1, 20)),
            chance.choice(RELATIONS),
        )

    def _rule(self, chance: random.Random, code: str) -> OverlapRule:
        one, other = chance.sample(self.insurers, 2)
        begins, ends = sorted(chance.sample(range(DAY_COUNT + 20), 2))
        return OverlapRule(
            rule_code=code,
            priority=chance.randint(1, 6),
            insurer_a=one,
            member_kind_a=chance.choice(("", "", *KINDS)),
            insurer_b=chance.choice((other, other, ANY_OTHER)),
            outcome_code=chance.choice(("block_a", "block_a", "block_b", "block_b", "choose", "case", "inform")),
            from_date=FIRST_DAY + timedelta(days=begins) if chance.random() < 0.4 else BEGINNING,
            to_date=FIRST_DAY + timedelta(days=ends) if chance.random() < 0.4 else END,
            basis="",
            source="",
            confidence="",
            reason_fa=f"قاعدهٔ {code}",
            relation_a=chance.choice(("", "", "dependant", "child")),
            relation_b=chance.choice(("", "", "", "principal")),
            sex_code_a=chance.choice(("", "", "", "male")),
            from_age_a=chance.choice((None, None, None, 20)),
            to_age_a=chance.choice((None, None, None, 20)),
        )

    def days(self) -> dict[int, dict[date, Day]]:
        """What the oracle says, by person and day."""
        return {who: judged_days(rows, self.rules, self.known[who]) for who, rows in self.listed.items()}


def judge_all(world: World, worlds: Sequence[SmallWorld]) -> None:
    """Judge the cover of every small world in one run."""
    given_cover(world, "record_key | person_id")
    listed = [
        vars(row) | {"benefit_kind_code": "basic", "feed": "f"}
        for each in worlds
        for own in each.listed.values()
        for row in own
    ]
    world.con.register("listed", pa.Table.from_pylist(listed))
    world.runner.keep("cover.record", ("record_key",), world.con.sql(_AS_RECORD).to_arrow_table())
    known = [{"person_id": who, **vars(told)} for each in worlds for who, told in each.known.items()]
    golden = pa.Table.from_pylist(known, schema=pa.schema(
        [("person_id", pa.int64()), ("sex_code", pa.string()), ("birth_date", pa.date32()), ("death_date", pa.date32())]
    ))  # fmt: skip
    world.con.register("known", golden)
    columns = "select * from (select * from person.golden) union all by name select * from known"
    world.runner.keep("person.golden", ("person_id",), world.con.sql(columns).to_arrow_table())
    judge(world, [rule for each in worlds for rule in each.rules])


_AS_RECORD = """
    select record_key, feed, person_id, insurer_code, benefit_kind_code, relation_code,
           member_kind_code, cast(null as varchar) as member_no, booklet_no, from_date, to_date,
           cast(null as bigint) as principal_person_id, true as is_listed
    from listed
"""


def test_C01_to_C10_every_day_of_every_person_is_as_the_oracle_says_in_thousands_of_worlds(world: World) -> None:
    chance = random.Random(7)
    worlds = [SmallWorld(number, chance) for number in range(WORLDS)]
    judge_all(world, worlds)
    expected = {who: days for each in worlds for who, days in each.days().items()}
    assert sum(len(day.pairs) for days in expected.values() for day in days.values()) > 10 * WORLDS  # they do overlap
    stretches_are_as_long_as_they_can_be(world)

    standing: dict[tuple[int, date], dict[Booklet, tuple[str, int | None]]] = defaultdict(dict)
    for person_id, insurer, booklet, start, end, status, conflict_no in world.con.execute(
        "select person_id, insurer_code, booklet_no, from_date, to_date, status_code, conflict_no from cover.booklet"
    ).fetchall():
        for day in _days(start, end):
            assert (insurer, booklet) not in standing[person_id, day], "a booklet stands twice on one day"
            standing[person_id, day][insurer, booklet] = (status, conflict_no)
    pairs: dict[tuple[int, date], dict[tuple[Booklet, Booklet], Judged]] = defaultdict(dict)
    numbers: dict[tuple[int, date, int], tuple[Booklet, Booklet]] = {}
    for person_id, a, no_a, b, no_b, start, end, number, *judged in world.con.execute(
        "select person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b, from_date, to_date, conflict_no, kind_code, "
        "rule_code, outcome_code, keeper_insurer_code from cover.conflict where record_key_b is not null"
    ).fetchall():
        for day in _days(start, end):
            pairs[person_id, day][(a, no_a), (b, no_b)] = Judged(*judged)
            numbers[person_id, day, number] = ((a, no_a), (b, no_b))

    for person_id, days in expected.items():
        for day, truth in days.items():
            found = standing.pop((person_id, day), {})
            assert {booklet: status for booklet, (status, _) in found.items()} == truth.standing
            assert pairs.pop((person_id, day), {}) == truth.pairs
            # C09: somebody always stays, and only one holds the slot.
            assert [status for status, _ in found.values()].count("active") == 1
            for booklet, (status, number) in found.items():
                if status == "blocked":  # C10: blocked by name, and the keeper is in force on that day
                    pair = numbers[person_id, day, number or 0]
                    keeper = next(other for other in pair if other != booklet)
                    assert booklet in pair
                    assert truth.pairs[pair].keeper_insurer_code == keeper[0]
                    assert truth.standing[keeper] in ("active", "contested")
                if status == "contested":
                    assert booklet in numbers[person_id, day, number or 0]
    assert not standing
    assert not pairs


def stretches_are_as_long_as_they_can_be(world: World) -> None:
    """C01: what touches and is alike is one."""
    split_conflicts = """
        select count(*) from cover.conflict as x join cover.conflict as y
          on y.person_id = x.person_id and y.from_date = x.to_date and x.record_key_b is not null
         and (y.insurer_a, y.booklet_no_a) = (x.insurer_a, x.booklet_no_a)
         and (y.insurer_b, y.booklet_no_b) = (x.insurer_b, x.booklet_no_b)
         and (y.rule_code, y.outcome_code, y.keeper_insurer_code, y.reason_fa)
             is not distinct from (x.rule_code, x.outcome_code, x.keeper_insurer_code, x.reason_fa)
    """
    split_booklets = """
        select count(*) from cover.booklet as x join cover.booklet as y
          on y.person_id = x.person_id and y.from_date = x.to_date
         and (y.insurer_code, y.booklet_no, y.status_code) = (x.insurer_code, x.booklet_no, x.status_code)
         and y.conflict_no is not distinct from x.conflict_no
    """
    assert world.con.execute("select count(*) from cover.conflict").fetchall()[0][0] > 0
    assert world.con.execute(split_conflicts).fetchall() == [(0,)]
    assert world.con.execute(split_booklets).fetchall() == [(0,)]


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]
