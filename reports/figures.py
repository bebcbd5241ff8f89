"""Figures of one night, counted from its run folder for the pages; counts and codes only, never a person's value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hub.duck import Connection, literal
from hub.runs import Run
from hub.settings import Settings
from hub.storage import read_json
from schemas.conflict_kinds import conflict_kinds, sensitive_kinds, told_kinds
from schemas.feed import Feed

TOP_PAIRS = 12


@dataclass(frozen=True)
class DeliveryFigures:
    """What a feed brought to this night. ``rows``: fate -> rows; ``as_of_days``: how old the delivery is."""

    feed: str
    title_fa: str
    delivery_id: str
    business_date: date
    as_of_days: int
    rows: dict[str, int]


@dataclass(frozen=True)
class WaitingDelivery:
    """A delivery that this night does not use: held, refused or late, and what was said of it."""

    feed: str
    file_name: str
    business_date: date
    state_code: str
    reason: str


@dataclass(frozen=True)
class ReturnFigures:
    """One insurer's return: how many conflicts it reports, by change, and where its files lie."""

    insurer_code: str
    conflict_count: int
    changes: dict[str, int]
    folder: Path


@dataclass(frozen=True)
class NightFigures:
    """Everything that the first page shows. Counts by code are ordered, largest first."""

    deliveries: list[DeliveryFigures]
    missing_feeds: list[str]
    waiting: list[WaitingDelivery]
    person_count: int
    record_count: int
    review_pair_count: int
    links: dict[str, int]
    events: dict[str, int]
    open_conflicts: dict[str, int]
    outcomes: dict[str, int]
    changes: dict[str, int]
    under_review_count: int
    insurer_pairs: list[tuple[str, str, int]]
    booklets: dict[str, int]
    returns: list[ReturnFigures]

    @property
    def open_conflict_count(self) -> int:
        """Open conflicts that insurers must settle; two pension memberships are information."""
        return sum(count for kind, count in self.open_conflicts.items() if conflict_kinds()[kind].is_told)

    def total(self, fate_code: str) -> int:
        """Rows of one fate over all deliveries."""
        return sum(delivery.rows.get(fate_code, 0) for delivery in self.deliveries)


def night_figures(settings: Settings, run: Run, feeds: Sequence[Feed]) -> NightFigures:
    """Count a night."""
    with run.runner(settings) as runner:
        con = runner.con
        deliveries = _deliveries(con, {feed.name: feed.title_fa for feed in feeds})
        delivered = {each.feed for each in deliveries}
        return NightFigures(
            deliveries=deliveries,
            missing_feeds=sorted(each.name for each in feeds if each.name not in delivered and not each.is_occasional),
            waiting=[WaitingDelivery(*row) for row in con.execute(_WAITING, [run.business_date]).fetchall()],
            person_count=_one(con, "select count(*) from person.golden"),
            record_count=_one(con, "select count(*) from person.crosswalk"),
            review_pair_count=_one(con, "select count(*) from person.review_pair"),
            links=_counts(con, "select method_code, count(*) from person.crosswalk"),
            events=_counts(con, "select event_code, count(*) from person.identity_event"),
            open_conflicts=_counts(con, f"select kind_code, count(*) from {_FOR_ALL} where status_code = 'open'"),
            outcomes=_counts(
                con,
                "select outcome_code, count(*) from cover.conflict where status_code = 'open' and kind_code = 'two_basic'",
            ),
            changes=_counts(con, _CHANGES, run.business_date),
            under_review_count=_one(con, f"select count(*) from {_FOR_ALL} where status_code = 'open' and is_under_review"),
            insurer_pairs=[(a, b, count) for a, b, count in con.execute(_PAIRS, [TOP_PAIRS]).fetchall()],
            booklets=_counts(con, _BOOKLETS, run.business_date),
            returns=_returns(settings, run.business_date),
        )


# Booklets of the past and of days to come are in the table, too.
_BOOKLETS = "select status_code, count(*) from cover.booklet where from_date <= $1 and to_date > $1"
# Kinds that tell of somebody's health are on no page (C15).
_FOR_ALL = f"(from cover.conflict where kind_code not in ({', '.join(map(literal, sensitive_kinds()))}))"
_CHANGES = f"""
    select case when status_code = 'resolved' then 'resolved'
                when opened_date = changed_date then 'opened' else 'changed' end, count(*)
    from {_FOR_ALL} where changed_date = ? and kind_code in ({", ".join(map(literal, told_kinds()))})
"""
_WAITING = """
    select feed, file_name, business_date, state_code, coalesce(reason, '')
    from ops.delivery where state_code in ('held', 'refused', 'late') and business_date <= ?
    order by business_date desc, feed, delivery_id
"""
_PAIRS = """
    select insurer_a, insurer_b, count(*) from cover.conflict
    where status_code = 'open' and kind_code = 'two_basic'
    group by all order by 3 desc, 1, 2 limit ?
"""


def _deliveries(con: Connection, titles: dict[str, str]) -> list[DeliveryFigures]:
    fates: dict[str, dict[str, int]] = {}
    for delivery_id, fate, count in con.execute(
        "select delivery_id, fate_code, sum(row_count)::bigint from ops.ledger group by all"
    ).fetchall():
        fates.setdefault(delivery_id, {})[fate] = count
    return [
        DeliveryFigures(feed, titles.get(feed, feed), delivery_id, business_date, days, fates.get(delivery_id, {}))
        for feed, delivery_id, business_date, days in con.execute(
            "select feed, delivery_id, business_date, as_of_days from staging.current_delivery order by feed"
        ).fetchall()
    ]


def _returns(settings: Settings, business_date: date) -> list[ReturnFigures]:
    folder = settings.returns / business_date.isoformat()
    manifests = [(path.parent, read_json(path)) for path in sorted(folder.glob("*/manifest.json"))]
    return [
        ReturnFigures(value["insurer_code"], value["conflict_count"], value["by_change"], path) for path, value in manifests
    ]


def _one(con: Connection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def _counts(con: Connection, sql: str, *params: Any) -> dict[str, int]:
    rows = con.execute(f"{sql} group by 1 order by 2 desc, 1", list(params)).fetchall()
    return {str(code): int(count) for code, count in rows}
