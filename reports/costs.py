"""What overlaps cost, for planners: by month, pair of insurers, province and kind, as the marts count it (P02, P03).

``pages/costs.html``. Every figure is a sum of rows of ``mart.overlap_cost``; nothing else of the night is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hub.duck import Connection
from hub.runs import Run
from hub.settings import Settings
from hub.storage import write_text
from reports.rendering import LANGUAGES, render
from reports.scorecards import Point
from schemas.jalali import gregorian
from schemas.premiums import ANY, Premium, premium_on

PAGE = "costs"
TOP_PAIRS = 12
MILLION = 1_000_000


@dataclass(frozen=True)
class MonthCost:
    """One Jalali month. Units: whole rials; days of all persons together."""

    month: str
    overlap_days: int
    cost_rials: int

    @property
    def first_day(self) -> date:
        """Its first day."""
        year, month = self.month.split("-")
        return gregorian(int(year), int(month), 1)


@dataclass(frozen=True)
class Costs:
    """The page's figures: rials of the months shown together, largest first and what was drawn together last.

    Args:
        months: oldest first.
        premium: the one that counts on the business date.
        untold: whether counts were too small to be told.
    """

    months: list[MonthCost]
    pairs: list[tuple[str, str, int]]
    provinces: Mapping[str, int]
    kinds: Mapping[str, int]
    person_count: int
    premium: Premium | None
    as_of_feeds: list[str]
    has_untold: bool

    @property
    def total_rials(self) -> int:
        """Of all months shown."""
        return sum(each.cost_rials for each in self.months)

    @property
    def trend(self) -> list[Point]:
        """Millions of rials by month."""
        return [Point(each.first_day, round(each.cost_rials / MILLION, 1)) for each in self.months]


def write_costs(settings: Settings, run: Run) -> Costs:
    """Write the page in both languages."""
    with run.runner(settings) as runner:
        costs = _costs(runner.con, run.business_date)
    for language, suffix in LANGUAGES.items():
        text = render(PAGE, language, settings.pages, {"run": run, "costs": costs, "page": PAGE, "million": MILLION})
        write_text(settings.pages / f"{PAGE}{suffix}.html", text)
    return costs


def _costs(con: Connection, business_date: date) -> Costs:
    ((untold, persons, feeds),) = con.execute(_WHOLE).fetchall()
    return Costs(
        [MonthCost(month, int(days), int(rials)) for month, days, rials in con.execute(_MONTHS).fetchall()],
        [(a, b, int(rials)) for a, b, rials in con.execute(_PAIRS, [TOP_PAIRS]).fetchall()],
        _by(con, "province_code"),
        _by(con, "kind_code"),
        int(persons or 0),
        premium_on(ANY, business_date),
        sorted({feed for text in feeds or () for feed in text.split()}),
        bool(untold),
    )


def _by(con: Connection, column: str) -> dict[str, int]:
    return {code: int(rials) for code, rials in con.execute(_BY.format(column=column)).fetchall()}


_WHOLE = """
    select bool_or(person_count is null),
           sum(person_count) filter (where jalali_month = (select max(jalali_month) from mart.overlap_cost)),
           list(distinct as_of_feeds)
    from mart.overlap_cost
"""
_MONTHS = """
    select jalali_month, coalesce(sum(overlap_days), 0), coalesce(sum(cost_rials), 0)
    from mart.overlap_cost group by jalali_month order by jalali_month
"""
_PAIRS = """
    select insurer_a, insurer_b, sum(cost_rials) from mart.overlap_cost where cost_rials is not null
    group by insurer_a, insurer_b order by insurer_b = 'other', sum(cost_rials) desc, insurer_a, insurer_b limit ?
"""
_BY = """
    select {column}, sum(cost_rials) from mart.overlap_cost where cost_rials is not null
    group by {column} order by {column} = 'other', sum(cost_rials) desc, {column}
"""
