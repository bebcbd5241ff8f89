"""Rows of the current deliveries of all feeds of one role, with one set of columns; what a feed lacks is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.duck import literal, quote
from hub.steps import Runner
from schemas.delivery import Delivery
from schemas.feed import Feed


def role_rows(
    runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery], role: str, columns: Mapping[str, str]
) -> str:
    """SQL of the rows: ``columns`` (names and DuckDB types), then agency and as_of_date, the delivery's business date.

    Leaves:  staging.<feed> of each feed of that role, readable
    """
    delivered = {delivery.feed: delivery for delivery in deliveries}
    selects = []
    for feed in sorted(feeds, key=lambda feed: feed.name):
        if feed.role == role and feed.name in delivered:
            table = feed.staging_table
            runner.attach(table.name, delivered[feed.name].rows_path)
            told = literal(delivered[feed.name].business_date.isoformat())
            known = {name: quote(name) if name in table.columns else "null" for name in columns}
            selects.append(f"{_select(known, columns, literal(feed.agency), told)} from {quote(table.name)}")
    return "\nunion all\n".join(selects) or f"{_select(dict.fromkeys(columns, 'null'), columns, 'null', 'null')} where false"


def _select(values: Mapping[str, str], columns: Mapping[str, str], agency: str, as_of: str) -> str:
    cells = [f"cast({values[name]} as {kind}) as {quote(name)}" for name, kind in columns.items()]
    return f"select {', '.join(cells)}, cast({agency} as varchar) as agency, cast({as_of} as date) as as_of_date"
