"""Records that a feed once listed and lists no more: each with its last good row and the day on which it ended (case D09).

They are carried from delivery to delivery, so that what was true until that day stays true: a booklet that left a list ends,
it does not become one that never was. Who is listed again is no longer among them. A record that only a corrected delivery
of the same day listed never was (D02); of one that the correction leaves out, the row of the day before counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from connectors.staged import Staged
from hub.duck import PARQUET, Connection, literal, no_rows, quote
from schemas.feed import Feed

ENDED_DATE = "ended_date"


def day_before(base: Staged | None, business_date: date, staged: Sequence[Staged]) -> Staged | None:
    """What a snapshot of a day is to be compared with: the last delivery of an earlier day on which it builds."""
    known = {each.delivery_id: each for each in staged}
    while base is not None and base.business_date >= business_date:
        base = known.get(base.base_delivery_id or "")
    return base


def write_former(con: Connection, feed: Feed, before: Staged | None, ended_date: date, listed: Path, path: Path) -> None:
    """``former.parquet``. Grain: record_key. Columns: those of the feed's staging table; ended_date.

    Args:
        before: the delivery whose records may have ended, with those that had ended by then.
        listed: the ``rows.parquet`` of this delivery.
    """
    columns = feed.staging_table.columns
    parts = []
    if before is not None:
        keys = f"select record_key from read_parquet({literal(listed)})"
        gone = f"select record_key from read_parquet({literal(before.rows)}) anti join ({keys}) using (record_key)"
        con.execute(f"create or replace temp table gone as {gone}")
        last = f"date {literal(ended_date.isoformat())}"
        if con.execute("select count(*) from gone").fetchall()[0][0]:
            parts.append(f"{_selected(con, before.rows, columns, last)} semi join gone using (record_key)")
        if before.former.exists():
            parts.append(f"{_selected(con, before.former, columns, ENDED_DATE)} anti join ({keys}) using (record_key)")
    rows = "\nunion all\n".join(parts) or no_rows({**columns, ENDED_DATE: "date"})
    con.execute(f"copy (select * from ({rows}) order by record_key) to {literal(path)} {PARQUET}")


def _selected(con: Connection, rows: Path, columns: Mapping[str, str], ended_date: str) -> str:
    """SQL of the rows of an earlier delivery under today's columns."""
    source = f"read_parquet({literal(rows)})"
    present = {row[0] for row in con.execute(f"describe select * from {source}").fetchall()}
    selected = ", ".join(
        f"{quote(name) if name in present else f'cast(null as {kind})'} as {quote(name)}" for name, kind in columns.items()
    )
    return f"select {selected}, {ended_date} as {ENDED_DATE} from {source}"
