"""What a night brought, counted from its run folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from hub.settings import Settings
from reports.figures import night_figures
from schemas.contracts import load_feeds
from warehouse.runs import run_or_live

FATES = ("received", "accepted", "unchanged", "quarantined", "superseded")


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
    figures = night_figures(settings, run, load_feeds(settings.contracts))
    return NightSummary(
        run_id=run.run_id,
        business_date=run.business_date.isoformat(),
        deliveries=len(figures.deliveries),
        late_feeds=sum(delivery.as_of_days > 0 for delivery in figures.deliveries),
        rows={fate: figures.total(fate) for fate in FATES},
        persons=figures.person_count,
        links=figures.links,
        events=figures.events,
        review_pairs=figures.review_pair_count,
        conflicts=figures.open_conflicts,
        booklets=figures.booklets,
        returns={each.insurer_code: each.conflict_count for each in figures.returns},
    )
