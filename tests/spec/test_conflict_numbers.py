"""A conflict keeps its number from night to night, also when it ends and comes back (C11)."""

from __future__ import annotations

from datetime import date

from schemas.codes import OverlapRule
from tests.spec.cover_world import given_cover, judge
from tests.tables import World

HEADER = "record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date | to_date"
BOTH = f"""
    {HEADER}
    gov:1 | P1 | IHIO-GOV | basic | G1 | 2026-01-01 | 9999-12-31
    sso:1 | P1 | SSO      | basic | S1 | 2020-01-01 | 9999-12-31
"""
ONE = f"""
    {HEADER}
    sso:1 | P1 | SSO      | basic | S1 | 2020-01-01 | 9999-12-31
"""
MORE = f"""
    {HEADER}
    afm:0 | P0 | AFMSIO   | basic | A0 | 2026-01-01 | 9999-12-31
    gov:0 | P0 | IHIO-GOV | basic | G0 | 2026-01-01 | 9999-12-31
    gov:1 | P7 | IHIO-GOV | basic | G1 | 2026-02-01 | 9999-12-31
    sso:1 | P7 | SSO      | basic | S1 | 2020-01-01 | 9999-12-31
"""


def night(world: World, text: str) -> None:
    given_cover(world, text, person__crosswalk="record_key | person_id\ngov:1 | P1\nsso:1 | P1")
    judge(world)


def test_C11_unchanged_conflicts_keep_number_and_dates(world: World) -> None:
    night(world, BOTH)
    world.next_night()
    night(world, BOTH)
    world.then(
        "cover.conflict",
        "conflict_no | status_code | opened_date | changed_date | reopened_count\n1 | open | 2026-11-20 | 2026-11-20 | 0",
    )


def test_C11_resolved_conflicts_stay_and_come_back_under_their_number(world: World) -> None:
    night(world, BOTH)
    world.next_night()
    night(world, ONE)
    world.then(
        "cover.conflict",
        "conflict_no | status_code | opened_date | changed_date\n1 | resolved | 2026-11-20 | 2026-11-21",
    )
    world.then("cover.booklet", "insurer_code | status_code\nSSO | active")
    world.next_night()
    night(world, ONE)
    world.then("cover.conflict", "conflict_no | status_code | changed_date\n1 | resolved | 2026-11-21")
    world.next_night()
    night(world, BOTH)
    world.then(
        "cover.conflict",
        """
        conflict_no | status_code | opened_date | changed_date | reopened_count
        1           | open        | 2026-11-20  | 2026-11-23   | 1
        """,
    )


def test_C11_a_corrected_first_day_or_another_person_id_keeps_the_number(world: World) -> None:
    night(world, BOTH)
    world.next_night()
    night(world, MORE)
    world.then(
        "cover.conflict",
        """
        conflict_no | person_id | insurer_a | from_date  | status_code | opened_date | changed_date
        1           | P7        | IHIO-GOV  | 2026-02-01 | open        | 2026-11-20  | 2026-11-21
        2           | P0        | AFMSIO    | 2026-01-01 | open        | 2026-11-21  | 2026-11-21
        """,
    )


def test_C11_a_number_is_never_given_twice(world: World) -> None:
    night(world, BOTH)
    world.next_night()
    night(world, ONE)
    world.next_night()
    night(world, ONE.replace("sso:1 | P1", "sso:5 | P5") + "    oil:5 | P5 | OIL | basic | O5 | 2026-01-01 | 9999-12-31\n")
    world.then("cover.conflict", "conflict_no | person_id | status_code\n1 | P1 | resolved\n2 | P5 | open")


def test_C05_a_conflict_is_judged_by_the_rule_in_force_on_its_days(world: World) -> None:
    def rule(code: str, outcome: str, begins: date, ends: date) -> OverlapRule:
        return OverlapRule(code, 1, "IHIO-GOV", "", "SSO", outcome, begins, ends, "", "", "", f"دلیل {code}")

    given_cover(world, BOTH.replace("9999-12-31", "2026-12-31"))
    judge(
        world,
        [
            rule("OLD", "block_a", date(1, 1, 1), date(2026, 3, 1)),
            rule("NEW", "block_b", date(2026, 5, 1), date(9999, 12, 31)),
        ],
    )
    world.then(
        "cover.conflict",
        """
        from_date  | to_date    | rule_code | outcome_code | keeper_insurer_code
        2026-01-01 | 2026-03-01 | OLD       | block        | SSO
        2026-03-01 | 2026-05-01 |           | case         |
        2026-05-01 | 2026-12-31 | NEW       | block        | IHIO-GOV
        """,
    )
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | to_date    | status_code
        SSO          | 2020-01-01 | 2026-05-01 | active
        SSO          | 2026-05-01 | 2026-12-31 | blocked
        IHIO-GOV     | 2026-01-01 | 2026-03-01 | blocked
        IHIO-GOV     | 2026-03-01 | 2026-05-01 | contested
        IHIO-GOV     | 2026-05-01 | 2026-12-31 | active
        """,
    )
