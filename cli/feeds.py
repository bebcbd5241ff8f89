"""Commands around feeds: what is declared, land and stage by hand, check the declarations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.nightly import DATE, JSON, settings_on
from cli.progress import shown_progress
from connectors.deliveries import accept, deliveries_of, delivery_named, unstaged_deliveries
from hub.settings import settings_from_environment
from nights.intake import land_feed, stage_feed
from nights.sync import business_date_of
from schemas.contracts import load_feed, load_feeds

OUT = Console()
FEED = Annotated[str, typer.Argument(help="Feed name, as `databank feeds` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (feeds, land, stage, check):
        app.command()(command)


def feeds(as_json: JSON = False) -> None:
    """List declared feeds with their newest delivery and its state."""
    settings = settings_from_environment()
    rows = []
    for feed in load_feeds(settings.contracts):
        known = deliveries_of(settings, feed.name)
        newest = known[-1] if known else None
        rows.append({
            "feed": feed.name, "title": feed.title_fa, "role": feed.role, "format": feed.layouts[-1].format.kind,
            "deliveries": len(known), "newest": newest.business_date.isoformat() if newest else None,
            "state": newest.state(settings) if newest else None,
        })  # fmt: skip
    if as_json:
        OUT.print_json(json.dumps(rows))
        return
    table = Table("feed", "title", "role", "format", "deliveries", "newest", "state")
    for row in rows:
        table.add_row(*("–" if value is None else str(value) for value in row.values()))
    OUT.print(table)


def land(
    feed: Annotated[str | None, typer.Argument(help="Feed name; not needed with --accept.")] = None,
    business_date: DATE = None,
    accept_delivery: Annotated[str | None, typer.Option("--accept", help="Release a held delivery by its id.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is released; kept for ever.")] = "",
) -> None:
    """Land what has arrived for a feed, or release a held delivery.

    Example: `databank land ihio_rural`, or `databank land --accept oil-2026-11-20-0a1b2c3d4e5f --reason "a new refinery"`
    """
    settings = settings_on(business_date)
    if accept_delivery:
        if not reason:
            raise typer.BadParameter("a release needs --reason")
        held = delivery_named(settings, accept_delivery)
        accept(settings, held.delivery_id, reason)
        staged = stage_feed(settings, held.feed, [held.delivery_id])
        OUT.print(f"Released and staged: {staged[held.delivery_id]}")
    elif feed is None:
        raise typer.BadParameter("name a feed, or a delivery with --accept")
    else:
        landed = land_feed(settings, feed, business_date_of(settings))
        names = [f"{item.delivery_id}{' (repeat)' if item.is_repeat else ''}" for item in landed]
        OUT.print("\n".join(names) if names else f"Nothing new in {settings.inbox / feed}.")


def stage(feed: FEED, as_json: JSON = False) -> None:
    """Type, check and stage the landed deliveries of a feed."""
    settings = settings_from_environment()
    with shown_progress() as progress:
        staged = stage_feed(settings, feed, unstaged_deliveries(settings, feed), progress)
    if as_json:
        OUT.print_json(json.dumps({name: vars(counts) for name, counts in staged.items()}, default=str))
        return
    for name, counts in staged.items():
        OUT.print(f"{name}: {counts}")
    if not staged:
        OUT.print(f"Nothing to stage for {feed}; land a file first.")


def check(
    contract: Annotated[Path | None, typer.Argument(help="One contract file; left out: all of DATABANK_CONTRACTS.")] = None,
) -> None:
    """Check contracts against the standard and the field dictionary; says file, line and remedy.

    Example: `databank check schemas/feeds/oil.odcs.yaml`
    """
    settings = settings_from_environment()
    found = [load_feed(contract)] if contract else load_feeds(settings.contracts)
    OUT.print(f"{len(found)} contracts are sound: {', '.join(feed.name for feed in found)}")
