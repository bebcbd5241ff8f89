"""Marts: what planners read. Fixed SQL in ``marts/<name>.sql``; counts of persons by group, never a person.

Every row says as of which night (``as_of_date``) and from which deliveries (``as_of_feeds``: feed@business date).
"""

from __future__ import annotations

from pathlib import Path

from hub.runs import Run
from hub.steps import Runner, Step
from schemas.tables import TABLES

FOLDER = Path(__file__).parent / "marts"
MONTH_COUNT = 12
AGE_BAND_YEARS = 5
OLDEST_BAND_AGE = 85

# Rows are grouped by the band's first age, a number; only groups are given the text that planners read.
AGE_BAND_MACROS = f"""
create or replace temp macro band_age(birth_date, on_date) as
    case when birth_date <= on_date
         then least(date_sub('year', birth_date, on_date) // {AGE_BAND_YEARS} * {AGE_BAND_YEARS}, {OLDEST_BAND_AGE}) end;
create or replace temp macro age_band(age) as
    case when age is null then 'unknown'
         when age >= {OLDEST_BAND_AGE} then '{OLDEST_BAND_AGE}+'
         else lpad(cast(age as varchar), 2, '0') || '-' || lpad(cast(age + {AGE_BAND_YEARS - 1} as varchar), 2, '0')
    end
"""


def mart_steps(run: Run) -> list[Step]:
    """One Step per declared mart, in the order of their declaration."""
    values = {"business_date": run.business_date, "month_count": MONTH_COUNT}
    return [_step(name, values) for name in TABLES if name.startswith("mart.")]


def build(runner: Runner, run: Run) -> None:
    """Build all marts of a night from its tables.

    Reads: person.golden, person.crosswalk, person.identity_event, person.review_pair, cover.period, cover.booklet,
           cover.conflict, ops.ledger, staging.current_delivery
    """
    runner.con.execute(AGE_BAND_MACROS)
    for step in mart_steps(run):
        runner.run(step)


def _step(name: str, values: dict[str, object]) -> Step:
    sql = (FOLDER / f"{name.removeprefix('mart.')}.sql").read_text(encoding="utf-8")
    columns = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in TABLES[name].columns.items())
    used = {key: value for key, value in values.items() if f"${key}" in sql}
    return Step(name, TABLES[name].grain, f"select {columns} from (\n{sql}\n)", used)
