"""Commands around persons: synth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.nightly import parsed_date
from cli.progress import shown_progress
from hub.settings import Settings, settings_from_environment
from schemas.contracts import load_feeds
from synthetic.nation import generate
from synthetic.options import NationOptions

OUT = Console()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(synth)


def synth(
    persons: Annotated[int, typer.Option(min=100, help="Persons alive on the first night.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 1,
    nights: Annotated[int, typer.Option(min=1, help="Business dates to write.")] = 2,
    start_date: Annotated[str, typer.Option(help="First business date.")] = "2026-11-19",
    out: Annotated[Path | None, typer.Option(help="Folder; default: the state folder, so that the inbox is filled.")] = None,
) -> None:
    """Write a synthetic nation's deliveries in the agencies' own formats, and the truth apart from them.

    Example: `databank synth --persons 1000000 --seed 7 --nights 2 --out /tmp/nation`
    """
    settings = settings_from_environment()
    folder = out or settings.home
    options = NationOptions(persons=persons, seed=seed, nights=nights, start_date=parsed_date(start_date))
    write_nation(settings, options, folder)
    OUT.print(f"Deliveries: {folder / 'inbox'}   Truth (never read by the databank): {folder / 'truth'}")


def write_nation(settings: Settings, options: NationOptions, out: Path | None = None) -> None:
    """Generate a nation with progress shown."""
    with shown_progress() as progress:
        generate(options, out or settings.home, load_feeds(settings.contracts), progress)
