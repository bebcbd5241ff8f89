"""Cover as delivered becomes half-open periods of persons; dependants are known with their principals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feed
from tests.spec.cover_world import given_cover, judge
from tests.tables import World
from warehouse import cover


@dataclass(frozen=True)
class Delivery:
    feed: str
    rows_path: Path
    business_date: date


def build(world: World, feed: str, rows: str) -> None:
    world.given(f"staging.{feed}", rows)
    declared = load_feed(CONTRACTS_IN_TREE / f"{feed}.odcs.yaml")
    delivery = Delivery(feed, world.run.table(f"staging.{feed}"), date(2026, 11, 19))
    cover.build(world.runner, world.run, [declared], [delivery], world.base_folder)


def test_cover_rows_find_their_persons_and_principals(world: World) -> None:
    given_cover(
        world,
        "record_key | person_id",
        person__crosswalk="""
        record_key | person_id
        s:1        | P1
        s:2        | P2
        s:3        | P3
        s:4        | P4
        """,
        person__golden="""
        person_id | national_code | national_code_status_code
        P1        | 0012345679    | registry
        P9        | 0012345687    | registry
        P8        | 0012345687    | claimed
        """,
    )
    build(
        world,
        "sso_members",
        """
        record_key | member_no | booklet_no | relation_code | principal_member_no | principal_national_code | cover_from_date | cover_to_date
        s:1        | 1         | B1         | principal     |                     |                         | 2020-01-01      |
        s:2        | 2         | B2         | child         | 1                   |                         | 2021-01-01      | 2026-01-01
        s:3        | 3         |            | spouse        | 77                  | 0012345687              | 2021-01-01      |
        s:4        | 4         | B4         | other         |                     |                         |                 |
        s:5        | 5         | B5         | principal     |                     |                         | 2020-01-01      |
        """,  # noqa: E501
    )
    world.then(
        "cover.record",
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | principal_person_id | from_date  | to_date
        s:1        | P1        | SSO          | basic             | B1         |                     | 2020-01-01 | 9999-12-31
        s:2        | P2        | SSO          | basic             | B2         | P1                  | 2021-01-01 | 2026-01-01
        s:3        | P3        | SSO          | basic             | 3          | P9                  | 2021-01-01 | 9999-12-31
        s:4        | P4        | SSO          | basic             | B4         |                     | 2026-11-19 | 9999-12-31
        """,  # noqa: E501
    )
    world.then("cover.booklet", "person_id | status_code\nP1 | active\nP2 | active\nP3 | active\nP4 | active")


def test_a_night_without_any_insurer_has_no_cover(world: World) -> None:
    given_cover(world, "record_key | person_id")
    cover.build(world.runner, world.run, [], [], None)
    world.then("cover.booklet", "person_id")


