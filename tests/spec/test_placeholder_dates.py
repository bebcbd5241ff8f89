"""Placeholder dates, which clerks type when they know none, are no dates (case S04)."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.kinds import kind_of
from hub.settings import Settings
from schemas.contracts import load_feed
from tests.spec.test_typing_dates import BUSINESS_DATE, births, days, typed
from tests.tables import World


@pytest.mark.parametrize("declared", ["jalali:yyyy/mm/dd", "gregorian:yyyy-mm-dd", "excel:serial"])
def test_S04_placeholders_are_days_in_whatever_calendar_they_come(declared: str, world: World) -> None:
    """A feed in the other calendar delivers a clerk's 1300/01/01 as 21 March 1921; the days beside it are births."""
    world.given(
        "staging.text",
        """
        raw
        ----------
        1300/01/01
        1921-03-21
        19210321
        1900-01-01
        1278/10/11
        1300/01/02
        1921-03-20
        """,
    )
    typed(world, births(declared))
    world.then(
        "staging.typed",
        """
        raw        | value      | is_missing
        -----------+------------+-----------
        1300/01/01 |            | true
        1921-03-21 |            | true
        19210321   |            | true
        1900-01-01 |            | true
        1278/10/11 |            | true
        1300/01/02 | 1921-03-22 | false
        1921-03-20 | 1921-03-20 | false
        """,
    )


def test_S04_a_placeholder_in_a_workbook_is_a_day_number(world: World) -> None:
    world.given("staging.text", "raw\n7751\n7752")
    typed(world, births(is_spreadsheet=True))
    world.then(
        "staging.typed", "raw  | value      | note\n7751 |            | placeholder\n7752 | 1921-03-22 | spreadsheet_serial"
    )


def test_S04_a_death_on_a_placeholder_or_on_a_day_to_come_is_no_date_of_death(world: World) -> None:
    """As delivered by civil registration; the row stays, and its vital status still says that the person died."""
    world.given(
        "staging.text",
        """
        raw
        ----------
        13000101
        19210321
        13990000
        14100101
        13990506
        """,
    )
    registry = load_feed(Settings(home=Path()).contracts / "sabt_persons.odcs.yaml")
    [layout] = registry.layouts
    [column] = [column for column in layout.columns if column.name == "death_date"]
    kind = kind_of(column, layout, BUSINESS_DATE)
    assert kind is not None
    typed(world, kind)
    world.then(
        "staging.typed",
        """
        raw      | value      | failure | note        | is_missing
        ---------+------------+---------+-------------+-----------
        13000101 |            |         | placeholder | true
        19210321 |            |         | placeholder | true
        13990000 |            |         | partial     | false
        14100101 |            |         | future      | false
        13990506 | 2020-07-27 |         |             | false
        """,
    )


def test_S04_open_ends_and_empty_days_are_missing(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        ----------
        00000000
        0000/00/00
        99991231
        9999-12-31
        NULL
        """,
    )
    typed(world, days())
    world.then(
        "staging.typed",
        """
        raw        | value | failure | note        | is_missing
        -----------+-------+---------+-------------+-----------
        00000000   |       |         | placeholder | true
        0000/00/00 |       |         | placeholder | true
        99991231   |       |         | placeholder | true
        9999-12-31 |       |         | placeholder | true
        NULL       |       |         |             | true
        """,
    )
