"""What nights make of booklets that were issued or ended online."""

from __future__ import annotations

from datetime import date

import pytest

from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feed
from tests.spec.cover_world import given_cover
from tests.spec.test_cover_periods import Delivery
from tests.tables import World
from warehouse import cover

DELIVERED = """
record_key | member_no | booklet_no | relation_code | cover_from_date | cover_to_date
s:1        | 1         | B1         | principal     | 2020-01-01      |
s:2        | 2         | B2         | principal     | 2020-01-01      | 2026-12-01
"""
PERSONS = "record_key | person_id\ns:1 | P1\ns:2 | P2"


def night(
    world: World,
    acts: str,
    delivered_on: date = date(2026, 11, 19),
    persons: str = "person_id",
    delivered: tuple[str, str] = (DELIVERED, PERSONS),
    former: str = "",
) -> None:
    rows, crosswalk = delivered
    given_cover(world, "record_key | person_id", person__crosswalk=crosswalk, person__person=persons, person__former=former)
    world.given("cover.booklet_act", acts)
    world.given("staging.sso_members", rows)
    delivery = Delivery("sso_members", world.run.table("staging.sso_members"), delivered_on)
    feed = load_feed(CONTRACTS_IN_TREE / "sso_members.odcs.yaml")
    cover.build(world.runner, world.run, [feed], [delivery], world.base_folder)


def test_an_issued_booklet_is_cover_until_its_insurer_lists_it(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P3        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        5      | issue    | P1        | SSO          | B1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        """,
    )
    world.then(
        "cover.booklet",
        """
        person_id | insurer_code | booklet_no | from_date  | to_date    | status_code
        P1        | SSO          | B1         | 2020-01-01 | 9999-12-31 | active
        P2        | SSO          | B2         | 2020-01-01 | 2026-12-01 | active
        P3        | SSO          | N1         | 2026-11-20 | 9999-12-31 | active
        """,
    )
    world.then(
        "cover.period",
        "person_id | feed | record_key\nP1 | sso_members | s:1\nP2 | sso_members | s:2\nP3 | booklet_act | booklet_act:4",
    )


def test_an_issued_booklet_beside_a_delivered_one_is_a_conflict(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P1        | IHIO-GOV     | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        """,
    )
    world.then(
        "cover.conflict",
        """
        kind_code | person_id | insurer_a | booklet_no_a | insurer_b | booklet_no_b | from_date
        two_basic | P1        | IHIO-GOV  | N1           | SSO       | B1           | 2026-11-20
        """,
    )


def test_a_booklet_ended_online_ends_there_and_the_one_that_it_kept_off_goes_on(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | end      | P1        | SSO          | B1         | 2026-11-25 | 9999-12-31 | 2026-11-19
        """,
    )
    world.then("cover.period", "person_id | booklet_no | to_date\nP1 | B1 | 2026-11-25\nP2 | B2 | 2026-12-01")


def test_what_was_issued_online_and_taken_over_can_be_ended_online(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P3        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-18
        5      | end      | P3        | SSO          | N1         | 2026-11-25 | 9999-12-31 | 2026-11-19
        6      | issue    | P4        | SSO          | N2         | 2026-11-20 | 9999-12-31 | 2026-11-18
        7      | end      | P4        | SSO          | N2         | 2026-11-20 | 9999-12-31 | 2026-11-19
        """,
    )
    world.then(
        "cover.period",
        "person_id | booklet_no | to_date\nP1 | B1 | 9999-12-31\nP2 | B2 | 2026-12-01\nP3 | N1 | 2026-11-25",
    )


def test_a_booklet_issued_again_under_its_number_is_cover_again(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | end      | P1        | SSO          | B1         | 2026-11-20 | 9999-12-31 | 2026-11-18
        5      | issue    | P1        | SSO          | B1         | 2026-11-25 | 9999-12-31 | 2026-11-19
        6      | issue    | P2        | SSO          | B2         | 2026-12-01 | 2027-12-01 | 2026-11-19
        """,
    )
    world.then(
        "cover.period",
        """
        person_id | booklet_no | from_date  | to_date
        P1        | B1         | 2020-01-01 | 2026-11-20
        P1        | B1         | 2026-11-25 | 9999-12-31
        P2        | B2         | 2020-01-01 | 2026-12-01
        P2        | B2         | 2026-12-01 | 2027-12-01
        """,
    )


@pytest.mark.parametrize(
    ("delivered_on", "periods"),
    [
        (date(2026, 12, 3), "P1 | B1 | 2026-11-25\nP2 | B2 | 2026-12-01\nP3 | N1 | 9999-12-31"),
        (date(2026, 12, 4), "P1 | B1 | 9999-12-31\nP2 | B2 | 2026-12-01"),
    ],
)
def test_an_insurer_s_later_deliveries_count_alone(world: World, delivered_on: date, periods: str) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P3        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        5      | end      | P1        | SSO          | B1         | 2026-11-25 | 9999-12-31 | 2026-11-19
        """,
        delivered_on,
    )
    world.then("cover.period", f"person_id | booklet_no | to_date\n{periods}")


