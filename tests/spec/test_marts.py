"""Marts count persons by group, as of the business date (2026-11-20), and agree with the golden table."""

from __future__ import annotations

import pytest

from tests.tables import World
from warehouse import conflicts, marts

NOTHING = {
    "person.identity_event": "event_no | event_code",
    "person.review_pair": "record_key_a | record_key_b",
    "person.crosswalk": "record_key | feed | person_id",
    "cover.period": "person_id | insurer_code",
    "cover.booklet": "person_id | insurer_code",
    "cover.conflict": "conflict_no | status_code",
    "ops.ledger": "delivery_id | fate_code | row_count",
    "person.golden": "person_id",
}


@pytest.fixture
def nation(world: World) -> World:
    """Five persons: one dead, one without province, sex and birth date; everything else is empty."""
    for table, header in NOTHING.items():
        world.given(table, header)
    world.when(conflicts.kinds())
    world.given(
        "staging.current_delivery",
        """
        feed         | delivery_id | business_date | as_of_days
        -------------+-------------+---------------+-----------
        sabt_persons | D1          | 2026-11-20    | 0
        sso_members  | D2          | 2026-11-18    | 2
        """,
    )
    world.given(
        "person.golden",
        """
        person_id | province_code | sex_code | birth_date | vital_status_code | death_date
        ----------+---------------+----------+------------+-------------------+-----------
        P1        | 08            | male     | 1986-11-20 | alive             |
        P2        | 08            | male     | 1986-11-21 | alive             |
        P3        | 08            | female   | 1930-01-01 | alive             |
        P4        |               |          |            |                   |
        P5        | 08            | male     | 1950-01-01 | dead              | 2026-01-01
        """,
    )
    return world


PERIODS = """
    person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date    | feed
    ----------+--------------+-------------------+------------+------------+------------+------------
    P1        | SSO          | basic             | A          | 2026-10-31 | 9999-12-31 | sso_members
    P1        | SSO          | basic             | B          | 2026-01-01 | 2026-11-20 | sso_members
    P2        | SSO          | pension           | C          | 2026-11-21 | 9999-12-31 | sso_members
    P3        | SSO          | pension           | D          | 2026-11-20 | 9999-12-31 | sso_members
"""


def build(world: World) -> None:
    """All marts with every cell in sight; what is drawn together, test_suppression.py says."""
    marts.build(world.runner, world.run, smallest_count=1)


def test_uninsured_are_the_living_without_basic_cover_today(nation: World) -> None:
    nation.given("cover.period", PERIODS)
    build(nation)
    nation.then(
        "mart.uninsured",
        """
        province_code | age_band | sex_code | living_count | uninsured_count | as_of_date | as_of_feeds
        --------------+----------+----------+--------------+-----------------+------------+-----------------------------------------------
        08            | 40-44    | male     | 1            | 0               | 2026-11-20 | sabt_persons@2026-11-20 sso_members@2026-11-18
        08            | 35-39    | male     | 1            | 1               | 2026-11-20 | sabt_persons@2026-11-20 sso_members@2026-11-18
        08            | 85+      | female   | 1            | 1               | 2026-11-20 | sabt_persons@2026-11-20 sso_members@2026-11-18
        unknown       | unknown  | unknown  | 1            | 1               | 2026-11-20 | sabt_persons@2026-11-20 sso_members@2026-11-18
        """,  # noqa: E501
    )


def test_cover_by_group_counts_a_person_once_an_insurer_and_month(nation: World) -> None:
    """With the age on the day that is counted: P1 turns 40 on 20 November."""
    nation.given("cover.period", PERIODS)
    build(nation)
    rows = "\n".join(
        f"2026-{month:02d}-01 | SSO | basic | {'35-39' if month < 11 else '40-44'} | 1 | sso_members@2026-11-18"
        for month in range(1, 12)
    )
    nation.then(
        "mart.cover_by_group",
        f"""
        month_date | insurer_code | benefit_kind_code | age_band | person_count | as_of_feeds
        {rows}
        2026-11-01 | SSO | pension | 85+ | 1 | sso_members@2026-11-18
        """,
    )


def test_P03_totals_are_those_of_the_golden_table(nation: World) -> None:
    nation.given("cover.period", PERIODS)
    build(nation)
    nation.then(
        "mart.night",
        """
        as_of_date | person_count | living_count | insured_count | uninsured_count | feed_count | late_feed_count
        -----------+--------------+--------------+---------------+-----------------+------------+----------------
        2026-11-20 | 5            | 4            | 1             | 3               | 2          | 1
        """,
    )


def test_C01_two_pension_memberships_are_not_among_the_conflicts_of_the_night(nation: World) -> None:
    nation.given(
        "cover.conflict",
        """
        conflict_no | kind_code    | person_id | from_date  | to_date    | status_code | opened_date
        ------------+--------------+-----------+------------+------------+-------------+------------
        1           | two_basic    | P1        | 2026-11-10 | 9999-12-31 | open        | 2026-11-20
        2           | two_pensions | P1        | 2026-01-01 | 9999-12-31 | open        | 2026-11-20
        3           | deceased     | P5        | 2026-01-01 | 9999-12-31 | resolved    | 2026-11-01
        """,
    )
    build(nation)
    nation.then("mart.night", "open_conflict_count | new_conflict_count\n1 | 1")


