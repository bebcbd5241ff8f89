"""What the scheduler calls when a night is late."""

from __future__ import annotations

import logging
from typing import Any

from hub.settings import settings_from_environment
from hub.storage import write_json

log = logging.getLogger("databank")


def night_is_late(**facts: Any) -> None:
    """Log it and leave ``alerts/night_is_late.json`` under the state folder, which `databank status` shows."""
    context = facts.get("context") or {}
    run = context.get("dag_run") if isinstance(context, dict) else None
    run_id = str((run or {}).get("run_id", "")) if isinstance(run, dict) else str(getattr(run, "run_id", ""))
    log.error("The night %s is past its deadline. See `databank status` for the stage it is in.", run_id)
    write_json(settings_from_environment().home / "alerts" / "night_is_late.json", {"run_id": run_id})
