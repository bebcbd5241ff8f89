"""Which model people have put in force: an append-only log of switches in ``home/models``, of which the last one counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.journal import Journal, now_text
from hub.settings import Settings
from hub.storage import exclusive


@dataclass(frozen=True)
class Switch:
    """One reviewed change of the model: to which, who, why, when (UTC). ``version`` is the content that was reviewed."""

    model: str
    version: str
    switched_by: str
    reason: str
    switched_at: str


def switches(settings: Settings) -> Sequence[Switch]:
    """All switches, oldest first; none where the tree's model was never replaced."""
    return _journal(settings).entries


def add_switch(settings: Settings, model: str, version: str, *, switched_by: str, reason: str) -> Switch:
    """Write a switch at the end of the log."""
    done = Switch(model, version, switched_by, reason, now_text())
    with exclusive(settings.home / "locks" / "models.lock", "the choice of a model", is_waiting=True):
        _journal(settings).add(done)
    return done


def _journal(settings: Settings) -> Journal[Switch]:
    return Journal(settings.home / "models" / "switches.jsonl", Switch)
