"""Identity from night to night: who keeps an id, who is new, what becomes an event."""

from __future__ import annotations

import pytest

from hub.errors import IdentityError
from matching.identity import IdentityCounts, identify
from matching.lookup import replayed, resolution
from tests.tables import World


def night(world: World, clusters: str) -> IdentityCounts:
    """One night with these clusters, on the base of the night before if there was one."""
    if world.run.table("linkage.cluster").exists():
        world.next_night()
    world.given("linkage.cluster", clusters)
    return identify(world.runner, world.run, world.base_folder)


def the_whole_log(world: World) -> None:
    """Put the events of all nights together, as the warehouse holds them."""
    logs = str(world.home / "runs" / "*" / "person.identity_event.parquet")
    world.con.execute(f"create or replace view person.identity_log as select * from read_parquet('{logs}')")


def test_a_new_nation_mints_ids_in_order_of_the_smallest_record_key(world: World) -> None:
    night(
        world,
        """
        record_key | cluster_no | method_code | match_weight
        -----------+------------+-------------+-------------
        sabt:2     | 7          | registry    |
        sso:1      | 7          | code        | 12.5
        ihio:9     | 3          | single      |
        """,
    )
    world.then(
        "person.crosswalk",
        """
        record_key | feed | person_id | method_code | match_weight | since_run
        -----------+------+-----------+-------------+--------------+----------------
        ihio:9     | ihio | P1        | single      |              | 2026-11-20-spec
        sabt:2     | sabt | P2        | registry    |              | 2026-11-20-spec
        sso:1      | sso  | P2        | code        | 12.5         | 2026-11-20-spec
        """,
    )
    world.then(
        "person.identity_event",
        """
        event_no | event_code | person_id | other_person_id | record_key | business_date
        ---------+------------+-----------+-----------------+------------+--------------
        1        | mint       | P1        |                 |            | 2026-11-20
        2        | mint       | P2        |                 |            | 2026-11-20
        3        | join       | P1        |                 | ihio:9     | 2026-11-20
        4        | join       | P2        |                 | sabt:2     | 2026-11-20
        5        | join       | P2        |                 | sso:1      | 2026-11-20
        """,
    )


def test_I01_nothing_changed_means_no_event_and_the_same_ids(world: World) -> None:
    night(world, "record_key | cluster_no\nsabt:1 | 0\nsso:1 | 0\nsabt:2 | 1")
    counts = night(world, "record_key | cluster_no\nsabt:1 | 5\nsso:1 | 5\nsabt:2 | 4")
    assert counts == IdentityCounts(minted=0, joined=0, left=0, merged=0, split=0, persons=2, records=3)
    world.then(
        "person.crosswalk",
        """
        record_key | person_id | since_run
        -----------+-----------+----------------
        sabt:1     | P1        | 2026-11-20-spec
        sso:1      | P1        | 2026-11-20-spec
        sabt:2     | P2        | 2026-11-20-spec
        """,
    )
    world.then("person.identity_event", "event_no | event_code")
    world.then(
        "person.person",
        """
        person_id | state_code | minted_run      | changed_run     | last_event_no
        ----------+------------+-----------------+-----------------+--------------
        P1        | live       | 2026-11-20-spec | 2026-11-20-spec | 5
        P2        | live       | 2026-11-20-spec | 2026-11-20-spec | 4
        """,
    )


def test_a_weight_that_only_drifts_with_the_frequencies_is_not_written_again(world: World) -> None:
    header = "record_key | cluster_no | method_code | match_weight"
    night(world, f"{header}\nsso:1 | 0 | score | 12.5\nsso:2 | 1 | score | 12.5\nsso:3 | 2 | score | 12.5")
    night(world, f"{header}\nsso:1 | 0 | score | 12.6\nsso:2 | 1 | score | 14.0\nsso:3 | 2 | cluster | 12.6")
    world.then(
        "person.crosswalk",
        """
        record_key | person_id | method_code | match_weight
        -----------+-----------+-------------+-------------
        sso:1      | P1        | score       | 12.5
        sso:2      | P2        | score       | 14.0
        sso:3      | P3        | cluster     | 12.6
        """,
    )


