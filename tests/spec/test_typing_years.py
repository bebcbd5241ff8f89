"""Years of neither calendar in use: slips among people of today, years like others in a register of former centuries."""

from __future__ import annotations

from tests.spec.test_typing_dates import births, typed
from tests.tables import World

FORMER = """
    raw
    ----------
    1352-03-12
    1502-01-01
    1566-06-19
    1599-04-25
    1600-11-19
    1630-08-01
    1642-12-25
    1688
    1699-13-01
    1707-05-23
    1739-02-03
    1799-05-20
"""


def test_S04_a_year_between_the_calendars_is_a_slip_among_people_of_today(world: World) -> None:
    world.given("staging.text", "raw\n----------\n1352-03-12\n1739-02-03\n1965-04-01")
    typed(world, births("gregorian:yyyy-mm-dd"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure  | note           | extra
        -----------+------------+----------+----------------+------
        1352-03-12 | 1973-06-02 |          | other_calendar |
        1739-02-03 |            | bad_date |                |
        1965-04-01 | 1965-04-01 |          |                |
        """,
    )


def test_S04_in_a_gregorian_register_of_former_centuries_all_years_are_gregorian(world: World) -> None:
    world.given("staging.text", FORMER)
    typed(world, births("gregorian:yyyy-mm-dd"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure  | note    | extra
        -----------+------------+----------+---------+-----------
        1352-03-12 | 1352-03-12 |          |         |
        1502-01-01 | 1502-01-01 |          |         |
        1566-06-19 | 1566-06-19 |          |         |
        1599-04-25 | 1599-04-25 |          |         |
        1600-11-19 | 1600-11-19 |          |         |
        1630-08-01 | 1630-08-01 |          |         |
        1642-12-25 | 1642-12-25 |          |         |
        1688       |            |          | partial | 1067-00-00
        1699-13-01 |            | bad_date |         |
        1707-05-23 | 1707-05-23 |          |         |
        1739-02-03 | 1739-02-03 |          |         |
        1799-05-20 | 1799-05-20 |          |         |
        """,
    )


def test_S04_a_jalali_register_knows_no_such_years(world: World) -> None:
    world.given("staging.text", FORMER)
    typed(world, births("jalali:yyyy/mm/dd"))
    assert world.con.execute("select count(*) from staging.typed where failure = 'bad_date'").fetchall() == [(11,)]
