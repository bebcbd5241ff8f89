"""What stopped a night, kept for whoever looks later: the scheduler's logs are far from `databank status`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from hub.errors import HubError, NightHeld
from hub.journal import now_text
from hub.privacy import told
from hub.runs import find_run
from hub.settings import Settings
from hub.storage import read_json, write_json

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Night = TypeVar("Night", date, str)
SETTLING = ("open_night", "publish_night")
"""Stages after which nothing that failed before matters any more."""


@dataclass(frozen=True)
class NightFailure:
    """The last stage that did not end well.

    Args:
        stage: name of the stage's function.
        run_id: None where the night could not even be opened.
        state_code: held or failed.
        reason: what happened and what state we are in; no person's value.
        hint: what to do next.
    """

    stage: str
    run_id: str | None
    business_date: date
    state_code: str
    reason: str
    hint: str
    failed_at: str


def with_failure_kept(
    stage: Callable[Concatenate[Settings, Night, Arguments], Result],
) -> Callable[Concatenate[Settings, Night, Arguments], Result]:
    """The stage of a business date or run; what stops it is kept under ``alerts/`` until it ends well."""

    @wraps(stage)
    def kept(settings: Settings, night: Night, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with _Keeping(settings, stage.__name__, night):
            return stage(settings, night, *args, **kwargs)

    return kept  # type: ignore[return-value]  # wraps() renames the first parameters


def night_failure(settings: Settings) -> NightFailure | None:
    """What stopped the last night; None when it ended well."""
    path = _path(settings)
    if not path.exists():
        return None
    value = read_json(path)
    return NightFailure(**value | {"business_date": date.fromisoformat(value["business_date"])})


@dataclass(frozen=True)
class _Keeping:
    settings: Settings
    stage: str
    night: date | str

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        with suppress(HubError, OSError):  # a full disk, say: the error itself counts
            if error is None:
                self._forget()
            elif isinstance(error, Exception):
                self._keep(error)

    def _forget(self) -> None:
        before = night_failure(self.settings)
        if before and (self.stage in SETTLING or self.stage == before.stage):
            _path(self.settings).unlink(missing_ok=True)

    def _keep(self, error: Exception) -> None:
        run = find_run(self.settings, self.night) if isinstance(self.night, str) else None
        reason, hint = (
            f"Unexpected {told(error)}; its words are withheld.",
            "Start again; if it comes back, report the place.",
        )
        if isinstance(error, HubError):
            reason, hint = error.summary, error.hint
        failure = NightFailure(
            self.stage,
            run.run_id if run else None,
            run.business_date if run else date.fromisoformat(str(self.night)),
            "held" if isinstance(error, NightHeld) else "failed",
            reason,
            hint,
            now_text(),
        )
        write_json(_path(self.settings), asdict(failure))


def _path(settings: Settings) -> Path:
    return settings.home / "alerts" / "night_failed.json"