def test_I02_two_persons_joined_by_new_evidence_keep_the_older_id_though_it_is_the_smaller(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nb:2 | 1\nb:3 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nb:2 | 0\nb:3 | 0")
    world.then(
        "person.identity_event",
        """
        event_no | event_code | person_id | other_person_id | record_key
        ---------+------------+-----------+-----------------+-----------
        7        | merge      | P2        | P1              |
        """,
    )
    world.then(
        "person.person",
        """
        person_id | state_code | survivor_person_id
        ----------+------------+-------------------
        P1        | live       |
        P2        | merged     | P1
        """,
    )
    world.then(
        "person.crosswalk",
        """
        record_key | person_id | since_run
        -----------+-----------+----------------
        a:1        | P1        | 2026-11-20-spec
        b:1        | P1        | 2026-11-21-spec
        b:2        | P1        | 2026-11-21-spec
        b:3        | P1        | 2026-11-21-spec
        """,
    )


def test_I02_the_redirect_stays_on_every_later_night(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0")
    night(world, "record_key | cluster_no\na:1 | 0")
    night(world, "record_key | cluster_no\nc:1 | 0")
    world.then(
        "person.person",
        """
        person_id | state_code | survivor_person_id
        ----------+------------+-------------------
        P1        | dormant    |
        P2        | merged     | P1
        P3        | live       |
        """,
    )


def test_I03_a_merge_proven_wrong_is_split_and_neither_id_is_reused(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\nb:1 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\nb:1 | 0")
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\nb:1 | 1")
    world.then(
        "person.identity_event",
        """
        event_code | person_id | other_person_id | record_key
        -----------+-----------+-----------------+-----------
        leave      | P1        |                 | b:1
        mint       | P3        |                 |
        split      | P3        | P1              |
        join       | P3        |                 | b:1
        merge      | P2        | P3              |
        """,
    )
    world.then(
        "person.person",
        """
        person_id | state_code | survivor_person_id
        ----------+------------+-------------------
        P1        | live       |
        P2        | merged     | P3
        P3        | live       |
        """,
    )


def test_I03_the_larger_part_keeps_the_id(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nb:2 | 0")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nb:2 | 1")
    world.then("person.crosswalk", "record_key | person_id\na:1 | P2\nb:1 | P1\nb:2 | P1")


def test_I03_of_equal_parts_that_of_the_registry_record_keeps_the_id(world: World) -> None:
    night(world, "record_key | cluster_no | method_code\na:1 | 0 | code\nsabt:1 | 0 | registry")
    night(world, "record_key | cluster_no | method_code\na:1 | 0 | single\nsabt:1 | 1 | registry")
    world.then("person.crosswalk", "record_key | person_id\na:1 | P2\nsabt:1 | P1")


def test_a_record_that_moves_between_persons_leaves_one_and_joins_the_other(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\na:3 | 0\nb:1 | 1\nb:2 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\na:3 | 1\nb:1 | 1\nb:2 | 1")
    world.then(
        "person.identity_event",
        """
        event_code | person_id | record_key
        -----------+-----------+-----------
        leave      | P1        | a:3
        join       | P2        | a:3
        """,
    )


def test_a_single_record_drawn_to_another_person_does_not_merge_the_two(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\na:2 | 0\nb:1 | 1\nb:2 | 1\nb:3 | 1")
    counts = night(world, "record_key | cluster_no\na:1 | 1\na:2 | 0\nb:1 | 1\nb:2 | 1\nb:3 | 1")
    assert (counts.merged, counts.minted) == (0, 0)
    world.then("person.crosswalk", "record_key | person_id\na:1 | P2\na:2 | P1\nb:1 | P2\nb:2 | P2\nb:3 | P2")


def test_a_person_without_records_is_dormant_and_wakes_with_the_same_id(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1")
    night(world, "record_key | cluster_no\na:1 | 0")
    world.then("person.identity_event", "event_code | person_id | record_key\nleave | P2 | b:1")
    world.then("person.person", "person_id | state_code\nP1 | live\nP2 | dormant")
    night(world, "record_key | cluster_no\na:1 | 0")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nc:1 | 1")
    world.then(
        "person.identity_event",
        """
        event_code | person_id | record_key
        -----------+-----------+-----------
        join       | P2        | b:1
        join       | P2        | c:1
        """,
    )
    world.then("person.person", "person_id | state_code\nP1 | live\nP2 | live")


def test_D09_a_record_that_is_gone_ends_with_the_date_of_that_night_and_its_person_stays(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nb:2 | 1")
    night(world, "record_key | cluster_no\na:1 | 0")
    world.then(
        "person.identity_event",
        """
        event_code | person_id | record_key | business_date
        -----------+-----------+------------+--------------
        leave      | P1        | b:1        | 2026-11-21
        leave      | P2        | b:2        | 2026-11-21
        """,
    )
    world.then("person.person", "person_id | state_code\nP1 | live\nP2 | dormant")
    world.then("person.former", "record_key | person_id | reason_code\nb:1 | P1 | gone\nb:2 | P2 | gone")


def test_a_record_that_comes_back_alone_does_not_take_the_id_from_those_who_stayed(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0")
    night(world, "record_key | cluster_no\nb:1 | 0")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1")
    world.then("person.crosswalk", "record_key | person_id\na:1 | P2\nb:1 | P1")


def test_a_record_that_comes_back_after_its_person_was_swallowed_finds_the_survivor(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nb:2 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0")
    counts = night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nb:2 | 0")
    assert (counts.joined, counts.minted, counts.merged) == (1, 0, 0)


def test_I06_every_id_ever_issued_leads_somewhere_on_every_day(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nc:1 | 2\nc:2 | 2")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nc:1 | 1\nc:2 | 1")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nc:1 | 0\nc:2 | 0")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nc:1 | 1\nc:2 | 1")
    the_whole_log(world)
    world.when(resolution())
    world.then(
        "person.resolution",
        """
        person_id | survivor_person_id | from_date  | to_date
        ----------+--------------------+------------+-----------
        P1        | P1                 | 0001-01-01 | 9999-12-31
        P2        | P2                 | 0001-01-01 | 2026-11-22
        P2        | P1                 | 2026-11-22 | 9999-12-31
        P3        | P3                 | 0001-01-01 | 2026-11-21
        P3        | P2                 | 2026-11-21 | 2026-11-22
        P3        | P1                 | 2026-11-22 | 2026-11-23
        P3        | P4                 | 2026-11-23 | 9999-12-31
        P4        | P3                 | 0001-01-01 | 2026-11-21
        P4        | P2                 | 2026-11-21 | 2026-11-22
        P4        | P1                 | 2026-11-22 | 2026-11-23
        P4        | P4                 | 2026-11-23 | 9999-12-31
        """,
    )


def test_membership_is_rebuilt_from_the_log_alone(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nb:2 | 1\nc:1 | 2")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 0\nb:2 | 0\nc:1 | 2")
    night(world, "record_key | cluster_no\na:1 | 0\nb:1 | 1\nc:1 | 1")
    the_whole_log(world)
    world.when(replayed())
    world.then("person.replayed", "record_key | person_id\na:1 | P1\nb:1 | P3\nc:1 | P3")


def test_a_base_run_without_its_tables_stops_the_night_before_an_id_is_given_out(world: World) -> None:
    night(world, "record_key | cluster_no\na:1 | 0")
    world.run.table("person.person").unlink()
    with pytest.raises(IdentityError, match=r"person\.person"):
        night(world, "record_key | cluster_no\na:1 | 0")
    assert not world.run.table("person.crosswalk").exists()
