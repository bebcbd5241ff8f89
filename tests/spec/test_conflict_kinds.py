"""Kinds of conflicts beside two basic booklets, who hears of them, and what nobody may lose by them."""

from __future__ import annotations

from tests.spec.cover_world import given_cover, judge
from tests.tables import World

HEADER = "record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date | to_date"
ONE_COVER = f"""
    {HEADER}
    sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
"""
PERSONS = "person_id | national_code | national_code_status_code | nationality_code | death_date"


def test_C06_a_child_on_both_parents_booklets_is_one_conflict_naming_both(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | principal_person_id | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+---------------------+------------+-----------
        sso:father | P1        | SSO          | basic             | S1         |                     | 2020-01-01 | 9999-12-31
        oil:mother | P2        | OIL          | basic             | O1         |                     | 2020-01-01 | 9999-12-31
        sso:child  | P3        | SSO          | basic             | S1         | P1                  | 2024-01-01 | 9999-12-31
        oil:child  | P3        | OIL          | basic             | O1         | P2                  | 2025-01-01 | 9999-12-31
        """,  # noqa: E501
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code | person_id | insurer_a | principal_person_id_a | insurer_b | principal_person_id_b | from_date
        ----------+-----------+-----------+-----------------------+-----------+-----------------------+-----------
        two_principals | P3        | OIL       | P2                    | SSO       | P1                    | 2025-01-01
        """,
    )


def test_C07_two_booklets_at_one_insurer_are_their_own_kind(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        sso:2      | P1        | SSO          | basic             | S2         | 2026-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code    | insurer_a | booklet_no_a | insurer_b | booklet_no_b | outcome_code
        -------------+-----------+--------------+-----------+--------------+-------------
        same_insurer | SSO       | S1           | SSO       | S2           | case
        """,
    )
    world.then(
        "cover.booklet",
        """
        booklet_no | status_code | conflict_no
        -----------+-------------+------------
        S1         | active      |
        S2         | contested   | 1
        """,
    )


def test_C08_a_booklet_after_a_registered_death(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        sso:2      | P2        | SSO          | basic             | S2         | 2020-01-01 | 2026-03-02
        """,
        person__golden=f"""
        {PERSONS}
        P1        | 0012345679    | registry                  | IRN              | 2026-03-01
        P2        | 0012345687    | registry                  | IRN              | 2026-03-01
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code | person_id | insurer_a | from_date  | to_date    | outcome_code
        ----------+-----------+-----------+------------+------------+-------------
        deceased  | P1        | SSO       | 2026-03-02 | 9999-12-31 | inform
        """,
    )
    world.then(
        "cover.period",
        """
        person_id | from_date  | to_date
        ----------+------------+-----------
        P1        | 2020-01-01 | 2026-03-02
        P2        | 2020-01-01 | 2026-03-02
        """,
    )


def test_C08_a_death_in_question_ends_nothing_and_waits_for_review(world: World) -> None:
    given_cover(
        world,
        ONE_COVER,
        person__golden=f"""
        {PERSONS}
        P1        | 0012345679    | registry                  | IRN              | 2026-03-01
        """,
        person__death_query="""
        person_id | record_key | reason_code
        P1        | ssc:1      | work_after_death
        P1        | ssc:2      | work_after_death
        """,
    )
    judge(world)
    world.then("cover.period", "person_id | to_date\nP1 | 9999-12-31")
    world.then("cover.conflict", "kind_code | is_under_review\ndeceased | true")


