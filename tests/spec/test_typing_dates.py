"""Dates as agencies write them become one ISO date, or say why not."""

from __future__ import annotations

from datetime import date

from connectors.kinds import Calendars, Kind
from connectors.kinds.dates import HIJRI_TABLE, JALALI_TABLE, day, month
from hub.steps import Step
from schemas.hijri import hijri_table
from schemas.jalali import jalali_table
from tests.tables import World

# 1405/08/29; two-digit years are read from this day.
BUSINESS_DATE = date(2026, 11, 20)


def typed(world: World, kind: Kind) -> None:
    """Type the texts of ``staging.text`` into ``staging.typed``."""
    world.con.register(JALALI_TABLE, jalali_table())
    world.con.register(HIJRI_TABLE, hijri_table())
    columns = "raw, value, failure, note, is_missing, extra"
    sql = f"with texts as (select raw from staging.text) select {columns} from ({kind.query})"
    world.when(Step("staging.typed", ("raw",), sql))


def births(declared: str = "jalali:yyyy/mm/dd", *, is_spreadsheet: bool = False) -> Kind:
    return day(Calendars(declared, BUSINESS_DATE, is_spreadsheet), is_past=True)


def days(declared: str = "jalali:yyyymmdd") -> Kind:
    return day(Calendars(declared, BUSINESS_DATE), is_past=False)


def test_S04_one_day_however_it_is_written(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        -------------------
        1352/03/12
        1352-3-12
        13520312
        13520312.0
        ۱۳۵۲/۰۳/۱۲
        ١٣٥٢/٠٣/١٢
        1973-06-02
        19730602
        1973-06-02 00:00:00
        1973-06-02T00:00
        """,
    )
    typed(world, births())
    world.then(
        "staging.typed",
        """
        raw                 | value      | failure | note           | extra
        --------------------+------------+---------+----------------+------
        1352/03/12          | 1973-06-02 |         |                |
        1352-3-12           | 1973-06-02 |         |                |
        13520312            | 1973-06-02 |         |                |
        13520312.0          | 1973-06-02 |         |                |
        ۱۳۵۲/۰۳/۱۲          | 1973-06-02 |         |                |
        ١٣٥٢/٠٣/١٢          | 1973-06-02 |         |                |
        1973-06-02          | 1973-06-02 |         | other_calendar |
        19730602            | 1973-06-02 |         | other_calendar |
        1973-06-02 00:00:00 | 1973-06-02 |         | other_calendar |
        1973-06-02T00:00    | 1973-06-02 |         | other_calendar |
        """,
    )


def test_S04_a_day_that_ends_with_its_year_is_read_as_declared(world: World) -> None:
    world.given(
        "staging.text", "raw\n----------\n03/02/1980\n3.2.1980\n13/02/1980\n1980-02-03\n03021980\n19800203\n20101980"
    )
    typed(world, births("gregorian:dd/mm/yyyy"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure | note | extra
        -----------+------------+---------+------+------
        03/02/1980 | 1980-02-03 |         |      |
        03021980   | 1980-02-03 |         |      |
        13/02/1980 | 1980-02-13 |         |      |
        1980-02-03 | 1980-02-03 |         |      |
        19800203   | 1980-02-03 |         |      |
        20101980   | 1980-10-20 |         |      |
        3.2.1980   | 1980-02-03 |         |      |
        """,
    )
    typed(world, births("gregorian:mm/dd/yyyy"))
    world.then(
        "staging.typed",
        """
        raw        | value      | failure  | note | extra
        -----------+------------+----------+------+------
        03/02/1980 | 1980-03-02 |          |      |
        03021980   | 1980-03-02 |          |      |
        13/02/1980 |            | bad_date |      |
        1980-02-03 | 1980-02-03 |          |      |
        19800203   | 1980-02-03 |          |      |
        20101980   |            | bad_date |      |
        3.2.1980   | 1980-03-02 |          |      |
        """,
    )


def test_S04_two_digit_years_of_births_lie_before_the_business_date(world: World) -> None:
    """Business date 1405/08/29: a child of 1405 or an old person of 1305, never somebody born tomorrow."""
    world.given(
        "staging.text",
        """
        raw
        --------
        52/3/12
        04/12/29
        05/08/29
        05/08/30
        520312
        ۹۹/۱/۱
        """,
    )
    typed(world, births("jalali:yy/mm/dd"))
    world.then(
        "staging.typed",
        """
        raw      | value      | failure
        ---------+------------+--------
        52/3/12  | 1973-06-02 |
        04/12/29 | 2026-03-20 |
        05/08/29 | 2026-11-20 |
        05/08/30 | 1926-11-22 |
        520312   | 1973-06-02 |
        ۹۹/۱/۱   | 2020-03-20 |
        """,
    )


