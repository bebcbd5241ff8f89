"""Commands around persons: a synthetic nation, and how well the databank knows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import parsed_date, settings_of_databank
from cli.progress import shown_progress
from cli.shown import JSON, say, show_facts, show_json
from hub.settings import Settings, settings_from_environment
from hub.storage import make_folder

if TYPE_CHECKING:
    from matching.evaluate import Score
    from nights.evaluation import Evaluation, Overlaps
    from synthetic.options import NationOptions, NationSummary


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (synth, evaluate):
        app.command()(command)


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


def evaluate(
    truth: Annotated[Path | None, typer.Option(help="Folder of the truth; default: truth/ of the state folder.")] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="Run id; default: the live night.")] = None,
    as_json: JSON = False,
) -> None:
    """Hold a published night against a known truth: pairs of records that are one person, and double cover.

    Example: `databank evaluate --truth var/truth --json`
    """
    from nights.evaluation import evaluate_night

    settings = settings_of_databank()
    done = evaluate_night(settings, truth or settings.home / "truth", run_id)
    if as_json:
        show_json(_as_json(done) if done else None)
    elif done is None:
        say("No night was published yet; run `databank sync` first.")
    else:
        _show(done)


def _show(done: Evaluation) -> None:
    pairs, overlaps = done.persons, done.overlaps
    found = (
        "not measured: the truth is of another night"
        if overlaps is None
        else f"precision {overlaps.precision:.4f}, recall {overlaps.recall:.4f} "
        f"({overlaps.right:,} right, {overlaps.false:,} wrong, {overlaps.missed:,} missed)"
    )
    show_facts(
        f"Run {done.run_id} against the truth",
        [
            ("Records compared", f"{done.records:,}"),
            ("Pairs of one person", f"precision {pairs.precision:.5f}, recall {pairs.recall:.5f}, F1 {pairs.f1:.5f}"),
            ("", f"{pairs.true_pairs:,} right, {pairs.false_pairs:,} wrong, {pairs.missed_pairs:,} missed"),
            ("Double basic cover", found),
        ],
    )


def _as_json(done: Evaluation) -> dict[str, object]:
    def ratios(score: Score | Overlaps) -> dict[str, float]:
        return {"precision": score.precision, "recall": score.recall}

    return {
        "run_id": done.run_id,
        "records": done.records,
        "persons": vars(done.persons) | ratios(done.persons) | {"f1": done.persons.f1},
        "overlaps": vars(done.overlaps) | ratios(done.overlaps) if done.overlaps else None,
    }
