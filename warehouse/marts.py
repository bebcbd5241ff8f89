"""Marts: what planners read. Fixed SQL in ``marts/<name>.sql``; counts of persons by group, never a person.

Every row says as of which night (``as_of_date``) and from which deliveries (``as_of_feeds``: feed@business date). Rows that
count few persons are drawn together (``warehouse.suppression``); ``mart.night`` and ``mart.feed_quality`` count the nation's
work, not groups of persons, and stay as they are.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from hub.runs import Run
from hub.steps import Runner, Step
from schemas.codes import basic_insurers
from schemas.premiums import months_up_to, premium_on
from schemas.tables import TABLES
from warehouse.suppression import SMALLEST_COUNT, Suppression, suppressed

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


_PLACE_AND_AGE = (("sex_code",), ("age_band", "sex_code"), ("province_code", "age_band", "sex_code"))
_PAIR = (("insurer_b",), ("insurer_a", "insurer_b"), ("kind_code", "insurer_a", "insurer_b"))
SUPPRESSIONS = {
    "mart.cover_by_group": Suppression(
        ("month_date", "insurer_code", "benefit_kind_code", "province_code", "age_band", "sex_code"),
        ("person_count",),
        ("person_count",),
        (*_PLACE_AND_AGE, ("insurer_code", "province_code", "age_band", "sex_code")),
    ),
    "mart.overlap_by_pair": Suppression(
        ("insurer_a", "insurer_b", "kind_code"),
        ("person_count", "conflict_count", "open_count", "overlap_days"),
        ("person_count", "conflict_count", "open_count", "conflict_count - open_count"),
        _PAIR,
    ),
    "mart.uninsured": Suppression(
        ("province_code", "age_band", "sex_code"),
        ("living_count", "uninsured_count"),
        ("living_count", "uninsured_count", "living_count - uninsured_count"),
        _PLACE_AND_AGE,
    ),
    "mart.overlap_cost": Suppression(
        ("jalali_month", "kind_code", "insurer_a", "insurer_b", "province_code"),
        ("person_count", "overlap_days", "cost_rials"),
        ("person_count",),
        (("province_code",), *((*hidden, "province_code") for hidden in _PAIR)),
    ),
}


def mart_steps(run: Run, smallest_count: int = SMALLEST_COUNT) -> list[Step]:
    """One Step per declared mart, in the order of their declaration."""
    values = {"business_date": run.business_date, "month_count": MONTH_COUNT}
    return [_step(name, values, smallest_count) for name in TABLES if name.startswith("mart.")]


def build(runner: Runner, run: Run, smallest_count: int = SMALLEST_COUNT) -> None:
    """Build all marts of a night from its tables.

    Reads: person.golden, person.crosswalk, person.identity_event, person.review_pair, cover.period, cover.booklet,
           cover.conflict, ops.ledger, staging.current_delivery
    Args:
        smallest_count: rows that count fewer are drawn together; 1 shows every cell.
    """
    runner.con.execute(AGE_BAND_MACROS)
    _keep_premiums(runner, run)
    for step in mart_steps(run, smallest_count):
        runner.run(step)


def _keep_premiums(runner: Runner, run: Run) -> None:
    """What a month of cover cost at each basic insurer, for the months that marts look back on."""
    rows = [
        (month.name, month.from_date, month.to_date, month.days, insurer_code, premium.rials_per_month)
        for month in months_up_to(run.business_date, MONTH_COUNT)
        for insurer_code in sorted(basic_insurers())
        if (premium := premium_on(insurer_code, month.from_date))
    ]
    names = ("jalali_month", "from_date", "to_date", "month_days", "insurer_code", "rials_per_month")
    runner.con.register("premium_month", pa.table(dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True))))


def _step(name: str, values: dict[str, object], smallest_count: int) -> Step:
    sql = (FOLDER / f"{name.removeprefix('mart.')}.sql").read_text(encoding="utf-8")
    if name in SUPPRESSIONS:
        sql = (
            f"select *, $business_date::date as as_of_date from (\n{suppressed(sql, SUPPRESSIONS[name], smallest_count)}\n)"
        )
    columns = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in TABLES[name].columns.items())
    used = {key: value for key, value in values.items() if f"${key}" in sql}
    return Step(name, TABLES[name].grain, f"select {columns} from (\n{sql}\n)", used)
