"""Which model people have put in force: an append-only log of switches in ``home/models``, of which the last one counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.settings import Settings
from hub.storage import exclusive, write_text


@dataclass(frozen=True)
class Switch:
    """One reviewed change of the model: to which, who, why, when (UTC). ``version`` is the content that was reviewed."""

    model: str
    version: str
    switched_by: str
    reason: str
    switched_at: str


def switches(settings: Settings) -> list[Switch]:
    """All switches, oldest first; none where the tree's model was never replaced."""
    log = _log(settings)
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Switch(**json.loads(line)) for line in lines]


def add_switch(settings: Settings, model: str, version: str, *, switched_by: str, reason: str) -> Switch:
    """Write a switch at the end of the log."""
    done = Switch(model, version, switched_by, reason, datetime.now(UTC).isoformat(timespec="seconds"))
    with exclusive(settings.home / "locks" / "models.lock", "the choice of a model", is_waiting=True):
        lines = [json.dumps(vars(each), ensure_ascii=False) for each in (*switches(settings), done)]
        write_text(_log(settings), "\n".join(lines) + "\n")
    return done


def _log(settings: Settings) -> Path:
    return settings.home / "models" / "switches.jsonl"
