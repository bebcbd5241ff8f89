"""What the scheduler calls when a night is late, and what `databank status` shows of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hub.settings import Settings, settings_from_environment
from hub.storage import read_json, write_json
from schemas.jalali import TEHRAN

log = logging.getLogger("databank")


@dataclass(frozen=True)
class LateNight:
    """A night that was not done at its deadline. ``business_date`` is empty where the scheduler did not say it."""

    scheduler_run_id: str
    business_date: date | None
    deadline_at: str


def night_is_late(context: Mapping[str, Any] | None = None, **_facts: Any) -> None:
    """Log it and leave it under ``alerts/`` in the state folder.

    Airflow's executor calls it as a deadline's callback, with the run and the deadline as plain values under ``context``
    (``airflow.models.deadline.Deadline.handle_miss``). Whatever is absent there is left empty: an alert must not fail.
    """
    run = (context or {}).get("dag_run")
    run = run if isinstance(run, Mapping) else {}
    deadline = (context or {}).get("deadline")
    late = LateNight(
        str(run.get("dag_run_id") or run.get("run_id") or "unknown"),
        _business_date(run),
        str(deadline.get("deadline_time", "")) if isinstance(deadline, Mapping) else "",
    )
    log.error("The night %s is past its deadline. `databank status` shows the stage it is in.", late.scheduler_run_id)
    write_json(_path(settings_from_environment()), asdict(late))


def late_night(settings: Settings) -> LateNight | None:
    """The last night that missed its deadline; None when none ever did."""
    path = _path(settings)
    if not path.exists():
        return None
    value = read_json(path)
    day = value["business_date"]
    return LateNight(**value | {"business_date": date.fromisoformat(day) if day else None})


def _business_date(run: Mapping[str, Any]) -> date | None:
    """As ``dags/databank.py`` decides it: the run's own parameter, else its date in Tehran."""
    conf = run.get("conf")
    if isinstance(conf, Mapping) and conf.get("business_date"):
        return date.fromisoformat(str(conf["business_date"]))
    moment = run.get("logical_date") or run.get("run_after")
    if not moment:
        return None
    return datetime.fromisoformat(str(moment).replace("Z", "+00:00")).astimezone(TEHRAN).date()


def _path(settings: Settings) -> Path:
    return settings.home / "alerts" / "night_is_late.json"
