"""The profile of a delivery: its figures by column, counts and bounds only, never a person's name or code.

The gate judges it, the scorecard draws it over time (``ops.profile``). One row per figure, so that a new figure is no new
column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

WHOLE = ""  # column_name of figures about the whole delivery


@dataclass(frozen=True)
class Profile:
    """Figures by (column_name, figure_code), and the bounds of date columns as ISO dates."""

    figures: dict[tuple[str, str], float] = field(default_factory=dict)
    dates: dict[tuple[str, str], str] = field(default_factory=dict)

    def get(self, column: str, figure: str) -> float | None:
        """One figure; None when this delivery has none."""
        return self.figures.get((column, figure))

    def table(self, feed: str, delivery_id: str) -> pa.Table:
        """As Arrow, in the columns of ``ops.profile``, sorted by its grain."""
        keys = sorted({*self.figures, *self.dates})
        return pa.table(
            {
                "delivery_id": pa.array([delivery_id] * len(keys), pa.string()),
                "feed": pa.array([feed] * len(keys), pa.string()),
                "column_name": pa.array([column for column, _ in keys], pa.string()),
                "figure_code": pa.array([figure for _, figure in keys], pa.string()),
                "figure": pa.array([self.figures.get(key) for key in keys], pa.float64()),
                "figure_date": pa.array([self.dates.get(key) for key in keys], pa.string()).cast(pa.date32()),
            }
        )


def profile_of(rows: Iterator[tuple[str, str, float | None]]) -> Profile:
    """A profile read back from (column_name, figure_code, figure)."""
    return Profile({(column, figure): value for column, figure, value in rows if value is not None})
