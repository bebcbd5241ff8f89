"""Commands of the operator: a night as a whole and stage by stage, its state, and questions to the warehouse."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.progress import shown_progress
from hub.settings import Settings, settings_from_environment
from nights import night as nights
from nights.setup import make_ready
from nights.summary import NightSummary, summarise
from nights.sync import sync as run_sync

OUT = Console()
JSON = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
DATE = Annotated[str | None, typer.Option("--date", help="Business date, e.g. 2026-11-20. Default: today in Tehran.")]
RUN = Annotated[str, typer.Argument(help="Run id, as `databank status` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, sync, link, publish, report, status, query):
        app.command()(command)


def settings_on(business_date: str | None) -> Settings:
    """Settings from the environment, on the date given on the command line."""
    settings = settings_from_environment()
    return settings if business_date is None else settings.on(parsed_date(business_date))


def parsed_date(text: str) -> date:
    """A date typed by a person."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-11-20") from error


def init() -> None:
    """Make folders, database, tables, roles and logins. Safe to repeat."""
    settings = settings_from_environment()
    make_ready(settings)
    OUT.print(f"Ready. State: {settings.home}. Put files under {settings.inbox}/<feed>/, then `databank sync`.")


def sync(business_date: DATE = None, as_json: JSON = False) -> None:
    """Run one night: take in deliveries, link, judge cover, publish, report.

    Examples: `databank sync` · `databank sync --date 2026-11-20 --json`
    """
    settings = settings_on(business_date)
    make_ready(settings)
    with shown_progress() as progress:
        night = run_sync(settings, progress)
    summary = summarise(settings, night.opening.run_id)
    if as_json:
        failures = {item.feed: str(item.error) for item in night.failures}
        OUT.print_json(
            json.dumps(
                {
                    "is_new": not night.opening.is_live,
                    "failures": failures,
                    "summary": summary.as_json() if summary else None,
                }
            )
        )
        return
    for item in night.failures:
        OUT.print(f"[yellow]{item.feed}[/]: {item.error}", soft_wrap=True)
    if night.opening.is_past:
        OUT.print(f"A later night is already live; deliveries up to {night.business_date} were kept as evidence only.")
    elif night.opening.is_live:
        OUT.print(f"Nothing new since this night was published (run {night.opening.run_id}).")
    if summary:
        show_summary(settings, summary)


def link(run_id: RUN) -> None:
    """Standardise, link and identify the persons of an open run."""
    with shown_progress() as progress:
        nights.link_persons(settings_from_environment(), run_id, progress)


def publish(run_id: RUN) -> None:
    """Judge cover, audit a linked run and make it live."""
    settings = settings_from_environment()
    with shown_progress() as progress:
        nights.judge_cover(settings, run_id, progress)
        nights.publish_night(settings, run_id, progress)


def report(run_id: RUN) -> None:
    """Write the conflict returns and pages of a run again."""
    OUT.print(str(nights.report_night(settings_from_environment(), run_id)))


def status(as_json: JSON = False) -> None:
    """Show the live night: deliveries, persons, links, conflicts, returns."""
    settings = settings_from_environment()
    summary = summarise(settings)
    if as_json:
        OUT.print_json(json.dumps(summary.as_json() if summary else None))
    elif summary is None:
        OUT.print("No night was published yet. Put files under inbox/<feed>/ and run `databank sync`.")
    else:
        show_summary(settings, summary)


def show_summary(settings: Settings, summary: NightSummary) -> None:
    """Print a night so that a newcomer understands it."""
    OUT.print(f"\n[bold]Night of {summary.business_date}[/]  (run {summary.run_id})")
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = summary.rows
    late = f", of which {summary.late_feeds} are older than this date" if summary.late_feeds else ""
    table.add_row("Deliveries in use", f"{summary.deliveries}{late}")
    table.add_row("Rows received", f"{rows.get('received', 0):,}")
    for fate in ("accepted", "unchanged", "quarantined", "superseded"):
        table.add_row(f"  {fate}", f"{rows.get(fate, 0):,}")
    table.add_row("Persons", f"{summary.persons:,}")
    table.add_row("Records linked by", _listed(summary.links))
    table.add_row("Identity events", _listed(summary.events) or "none")
    table.add_row("Pairs that wait for a person", f"{summary.review_pairs:,}")
    table.add_row("Open conflicts", _listed(summary.conflicts) or "none")
    table.add_row("Basic booklets", _listed(summary.booklets) or "none")
    returns = settings.returns / summary.business_date
    table.add_row("Conflict returns", f"{len(summary.returns)} insurers, in {returns}/<insurer>/")
    table.add_row("", _listed(summary.returns))
    table.add_row("Pages", f"open {settings.pages / 'index.html'}  (or `databank serve`)")
    table.add_row(
        "Ask the warehouse",
        'databank query "select * from mart.night"   (`databank query` alone tells how any tool connects)',
    )
    OUT.print(table)


def query(
    sql: Annotated[str | None, typer.Argument(help="SQL over mart.*; leave out to see how any tool connects.")] = None,
    as_json: JSON = False,
) -> None:
    """Ask the warehouse with the planner's login (it reads mart.* only).

    Example: `databank query "select insurer_code, sum(person_count) from mart.cover_by_group group by 1"`
    """
    from warehouse.query import connection_text, run_query

    settings = settings_from_environment()
    if sql is None:
        OUT.print(connection_text(settings), soft_wrap=True, highlight=False)
        return
    columns, rows = run_query(settings, sql)
    if as_json:
        OUT.print_json(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    OUT.print(table)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
