"""Births in the calendars of other countries, and ages in their place: one ISO date, or the Jalali year that is known."""

from __future__ import annotations

import pytest

from tests.spec.test_typing_dates import births, days, typed
from tests.tables import World

BUDDHIST = "\n".join(("raw", "----------", *(f"12/03/{year}" for year in range(2500, 2512))))


def test_S04_a_hijri_day_is_read_as_the_contract_says(world: World) -> None:
    """The 30th of a month of 29 days is the next one: months begin a day later where nobody saw the moon. Years that no
    Hijri date has are Gregorian."""
    world.given(
        "staging.text",
        "raw\n----------\n01/09/1444\n14440901\n١٤٤٤/٠٩/٠١\n1/1/1400\n30/06/1445\n31/01/1390\n1390\n1990-04-02\n12/03/1449",
    )
    typed(world, births("hijri:dd/mm/yyyy"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure | note           | extra
        -----------+------------+---------+----------------+-----------
        01/09/1444 | 2023-03-23 |         |                |
        14440901   | 2023-03-23 |         |                |
        ١٤٤٤/٠٩/٠١ | 2023-03-23 |         |                |
        1/1/1400   | 1979-11-20 |         |                |
        30/06/1445 | 2024-01-12 |         |                |
        31/01/1390 |            |         | no_such_day    | 1349-00-00
        1390       |            |         | partial        | 1349-00-00
        1990-04-02 | 1990-04-02 |         | other_calendar |
        12/03/1449 |            |         | future         |
        """,
    )


def test_S04_a_hijri_day_that_is_to_come_may_end_something(world: World) -> None:
    world.given("staging.text", "raw\n----------\n1450-01-01")
    typed(world, days("hijri:yyyy-mm-dd"))
    assert world.con.execute("select cast(value as varchar) from staging.typed").fetchall() == [("2028-05-25",)]


@pytest.mark.parametrize("declared", ["buddhist:dd/mm/yyyy", "gregorian:dd/mm/yyyy"])
def test_S04_years_of_the_buddhist_era_are_told_by_their_column(world: World, declared: str) -> None:
    """Whatever a contract calls them; a Gregorian year among them stays one."""
    world.given("staging.text", f"{BUDDHIST}\n07/08/2514\n2515\n05/06/1990")
    typed(world, births(declared))
    found = {
        raw: rest for raw, *rest in world.con.execute("select raw, value::varchar, extra from staging.typed").fetchall()
    }
    assert found["07/08/2514"] == ["1971-08-07", None]
    assert found["2515"] == [None, "1351-00-00"]
    assert found["05/06/1990"] == ["1990-06-05", None]


def test_S04_one_buddhist_year_among_gregorian_ones_is_a_slip(world: World) -> None:
    world.given("staging.text", "raw\n----------\n12/03/1972\n12/03/2515")
    typed(world, births("gregorian:dd/mm/yyyy"))
    assert world.con.execute("select raw from staging.typed where failure = 'bad_date'").fetchall() == [("12/03/2515",)]


def test_S04_an_age_tells_the_year_of_birth(world: World) -> None:
    """Of 20 November 2026, 1405/08/29: who is 40 was born from Azar 1364 to Aban 1365, most likely in 1365."""
    world.given("staging.text", "raw\n----------\n40\n0\n131\n1365/02/01\nforty")
    typed(world, births("age:years"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure  | note    | extra
        -----------+------------+----------+---------+-----------
        40         |            |          | partial | 1365-00-00
        0          |            |          | partial | 1405-00-00
        131        |            | bad_date |         |
        1365/02/01 | 1986-04-21 |          |         |
        forty      |            | bad_date |         |
        """,
    )


def test_S04_an_age_in_decimals_is_that_of_the_last_birthday(world: World) -> None:
    """In a workbook, where other dates may be day numbers, an age that nobody reaches is no day of 1902."""
    world.given("staging.text", "raw\n----------\n40.9\n40.0\n999\n1e1\n65/02/01")
    typed(world, births("age:years", is_spreadsheet=True))
    world.then(
        "staging.typed",
        """
        raw      | value | failure  | note    | extra
        ---------+-------+----------+---------+-----------
        1e1      |       | bad_date |         |
        40.0     |       |          | partial | 1365-00-00
        40.9     |       |          | partial | 1365-00-00
        65/02/01 |       | bad_date |         |
        999      |       | bad_date |         |
        """,
    )


def test_S04_a_hijri_year_before_the_table_is_no_jalali_one(world: World) -> None:
    """1340 was 1921 and 1922; the Jalali year 1340 is 1961."""
    world.given("staging.text", "raw\n----------\n12/05/1340\n1340\n12/05/1343")
    typed(world, births("hijri:dd/mm/yyyy"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure
        -----------+------------+---------
        12/05/1340 |            | bad_date
        12/05/1343 | 1924-12-09 |
        1340       |            | bad_date
        """,
    )


@pytest.mark.parametrize("declared", ["hijri:dd/mm/yyyy", "buddhist:dd/mm/yyyy", "buddhist:yyyy-mm-dd"])
def test_S04_two_digits_of_another_calendars_year_are_no_gregorian_year(world: World, declared: str) -> None:
    world.given("staging.text", "raw\n--------\n12/05/30\n30-05-12")
    typed(world, births(declared))
    assert world.con.execute("select distinct failure from staging.typed").fetchall() == [("bad_date",)]


def test_S04_years_in_another_calendar_than_declared_are_noted(world: World) -> None:
    world.given("staging.text", f"{BUDDHIST}\n05/06/1990")
    typed(world, births("gregorian:dd/mm/yyyy"))
    found = "select count(*) filter (note = 'other_calendar'), count(*) from staging.typed"
    assert world.con.execute(found).fetchall() == [(12, 13)]
    typed(world, births("buddhist:dd/mm/yyyy"))
    assert world.con.execute(found).fetchall() == [(1, 13)]
