"""Only one night at a time; the kernel gives the lock back when its holder dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from hub.settings import Settings
from hub.storage import exclusive, holder_of

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@contextmanager
def night_lock(settings: Settings) -> Iterator[None]:
    """Hold the night's lock.

    Raises:
        NightRunning: another process holds it.
    """
    with exclusive(_path(settings), "a night"):
        yield


def alone(
    settings: Settings,
    stage: Callable[Concatenate[Settings, Arguments], Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Call one stage under the night's lock, for callers whose stages are processes of their own.

    Raises:
        NightRunning: another process holds it.
    """
    with night_lock(settings):
        return stage(settings, *args, **kwargs)


def is_night_at_work(settings: Settings) -> bool:
    """Whether a living process holds the lock."""
    return holder_of(_path(settings)) is not None


def _path(settings: Settings) -> Path:
    return settings.home / "locks" / "night.lock"
