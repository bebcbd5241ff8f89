"""What a declared table is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A declared table. ``columns`` maps names to DuckDB types, in order."""

    name: str
    grain: tuple[str, ...]
    columns: dict[str, str]
    meaning: str


def columns(text: str) -> dict[str, str]:
    """Names and DuckDB types from "name type, name type" over any number of lines."""
    pairs = (entry.split() for entry in text.replace("\n", ",").split(",") if entry.strip())
    return {pair[0]: pair[1] for pair in pairs}
