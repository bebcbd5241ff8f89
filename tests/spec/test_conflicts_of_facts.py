"""Conflicts beside booklets: foreigners' codes, benefits beside work, marks and drugs of special patients."""

from __future__ import annotations

from tests.spec.cover_world import given_cover, judge
from tests.tables import World
from warehouse import special

HEADER = "record_key | person_id | insurer_code | benefit_kind_code | booklet_no | member_no | from_date | to_date"
COVERS = f"""
    {HEADER}
    oil:1  | P1 | OIL    | basic | O1 | 11 | 2021-01-01 | 9999-12-31
    sso:1  | P1 | SSO    | basic | S1 | 21 | 2020-01-01 | 2021-01-01
    sso:2  | P2 | SSO    | basic | S2 | 22 | 2020-01-01 | 9999-12-31
"""
SIDES = "kind_code | person_id | insurer_a | record_key_a | insurer_b | record_key_b | from_date | to_date | outcome_code"


def test_C06_a_dependant_on_two_principals_at_one_insurer_is_told_to_it_alone(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | principal_person_id | from_date  | to_date
        sso:father | P1        | SSO          | basic             | S1         |                     | 2020-01-01 | 9999-12-31
        sso:mother | P2        | SSO          | basic             | S2         |                     | 2020-01-01 | 9999-12-31
        sso:child1 | P3        | SSO          | basic             | S1         | P1                  | 2024-01-01 | 9999-12-31
        sso:child2 | P3        | SSO          | basic             | S2         | P2                  | 2025-01-01 | 9999-12-31
        """,  # noqa: E501
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code      | person_id | insurer_a | principal_person_id_a | insurer_b | principal_person_id_b | outcome_code
        two_principals | P3        | SSO       | P1                    | SSO       | P2                    | case
        """,
    )
    world.then("cover.conflict_side", "insurer_code | is_awaited\nSSO | true")


def test_C08_a_foreigner_for_whom_insurers_tell_two_codes(world: World) -> None:
    given_cover(
        world,
        COVERS,
        linkage__person_record="record_key | foreign_id\nsso:1 | 200000000001\noil:1 | 100000000001\nsso:2 | 300000000001",
    )
    judge(world)
    world.then("cover.conflict", f"{SIDES}\nforeign_codes | P1 | OIL | oil:1 | SSO | sso:1 | 2021-01-01 | 9999-12-31 | case")


def test_benefits_and_work_in_one_month_meet_where_their_days_cannot_all_be_different(world: World) -> None:
    given_cover(world, COVERS)
    world.given(
        "employment.benefit",
        """
        record_key | person_id | from_date  | to_date
        b:all      | P1        | 2026-09-01 | 9999-12-31
        b:before   | P2        | 2026-01-01 | 2026-09-23
        b:some     | P3        | 2026-01-01 | 2026-10-03
        b:too_many | P4        | 2026-01-01 | 2026-10-03
        b:nobody   |           | 2026-01-01 | 9999-12-31
        """,
    )
    world.given(  # Mehr 1405 begins on 2026-09-23 and has 30 days
        "employment.contribution",
        """
        person_id | work_month | workshop_no | contribution_days
        P1        | 1405-07    | W1          | 1
        P2        | 1405-07    | W1          | 30
        P3        | 1405-07    | W1          | 20
        P4        | 1405-07    | W1          | 18
        P4        | 1405-07    | W2          | 3
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code              | person_id | insurer_a | record_key_a | from_date  | to_date    | stage_code
        benefit_while_employed | P1        | SSO       | b:all        | 2026-09-23 | 2026-10-23 | reported
        benefit_while_employed | P4        | SSO       | b:too_many   | 2026-09-23 | 2026-10-03 | reported
        """,
    )


def test_C15_marks_and_claims_belong_to_the_member_else_to_whom_the_registry_gave_the_code(world: World) -> None:
    given_cover(
        world,
        COVERS,
        person__golden="""
        person_id | national_code | national_code_status_code
        P2        | 0012345679    | registry
        P7        | 0012345687    | registry
        P8        | 0012345695    | claimed
        """,
    )
    world.given(
        "staging.told",
        """
        record_key | insurer_code | member_no | national_code | drug_code | dispensed_date | supply_days
        c:1        | SSO          | 21        | 0012345679    | D1        | 2026-10-01     | 30
        c:2        | OIL          | 99        | 0012345687    | D1        | 2026-10-01     | 30
        c:3        | OIL          |           | 0012345695    | D1        | 2026-10-01     | 30
        """,
    )
    world.when(special.claim("select * from staging.told"))
    world.then(
        "special.claim",
        """
        record_key | person_id | insurer_code | drug_code | from_date  | to_date
        c:1        | P1        | SSO          | D1        | 2026-10-01 | 2026-10-31
        c:2        | P7        | OIL          | D1        | 2026-10-01 | 2026-10-31
        c:3        |           | OIL          | D1        | 2026-10-01 | 2026-10-31
        """,
    )


def test_C15_one_drug_at_two_insurers_in_one_period_and_one_disease_marked_at_two(world: World) -> None:
    given_cover(world, COVERS)
    world.given(
        "special.claim",
        """
        record_key | person_id | insurer_code | drug_code | from_date  | to_date
        c:1        | P1        | SSO          | D1        | 2026-10-01 | 2026-10-31
        c:same     | P1        | OIL          | D1        | 2026-10-20 | 2026-11-19
        c:touching | P1        | OIL          | D1        | 2026-08-01 | 2026-10-01
        c:other    | P1        | OIL          | D2        | 2026-10-01 | 2026-10-31
        c:own      | P1        | SSO          | D1        | 2026-10-15 | 2026-11-14
        c:stranger | P2        | OIL          | D1        | 2026-10-01 | 2026-10-31
        """,
    )
    world.given(
        "special.mark",
        """
        record_key | person_id | insurer_code | disease_code | from_date  | to_date
        m:1        | P1        | SSO          | ms           | 2026-01-01 | 9999-12-31
        m:2        | P1        | OIL          | ms           | 2026-05-01 | 9999-12-31
        m:3        | P1        | OIL          | dialysis     | 2026-05-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        f"""
        {SIDES}
        special_drug_twice | P1 | OIL | c:same | SSO | c:1   | 2026-10-20 | 2026-10-31 | case
        special_drug_twice | P1 | OIL | c:same | SSO | c:own | 2026-10-20 | 2026-11-14 | case
        special_mark_twice | P1 | OIL | m:2    | SSO | m:1   | 2026-05-01 | 9999-12-31 | case
        """,
    )
