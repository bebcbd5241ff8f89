"""Commands about conflicts: which there are, what became of one; and answers of a synthetic nation's insurers."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.listing import LISTING, ListingGroup
from cli.nightly import parsed_date, settings_of_databank
from cli.shown import JSON, say, show_facts, show_json, show_table

PURPOSE = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Why health data are read; written down. Without it they are left out.")
]

conflicts = typer.Typer(cls=ListingGroup, help="Conflicts between covers: list them, show one with its whole history.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(conflicts, name="conflicts")


@conflicts.command(LISTING)
def list_conflicts(
    insurer: Annotated[str | None, typer.Option(metavar="CODE", help="Only those with this insurer on a side.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only of this kind; see docs/conflicts.")] = None,
    stage: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="opened, reported, answered, reopened or resolved; left out: open ones."),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose answer is overdue.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    purpose: PURPOSE = None,
    as_json: JSON = False,
) -> None:
    """List conflicts by number.

    Example: `databank conflicts list --insurer SSO --overdue`
    """
    from warehouse.conflict_query import Wanted, list_conflicts

    found = list_conflicts(settings_of_databank(), Wanted(insurer, kind, stage, overdue, limit), purpose)
    if as_json:
        show_json({"conflicts": found})
        return
    show_table(
        ("number", "kind", "insurers", "from", "to", "outcome", "stage", "due"),
        [
            (
                str(row["conflict_no"]), row["kind_code"], "–".join(filter(None, (row["insurer_a"], row["insurer_b"]))),
                _day(row["from_date"]), _day(row["to_date"]), row["outcome_code"], row["stage_code"],
                _day(row["due_date"]) + (" overdue" if row["is_overdue"] else ""),
            )
            for row in found
        ],
    )  # fmt: skip
    if len(found) == limit:
        say(f"There may be more; `--limit {limit * 10}` shows them.")


@conflicts.command()
def show(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its lasting number.")],
    purpose: PURPOSE = None,
    as_json: JSON = False,
) -> None:
    """Show one conflict: its facts, insurers' answers, and everything that ever happened to it.

    Example: `databank conflicts show 17`
    """
    from warehouse.conflict_query import show_conflict

    found = show_conflict(settings_of_databank(), number, purpose)
    if as_json:
        show_json(vars(found))
        return
    show_facts(
        f"Conflict {number}",
        [(name.replace("_", " "), str(value)) for name, value in found.facts.items() if value is not None],
    )
    if found.answers:
        show_table(
            ("night", "insurer", "answer", "to the return of", "verdict", "reason"),
            [
                (
                    _day(a["answered_date"]),
                    a["insurer_code"],
                    a["answer_code"],
                    _day(a["told_date"]),
                    a["verdict_code"],
                    a["reason"],
                )
                for a in found.answers
            ],
        )
    show_table(
        ("no", "night", "event", "cause", "insurer", "run"),
        [
            (str(e["event_no"]), _day(e["business_date"]), e["event_code"], e["cause_code"], e["insurer_code"], e["run_id"])
            for e in found.events
        ],
    )


@conflicts.command(name="synth-answers")
def synth_answers(
    told: Annotated[str, typer.Option("--told", metavar="DATE", help="Business date of the returns to answer.")],
    day: Annotated[str, typer.Option("--date", metavar="DATE", help="Business date of the answers.")],
    seed: Annotated[int, typer.Option(help="Equal seeds give equal answers.")] = 1,
    as_json: JSON = False,
) -> None:
    """Answer a night's returns as insurers of a synthetic nation would, into the inbox. For trying things out.

    Example: `databank conflicts synth-answers --told 2026-11-19 --date 2026-11-20`
    """
    from schemas.contracts import load_feeds
    from synthetic.answers import write_answers

    settings = settings_of_databank()
    written = write_answers(
        load_feeds(settings.contracts), settings.returns, settings.inbox, parsed_date(told), parsed_date(day), seed
    )
    if as_json:
        show_json({"files": {path.name: count for path, count in written.items()}})
        return
    for path, count in written.items():
        say(f"{count:,} answers in {path}")


def _day(value: object) -> str:
    return "" if value is None else str(value)
