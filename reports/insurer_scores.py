"""Scorecards of insurers over time: conflicts that are open, overdue, agreed to, disputed, cancelled, and came back.

``pages/insurers.html`` lists insurers, ``pages/insurers/<insurer_code>.html`` draws one. Figures only, no person's value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.duck import Connection
from hub.layers import rows_of
from hub.runs import Run
from hub.settings import Settings
from hub.storage import write_text
from reports.rendering import LANGUAGES, render
from reports.scorecards import Point, nights_back

INDEX = "insurers"
SCORE_TABLE = "cover.insurer_score"
FIGURES = ("open", "overdue", "agreed", "disputed", "cancelled", "resolved", "reopened")


@dataclass(frozen=True)
class InsurerCard:
    """One insurer over time, oldest night first; ``figures``: of each night, by name."""

    insurer_code: str
    nights: list[tuple[date, dict[str, int]]]

    @property
    def newest(self) -> dict[str, int]:
        """Figures of the newest night."""
        return self.nights[-1][1]

    def series(self, figure: str) -> list[Point]:
        """One figure by night."""
        return [Point(day, figures[figure]) for day, figures in self.nights]


def write_insurer_scores(settings: Settings, run: Run) -> list[InsurerCard]:
    """Write the list and one page an insurer, in both languages; earlier ones are replaced."""
    cards = insurer_cards(settings, run)
    for language, suffix in LANGUAGES.items():
        values = {"run": run, "cards": cards, "figures": FIGURES, "page": INDEX}
        write_text(settings.pages / f"{INDEX}{suffix}.html", render(INDEX, language, settings.pages, values))
        folder = settings.pages / INDEX
        for card in cards:
            one = {"run": run, "card": card, "figures": FIGURES, "page": card.insurer_code}
            write_text(folder / f"{card.insurer_code}{suffix}.html", render("insurer", language, folder, one))
    return cards


def insurer_cards(settings: Settings, run: Run) -> list[InsurerCard]:
    """The scorecards of all insurers that this night knows conflicts of, as of a run."""
    with run.runner(settings) as runner:
        return _cards(runner.con, [each.table(SCORE_TABLE) for each in nights_back(settings, run, SCORE_TABLE)])


def score_of(con: Connection, insurer_code: str) -> dict[str, int]:
    """An insurer's figures tonight, by name; none where it was never told of anything."""
    columns = ", ".join(f"{name}_count" for name in FIGURES)
    rows = con.execute(f"select {columns} from {SCORE_TABLE} where insurer_code = ?", [insurer_code]).fetchall()
    return dict(zip(FIGURES, rows[0], strict=True)) if rows else {}


def _cards(con: Connection, tables: Sequence[Path]) -> list[InsurerCard]:
    """Of several runs of one business date the last counts; ``tables``: newest first."""
    if not tables:
        return []
    selects = " union all ".join(f"select {place} as place, * from {rows_of(path)}" for place, path in enumerate(tables))
    figures = ", ".join(f"arg_min({name}_count, place)" for name in FIGURES)
    found: dict[str, list[tuple[date, dict[str, int]]]] = {}
    for insurer_code, day, *counts in con.execute(
        f"select insurer_code, as_of_date, {figures} from ({selects}) group by all order by insurer_code, as_of_date"
    ).fetchall():
        found.setdefault(insurer_code, []).append((day, dict(zip(FIGURES, counts, strict=True))))
    return [InsurerCard(insurer_code, nights) for insurer_code, nights in found.items()]
