"""Command around mending: what was set aside of a delivery, as a file to mend and send back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.shown import JSON, say, show_json
from hub.settings import settings_from_environment


def register(app: typer.Typer) -> None:
    """Add the command to the group `databank feeds`."""
    app.command()(quarantine)


def quarantine(
    feed: Annotated[str, typer.Argument(help="Feed name, as `databank feeds` shows it.")],
    delivery: Annotated[str, typer.Argument(help="Id of the delivery, as `databank feeds FEED` shows it.")],
    out: Annotated[Path, typer.Option(help="File to write; it holds personal data.")],
    as_json: JSON = False,
) -> None:
    """Write the quarantined rows of a delivery in its own format, with a list of reasons beside them.

    Mended, the file goes into the feed's inbox together with its manifest, under any name that fits the contract. Only these
    rows are then added to the delivery; nothing else changes.

    Example: `databank feeds quarantine oil oil-2026-11-20-0a1b2c3d4e5f --out oil_members_mended.csv`
    """
    from connectors.mending import write_mendable
    from nights.intake import feed_named

    settings = settings_from_environment()
    done = write_mendable(settings, feed_named(settings, feed), delivery, out)
    if as_json:
        show_json({"rows": done.row_count, "file": done.path, "reasons": done.reasons, "manifest": done.manifest})
        return
    say(f"{done.row_count:,} rows: {done.path}   why: {done.reasons}")
    say(f"Mended, put it into {settings.inbox / feed}/ together with {done.manifest.name}; `databank sync` adds its rows.")
