"""The first page of a conflict return, to be printed: what changed and what stands open, in figures and charts.

Figures only: who it is about stands in the lists beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hub.runs import Run
from hub.storage import write_text
from reports.rendering import LANGUAGES, render
from reports.return_rows import InsurerRows
from schemas.conflict_kinds import sensitive_kinds

SUMMARY = "summary"


@dataclass(frozen=True)
class ReturnSummary:
    """One insurer's return in figures.

    Args:
        as_of: the insurer's feeds that the night used, and their business dates.
        by_kind: conflicts told tonight by kind, most frequent first; so by outcome for the insurer's own booklet, change and
            other insurer.
        open_by_kind: all of the insurer's conflicts that are open, tonight's and older ones.
        score: the insurer's own scorecard tonight, figures by name; empty where nothing was ever told.
        has_special: there are lists of special patients beside the others.
    """

    insurer_code: str
    conflict_count: int
    as_of: Mapping[str, str]
    by_kind: Mapping[str, int]
    by_outcome: Mapping[str, int]
    by_change: Mapping[str, int]
    by_other: Mapping[str, int]
    open_by_kind: Mapping[str, int]
    score: Mapping[str, int]
    has_special: bool

    @classmethod
    def of(cls, part: InsurerRows) -> ReturnSummary:
        """Count an insurer's part of a night."""
        kind, outcome, change, other = (
            _counts(part.rows, column) for column in ("kind_code", "outcome_code", "change_code", "other_insurer_code")
        )
        other.pop(part.insurer_code, None)
        sensitive = sum(kind.get(code, 0) for code in sensitive_kinds())
        return cls(
            part.insurer_code, part.rows.num_rows, part.as_of, kind, outcome, change, other, part.open_by_kind, part.score,
            has_special=sensitive > 0,
        )  # fmt: skip

    @property
    def open_count(self) -> int:
        """All open conflicts of the insurer."""
        return sum(self.open_by_kind.values())


def write_summary(folder: Path, run: Run, summary: ReturnSummary) -> None:
    """Write the page into a return's folder, in both languages."""
    for language, suffix in LANGUAGES.items():
        values = {"run": run, "summary": summary, "page": SUMMARY}
        write_text(folder / f"{SUMMARY}{suffix}.html", render("return", language, folder, values))


def _counts(rows: pa.Table, column: str) -> dict[str, int]:
    """Rows by code, most frequent first; empty cells left out."""
    found = Counter(code for code in rows.column(column).to_pylist() if code)
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
