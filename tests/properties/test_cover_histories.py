"""Random histories of cover over nights, merges, splits, acts, new rules and retractions: C09, C10, C11 hold always."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import ExitStack
from datetime import date
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from hub.duck import connection
from hub.settings import Settings
from tests.properties.cover_histories import DAYS, FEEDS, KINDS, Nation
from tests.tables import World

NUMBER, DAY = st.integers(0, 999), st.integers(0, DAYS)
RELATION = st.sampled_from(("principal", "spouse", "child"))
PERSONS = 6
HISTORIES, NIGHTS = 3, 4
Spans = list[tuple[date, date]]

CHANGE = st.one_of(
    st.tuples(
        st.just("cover"), st.integers(1, PERSONS), st.sampled_from(sorted(FEEDS)), DAY, st.integers(1, 2 * DAYS), RELATION
    ),
    st.tuples(st.just("correct"), NUMBER, DAY),
    st.tuples(st.sampled_from(("drop", "list_again", "split", "doubt")), NUMBER),
    st.tuples(st.just("merge"), NUMBER, NUMBER),
    st.tuples(st.just("die"), NUMBER, DAY),
    st.tuples(st.sampled_from(("issue", "end")), NUMBER, DAY),
    st.tuples(st.just("change_rules"), NUMBER, DAY),
)


class Histories(RuleBasedStateMachine):
    """Each step: some changes, or a retraction, then a night, then all promises."""

    @initialize(
        covers=st.lists(
            st.tuples(st.integers(1, PERSONS), st.sampled_from(sorted(FEEDS)), DAY, st.integers(1, 2 * DAYS), RELATION),
            min_size=4 * PERSONS,
            max_size=5 * PERSONS,
        ),
        numbers=st.lists(NUMBER, min_size=3, max_size=6),
    )
    def begin(self, covers: list[tuple[int, str, int, int, str]], numbers: list[int]) -> None:
        """A nation with some double booklets."""
        self.opened = ExitStack()
        home = Path(self.opened.enter_context(tempfile.TemporaryDirectory()))
        con = self.opened.enter_context(connection(Settings(home=home, memory="500MB", threads=1)))
        self.nation = Nation(World(con, home), person_count=PERSONS)
        for each in covers:
            self.nation.cover(*each)
        for number in numbers:
            self.nation.change_rules(number, 0)
        self.judged()

    @rule(changes=st.lists(CHANGE, min_size=4, max_size=10))
    def live_on(self, changes: list[tuple[object, ...]]) -> None:
        """A day with changes, and its night."""
        for name, *told in changes:
            if name in ("issue", "end"):
                self.nation.act(*told, is_end=name == "end")  # type: ignore[misc]
            else:
                getattr(self.nation, str(name))(*told)
        self.judged()

    @rule(number=NUMBER)
    def take_back(self, number: int) -> None:
        """A retraction, and its night."""
        self.nation.retract(number)
        self.judged()

    def judged(self) -> None:
        """A night, and what it promised."""
        self.nation.night()
        somebody_always_stays(self.nation)
        keepers_are_in_force(self.nation)
        numbers_stay(self.nation)

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "opened"):
            self.opened.close()


def somebody_always_stays(nation: Nation) -> None:
    """C09: exactly one booklet is active on every day on which anybody covers a person, and none on others."""
    held: dict[int, Spans] = defaultdict(list)
    active: dict[int, Spans] = defaultdict(list)
    for person, start, end in rows(
        nation, "select person_id, from_date, to_date from cover.period where benefit_kind_code = 'basic'"
    ):
        held[person].append((start, end))
    for person, start, end in rows(
        nation, "select person_id, from_date, to_date from cover.booklet where status_code = 'active'"
    ):
        active[person].append((start, end))
    assert {person: union(spans) for person, spans in held.items()} == {p: union(spans) for p, spans in active.items()}
    for spans in active.values():
        ordered = sorted(spans)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))


def keepers_are_in_force(nation: Nation) -> None:
    """C10: a blocked booklet names a conflict whose keeper stands on all its days; who is under review has none (C13).

    Where one of the two was ended before any night saw both, there is no conflict to be named, only somebody who stays.
    """
    standing = rows(
        nation,
        "select person_id, insurer_code, booklet_no, from_date, to_date from cover.booklet where status_code <> 'blocked'",
    )
    blocked = rows(
        nation,
        """
        select b.person_id, b.from_date, b.to_date, c.conflict_no, c.keeper_insurer_code,
               if(b.insurer_code = c.insurer_a, c.booklet_no_b, c.booklet_no_a),
               exists (select 1 from cover.period as p where p.person_id = b.person_id and not p.is_listed)
        from cover.booklet as b left join cover.conflict as c using (conflict_no)
        where b.status_code = 'blocked'
        """,
    )
    for person, start, end, number, keeper, booklet_no, has_former in blocked:
        if number is None:
            assert has_former
            continue
        spans = [(a, b) for who, insurer, no, a, b in standing if (who, insurer, no) == (person, keeper, booklet_no)]
        assert any(a <= start and end <= b for a, b in union(spans))
    doubted = {nation.told.person_of[key] for key in nation.told.under_review if nation.told.records[key].ended_date is None}
    assert not doubted & {each[0] for each in blocked}


def numbers_stay(nation: Nation) -> None:
    """C11: a number is given once, for the same records for ever, and none disappears."""
    told = rows(nation, f"select conflict_no, record_key_a, record_key_b from cover.conflict where kind_code in {KINDS}")
    found = {number: frozenset((a, b)) for number, a, b in told}
    assert set(nation.numbers) <= set(found)
    for number, records in nation.numbers.items():
        known = {each for each in records if not each.startswith("booklet_act:")}
        assert known <= found[number], "a number went to other records"
    nation.numbers = found


def rows(nation: Nation, query: str) -> list[tuple]:  # type: ignore[type-arg]
    return nation.world.con.execute(query).fetchall()


def union(spans: Spans) -> Spans:
    """Spans that touch or overlap as one."""
    joined: Spans = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def test_C09_C10_C11_hold_in_every_history() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=NIGHTS,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
