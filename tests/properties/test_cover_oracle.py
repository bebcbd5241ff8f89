"""Thousands of random small worlds: the set-based Steps and the day-by-day oracle say the same."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.codes import ANY_OTHER, OverlapRule
from tests.properties.cover_oracle import Booklet, Day, Judged, Listed, judged_days
from tests.spec.cover_world import given_cover, judge
from tests.tables import World

INSURERS = ("A", "B", "C", "D", "E")
KINDS = ("employee", "student")
FIRST_DAY, DAY_COUNT = date(2026, 1, 1), 40
PERSONS = 700
BEGINNING, END = date(1, 1, 1), date(9999, 12, 31)


class Nation:
    """Random persons with random basic cover, and a random rule table: dated, conditional, also running in circles."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.rules = [self._rule(chance, number) for number in range(chance.randint(0, 9))]
        self.listed: list[Listed] = []
        self.deaths: dict[int, date] = {}
        for person_id in range(1, PERSONS + 1):
            for number in range(chance.randint(1, 5)):
                start = FIRST_DAY + timedelta(days=chance.randrange(DAY_COUNT))
                self.listed.append(
                    Listed(
                        f"f:{person_id:05d}:{number}",
                        person_id,
                        chance.choice(INSURERS),
                        f"{person_id}-{chance.randrange(3)}",
                        chance.choice(KINDS),
                        start,
                        start + timedelta(days=chance.randint(1, 20)),
                    )
                )
            if chance.random() < 0.1:
                self.deaths[person_id] = FIRST_DAY + timedelta(days=chance.randrange(DAY_COUNT))

    @staticmethod
    def _rule(chance: random.Random, number: int) -> OverlapRule:
        one, other = chance.sample(INSURERS, 2)
        begins, ends = sorted(chance.sample(range(DAY_COUNT + 20), 2))
        return OverlapRule(
            rule_code=f"T{number}",
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
            reason_fa=f"قاعدهٔ {number}",
        )

    def give(self, world: World) -> None:
        """Put the nation into the run folder."""
        given_cover(world, "record_key | person_id")
        rows = [vars(row) | {"benefit_kind_code": "basic", "feed": "f"} for row in self.listed]
        records = pa.Table.from_pylist(rows)
        world.con.register("listed", records)
        world.runner.keep("cover.record", ("record_key",), world.con.sql(_AS_RECORD).to_arrow_table())
        persons = {"person_id": list(range(1, PERSONS + 1))}
        persons["death_date"] = [self.deaths.get(person_id) for person_id in persons["person_id"]]
        path = world.run.table("person.golden")
        given = world.con.sql("select * exclude (person_id, death_date) from person.golden").to_arrow_table()
        assert given.num_rows == 0
        table = pa.table({"person_id": persons["person_id"], "death_date": pa.array(persons["death_date"], pa.date32())})
        for field in given.schema:
            table = table.append_column(field.name, pa.nulls(PERSONS, field.type))
        pq.write_table(table, path)
        world.runner.attach("person.golden", path)

    def days(self) -> dict[int, dict[date, Day]]:
        """What the oracle says, by person and day."""
        by_person: dict[int, list[Listed]] = defaultdict(list)
        for row in self.listed:
            by_person[row.person_id].append(row)
        return {
            person_id: judged_days(rows, self.rules, self.deaths.get(person_id)) for person_id, rows in by_person.items()
        }


_AS_RECORD = """
    select record_key, feed, person_id, insurer_code, benefit_kind_code, cast(null as varchar) as relation_code,
           member_kind_code, cast(null as varchar) as member_no, booklet_no, from_date, to_date,
           cast(null as bigint) as principal_person_id, true as is_listed
    from listed
"""


@pytest.mark.parametrize("seed", range(6))
def test_C01_to_C10_every_day_of_every_person_is_as_the_oracle_says(world: World, seed: int) -> None:
    nation = Nation(seed)
    nation.give(world)
    judge(world, nation.rules)
    expected = nation.days()
    assert sum(len(day.pairs) for days in expected.values() for day in days.values()) > 1000  # the worlds do overlap

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


@pytest.mark.parametrize("seed", range(6, 8))
def test_C01_stretches_are_as_long_as_they_can_be(world: World, seed: int) -> None:
    nation = Nation(seed)
    nation.give(world)
    judge(world, nation.rules)
    split_conflicts = """
        select count(*) from cover.conflict as x join cover.conflict as y
          on y.person_id = x.person_id and y.from_date = x.to_date
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
