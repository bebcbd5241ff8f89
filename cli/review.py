"""Commands of stewards: the review queue, two records side by side, decisions and their undoing, explaining a pair."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import settings_of_databank
from cli.shown import JSON, listed, say, show_facts, show_json, show_table
from hub.errors import SettingsError

if TYPE_CHECKING:
    from matching.explain import Explanation

FIRST = Annotated[str, typer.Argument(metavar="A", help="Record key, as `databank review list` shows it.")]
SECOND = Annotated[str, typer.Argument(metavar="B", help="The other record's key.")]
BY = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
WHY = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the decision.")]

review = typer.Typer(no_args_is_help=True, help="Decide about records that the databank is not sure of.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(review, name="review")
    app.command()(explain)


@review.command("list")
def queue(
    reason: Annotated[str | None, typer.Option(help="Only pairs that wait for this reason, e.g. margin.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, heaviest first.")] = 50,
    judged: Annotated[bool, typer.Option("--judged", help="The decisions in force instead.")] = False,
    as_json: JSON = False,
) -> None:
    """List the pairs of the live night that wait for a person, or the decisions in force.

    Example: `databank review list --reason margin --limit 20`
    """
    from nights.review import waiting_pairs
    from warehouse.judgements import judgements_in_force

    settings = settings_of_databank()
    found = judgements_in_force(settings) if judged else waiting_pairs(settings, reason)
    rows = [vars(each) for each in found[:limit]]
    if as_json:
        show_json(rows)
    elif rows:
        show_table(list(rows[0]), [[f"{v:.2f}" if isinstance(v, float) else v for v in row.values()] for row in rows])
        say(f"{len(rows):,} of {len(found):,}. `databank review show A B` shows a pair.")
    elif judged:
        say("No decision is in force.")
    else:
        waiting = Counter(each.reason_code for each in waiting_pairs(settings)) if reason else {}
        say(f"No pair waits for the reason {reason}. What waits: {listed(waiting)}." if reason else "No pair waits.")


@review.command()
def codes(
    answer: Annotated[str | None, typer.Option(help="Only these, e.g. cancelled or review.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_json: JSON = False,
) -> None:
    """List records whose national code civil registration answered about, and what to do with each.

    A code that it does not know, or cancelled, links nobody; the others wait for a person's look.

    Examples: `databank review codes` · `databank review codes --answer cancelled --limit 20`
    """
    from nights.review import answered_codes

    settings = settings_of_databank()
    found = answered_codes(settings, answer)
    rows = [vars(each) for each in found[:limit]]
    if as_json:
        show_json(rows)
    elif rows:
        show_table(list(rows[0]), [list(row.values()) for row in rows])
        say(f"{len(rows):,} of {len(found):,}. `databank verify` asks about codes that only one agency knows.")
    else:
        say("No code waits for a person.")


@review.command()
def show(record_a: FIRST, record_b: SECOND, as_json: JSON = False) -> None:
    """Show both records side by side and what each comparison weighs. Prints persons' values: for a steward's eyes only.

    Example: `databank review show ihio_gov:1201 sso_members:77`
    """
    from nights.labels import ATTRIBUTES
    from nights.review import explain_pair, side_by_side

    settings = settings_of_databank()
    values = side_by_side(settings, (record_a, record_b))
    found = explain_pair(settings, (record_a, record_b))
    if as_json:
        show_json({"values": {name: [a, b] for name, a, b in values}, **_as_json(found)})
        return
    rows = [(*ATTRIBUTES[name], a, b, "" if a == b else "≠") for name, a, b in values if a or b]
    show_table(["", "", record_a, record_b, ""], rows)
    _show(found)


@review.command()
def decide(
    record_a: FIRST,
    record_b: SECOND,
    by: BY,
    reason: WHY,
    same: Annotated[
        bool | None,
        typer.Option("--same/--different", help="One person, or two: one of both must be said.", show_default=False),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Decide that two records are, or are not, one person; from the next night on, whatever models say.

    Example: `databank review decide ihio_gov:1201 sso_members:77 --different --by "S. Karimi" --reason "twins"`
    """
    from nights.review import decide as decide_pair
    from warehouse.judgements import ContradictingJudgement

    if same is None:
        raise typer.BadParameter("say --same or --different")
    settings = settings_of_databank()
    try:
        done = decide_pair(settings, (record_a, record_b), is_same=same, judged_by=said(by), reason=said(reason))
    except ContradictingJudgement as error:
        if not as_json:
            say(f"Wanted: {record_a} and {record_b} are {'one person' if same else 'two persons'}. In force:")
            show_table(list(vars(error.others[0])), [list(vars(each).values()) for each in error.others])
        raise
    if as_json:
        show_json(vars(done))
    else:
        say(f"Judgement {done.judgement_id} is in force; the next night obeys it. `databank review undo` takes it back.")


@review.command()
def undo(judgement_id: Annotated[int, typer.Argument(metavar="ID")], by: BY, reason: WHY) -> None:
    """Take a decision back; who decided and who took it back stay on record.

    Example: `databank review undo 12 --by "S. Karimi" --reason "the agency corrected the birth date"`
    """
    from warehouse.judgements import undo_judgement

    undo_judgement(settings_of_databank(), judgement_id, undone_by=said(by), reason=said(reason))
    say(f"Judgement {judgement_id} is undone; the next night decides by the evidence again.")


def explain(
    record_a: FIRST,
    record_b: SECOND,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a waterfall page that works offline.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Show why two records of the live night are, or are not, one person: weights, blocking rules, what decided.

    Example: `databank explain sabt_persons:0012345679 sso_members:77 --html why.html`
    """
    from nights.explanation_page import page_of
    from nights.review import explain_pair

    found = explain_pair(settings_of_databank(), (record_a, record_b))
    if html:
        _write(html, page_of(found))
    if as_json:
        show_json(_as_json(found))
        return
    _show(found)
    if html:
        say(f"Page: {html}")


def _show(found: Explanation) -> None:
    from nights.explanation_page import bars_of, facts_of

    say()
    show_table(["", "", "bits"], [(bar.label_fa, bar.label_en, f"{bar.weight:+.2f}") for bar in bars_of(found)])
    say()
    show_facts("", [(english, value) for _, english, value in facts_of(found)])


def _as_json(found: Explanation) -> dict[str, object]:
    return {**vars(found), "weight": found.weight, "parts": [vars(part) for part in found.parts]}


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written ({error.strerror}); nothing was.", hint="Name a file in a folder that exists."
        ) from None


def said(text: str) -> str:
    """What a person said of who and why; empty words are refused."""
    if not text.strip():
        raise typer.BadParameter("say who and why, in a few words")
    return text.strip()
