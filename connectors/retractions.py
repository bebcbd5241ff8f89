"""Retractions: deliveries that count as if they had never come (case D13). The files stay as evidence, and so does the act.

``retractions.jsonl`` under home: one line an act, who, why and when; only ever longer. What is in force is its sum.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub.errors import DeliveryError
from hub.settings import Settings
from hub.storage import write_text

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


def acts(settings: Settings) -> list[Act]:
    """All acts, oldest first."""
    path = _path(settings)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Act(**json.loads(line)) for line in lines]


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
    before = acts(settings)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    act = Act(len(before) + 1, act_code, feed, delivery_id, who or getpass.getuser(), reason, at)
    write_text(_path(settings), "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in (*before, act)))
    return act


def _path(settings: Settings) -> Path:
    return settings.home / "retractions.jsonl"
