"""Retractions: deliveries that count as if they had never come (case D13). The files stay as evidence, and so does the act.

``retractions.jsonl`` under home: one entry an act, who, why and when.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import DeliveryError
from hub.journal import Journal, now_text
from hub.settings import Settings

RETRACT, UNDO = "retract", "undo"


@dataclass(frozen=True)
class Act:
    """One act: a delivery taken out of use, or brought back."""

    act_no: int
    act_code: str
    feed: str
    delivery_id: str
    who: str
    reason: str
    at: str


def acts(settings: Settings) -> Sequence[Act]:
    """All acts, oldest first."""
    return _journal(settings).entries


def retractions(settings: Settings) -> dict[str, Act]:
    """The retractions in force, by delivery."""
    found: dict[str, Act] = {}
    for act in acts(settings):
        if act.act_code == RETRACT:
            found[act.delivery_id] = act
        else:
            found.pop(act.delivery_id, None)
    return found


def note_act(settings: Settings, act_code: str, feed: str, delivery_id: str, reason: str, who: str | None) -> Act:
    """Write an act down, on disk before the call returns.

    Args:
        who: who answers for it; left out, the user who runs this.

    Raises:
        DeliveryError: no reason is given.
    """
    if not reason.strip():
        raise DeliveryError(
            f"Nothing says why for {delivery_id}; nothing was changed.", hint="Give a reason, in a few words."
        )
    journal = _journal(settings)
    act = Act(len(journal.entries) + 1, act_code, feed, delivery_id, who or getpass.getuser(), reason, now_text())
    journal.add(act)
    return act


def _journal(settings: Settings) -> Journal[Act]:
    return Journal(settings.home / "retractions.jsonl", Act)
