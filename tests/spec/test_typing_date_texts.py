"""Dates as other countries' offices and programs write them: months that are words, dots, years of two digits, times."""

from __future__ import annotations

from tests.spec.test_typing_dates import births, typed
from tests.tables import World


def test_S04_a_month_may_be_a_word(world: World) -> None:
    """It names the month of one calendar: with a year of the other it is no day."""
    world.given(
        "staging.text",
        """
        raw
        -----------------------
        1958-Nov-19
        19 de noviembre de 1958
        19-NOV-1958
        19-Nov-58
        19. November 1958
        19NOV1958
        1er août 1970
        3-Şub-1990
        3 KASIM 1990
        31-Feb-1990
        12 فروردین 1360
        12 فروردین 1981
        12 Nov 1360
        12-Foo-1990
        Nov 1958
        Nov 19, 1958
        """,
    )
    typed(world, births("gregorian:dd-mon-yyyy"))
    world.then(
        "staging.typed",
        """
        raw                     | value      | failure  | note           | extra
        ------------------------+------------+----------+----------------+-----------
        12 Nov 1360             |            | bad_date |                |
        12 فروردین 1360         | 1981-04-01 |          | other_calendar |
        12 فروردین 1981         |            | bad_date |                |
        12-Foo-1990             |            | bad_date |                |
        19 de noviembre de 1958 | 1958-11-19 |          |                |
        19-NOV-1958             | 1958-11-19 |          |                |
        19-Nov-58               | 1958-11-19 |          |                |
        19. November 1958       | 1958-11-19 |          |                |
        1958-Nov-19             | 1958-11-19 |          |                |
        19NOV1958               | 1958-11-19 |          |                |
        1er août 1970           | 1970-08-01 |          |                |
        3-Şub-1990              | 1990-02-03 |          |                |
        3 KASIM 1990            | 1990-11-03 |          |                |
        31-Feb-1990             |            |          | no_such_day    | 1368-00-00
        Nov 19, 1958            | 1958-11-19 |          |                |
        Nov 1958                |            |          | partial        | 1337-00-00
        """,
    )
    world.given("staging.text", "raw\n--------------\n12 فروردين 1360\n۱۲ فروردین ۶۰\n12 April 60")
    typed(world, births("jalali:yyyy/mm/dd"))
    world.then(
        "staging.typed",
        """
        raw             | value      | failure  | note | extra
        ----------------+------------+----------+------+------
        12 April 60     |            | bad_date |      |
        12 فروردين 1360 | 1981-04-01 |          |      |
        ۱۲ فروردین ۶۰   | 1981-04-01 |          |      |
        """,
    )


def test_S04_thai_months_are_words_of_buddhist_years(world: World) -> None:
    """Cut short, with and without their dots; January and March are alike but for a mark above."""
    world.given("staging.text", "raw\n-----------------\n21 ม.ค. 2530\n3 มี.ค.2530\n9 มีค 2530\n1 พฤศจิกายน 2541")
    typed(world, births("buddhist:dd-mon-yyyy"))
    assert world.con.execute("select raw, value::varchar from staging.typed order by value").fetchall() == [
        ("21 ม.ค. 2530", "1987-01-21"),
        ("3 มี.ค.2530", "1987-03-03"),
        ("9 มีค 2530", "1987-03-09"),
        ("1 พฤศจิกายน 2541", "1998-11-01"),
    ]