def test_overlap_by_pair_counts_open_conflicts_up_to_today(nation: World) -> None:
    nation.given(
        "cover.conflict",
        """
        conflict_no | kind_code | person_id | insurer_a | insurer_b | from_date  | to_date    | status_code
        ------------+-----------+-----------+-----------+-----------+------------+------------+------------
        1           | two_basic | P1        | IHIO-GOV  | SSO       | 2026-11-10 | 9999-12-31 | open
        2           | two_basic | P1        | IHIO-GOV  | SSO       | 2026-01-01 | 2026-01-05 | open
        3           | two_basic | P2        | IHIO-GOV  | SSO       | 2026-01-01 | 2026-02-01 | resolved
        4           | deceased  | P5        | SSO       |           | 2026-12-01 | 9999-12-31 | open
        """,
    )
    build(nation)
    nation.then(
        "mart.overlap_by_pair",
        """
        insurer_a | insurer_b | kind_code | person_count | conflict_count | open_count | overlap_days
        ----------+-----------+-----------+--------------+----------------+------------+-------------
        IHIO-GOV  | SSO       | two_basic | 1            | 3              | 2          | 14
        SSO       | none      | deceased  | 1            | 1              | 1          | 0
        """,
    )


def test_overlap_cost_is_the_premium_of_the_cover_that_yields_by_jalali_month(nation: World) -> None:
    """Aban 1405 began on 23 October 2026 and has 30 days, Mehr too; the premium in force is 716,000 rials a month."""
    nation.given(
        "cover.conflict",
        """
        conflict_no | kind_code    | person_id | insurer_a | insurer_b | keeper_insurer_code | from_date  | to_date    | status_code
        ------------+--------------+-----------+-----------+-----------+---------------------+------------+------------+------------
        1           | two_basic    | P1        | IHIO-GOV  | SSO       | IHIO-GOV            | 2026-10-08 | 9999-12-31 | open
        2           | two_basic    | P4        | IHIO-GOV  | SSO       |                     | 2026-11-17 | 2026-11-18 | open
        3           | two_basic    | P2        | IHIO-GOV  | SSO       |                     | 2026-01-01 | 2026-11-01 | resolved
        4           | deceased     | P5        | SSO       |           |                     | 2026-11-10 | 9999-12-31 | open
        5           | two_pensions | P1        | CSPF      | RNF       |                     | 2026-01-01 | 9999-12-31 | open
        """,  # noqa: E501
    )
    build(nation)
    nation.then(
        "mart.overlap_cost",
        """
        jalali_month | kind_code | insurer_a | insurer_b | province_code | person_count | overlap_days | cost_rials
        -------------+-----------+-----------+-----------+---------------+--------------+--------------+-----------
        1405-07      | two_basic | IHIO-GOV  | SSO       | 08            | 1            | 15           | 358000
        1405-08      | two_basic | IHIO-GOV  | SSO       | 08            | 1            | 28           | 668267
        1405-08      | two_basic | IHIO-GOV  | SSO       | unknown       | 1            | 1            | 23867
        1405-08      | deceased  | SSO       | none      | 08            | 1            | 10           | 238667
        """,
    )


def test_feed_quality_says_where_rows_went_and_how_many_records_are_linked(nation: World) -> None:
    nation.given(
        "ops.ledger",
        """
        delivery_id | file_name | fate_code   | row_count
        ------------+-----------+-------------+----------
        D2          | a         | received    | 6
        D2          | a         | accepted    | 3
        D2          | a         | unchanged   | 2
        D2          | a         | quarantined | 1
        D0          | old       | received    | 99
        """,
    )
    nation.given(
        "person.crosswalk",
        """
        record_key     | feed         | person_id
        ---------------+--------------+----------
        sabt_persons:1 | sabt_persons | P1
        sso_members:1  | sso_members  | P1
        sso_members:2  | sso_members  | P2
        sso_members:3  | sso_members  | P2
        """,
    )
    build(nation)
    nation.then(
        "mart.feed_quality",
        """
        feed         | delivery_date | as_of_days | received_count | accepted_count | quarantined_count | unchanged_count | record_count | linked_count | linked_ratio
        -------------+---------------+------------+----------------+----------------+-------------------+-----------------+--------------+--------------+-------------
        sabt_persons | 2026-11-20    | 0          | 0              | 0              | 0                 | 0               | 1            | 1            | 1
        sso_members  | 2026-11-18    | 2          | 6              | 3              | 1                 | 2               | 3            | 1            | 0.3333
        """,  # noqa: E501
    )


def test_marts_of_an_empty_night_have_a_row_of_zeros(nation: World) -> None:
    nation.given("person.golden", "person_id")
    build(nation)
    nation.then("mart.night", "person_count | living_count | open_conflict_count\n0 | 0 | 0")
    nation.then("mart.uninsured", "province_code | living_count")
