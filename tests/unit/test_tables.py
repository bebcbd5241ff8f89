"""The spec fixture itself: it reads tables as meant, and it fails when it should."""

from __future__ import annotations

import pytest

from hub.errors import GrainError
from hub.steps import Step
from tests.tables import World


def test_columns_are_typed_and_left_out_columns_are_null(world: World) -> None:
    world.given(
        "cover.period",
        """
        person_id | insurer_code | from_date
        ----------+--------------+-----------
        P1        | MHI          | 2026-01-01
        P2        |              | 2026-02-01
        """,
    )
    rows = world.con.execute(
        "select person_id + 1, insurer_code, from_date + 1, booklet_no from cover.period order by 1"
    ).fetchall()
    assert [(row[0], row[1], str(row[2])[:10], row[3]) for row in rows] == [
        (2, "MHI", "2026-01-02", None),
        (3, None, "2026-02-02", None),
    ]


def test_a_step_runs_through_the_runner_and_is_compared_as_a_set(world: World) -> None:
    world.given("staging.some_feed", "record_key | is_new | wage_rials\na:2 | true | 5\na:1 | false |")
    world.when(Step("mart.seen", ("record_key",), "select record_key, is_new from staging.some_feed"))
    world.then("mart.seen", "record_key | is_new\na:1 | false\na:2 | true")


def test_a_difference_is_shown_by_row(world: World) -> None:
    world.given("mart.seen", "record_key | row_count\na:1 | 3")
    with pytest.raises(AssertionError) as failure:
        world.then("mart.seen", "record_key | row_count\na:1 | 4")
    assert "- | a:1        | 4" in str(failure.value)
    assert "+ | a:1        | 3" in str(failure.value)


def test_a_repeated_row_is_a_difference(world: World) -> None:
    world.given("mart.seen", "record_key\na:1\na:1")
    with pytest.raises(AssertionError):
        world.then("mart.seen", "record_key\na:1")


def test_the_grain_is_proved_in_every_spec(world: World) -> None:
    world.given("mart.seen", "record_key\na:1\na:1")
    with pytest.raises(GrainError):
        world.when(Step("mart.again", ("record_key",), "select record_key from mart.seen"))


def test_the_next_night_starts_empty_on_the_base_of_the_one_before(world: World) -> None:
    world.given("person.crosswalk", "record_key | person_id\na:1 | P1")
    first = world.run
    world.next_night()
    assert world.base_folder == first.folder
    assert world.run.business_date > first.business_date
    assert world.con.execute("select count(*) from duckdb_views() where schema_name = 'person'").fetchall() == [(0,)]
