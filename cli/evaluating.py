"""`databank evaluate`: a night against a known truth, or two models or runs against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import settings_of_databank, settings_on
from cli.progress import shown_progress
from cli.shown import DATE, JSON, listed, say, show_facts, show_json, show_table

if TYPE_CHECKING:
    from matching.evaluate import Score
    from nights.comparison import Comparison
    from nights.conflict_scores import KindScore
    from nights.evaluation import Evaluation

SHOWN_LEVELS = 12


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(evaluate)


def evaluate(
    first: Annotated[
        str | None, typer.Argument(metavar="A", help="A model or a run to compare.", show_default=False)
    ] = None,
    second: Annotated[str | None, typer.Argument(metavar="B", help="The other of its kind.", show_default=False)] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Folder or file of the truth; default for a night: truth/ of the state folder."),
    ] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="Run id; default: the live night.")] = None,
    business_date: DATE = None,
    as_json: JSON = False,
) -> None:
    """Hold a published night against a known truth, or compare two models on the staged deliveries, or two runs.

    Models are compared with or without a truth; without one, verified national codes are withheld and then stand in for it.
    A comparison also writes an offline page, Persian and English.

    Examples: `databank evaluate --truth var/truth --json` · `databank evaluate 2026-11-23 autumn --date 2026-11-20`
    """
    if (first is None) != (second is None):
        raise typer.BadParameter("name two models or two runs to compare, or none to measure a night", param_hint="B")
    if first is not None and run_id is not None:
        raise typer.BadParameter("it measures one night; to compare two runs name both as A and B", param_hint="--run")
    if first is not None and second is not None:
        _compare((first, second), truth, business_date, as_json)
    else:
        _measure(truth, run_id, as_json)


def _measure(truth: Path | None, run_id: str | None, as_json: bool) -> None:
    from nights.evaluation import evaluate_night

    settings = settings_of_databank()
    done = evaluate_night(settings, truth or settings.home / "truth", run_id)
    if as_json:
        show_json(_as_json(done) if done else None)
    elif done is None:
        say("No night was published yet; run `databank sync` first.")
    else:
        _show(done)


def _compare(names: tuple[str, str], truth: Path | None, business_date: str | None, as_json: bool) -> None:
    from nights.business_date import business_date_of
    from nights.comparison import are_runs, compare_models, compare_runs
    from nights.comparison_page import write_compared

    settings = settings_on(business_date)
    if are_runs(settings, names):
        found = compare_runs(settings, names, truth)
    else:
        with shown_progress() as progress:
            found = compare_models(settings, names, business_date_of(settings), truth, progress)
    page = write_compared(settings, found)
    if as_json:
        show_json(_compared_as_json(found) | {"page": page})
    else:
        _show_comparison(found)
        say(f"Page: {page}")


def _show_comparison(found: Comparison) -> None:
    first, second = found.sides
    same = found.agreement
    show_facts(
        f"{first.name} and {second.name}",
        [
            ("Records in both", f"{same.records:,}"),
            ("Clusters", f"{same.clusters[0]:,} and {same.clusters[1]:,}; {same.equal_clusters:,} are equal"),
            ("  merged by the second", f"{same.merged:,}"),
            ("  split by the second", f"{same.split:,}"),
            ("Pairs of one person", f"{same.pairs.true_pairs:,} in both"),
            ("", f"{same.pairs.missed_pairs:,} only in the first, {same.pairs.false_pairs:,} only in the second"),
            *((f"Left to people by {side.name}", listed(side.reviews)) for side in found.sides),
            (
                "Match weights",
                f"{found.weights.pairs:,} pairs weighed by both: {found.weights.mean:+.2f} bits on average, "
                f"{found.weights.mean_absolute:.2f} apart, {found.weights.largest:.2f} at most",
            ),
            ("Measured by", found.measured_by or "nothing: neither a truth nor verified codes"),
            *((f"  {side.name}", _in_words(side.persons)) for side in found.sides if side.persons),
        ],
    )
    if found.levels:
        say()
        shown = [each for each in found.levels[:SHOWN_LEVELS] if each.size]
        weights = [(each.comparison, each.level, _bits(each.first_weight), _bits(each.second_weight)) for each in shown]
        show_table(("comparison", "level", first.name, second.name), weights)


def _compared_as_json(found: Comparison) -> dict[str, object]:
    sides = [{**vars(side), "persons": side.persons.figures() if side.persons else None} for side in found.sides]
    same = {**vars(found.agreement), "pairs": vars(found.agreement.pairs)}
    levels = [vars(each) for each in found.levels]
    return {**vars(found), "sides": sides, "agreement": same, "weights": vars(found.weights), "levels": levels}


def _bits(weight: float | None) -> str | None:
    return None if weight is None else f"{weight:+.2f}"


def _in_words(pairs: Score) -> str:
    return (
        f"precision {pairs.precision:.5f}, recall {pairs.recall:.5f}, F1 {pairs.f1:.5f} ({pairs.true_pairs:,} right, "
        f"{pairs.false_pairs:,} wrong, {pairs.missed_pairs:,} missed)"
    )


def _show(done: Evaluation) -> None:
    overlaps = done.overlaps
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
            ("Pairs of one person", _in_words(done.persons)),
            ("Double basic cover", found),
        ],
    )
    if done.conflicts:
        show_conflict_scores(done.conflicts)


def show_conflict_scores(scores: Sequence[KindScore]) -> None:
    """Print the conflicts of each kind against the truth."""
    show_table(
        ("kind of conflict", "right", "wrong", "missed", "precision", "recall", "linked rightly: wrong", "missed "),
        [
            (
                each.kind_code, f"{each.right:,}", f"{each.false:,}", f"{each.missed:,}", f"{each.precision:.5f}",
                f"{each.recall:.5f}", f"{each.linked_false:,}", f"{each.linked_missed:,}",
            )
            for each in scores
        ],
    )  # fmt: skip


def _as_json(done: Evaluation) -> dict[str, object]:
    return {
        "run_id": done.run_id,
        "records": done.records,
        "persons": done.persons.figures(),
        "overlaps": done.overlaps.figures() if done.overlaps else None,
        "conflicts": {each.kind_code: each.figures() for each in done.conflicts} if done.conflicts else None,
    }
