"""The command that writes a synthetic nation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import parsed_date
from cli.progress import shown_progress
from cli.shown import JSON, say, show_json
from hub.settings import Settings, settings_from_environment
from hub.storage import make_folder

if TYPE_CHECKING:
    from synthetic.options import NationOptions, NationSummary


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(synth)


def synth(
    persons: Annotated[int, typer.Option(min=100, help="Persons alive on the first night.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 1,
    nights: Annotated[int, typer.Option(min=1, help="Business dates to write.")] = 2,
    start_date: Annotated[str, typer.Option(help="First business date.")] = "2026-11-19",
    out: Annotated[Path | None, typer.Option(help="Folder; default: the state folder, so that the inbox is filled.")] = None,
    missing_national_code: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, metavar="RATE", help="Share of records without a code (0..1).")
    ] = None,
    nocodes: Annotated[bool, typer.Option("--nocodes", help="Only civil registration knows national codes.")] = False,
    as_json: JSON = False,
) -> None:
    """Write a synthetic nation's deliveries in the agencies' own formats, and the truth apart from them.

    Example: `databank synth --persons 1000000 --seed 7 --nights 2 --out /tmp/nation`
    """
    from synthetic.options import NationOptions

    settings = settings_from_environment()
    folder = out or settings.home
    summary = write_nation(
        settings,
        NationOptions(
            persons=persons,
            seed=seed,
            nights=nights,
            start_date=parsed_date(start_date),
            missing_national_code=missing_national_code,
            nocodes=nocodes,
        ),
        folder,
    )
    if as_json:
        figures = {name: value for name, value in vars(summary).items() if name != "files"}
        show_json(figures | {"file_count": len(summary.files), "folder": folder})
        return
    say(f"{summary.records:,} records of {summary.persons:,} persons in {len(summary.files)} files, {summary.seconds:.1f} s")
    say(f"Deliveries: {folder / 'inbox'}")
    say(f"Truth (never read by the databank): {folder / 'truth'}")


def write_nation(settings: Settings, options: NationOptions, out: Path | None = None) -> NationSummary:
    """Generate a nation with progress shown."""
    from schemas.contracts import load_feeds
    from synthetic.nation import generate

    folder = out or settings.home
    make_folder(folder, "Name a folder in which this user may write, with --out or DATABANK_HOME.")
    with shown_progress() as progress:
        return generate(options, folder, load_feeds(settings.contracts), progress)
