"""`databank bench …`: figures as ratios to a floor measured in the same run."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from cli.people import write_nation
from cli.shown import JSON, say, show_json, show_table
from hub import postgres
from hub.settings import settings_from_environment

bench = typer.Typer(no_args_is_help=True, help="Measure the databank against a floor, in one run.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(bench, name="bench")


@bench.command()
def night(
    persons: Annotated[int, typer.Option(min=100, help="Persons of the synthetic nation.")] = 200_000,
    seed: Annotated[int, typer.Option(help="Seed of the nation.")] = 11,
    as_json: JSON = False,
) -> None:
    """A whole first night: rows, seconds and peak memory of each stage, and the ratio to the floor.

    Example: `databank bench night --persons 200000 --json`
    """
    from nights.bench import bench_night, fresh_home
    from nights.intake import inbox_dates
    from synthetic.options import NationOptions

    settings = fresh_home(settings_from_environment(), f"night-{persons}-{seed}")
    shutil.rmtree(settings.home, ignore_errors=True)
    settings.home.mkdir(parents=True)
    try:
        write_nation(settings, NationOptions(persons=persons, seed=seed, nights=1))
        figures = bench_night(settings, inbox_dates(settings)) | {"seed": seed}
    finally:
        postgres.stop(settings)
        shutil.rmtree(settings.home, ignore_errors=True)
    if as_json:
        show_json(figures)
        return
    show_table(
        ("stage", "rows", "seconds", "peak MB"),
        [
            (item["stage"], f"{item['rows']:,}", f"{item['seconds']:.2f}", f"{item['peak_mb']:,}")
            for item in figures["stages"] + figures["floor"]
        ],
    )
    say(f"Night {figures['night_seconds']} s, floor {figures['floor_seconds']} s: {figures['ratio']} × the floor.")
