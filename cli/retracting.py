"""Retracting a delivery, looking first at what that would change, and bringing it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import settings_of_databank
from cli.progress import shown_progress
from cli.shown import JSON, listed, say, show_facts, show_json

if TYPE_CHECKING:
    from nights.retraction import Effect


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(retract)


def retract(
    delivery: Annotated[str, typer.Argument(help="Id of the delivery, as `databank feeds FEED` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; kept for ever.")] = "",
    by: Annotated[str | None, typer.Option(help="Who answers for it. Default: the user who runs this.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back into use.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: JSON = False,
) -> None:
    """Make everything what it would be had a delivery never come: persons, golden values, conflicts.

    Nights since then are gone through again without it. Ids already given out stay valid, new events are appended to the
    identity log, the file and the act stay as evidence. The next conflict returns tell insurers what it took back.

    Examples: `databank retract oil-2026-11-20-0a1b2c3d4e5f --dry-run` ·
    `databank retract oil-2026-11-20-0a1b2c3d4e5f --reason "a test file"` ·
    `databank retract oil-2026-11-20-0a1b2c3d4e5f --undo --reason "it was right after all"`
    """
    from nights import retraction
    from nights.lock import night_lock

    if not reason.strip() and not dry_run:
        raise typer.BadParameter("say why, in a few words", param_hint="--reason")
    settings = settings_of_databank()
    with night_lock(settings), shown_progress() as progress:
        if dry_run:
            effect = retraction.foresee(settings, delivery, progress)
        else:
            act = retraction.undo if undo else retraction.retract
            effect = act(settings, delivery, reason, by, progress)
    if as_json:
        show_json(effect.as_json() if effect else None)
    elif effect is None:
        say(f"Nothing {'would change' if dry_run else 'changed'}: no night used {delivery}.")
    else:
        _show(effect, dry_run=dry_run)


def _show(effect: Effect, *, dry_run: bool) -> None:
    facts = [
        ("Nights gone through again", f"{effect.nights:,}"),
        ("Deliveries staged again", ", ".join(effect.staged_again) or "none"),
        ("Records in or out", f"{effect.record_count:,}"),
        ("Events of identity", listed(effect.events) or "none"),
        ("Persons with other values", f"{effect.person_count:,}"),
        ("Conflicts", listed(effect.conflicts)),
    ]
    show_facts("What would change" if dry_run else f"Run {effect.run_id} is live", facts)
