"""Rules with conditions: relation, sex and the age on the day, dated; ages are in the rule table, not in code."""

from __future__ import annotations

from datetime import date

from schemas.codes import OverlapRule
from tests.spec.cover_world import given_cover, judge
from tests.tables import World

BEGINNING, END = date(1, 1, 1), date(9999, 12, 31)
TWO = """
record_key | person_id | insurer_code | benefit_kind_code | booklet_no | relation_code | principal_person_id | from_date  | to_date
s:1        | P1        | SSO          | basic             | B1         | {}            | {}                  | 2020-01-01 | 9999-12-31
o:1        | P1        | OIL          | basic             | O1         | {}            | {}                  | 2020-01-01 | 9999-12-31
"""  # noqa: E501


def given(world: World, side_a: tuple[str, str], side_b: tuple[str, str], golden: str = "person_id") -> None:
    given_cover(world, TWO.format(*side_a, *side_b), person__golden=golden)


def test_C05_a_dependant_who_is_insured_in_their_own_right_elsewhere_leaves_social_security(world: World) -> None:
    given(world, ("spouse", "P2"), ("principal", ""))
    judge(world)
    world.then("cover.conflict", "rule_code | outcome_code | keeper_insurer_code\nR6 | block | OIL")


def test_C06_two_principals_are_no_matter_of_own_cover(world: World) -> None:
    given(world, ("child", "P2"), ("child", "P3"))
    judge(world)
    world.then(
        "cover.conflict",
        "rule_code | outcome_code | principal_person_id_a | principal_person_id_b\n          | case | P3 | P2",
    )


def test_C05_another_reason_holds_from_a_son_s_birthday_on(world: World) -> None:
    given(
        world,
        ("child", "P2"),
        ("child", "P3"),
        "person_id | sex_code | birth_date\nP1 | male | 2002-06-15",
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        from_date  | to_date    | rule_code | outcome_code
        2020-01-01 | 2021-06-15 |           | case
        2021-06-15 | 2024-06-15 | R7Y       | case
        2024-06-15 | 9999-12-31 | R7        | case
        """,
    )


def test_C05_who_was_born_when_and_of_which_sex_must_be_known(world: World) -> None:
    for golden in ("P1 | female | 1990-01-01", "P1 | male |", "P1 | | 1990-01-01"):
        given(world, ("child", "P2"), ("child", "P3"), f"person_id | sex_code | birth_date\n{golden}")
        judge(world)
        world.then("cover.conflict", "rule_code | outcome_code\n          | case")
        world.next_night()
        world.base_folder = None


def test_C05_a_case_is_judged_by_the_ages_in_force_on_its_days(world: World) -> None:
    def limit(from_date: date, to_date: date, age: int) -> OverlapRule:
        sons = {"relation_a": "child", "sex_code_a": "male", "from_age_a": age}
        return OverlapRule("S", 1, "SSO", "", "OIL", "block_a", from_date, to_date, "", "", "", f"از {age} سالگی", **sons)

    given(world, ("child", "P2"), ("child", "P3"), "person_id | sex_code | birth_date\nP1 | male | 2002-06-15")
    judge(world, [limit(BEGINNING, date(2022, 1, 1), 19), limit(date(2022, 1, 1), END, 22)])
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | to_date    | status_code
        OIL          | 2020-01-01 | 9999-12-31 | active
        SSO          | 2020-01-01 | 2021-06-15 | contested
        SSO          | 2021-06-15 | 2022-01-01 | blocked
        SSO          | 2022-01-01 | 2024-06-15 | contested
        SSO          | 2024-06-15 | 9999-12-31 | blocked
        """,
    )
