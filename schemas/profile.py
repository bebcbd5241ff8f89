"""The profile of a delivery: its figures by column, counts and bounds only, never a person's name or code.

The gate judges it, the scorecard draws it over time. One row per figure, so that a new figure is no new column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from schemas.tables import Table

WHOLE = ""  # column_name of figures about the whole delivery

PROFILE = Table(
    "ops.profile",
    ("delivery_id", "column_name", "figure_code"),
    {
        "delivery_id": "varchar",
        "feed": "varchar",
        "column_name": "varchar",
        "figure_code": "varchar",
        "figure": "double",
        "figure_date": "date",
    },
    "Figures of one delivery. column_name is empty for the whole. figure_code: received_count, row_count, "
    "quarantined_percent, changed_percent, row_count_change_percent (the last two only with a delivery before); by column "
    "filled_count, null_percent (the agency gave nothing), invalid_count and invalid_percent (it gave what cannot be read "
    "as a whole value), distinct_count (approximate), "
    "least and most (of dates as figure_date, of whole numbers as figure).",
)


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
