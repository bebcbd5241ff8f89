"""How commands print: facts and tables that survive 80 columns and a pipe, and JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from cli.progress import ERRORS

OUT = Console()
JSON = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
DATE = Annotated[str | None, typer.Option("--date", help="Business date, e.g. 2026-11-20. Default: today in Tehran.")]
RUN = Annotated[str, typer.Argument(help="Run id, as `databank status` shows it.")]
WIDEST = 110


def say(text: str = "") -> None:
    """Print a sentence; lines are broken by the terminal only, so that paths stay whole."""
    OUT.print(text, markup=False, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Print a sentence beside the figures, so that a program that reads them does not stumble over it."""
    ERRORS.print(text, markup=False, highlight=False, soft_wrap=True)


def show_json(value: Any) -> None:
    """Print figures for programs."""
    OUT.print_json(json.dumps(value, default=str))


def show_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """Print labels and values in two columns; long lists hang under their beginning, paths are never cut."""
    facts = list(facts)
    if title:
        OUT.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    edge = max(cell_len(label) for label, _ in facts) + 2
    room = max(30, min(OUT.width, WIDEST) - edge)
    for label, value in facts:
        lines = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False) or [""]
        for number, line in enumerate(lines):
            say(f"{_padded(label if number == 0 else '', edge)}{line}")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows: as a table on a terminal, else one line a row with nothing cut."""
    cells = [["–" if value is None else str(value) for value in row] for row in rows]
    if OUT.is_terminal:
        table = Table(*columns)
        for row in cells:
            table.add_row(*row)
        OUT.print(table, markup=False)
        return
    lines = [list(columns), *cells]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        say("  ".join(_padded(text, width) for text, width in zip(line, widths, strict=True)).rstrip())


def listed(counts: Mapping[str, int]) -> str:
    """``code 3,588, score 92``; none where there is nothing."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