def test_C08_codes_unknown_to_civil_registration_but_not_those_of_foreigners(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        sso:2      | P2        | SSO          | basic             | S2         | 2020-01-01 | 9999-12-31
        sso:3      | P3        | SSO          | basic             | S3         | 2020-01-01 | 9999-12-31
        sso:4      | P4        | SSO          | basic             | S4         | 2020-01-01 | 9999-12-31
        """,
        person__golden=f"""
        {PERSONS}
        P1        | 0012345679    | claimed                   | IRN              |
        P2        |               | missing                   | AFG              |
        P3        | 0012345687    | registry                  | IRN              |
        P4        |               | missing                   | IRN              |
        """,
        person__crosswalk="""
        record_key | feed  | person_id
        sso:1      | sso   | P1
        sso:2      | sso   | P2
        sso:3      | sso   | P3
        sso:4      | sso   | P4
        reg:3      | reg   | P3
        """,
        linkage__person_record="""
        record_key | is_registry | national_code
        sso:1      | false       | 0012345679
        sso:2      | false       | 0099999994
        sso:3      | false       | 0088888889
        sso:4      | false       |
        reg:3      | true        | 0012345687
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code           | person_id | outcome_code
        --------------------+-----------+-------------
        unknown_to_registry | P1        | case
        """,
    )


def test_C08_a_code_that_civil_registration_refused_when_it_was_asked(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        sso:2      | P2        | SSO          | basic             | S2         | 2020-01-01 | 9999-12-31
        """,
        person__golden=f"""
        {PERSONS}
        P1        |               | missing                   | IRN              |
        P2        |               | missing                   | IRN              |
        """,
        linkage__person_record="""
        record_key | is_registry | national_code | national_code_claimed
        sso:1      | false       |               | 0012345679
        sso:2      | false       |               | 0099999995
        """,
    )
    world.given("linkage.refused_code", "national_code | inquiry_answer_code\n0012345679 | cancelled")
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code           | person_id | outcome_code
        --------------------+-----------+-------------
        unknown_to_registry | P1        | case
        """,
    )


def test_C08_no_code_is_unknown_to_a_registry_that_delivers_nothing(world: World) -> None:
    """A databank without civil registration would send every member back to the insurer."""
    given_cover(
        world,
        ONE_COVER,
        person__golden=f"""
        {PERSONS}
        P1        | 0012345679    | claimed                   | IRN              |
        """,
        linkage__person_record="""
        record_key | is_registry | national_code
        sso:1      | false       | 0012345679
        """,
    )
    judge(world)
    world.then("cover.conflict", "kind_code | person_id | outcome_code")


def test_C08_a_code_issued_to_someone_else(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        sso:2      | P2        | SSO          | basic             | S2         | 2020-01-01 | 9999-12-31
        """,
        person__golden=f"""
        {PERSONS}
        P1        | 0012345679    | registry                  | IRN              |
        P2        | 0012345687    | registry                  | IRN              |
        """,
        person__crosswalk="""
        record_key | feed  | person_id
        sso:1      | sso   | P1
        sso:2      | sso   | P2
        reg:1      | reg   | P1
        reg:2      | reg   | P2
        """,
        linkage__person_record="""
        record_key | is_registry | national_code
        sso:1      | false       | 0012345687
        sso:2      | false       | 0012345687
        reg:1      | true        | 0012345679
        reg:2      | true        | 0012345687
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code     | person_id | insurer_a | booklet_no_a
        --------------+-----------+-----------+-------------
        code_of_other | P1        | SSO       | S1
        """,
    )


def test_C09_somebody_stays_when_every_booklet_yields(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        rur:1      | P1        | IHIO-RUR     | basic             | R1         | 2020-01-01 | 9999-12-31
        uni:1      | P1        | IHIO-UNI     | basic             | U1         | 2021-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | status_code
        -------------+------------+------------
        IHIO-RUR     | 2020-01-01 | active
        IHIO-RUR     | 2021-01-01 | blocked
        IHIO-UNI     | 2021-01-01 | active
        """,
    )


def test_C10_the_block_ends_with_the_keepers_cover(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 2026-04-01
        sso:1      | P1        | SSO          | basic             | S1         | 2020-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | to_date    | status_code | conflict_no
        -------------+------------+------------+-------------+------------
        SSO          | 2020-01-01 | 2026-01-01 | active      |
        IHIO-GOV     | 2026-01-01 | 2026-04-01 | active      |
        SSO          | 2026-01-01 | 2026-04-01 | blocked     | 1
        SSO          | 2026-04-01 | 9999-12-31 | active      |
        """,
    )


def test_C10_a_booklet_whose_rival_is_itself_blocked_stays(world: World) -> None:
    # Social security yields to the government fund, the rural fund to both; the government fund alone keeps, and the
    # overlap of the two others is settled with it.
    given_cover(
        world,
        f"""
        {HEADER}
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 9999-12-31
        rur:1      | P1        | IHIO-RUR     | basic             | R1         | 2026-01-01 | 9999-12-31
        sso:1      | P1        | SSO          | basic             | S1         | 2026-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        insurer_a | insurer_b | rule_code | outcome_code | keeper_insurer_code
        ----------+-----------+-----------+--------------+--------------------
        IHIO-GOV  | IHIO-RUR  | R1        | block        | IHIO-GOV
        IHIO-GOV  | SSO       | R2        | block        | IHIO-GOV
        IHIO-RUR  | SSO       | R1        | inform       |
        """,
    )


def test_C13_a_person_under_review_loses_no_booklet_and_is_marked(world: World) -> None:
    given_cover(
        world,
        f"""
        {HEADER}
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2020-01-01 | 9999-12-31
        sso:1      | P1        | SSO          | basic             | S1         | 2021-01-01 | 9999-12-31
        """,
        person__crosswalk="record_key | person_id\nsso:1 | P1\nhome:9 | P9",
        person__review_pair="record_key_a | record_key_b | reason_code\nhome:9 | sso:1 | margin",
    )
    judge(world)
    world.then("cover.conflict", "rule_code | outcome_code | is_under_review\nR2 | case | true")
    world.then("cover.booklet", "insurer_code | status_code\nIHIO-GOV | active\nSSO | contested")
