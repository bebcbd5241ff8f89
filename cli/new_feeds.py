"""Commands for a new agency: draft a contract from a sample file, and try a contract on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import settings_on
from cli.progress import shown_progress
from cli.shown import DATE, JSON, listed, note, say, show_facts, show_json, show_table
from hub.errors import DeliveryMissing

if TYPE_CHECKING:
    from connectors.drafting.draft import Draft
    from nights.trial import Trial

SAMPLE = Annotated[Path, typer.Argument(help="A file as the agency sends it, whole or its first rows.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group `databank feeds`."""
    app.command()(infer)
    app.command("try")(try_)


def infer(
    sample: SAMPLE,
    agency: Annotated[str, typer.Option(help="Short name of the agency, as msrt.")] = "",
    dataset: Annotated[str, typer.Option(help="What the file is about, as graduates; the feed is AGENCY_DATASET.")] = "",
    title: Annotated[str, typer.Option(help="The feed's Persian title.")] = "",
    role: Annotated[str, typer.Option(help="Role of the feed; left out, told by its columns.")] = "",
    insurer: Annotated[
        str, typer.Option(metavar="CODE", help="For an insurer: its code in schemas/codes/insurers.csv.")
    ] = "",
    benefit_kind: Annotated[str, typer.Option(help="For an insurer: basic, supplementary or pension.")] = "basic",
    out: Annotated[Path | None, typer.Option(help="File or folder for the contract; left out: standard output.")] = None,
    business_date: DATE = None,
    as_json: JSON = False,
) -> None:
    """Draft the contract of a sample file: format, columns, calendars, codes, record key, limits, each with its reason.

    Nothing is landed or kept. Lines marked CHECK need somebody who knows the agency.

    Examples: `databank feeds infer FARAGH_14050829.csv --agency msrt --dataset graduates --out contracts/` ·
    `databank feeds infer sample.xlsx --insurer BANKS --json`
    """
    from connectors.drafting.draft import Wanted
    from nights.drafting import draft_checked

    settings = settings_on(business_date)
    if not sample.is_file():
        raise DeliveryMissing(f"There is no file {sample}; nothing was drafted.", hint="Name a sample of the agency's file.")
    drafted, path = draft_checked(settings, sample, Wanted(agency, dataset, role, insurer, benefit_kind, title), out)
    if as_json:
        show_json(_as_json(drafted) | {"contract": str(path) if path else None})
    elif path is None:
        typer.echo(drafted.text, nl=False)
    else:
        _show_draft(drafted)
        first = "Read its lines marked CHECK" if drafted.keys else "Give it a record key, read its other lines marked CHECK"
        say(f"The contract is {path}. {first}, then: databank feeds try {path} {sample}")


def _as_json(drafted: Draft) -> dict[str, object]:
    return {
        "feed": drafted.feed,
        "role": drafted.role,
        "format": vars(drafted.sample.recognised.format),
        "format_reasons": drafted.sample.recognised.reasons,
        "columns": [
            {"column": each.source, "field": each.field.name if each.field else None, "reasons": each.reasons}
            for each in drafted.meanings
        ],
        "record_keys": [vars(key) for key in drafted.keys],
    }


def _show_draft(drafted: Draft) -> None:
    say(f"{drafted.feed}: {drafted.mapped_count} of {len(drafted.meanings)} columns have a meaning.")
    for reason in drafted.sample.recognised.reasons:
        say(f"  {reason}")
    rows = [(each.source, each.field.name if each.field else None, "; ".join(each.reasons)) for each in drafted.meanings]
    show_table(("column", "field", "because"), rows)
    if drafted.keys:
        say(f"Record key: {' and '.join(drafted.keys[0].columns)} ({drafted.keys[0].why})")
    else:
        note("Record key: none. No number is filled and different in as good as every row; the draft says what to do.")


def try_(
    contract: Annotated[Path, typer.Argument(help="A contract, *.odcs.yaml.")],
    sample: SAMPLE,
    business_date: DATE = None,
    as_json: JSON = False,
) -> None:
    """Try a contract on a sample: stage it in a throw-away home, link it beside the live nation, print its scorecard.

    Touches nothing: no delivery, no person and no table of the databank is changed.

    Example: `databank feeds try contracts/msrt_graduates.odcs.yaml FARAGH_14050829.csv`
    """
    from nights.business_date import business_date_of
    from nights.trial import try_contract
    from schemas.contracts import load_feed

    settings = settings_on(business_date)
    if not contract.is_file():
        raise DeliveryMissing(f"There is no contract {contract}; nothing was tried.", hint="Name a *.odcs.yaml file.")
    with shown_progress() as progress:
        trial = try_contract(settings, load_feed(contract), sample, business_date_of(settings), progress)
    if as_json:
        show_json(_trial_json(trial))
        return
    _show_trial(trial)


def _trial_json(trial: Trial) -> dict[str, object]:
    linkage = trial.linkage
    return {
        "feed": trial.feed,
        "business_date": trial.business_date.isoformat(),
        "counts": vars(trial.counts),
        "columns": [vars(column) for column in trial.columns],
        "quarantine": [{"column": column, "reason": reason, "rows": rows} for column, reason, rows in trial.quarantine],
        "held_because": trial.held_because,
        "linkage": {**vars(linkage), "link_ratio": round(linkage.link_ratio, 4)} if linkage else None,
        "seconds": trial.seconds,
    }


def _show_trial(trial: Trial) -> None:
    counts = {name: count for name, count in vars(trial.counts).items() if count}
    show_facts(f"{trial.feed} on {trial.business_date}, tried on a sample", [("Rows", listed(counts))])
    shown = [
        (each.name, each.source, f"{each.filled_percent:.1f}", f"{each.invalid_percent:.1f}", f"{each.distinct_count:,}")
        for each in trial.columns
    ]
    show_table(("field", "column", "filled %", "invalid %", "distinct"), shown)
    if trial.quarantine:
        show_table(("quarantined for", "column", "rows"), [(why, column, rows) for column, why, rows in trial.quarantine])
    if trial.held_because:
        note(f"Such a delivery would wait for a person: {trial.held_because}")
    linkage = trial.linkage
    if linkage is None:
        say("There is no live nation to link with: run a night first (`databank sync`), then try again.")
        return
    show_facts(
        f"Linked beside run {linkage.run_id}; nothing was kept",
        [
            ("Expected link rate", f"{linkage.link_ratio:.1%} ({linkage.known_count:,} of {linkage.record_count:,} records "
             "belong to a person whom another feed knows)"),
            ("Linked by", listed(linkage.links)),
            ("Pairs for people", f"{linkage.review_count:,}"),
            ("Identity events", listed(linkage.events)),
            ("Expected conflicts", listed(linkage.conflicts)),
            ("Disagreements", listed(linkage.disagreements)),
        ],
    )  # fmt: skip