def test_acts_follow_their_person_through_merges(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P7        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        """,
        persons="""
        person_id | state_code | survivor_person_id
        P7        | merged     | P6
        P6        | merged     | P5
        P5        | live       |
        """,
    )
    world.then("cover.period", "person_id | booklet_no\nP1 | B1\nP2 | B2\nP5 | N1")


def test_an_act_stays_with_its_person_when_a_night_parts_two(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date | record_key
        4      | issue    | P1        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19 | s:2
        5      | issue    | P1        | SSO          | N2         | 2026-11-20 | 9999-12-31 | 2026-11-19 | s:99
        """,
    )
    world.then("cover.act", "act_no | person_id\n4 | P2\n5 | P1")


def test_an_end_before_a_listed_future_cover_ends_that_too_but_none_that_is_listed_later(world: World) -> None:
    rows = """
    record_key | member_no | booklet_no | relation_code | cover_from_date | cover_to_date
    s:1        | 1         | B1         | principal     | 2026-12-10      |
    s:2        | 2         | B2         | principal     | 2026-12-20      |
    """
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date | held_from_date
        4      | end      | P1        | SSO          | B1         | 2026-11-25 | 9999-12-31 | 2026-11-19 | 2026-12-10
        5      | end      | P2        | SSO          | B2         | 2026-11-25 | 9999-12-31 | 2026-11-19 | 2020-01-01
        6      | issue    | P1        | SSO          | B1         | 2026-12-01 | 9999-12-31 | 2026-11-19 |
        """,
        delivered=(rows, PERSONS),
    )
    world.then(
        "cover.period",
        "person_id | booklet_no | from_date | record_key\nP1 | B1 | 2026-12-01 | booklet_act:6\nP2 | B2 | 2026-12-20 | s:2",
    )


def test_acts_of_persons_of_whom_no_record_is_left_are_no_cover(world: World) -> None:
    night(
        world,
        """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P7        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
        5      | issue    | P5        | SSO          | N2         | 2026-11-20 | 9999-12-31 | 2026-11-19
        """,
        persons="person_id | state_code\nP7 | dormant\nP5 | live",
    )
    world.then("cover.period", "person_id | booklet_no\nP1 | B1\nP2 | B2\nP5 | N2")


@pytest.mark.parametrize("listed_from", ["2026-11-20", "2026-11-18"], ids=["as issued", "with another first day"])
def test_C11_a_conflict_about_an_issued_booklet_keeps_its_number_when_its_insurer_lists_it(
    world: World, listed_from: str
) -> None:
    acts = """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P1        | IHIO-GOV     | N0         | 2026-01-01 | 9999-12-31 | 2026-11-19
        5      | issue    | P1        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
    """
    others, others_of = "\n".join(DELIVERED.strip().splitlines()[:1]), "record_key | person_id"
    night(world, acts, delivered=(others, others_of))
    world.then("cover.conflict", "conflict_no | record_key_b | status_code\n1 | booklet_act:5 | open")
    world.next_night()
    listed = f"{others}\ns:9 | 9 | N1 | principal | {listed_from} |"
    night(world, acts, delivered=(listed, f"{others_of}\ns:9 | P1"))
    world.then("cover.conflict", "conflict_no | record_key_b | status_code | opened_date\n1 | s:9 | open | 2026-11-20")


def test_C11_a_conflict_keeps_its_number_when_what_was_issued_is_listed_dropped_and_listed_again(world: World) -> None:
    acts = """
        act_no | act_code | person_id | insurer_code | booklet_no | from_date  | to_date    | acted_date
        4      | issue    | P1        | IHIO-GOV     | N0         | 2026-01-01 | 9999-12-31 | 2026-11-19
        5      | issue    | P1        | SSO          | N1         | 2026-11-20 | 9999-12-31 | 2026-11-19
    """
    header, others_of = DELIVERED.strip().splitlines()[0], "record_key | person_id"
    listed = (f"{header}\ns:9 | 9 | N1 | principal | 2026-11-20 |", f"{others_of}\ns:9 | P1")
    night(world, acts, delivered=(header, others_of))
    world.next_night()
    night(world, acts, delivered=listed)
    world.next_night()
    former = f"{header} | ended_date | since_delivery_id\ns:9 | 9 | N1 | principal | 2026-11-20 | | 2026-11-21 |"
    world.given("staging.former", former)
    world.run.table("staging.former").rename(world.run.folder / "former.parquet")
    night(world, acts, delivered=(header, others_of), former="record_key | person_id | reason_code\ns:9 | P1 | gone")
    world.then("cover.conflict", "conflict_no | record_key_b | status_code\n1 | s:9 | resolved")
    world.next_night()
    night(world, acts, delivered=listed)
    world.then("cover.conflict", "conflict_no | record_key_b | status_code | reopened_count\n1 | s:9 | open | 1")
