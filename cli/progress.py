"""How the shell shows progress: a bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from hub.progress import LoggedProgress, Progress

ERRORS = Console(stderr=True)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A listener for long functions."""
    if not sys.stderr.isatty():
        yield LoggedProgress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=ERRORS, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int | None = None) -> None:
            if total is None:
                for task in tasks.values():
                    bars.remove_task(task)
                tasks.clear()
                bars.console.print(f"[bold cyan]▸[/] {stage}")
                return
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total, visible=done < total)

        yield show