def test_S04_a_time_is_no_part_of_a_day(world: World) -> None:
    """Beside a zone only midnight is cut off: any other hour may belong to the day before or after."""
    world.given(
        "staging.text",
        """
        raw
        ------------------------
        11/19/1958 12:00:00 AM
        11/19/1958 0:00
        1958-11-19 00:00:00.000
        1958-11-19T00:00:00.000Z
        1958-11-19T00:00:00+00:00
        1958-11-19T00:00:00+03:30
        1958-11-18T20:30:00Z
        1958-11-18T20:30:00+00
        1958-11-19 14:23
        11/19/1958 2:23:05 PM
        11/19/1958 02:23:05 ب.ظ
        """,
    )
    typed(world, births("gregorian:mm/dd/yyyy"))
    world.then(
        "staging.typed",
        """
        raw                       | value      | failure  | note | extra
        --------------------------+------------+----------+------+------
        11/19/1958 0:00           | 1958-11-19 |          |      |
        11/19/1958 02:23:05 ب.ظ   | 1958-11-19 |          |      |
        11/19/1958 2:23:05 PM     | 1958-11-19 |          |      |
        11/19/1958 12:00:00 AM    | 1958-11-19 |          |      |
        1958-11-18T20:30:00+00    |            | bad_date |      |
        1958-11-18T20:30:00Z      |            | bad_date |      |
        1958-11-19 00:00:00.000   | 1958-11-19 |          |      |
        1958-11-19 14:23          | 1958-11-19 |          |      |
        1958-11-19T00:00:00+00:00 | 1958-11-19 |          |      |
        1958-11-19T00:00:00+03:30 | 1958-11-19 |          |      |
        1958-11-19T00:00:00.000Z  | 1958-11-19 |          |      |
        """,
    )


def test_S04_two_digit_years_may_come_last(world: World) -> None:
    """In the order declared; nobody is born after the business date, 20 November 2026."""
    world.given(
        "staging.text", "raw\n----------\n19/11/58\n1.2.03\n191158\n19-11-30\n20/11/26\n21/11/26\n1958-11-19\n00/00/00"
    )
    typed(world, births("gregorian:dd/mm/yy"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure | note        | extra
        -----------+------------+---------+-------------+------
        00/00/00   |            |         | placeholder |
        1.2.03     | 2003-02-01 |         |             |
        19-11-30   | 1930-11-19 |         |             |
        19/11/58   | 1958-11-19 |         |             |
        191158     | 1958-11-19 |         |             |
        1958-11-19 | 1958-11-19 |         |             |
        20/11/26   | 2026-11-20 |         |             |
        21/11/26   | 1926-11-21 |         |             |
        """,
    )
    world.given("staging.text", "raw\n--------\n11/19/58\n1.2.03\n111958")
    typed(world, births("gregorian:mm/dd/yy"))
    world.then(
        "staging.typed",
        """
        raw      | value      | failure | note | extra
        ---------+------------+---------+------+------
        1.2.03   | 2003-01-02 |         |      |
        11/19/58 | 1958-11-19 |         |      |
        111958   | 1958-11-19 |         |      |
        """,
    )


def test_S04_what_no_day_can_be_is_a_year_that_comes_first(world: World) -> None:
    """Unless years are declared so short: there it is a slip of the pen."""
    world.given("staging.text", "raw\n--------\n65/05/12\n12/05/65\n05/12/20")
    typed(world, births("jalali:dd/mm/yyyy"))
    world.then(
        "staging.typed",
        """
        raw      | value      | failure
        ---------+------------+--------
        05/12/20 | 1942-02-24 |
        12/05/65 | 1986-08-03 |
        65/05/12 | 1986-08-03 |
        """,
    )
    typed(world, births("gregorian:dd/mm/yy"))
    assert world.con.execute("select raw from staging.typed where failure = 'bad_date'").fetchall() == [("65/05/12",)]


def test_S04_two_digits_of_a_year_come_first_beside_a_word_where_they_are_declared_to(world: World) -> None:
    world.given("staging.text", "raw\n---------\n05/مهر/12\n98/مهر/12\n12/مهر/98\n12 مهر 05")
    typed(world, births("jalali:yy/mm/dd"))
    world.then(
        "staging.typed",
        """
        raw       | value      | failure
        ----------+------------+---------
        05/مهر/12 | 2026-10-04 |
        12 مهر 05 |            | bad_date
        12/مهر/98 | 2019-10-04 |
        98/مهر/12 | 2019-10-04 |
        """,
    )


def test_S04_a_full_stop_may_end_a_day_whose_parts_have_them_between(world: World) -> None:
    world.given("staging.text", "raw\n-----------\n1958.11.19.\n1958.11.19")
    typed(world, births("gregorian:yyyy.mm.dd"))
    assert world.con.execute("select distinct value::varchar from staging.typed").fetchall() == [("1958-11-19",)]
