"""Values that are no evidence, because no one person or dwelling could hold them so often: found by counting (S06)."""

from __future__ import annotations

from hub.duck import Connection
from hub.steps import Step
from schemas.standardising_tables import GENERIC_VALUE

# A value shared by more people than this is a call centre's mobile, an office's postal code: no evidence (S06).
MOST_PEOPLE = {"mobile_no": 12, "email": 12, "postal_code": 60, "address": 60}
# A day on which more of a feed's people are born than this is what its clerks type for "unknown". One day's natural share of
# all living is below 0.0001.
MOST_BORN_ON_A_DAY, LEAST_BORN_ON_A_DAY = 0.002, 8
BIRTH_DATE = "birth_date"
# All rows of the night, told once in a statement that asks for them many times.
_ROWS = "said_row"
_NAMES = "concat_ws(' ', given_name, surname, full_name)"


def generic_value(rows: str) -> Step:
    """All of them.

    Reads:   ``rows``: SQL of ``matching.sources.source_rows``
    Grain:   column_name, feed, value
    """
    return _counted([_shared(_ROWS, column) for column in MOST_PEOPLE], rows)


def generic_value_since(rows: str) -> Step:
    """All, where only those that a changed row holds or held can have become generic, or be so no more; days of birth
    are counted again, since what is too many depends on how many there are.

    Reads:   as ``generic_value``; base.generic_value, temp table touched_value (column_name, value)
    Grain:   column_name, feed, value
    """
    found = []
    for column in MOST_PEOPLE:
        touched = f"(select value from touched_value where column_name = '{column}')"
        found.append(f"from base.generic_value where column_name = '{column}' and value not in {touched}")
        found.append(_shared(f"(select * from {_ROWS} where {column} in {touched})", column))
    return _counted(found, rows)


def find_touched_values(con: Connection, rows: str) -> None:
    """Find the values that changed rows hold tonight or held before.

    Args:
        rows: the changed rows, as tonight has them.

    Reads:   base.person_record, temp table changed_row
    Leaves:  temp table touched_value (column_name, value)
    """
    columns = ", ".join(MOST_PEOPLE)
    con.execute(
        f"""create or replace temp table touched_value as
            with row as (
                select {columns} from {rows}
                union all
                select {columns} from base.person_record where record_key in (from changed_row)
            )
            select distinct column_name, value from (unpivot row on {columns} into name column_name value value)"""
    )


def reveal_turned(con: Connection, rows: str) -> bool:
    """Add the records whose value has become generic, or is so no more, to the changed ones.

    Reads:   linkage.generic_value, base.generic_value; ``rows``: all of tonight's
    Leaves:  temp table changed_row, longer where that is so

    Returns: whether there were any such values.
    """
    con.execute(
        f"""create or replace temp table turned_value as
            (from {GENERIC_VALUE.name} except from base.generic_value)
            union (from base.generic_value except from {GENERIC_VALUE.name})"""
    )
    columns = [column for (column,) in con.execute("select distinct column_name from turned_value").fetchall()]
    for column in columns:
        held = f"column_name = '{column}' and value = cast(r.{column} as varchar)"
        con.execute(
            f"""insert into changed_row
                select record_key from (select record_key, feed, {column} from ({rows})) as r
                where exists (from turned_value as t where {held} and t.feed in ('', r.feed))
                  and record_key not in (from changed_row)"""
        )
    con.execute("drop table turned_value")
    return bool(columns)


def generic_join(column: str, row: str) -> str:
    """SQL of a left join that finds whether a row's value is no evidence, under the alias generic_<column>."""
    return (
        f"left join (select value from {GENERIC_VALUE.name} where column_name = '{column}') as generic_{column} "
        f"on generic_{column}.value = {row}.{column}"
    )


def _counted(shared: list[str], rows: str) -> Step:
    found = " union all ".join(f"({values})" for values in (*shared, _placeholder_births()))
    return Step(GENERIC_VALUE.name, GENERIC_VALUE.grain, f"with {_ROWS} as not materialized ({rows}) {found}")


def _shared(rows: str, column: str) -> str:
    """SQL of the values of a column that too many people share; people are told apart by birth date, else by name."""
    limit = MOST_PEOPLE[column]
    person = f"coalesce(cast(birth_date as varchar), {_NAMES})"
    return f"""
        select '{column}' as column_name, '' as feed, value
        from (select {column} as value, {person} as person from {rows})
        where value in (select {column} from {rows} where {column} is not null group by {column} having count(*) > {limit})
        group by value having count(distinct person) > {limit}
    """


def _placeholder_births() -> str:
    """SQL of the birth dates that a feed gives to far more people than can be born on one day."""
    return f"""
        select '{BIRTH_DATE}' as column_name, feed, cast(birth_date as varchar) as value
        from (select feed, birth_date, {_NAMES} as person from {_ROWS}) join (
            with day as (
                select feed, birth_date, count(*) as day_count from {_ROWS} where birth_date is not null group by all
            ),
            sized as (select *, sum(day_count) over (partition by feed) as row_count from day)
            select feed, birth_date, greatest({LEAST_BORN_ON_A_DAY}, {MOST_BORN_ON_A_DAY} * row_count) as least_count
            from sized
            where day_count >= {LEAST_BORN_ON_A_DAY} and day_count > {MOST_BORN_ON_A_DAY} * row_count
        ) using (feed, birth_date)
        group by feed, birth_date having count(distinct person) >= any_value(least_count)
    """
