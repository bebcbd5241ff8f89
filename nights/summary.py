"""What a night brought, counted from its run folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from hub.duck import Connection
from hub.settings import Settings
from hub.storage import read_json
from warehouse.runs import run_or_live


@dataclass(frozen=True)
class NightSummary:
    """Counts of one run; every figure is a number of rows, persons or conflicts."""

    run_id: str
    business_date: str
    deliveries: int
    late_feeds: int
    rows: dict[str, int]
    persons: int
    links: dict[str, int]
    events: dict[str, int]
    review_pairs: int
    conflicts: dict[str, int]
    booklets: dict[str, int]
    returns: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values for --json."""
        return asdict(self)


def summarise(settings: Settings, run_id: str | None = None) -> NightSummary | None:
    """The summary of a run, by default of the live one; None when no night was ever published."""
    run = run_or_live(settings, run_id)
    if run is None:
        return None
    with run.runner(settings) as runner:
        con = runner.con
        deliveries, late = con.execute(
            "select count(*), count(*) filter (where as_of_days > 0) from staging.current_delivery"
        ).fetchall()[0]
        return NightSummary(
            run_id=run.run_id,
            business_date=run.business_date.isoformat(),
            deliveries=deliveries,
            late_feeds=late,
            rows=_counts(
                con,
                "select fate_code, sum(row_count) from ops.ledger as l "
                "where exists (from staging.current_delivery as d where d.delivery_id = l.delivery_id) group by 1",
            ),
            persons=con.execute("select count(*) from person.golden").fetchall()[0][0],
            links=_counts(con, "select method_code, count(*) from person.crosswalk group by 1"),
            events=_counts(con, "select event_code, count(*) from person.identity_event group by 1"),
            review_pairs=con.execute("select count(*) from person.review_pair").fetchall()[0][0],
            conflicts=_counts(
                con, "select kind_code, count(*) from cover.conflict where status_code <> 'resolved' group by 1"
            ),
            booklets=_counts(con, "select status_code, count(*) from cover.booklet group by 1"),
            returns=_returns(settings, run.business_date.isoformat()),
        )


def _counts(con: Connection, sql: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in con.execute(f"{sql} order by 2 desc, 1").fetchall()}


def _returns(settings: Settings, business_date: str) -> dict[str, int]:
    folder = settings.returns / business_date
    manifests = sorted(folder.glob("*/manifest.json")) if folder.exists() else []
    return {path.parent.name: int(read_json(path).get("conflict_count", 0)) for path in manifests}