def test_rows_of_one_booklet_that_overlap_or_touch_are_one_period(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | relation_code | from_date  | to_date
        a          | P1        | SSO          | basic             | B1         | principal     | 2020-01-01 | 2021-01-01
        b          | P1        | SSO          | basic             | B1         | principal     | 2020-06-01 | 2022-01-01
        c          | P1        | SSO          | basic             | B1         | principal     | 2022-01-01 | 2023-01-01
        d          | P1        | SSO          | basic             | B1         | spouse        | 2023-01-01 | 2024-01-01
        e          | P1        | SSO          | basic             | B1         | spouse        | 2025-01-01 | 9999-12-31
        f          | P2        | SSO          | basic             | B2         | principal     | 2025-01-01 | 2025-01-01
        """,
    )
    judge(world)
    world.then(
        "cover.period",
        """
        person_id | relation_code | from_date  | to_date    | record_key
        P1        | principal     | 2020-01-01 | 2023-01-01 | a
        P1        | spouse        | 2023-01-01 | 2024-01-01 | d
        P1        | spouse        | 2025-01-01 | 9999-12-31 | e
        """,
    )
    world.then(
        "cover.booklet",
        """
        person_id | from_date  | to_date
        P1        | 2020-01-01 | 2024-01-01
        P1        | 2025-01-01 | 9999-12-31
        """,
    )
    world.then("cover.conflict", "conflict_no")


def test_G03_a_registered_death_ends_cover_from_the_next_day(world: World) -> None:
    given_cover(
        world,
        """
        record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
        a          | P1        | SSO          | basic             | B1         | 2020-01-01 | 9999-12-31
        b          | P1        | CSPF         | pension           | C1         | 2020-01-01 | 2021-01-01
        c          | P1        | SUPP         | supplementary     | X1         | 2026-03-02 | 9999-12-31
        """,
        person__golden="person_id | death_date\nP1 | 2026-03-01",
    )
    judge(world)
    world.then(
        "cover.period",
        """
        insurer_code | from_date  | to_date
        SSO          | 2020-01-01 | 2026-03-02
        CSPF         | 2020-01-01 | 2021-01-01
        """,
    )
    world.then(
        "cover.conflict",
        """
        kind_code | insurer_a | from_date
        deceased  | SSO       | 2026-03-02
        deceased  | SUPP      | 2026-03-02
        """,
    )


LISTED = """
record_key | member_no | booklet_no | relation_code | principal_member_no | cover_from_date | cover_to_date
s:1        | 1         | B1         | child         | 2                   | 2020-01-01      |
"""
FORMER = """
record_key | member_no | booklet_no | relation_code | cover_from_date | cover_to_date | ended_date | since_delivery_id
s:2        | 2         | B2         | principal     | 2020-01-01      |               | 2026-11-18 | sso_members-2026-01-01-0123456789ab
s:3        | 3         | B3         | principal     | 2020-01-01      | 2021-01-01    | 2026-11-18 | sso_members-2026-01-01-0123456789ab
s:4        | 4         | B4         | principal     |                 |               | 2026-11-18 | sso_members-2026-01-01-0123456789ab
"""  # noqa: E501


def test_D09_cover_of_a_record_that_is_listed_no_more_ends_on_its_day(world: World) -> None:
    given_cover(
        world,
        "record_key | person_id",
        person__crosswalk="record_key | person_id\ns:1 | P1",
        person__former="""
        record_key | person_id | reason_code
        s:2        | P2        | gone
        s:3        | P1        | gone
        s:4        | P4        | gone
        s:1        | P9        | merged
        """,
    )
    world.given("staging.former", FORMER)
    world.run.table("staging.former").rename(world.run.folder / "former.parquet")
    build(world, "sso_members", LISTED)
    world.then(
        "cover.period",
        """
        person_id | booklet_no | principal_person_id | from_date  | to_date    | is_listed
        P1        | B1         | P2                  | 2020-01-01 | 9999-12-31 | true
        P2        | B2         |                     | 2020-01-01 | 2026-11-18 | false
        P1        | B3         |                     | 2020-01-01 | 2021-01-01 | false
        P4        | B4         |                     | 2026-01-01 | 2026-11-18 | false
        """,
    )
    # Days that were held twice stay so, with one active booklet a day; nobody is asked to settle what one side has ended.
    world.then(
        "cover.booklet",
        """
        person_id | booklet_no | from_date  | to_date    | status_code
        P1        | B1         | 2020-01-01 | 9999-12-31 | active
        P1        | B3         | 2020-01-01 | 2021-01-01 | contested
        P2        | B2         | 2020-01-01 | 2026-11-18 | active
        P4        | B4         | 2026-01-01 | 2026-11-18 | active
        """,
    )
    world.then("cover.conflict", "conflict_no")


def test_D09_a_conflict_is_resolved_when_a_side_is_listed_no_more_and_its_block_keeps_the_number(world: World) -> None:
    both = "record_key | person_id\ns:1 | P1\ng:1 | P1"
    two = """
    record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date    | is_listed
    s:1        | P1        | SSO          | basic             | B1         | 2020-01-01 | {}         | {}
    g:1        | P1        | IHIO-GOV     | basic             | G1         | 2020-01-01 | 9999-12-31 | true
    """
    given_cover(world, two.format("9999-12-31", "true"), person__crosswalk=both)
    judge(world)
    world.then("cover.conflict", "conflict_no | status_code\n1 | open")
    world.next_night()
    given_cover(world, two.format("2026-11-20", "false"), person__crosswalk="record_key | person_id\ng:1 | P1")
    judge(world)
    world.then("cover.conflict", "conflict_no | status_code\n1 | resolved")
    world.then(
        "cover.booklet",
        """
        booklet_no | from_date  | to_date    | status_code | conflict_no
        B1         | 2020-01-01 | 2026-11-20 | blocked     | 1
        G1         | 2020-01-01 | 9999-12-31 | active      |
        """,
    )
    world.next_night()
    given_cover(world, two.format("9999-12-31", "true"), person__crosswalk=both)
    judge(world)
    world.then("cover.conflict", "conflict_no | status_code | reopened_count\n1 | open | 1")
