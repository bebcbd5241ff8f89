"""Two basic booklets on the same days are one conflict; the rule in force on those days says who keeps."""

from __future__ import annotations

from tests.spec.cover_world import given_cover, judge
from tests.tables import World


def test_C01_two_basic_booklets_on_the_same_days(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 2026-07-01
        sso:1      | P1        | SSO          | basic             | S1         | 2026-06-01 | 2027-01-01
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        conflict_no | kind_code | person_id | insurer_a | insurer_b | from_date  | to_date    | overlap_days | status_code
        ------------+-----------+-----------+-----------+-----------+------------+------------+--------------+------------
        1           | two_basic | P1        | IHIO-GOV  | SSO       | 2026-06-01 | 2026-07-01 | 30           | open
        """,
    )


def test_C01_touching_covers_and_supplementary_cover_are_no_conflict(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 2026-07-01
        sso:1      | P1        | SSO          | basic             | S1         | 2026-07-01 | 2027-01-01
        sso:2      | P2        | SSO          | basic             | S2         | 2026-01-01 | 2027-01-01
        supp:2     | P2        | SUPP         | supplementary     | X2         | 2026-01-01 | 2027-01-01
        """,
    )
    judge(world)
    world.then("cover.conflict", "conflict_no")


def test_C01_two_pension_memberships_are_information(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        cspf:1     | P1        | CSPF         | pension           | C1         | 2020-01-01 | 2026-07-01
        rnf:1      | P1        | RNF          | pension           | R1         | 2026-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        kind_code    | from_date  | to_date    | outcome_code | keeper_insurer_code
        -------------+------------+------------+--------------+--------------------
        two_pensions | 2026-01-01 | 2026-07-01 | inform       |
        """,
    )


def test_C02_rural_fund_yields_to_any_other_basic_cover(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        rur:1      | P1        | IHIO-RUR     | basic             | R1         | 2020-01-01 | 9999-12-31
        sso:1      | P1        | SSO          | basic             | S1         | 2026-01-01 | 9999-12-31
        rur:2      | P2        | IHIO-RUR     | basic             | R2         | 2020-01-01 | 9999-12-31
        oil:2      | P2        | OIL          | basic             | O2         | 2019-01-01 | 2021-01-01
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        person_id | insurer_a | insurer_b | rule_code | outcome_code | keeper_insurer_code | overlap_days
        ----------+-----------+-----------+-----------+--------------+---------------------+-------------
        P1        | IHIO-RUR  | SSO       | R1        | block        | SSO                 |
        P2        | IHIO-RUR  | OIL       | R1        | block        | OIL                 | 366
        """,
    )
    world.then(
        "cover.booklet",
        """
        person_id | insurer_code | from_date  | to_date    | status_code
        ----------+--------------+------------+------------+------------
        P1        | IHIO-RUR     | 2020-01-01 | 2026-01-01 | active
        P1        | IHIO-RUR     | 2026-01-01 | 9999-12-31 | blocked
        P1        | SSO          | 2026-01-01 | 9999-12-31 | active
        P2        | OIL          | 2019-01-01 | 2021-01-01 | active
        P2        | IHIO-RUR     | 2020-01-01 | 2021-01-01 | blocked
        P2        | IHIO-RUR     | 2021-01-01 | 9999-12-31 | active
        """,
    )


def test_C03_government_fund_keeps_before_social_security(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 9999-12-31
        sso:1      | P1        | SSO          | basic             | S1         | 2010-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        rule_code | outcome_code | keeper_insurer_code
        ----------+--------------+--------------------
        R2        | block        | IHIO-GOV
        """,
    )
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | to_date    | status_code | conflict_no
        -------------+------------+------------+-------------+------------
        SSO          | 2010-01-01 | 2026-01-01 | active      |
        SSO          | 2026-01-01 | 9999-12-31 | blocked     | 1
        IHIO-GOV     | 2026-01-01 | 9999-12-31 | active      |
        """,
    )


def test_C04_the_person_chooses_between_government_fund_and_armed_forces(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        gov:1      | P1        | IHIO-GOV     | basic             | G1         | 2026-01-01 | 9999-12-31
        mil:1      | P1        | AFMSIO       | basic             | A1         | 2020-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        rule_code | outcome_code | keeper_insurer_code
        ----------+--------------+--------------------
        R3        | choose       |
        """,
    )
    world.then(
        "cover.booklet",
        """
        insurer_code | from_date  | status_code | conflict_no
        -------------+------------+-------------+------------
        AFMSIO       | 2020-01-01 | active      |
        IHIO-GOV     | 2026-01-01 | contested   | 1
        """,
    )


def test_C05_a_pair_without_a_rule_is_a_case_and_blocks_nothing(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        -----------+-----------+--------------+-------------------+------------+------------+-----------
        sso:1      | P1        | SSO          | basic             | S1         | 2026-01-01 | 9999-12-31
        oil:1      | P1        | OIL          | basic             | O1         | 2020-01-01 | 9999-12-31
        """,
    )
    judge(world)
    world.then(
        "cover.conflict",
        """
        rule_code | outcome_code | keeper_insurer_code
        ----------+--------------+--------------------
                  | case         |
        """,
    )
    world.then(
        "cover.booklet",
        """
        insurer_code | status_code
        -------------+------------
        OIL          | active
        SSO          | contested
        """,
    )


def test_C01_overlaps_are_exact_for_every_benefit_kind_with_principals(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | relation_code | principal_person_id | from_date  | to_date
        a          | P1        | SSO          | basic             | B1         | child         | P2                  | 2026-01-01 | 2026-03-01
        b          | P1        | AFMSIO       | basic             | B2         | child         | P3                  | 2026-02-01 | 9999-12-31
        c          | P1        | SUPP         | supplementary     | S1         |               |                     | 2026-01-01 | 2026-02-01
        d          | P1        | SUPP         | supplementary     | S2         |               |                     | 2026-02-01 | 9999-12-31
        e          | P1        | SUPP         | supplementary     | S3         |               |                     | 2026-03-01 | 9999-12-31
        f          | P1        | CSPF         | pension           | C1         |               |                     | 2026-01-01 | 2026-01-02
        g          | P1        | RNF          | pension           | R1         |               |                     | 2026-01-01 | 2026-01-05
        h          | P1        | SPECPAT      | special_patient   | X1         |               |                     | 2026-01-01 | 2026-05-01
        i          | P1        | SPECPAT      | special_patient   | X2         |               |                     | 2026-04-30 | 2026-06-01
        """,  # noqa: E501
    )
    judge(world)
    world.then(
        "cover.overlap",
        """
        benefit_kind_code | booklet_no_a | booklet_no_b | from_date  | to_date    | overlap_days | principal_person_id_a | principal_person_id_b
        basic             | B2           | B1           | 2026-02-01 | 2026-03-01 | 28           | P3                    | P2
        supplementary     | S2           | S3           | 2026-03-01 | 9999-12-31 |              |                       |
        pension           | C1           | R1           | 2026-01-01 | 2026-01-02 | 1            |                       |
        special_patient   | X1           | X2           | 2026-04-30 | 2026-05-01 | 1            |                       |
        """,  # noqa: E501
    )
