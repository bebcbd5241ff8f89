"""The lists of employers become months of work of persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feed
from tests.tables import World
from warehouse import employment

LISTS = load_feed(CONTRACTS_IN_TREE / "sso_contributions.odcs.yaml")


@dataclass(frozen=True)
class Delivery:
    feed: str
    rows_path: Path
    business_date: date


def test_lists_of_one_month_and_workshop_are_added_up(world: World) -> None:
    world.given(
        "staging.sso_contributions",
        """
        record_key | insurance_no | work_month | workshop_no | list_no | job_title | contribution_days | wage_rials
        l:1        | 11           | 1405-07    | W1          | 1       | clerk     | 20                | 200
        l:2        | 11           | 1405-07    | W1          | 2       | guard     | 5                 | 50
        l:3        | 11           | 1405-07    | W2          | 1       | guard     |                   | 70
        l:4        | 12           | 1405-06    | W1          | 1       | clerk     | 30                | 300
        l:5        | 13           | 1405-07    | W1          | 1       | clerk     | 30                | 300
        """,
    )
    world.given(
        "person.crosswalk",
        """
        record_key | person_id
        l:1        | P1
        l:2        | P1
        l:3        | P1
        l:4        | P1
        l:5        | P2
        """,
    )
    world.given("person.golden", "person_id")
    path = world.run.table("staging.sso_contributions")
    employment.build(world.runner, [LISTS], [Delivery(LISTS.name, path, date(2026, 11, 19))])
    world.then(
        "employment.contribution",
        """
        person_id | work_month | workshop_no | insurance_no | job_title | contribution_days | wage_rials | list_count | as_of_date
        P1        | 1405-06    | W1          | 12           | clerk     | 30                | 300        | 1          | 2026-11-19
        P1        | 1405-07    | W1          | 11           | clerk     | 25                | 250        | 2          | 2026-11-19
        P1        | 1405-07    | W2          | 11           | guard     |                   | 70         | 1          | 2026-11-19
        P2        | 1405-07    | W1          | 13           | clerk     | 30                | 300        | 1          | 2026-11-19
        """,  # noqa: E501
    )


def test_without_lists_there_are_no_months(world: World) -> None:
    world.given("person.crosswalk", "record_key | person_id\nx:1 | P1")
    world.given("person.golden", "person_id")
    employment.build(world.runner, [LISTS], [])
    world.then("employment.contribution", "person_id | work_month")