def test_S04_two_digit_years_of_other_days_may_lie_ahead(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        --------
        98/01/01
        10/01/01
        50/01/01
        """,
    )
    typed(world, days("jalali:yy/mm/dd"))
    world.then(
        "staging.typed",
        """
        raw      | value
        ---------+-----------
        98/01/01 | 2019-03-21
        10/01/01 | 2031-03-21
        50/01/01 | 1971-03-21
        """,
    )


def test_S04_leap_years(world: World) -> None:
    """1403 is a leap year, 1404 is not: the 2820-year rule has it the other way round."""
    world.given(
        "staging.text",
        """
        raw
        --------
        14031230
        14041230
        14041229
        13991230
        14020731
        """,
    )
    typed(world, days())
    world.then(
        "staging.typed",
        """
        raw      | value      | failure
        ---------+------------+---------
        14031230 | 2025-03-20 |
        14041230 |            | bad_date
        14041229 | 2026-03-20 |
        13991230 | 2021-03-20 |
        14020731 |            | bad_date
        """,
    )


def test_S04_incomplete_births_keep_what_is_known(world: World) -> None:
    """Placeholders are missing, zero day or month is partly known; both are never a date."""
    world.given(
        "staging.text",
        """
        raw
        ----------
        1352/03/00
        13520000
        1352
        1352/07/31
        1404/12/30
        1973-06-00
        1973-02-00
        1973
        1300/01/01
        00000000
        0
        1900-01-01
        نامشخص
        1405/08/30
        """,
    )
    typed(world, births())
    world.then(
        "staging.typed",
        """
        raw        | value | failure | note        | is_missing | extra
        -----------+-------+---------+-------------+------------+-----------
        1352/03/00 |       |         | partial     | false      | 1352-03-00
        13520000   |       |         | partial     | false      | 1352-00-00
        1352       |       |         | partial     | false      | 1352-00-00
        1352/07/31 |       |         | no_such_day | false      | 1352-07-00
        1404/12/30 |       |         | no_such_day | false      | 1404-12-00
        1973-06-00 |       |         | partial     | false      | 1352-00-00
        1973-02-00 |       |         | partial     | false      | 1351-00-00
        1973       |       |         | partial     | false      | 1352-00-00
        1300/01/01 |       |         | placeholder | true       |
        00000000   |       |         | placeholder | true       |
        0          |       |         | placeholder | true       |
        1900-01-01 |       |         | placeholder | true       |
        نامشخص     |       |         |             | true       |
        1405/08/30 |       |         | future      | false      |
        """,
    )


def test_S04_what_is_no_date_stays_a_failure(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        ----------
        1352/13/45
        13521345
        1652/01/01
        52/3/12/1
        خرداد
        52031
        """,
    )
    typed(world, births())
    world.then(
        "staging.typed",
        """
        raw        | value | failure  | extra
        -----------+-------+----------+------
        1352/13/45 |       | bad_date |
        13521345   |       | bad_date |
        1652/01/01 |       | bad_date |
        52/3/12/1  |       | bad_date |
        خرداد      |       | bad_date |
        52031      |       | bad_date |
        """,
    )


def test_S04_spreadsheets_number_their_days(world: World) -> None:
    """A day number is a date only in a workbook, or where the contract says so."""
    world.given(
        "staging.text",
        """
        raw
        ----------
        26817
        26817.0
        1352
        1352/03/12
        """,
    )
    typed(world, births(is_spreadsheet=True))
    world.then(
        "staging.typed",
        """
        raw        | value      | note               | extra
        -----------+------------+--------------------+-----------
        26817      | 1973-06-02 | spreadsheet_serial |
        26817.0    | 1973-06-02 | spreadsheet_serial |
        1352       |            | partial            | 1352-00-00
        1352/03/12 | 1973-06-02 |                    |
        """,
    )


def test_months_of_lists(world: World) -> None:
    """Two-digit year and month of a contribution list: 92 is 1392, 05 is 1405; a lost zero is certain."""
    world.given(
        "staging.text",
        """
        raw
        -------
        9207
        0507
        507
        05/7
        1405-07
        140507
        0513
        0
        """,
    )
    typed(world, month(Calendars("jalali:yymm", BUSINESS_DATE)))
    world.then(
        "staging.typed",
        """
        raw     | value   | failure   | is_missing
        --------+---------+-----------+-----------
        9207    | 1392-07 |           | false
        0507    | 1405-07 |           | false
        507     | 1405-07 |           | false
        05/7    | 1405-07 |           | false
        1405-07 | 1405-07 |           | false
        140507  | 1405-07 |           | false
        0513    |         | bad_month | false
        0       |         |           | true
        """,
    )
