"""Measuring: a function in a process of its own, so that its seconds and its peak memory are its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from hub.privacy import guard_logs

Result = TypeVar("Result")
STATUS = Path("/proc/self/status")
LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Measured(Generic[Result]):
    """What a function returned, and what it took.

    Units: ``seconds`` by the clock, without the process's start; ``cpu_seconds`` of all its threads; ``peak_mb`` resident
    memory; ``spill_mb`` the most that lay in the watched folder.
    """

    result: Result
    seconds: float
    cpu_seconds: float
    peak_mb: int
    spill_mb: int = 0


def measured(function: Callable[..., Result], *arguments: Any, watched: Path | None = None) -> Measured[Result]:
    """Run a function of a module in a new process.

    Args:
        watched: a folder whose largest size is wanted, such as the spill space of DuckDB.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=guard_logs) as pool:
        waiting = pool.submit(_timed, function, *arguments)
        spill = _largest(watched, waiting) if watched else 0
        result, seconds, cpu_seconds, peak = waiting.result()
    return Measured(result, round(seconds, 2), round(cpu_seconds, 2), peak, spill)


def peak_mb() -> int:
    """Peak resident memory of this process so far.

    The kernel's own mark of this program is read, where there is one: what ``getrusage`` tells begins with the memory of the
    process that started this one.
    """
    if STATUS.exists():
        for line in STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def size_mb(folder: Path) -> int:
    """Size of all files under a folder; what vanishes meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total // 1_000_000


def _timed(function: Callable[..., Result], *arguments: Any) -> tuple[Result, float, float, int]:
    started, cpu_started = time.perf_counter(), time.process_time()
    result = function(*arguments)
    return result, time.perf_counter() - started, time.process_time() - cpu_started, peak_mb()


def _largest(folder: Path, waiting: Future[Any]) -> int:
    largest = 0
    while True:
        largest = max(largest, size_mb(folder))
        try:
            waiting.exception(timeout=LOOK_EVERY_SECONDS)
        except NotYet:
            continue
        return largest
