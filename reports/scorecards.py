"""Feed scorecards over time: volume, fill, validity, link rate and lateness of each feed, from the ledger of all nights.

``pages/scorecards.html`` lists the feeds, ``pages/scorecards/<feed>.html`` draws one. Figures only, no person's value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from hub.duck import Connection
from hub.layers import rows_of
from hub.runs import Run, find_run, has_folder
from hub.settings import Settings
from hub.storage import write_text
from reports.rendering import LANGUAGES, render
from schemas.feed import Feed

MOST_NIGHTS = 120
"""How many nights, and deliveries, a scorecard looks back."""
INDEX = "scorecards"
QUALITY_TABLE = "mart.feed_quality"


@dataclass(frozen=True)
class DeliveryScore:
    """One delivery. Percent of received rows; ``fill_percent`` and ``valid_percent``: mean over its columns. Figures of what
    was never staged are None. ``late_hours``: after it was due, negative when early; None where nothing says when."""

    delivery_id: str
    business_date: date
    state_code: str
    reason: str
    late_hours: float | None
    received: float | None = None
    fill_percent: float | None = None
    valid_percent: float | None = None
    quarantined_percent: float | None = None


@dataclass(frozen=True)
class NightScore:
    """How a feed stood in one night. ``as_of_days``: how old its delivery was; above 0 none had come for that day."""

    business_date: date
    linked_percent: float | None
    as_of_days: int


@dataclass(frozen=True)
class Point:
    """One figure of one day; ``is_marked``: not in use (late, held, refused, retracted)."""

    day: date
    value: float
    is_marked: bool = False


@dataclass(frozen=True)
class Scorecard:
    """One feed over time, oldest first. ``columns``: of the newest staged delivery, name, filled and valid percent."""

    feed: str
    title_fa: str
    deliveries: list[DeliveryScore]
    nights: list[NightScore]
    columns: list[tuple[str, float, float]]

    @property
    def newest(self) -> DeliveryScore | None:
        """The newest delivery that was staged."""
        return next((each for each in reversed(self.deliveries) if each.received is not None), None)

    @property
    def linked_percent(self) -> float | None:
        """Link rate of the newest night."""
        return self.nights[-1].linked_percent if self.nights else None

    @property
    def missed_nights(self) -> int:
        """Nights for whose day nothing had come."""
        return sum(each.as_of_days > 0 for each in self.nights)

    @property
    def unused(self) -> list[DeliveryScore]:
        """Deliveries that are not in use, newest first."""
        return [each for each in reversed(self.deliveries) if each.state_code in UNUSED]

    def series(self, figure: str) -> list[Point]:
        """A figure of its deliveries by day."""
        found = ((each, getattr(each, figure)) for each in self.deliveries)
        return [Point(each.business_date, value, each.state_code in UNUSED) for each, value in found if value is not None]

    @property
    def links(self) -> list[Point]:
        """Link rate by night."""
        found = ((each, each.linked_percent) for each in self.nights)
        return [Point(each.business_date, value, each.as_of_days > 0) for each, value in found if value is not None]


UNUSED = ("late", "held", "refused", "retracted")


def write_scorecards(settings: Settings, run: Run, feeds: Sequence[Feed]) -> list[Scorecard]:
    """Write the list and one page a feed, in both languages; earlier ones are replaced."""
    cards = scorecards(settings, run, feeds)
    for language, suffix in LANGUAGES.items():
        values = {"run": run, "cards": cards, "page": INDEX}
        write_text(settings.pages / f"{INDEX}{suffix}.html", render(INDEX, language, settings.pages, values))
        folder = settings.pages / INDEX
        for card in cards:
            page = render("scorecard", language, folder, {"run": run, "card": card, "page": card.feed})
            write_text(folder / f"{card.feed}{suffix}.html", page)
    return cards


def scorecards(settings: Settings, run: Run, feeds: Sequence[Feed]) -> list[Scorecard]:
    """The scorecards of all feeds, as of a run."""
    with run.runner(settings) as runner:
        con = runner.con
        deliveries = _deliveries(con, {feed.name: feed.due for feed in feeds})
        nights = _nights(con, [each.table(QUALITY_TABLE) for each in nights_back(settings, run, QUALITY_TABLE)])
        columns = _columns(con)
    return [
        Scorecard(
            feed.name,
            feed.title_fa,
            deliveries.get(feed.name, [])[-MOST_NIGHTS:],
            nights.get(feed.name, []),
            columns.get(feed.name, []),
        )
        for feed in feeds
    ]


def late_hours(business_date: date, landed_at: datetime, due: str | None) -> float | None:
    """Hours between the time of day at which a delivery is due on its business date, and its arrival."""
    if due is None:
        return None
    expected = datetime.combine(business_date, time.fromisoformat(due))
    expected = expected if expected.tzinfo else expected.replace(tzinfo=UTC)
    return round((landed_at - expected).total_seconds() / 3600, 1)


def nights_back(settings: Settings, run: Run, table: str) -> Iterator[Run]:
    """This run and those that it built on, newest first, as far as their folders are there and hold a table."""
    for _ in range(MOST_NIGHTS):
        if run.table(table).exists():
            yield run
        if run.base_run_id is None or not has_folder(settings, run.base_run_id):
            return
        run = find_run(settings, run.base_run_id)


def _nights(con: Connection, tables: Sequence[Path]) -> dict[str, list[NightScore]]:
    """By feed, one row a business date: of several runs of a date the last counts."""
    if not tables:
        return {}
    selects = " union all ".join(
        f"select {number} as place, feed, as_of_date, linked_ratio, as_of_days from {rows_of(path)}"
        for number, path in enumerate(tables)
    )
    found: dict[str, list[NightScore]] = {}
    for feed, day, ratio, as_of_days in con.execute(
        f"select feed, as_of_date, arg_min(linked_ratio, place), arg_min(as_of_days, place) from ({selects}) "
        "group by feed, as_of_date order by feed, as_of_date"
    ).fetchall():
        percent = None if ratio is None else round(100 * ratio, 2)
        found.setdefault(feed, []).append(NightScore(day, percent, int(as_of_days)))
    return found


def _deliveries(con: Connection, due: Mapping[str, str | None]) -> dict[str, list[DeliveryScore]]:
    found: dict[str, list[DeliveryScore]] = {}
    for feed, delivery_id, day, state, reason, seconds, *figures in con.execute(_DELIVERIES).fetchall():
        late = None if seconds is None else late_hours(day, datetime.fromtimestamp(seconds, UTC), due.get(feed))
        score = DeliveryScore(delivery_id, day, state, reason, late, *(_rounded(each) for each in figures))
        found.setdefault(feed, []).append(score)
    return found


_DELIVERIES = """
    with figures as (
        select delivery_id,
               max(figure) filter (figure_code = 'received_count')        as received,
               100 - avg(figure) filter (figure_code = 'null_percent')    as fill_percent,
               100 - avg(figure) filter (figure_code = 'invalid_percent') as valid_percent,
               max(figure) filter (figure_code = 'quarantined_percent')   as quarantined_percent
        from ops.profile group by delivery_id
    )
    select d.feed, d.delivery_id, d.business_date, d.state_code, coalesce(d.reason, ''), epoch(d.landed_at),
           f.received, f.fill_percent, f.valid_percent, f.quarantined_percent
    from ops.delivery as d left join figures as f using (delivery_id)
    where d.business_date is not null
    order by d.feed, d.business_date, d.landed_at, d.delivery_id
"""


def _columns(con: Connection) -> dict[str, list[tuple[str, float, float]]]:
    """By feed, the columns of its newest delivery in use: name, filled and valid percent."""
    rows: list[tuple[Any, ...]] = con.execute(
        """
        select p.feed, p.column_name, 100 - max(figure) filter (figure_code = 'null_percent'),
               100 - max(figure) filter (figure_code = 'invalid_percent')
        from ops.profile as p semi join staging.current_delivery as d on d.delivery_id = p.delivery_id
        where p.column_name <> '' group by all order by p.feed, p.column_name
        """
    ).fetchall()
    found: dict[str, list[tuple[str, float, float]]] = {}
    for feed, column, filled, valid in rows:
        found.setdefault(feed, []).append((column, round(filled, 2), round(valid, 2)))
    return found


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 2)
