"""A delivery's rows on their way from the reader into the connection, and what was announced about them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from connectors.deliveries import Delivery
from connectors.fates import REJECTS
from connectors.readers import LINE_NO, Reject, read
from connectors.typed import DELIVERED
from hub.duck import Connection
from hub.errors import DeliveryCorrupt
from hub.progress import Progress
from schemas.feed import Layout

_REJECTS = pa.schema([("line_no", pa.int64()), ("reason_code", pa.string()), ("raw_text", pa.string())])


def read_delivered(con: Connection, path: Path, layout: Layout, progress: Progress) -> int:
    """Stream the file into tables ``delivered`` and ``rejects``; batch by batch, so memory stays bounded.

    Returns: how many lines were received.
    """
    con.execute(f"create or replace temp table {REJECTS} (line_no bigint, reason_code varchar, raw_text varchar)")
    _make(con, layout)
    received = 0
    for number, batch in enumerate(read(path, layout, progress)):
        if number == 0:
            con.execute(f"drop table {DELIVERED}")
        _append(con, DELIVERED, pa.Table.from_batches([batch.rows]), is_new=number == 0)
        if batch.rejects:
            _append(con, REJECTS, _reject_table(batch.rejects), is_new=False)
        received += batch.rows.num_rows + len(batch.rejects)
    return received


def check_announced(delivery: Delivery, layout: Layout, received: int, totals: dict[str, int]) -> None:
    """Compare with what the agency's manifest announced (D04).

    Args:
        totals: sums of the whole-number columns by our name. A manifest may use our name or the agency's.

    Raises:
        DeliveryCorrupt: names the number of rows, or the total, announced and found.
    """
    rows = delivery.manifest.get("rows")
    if rows is not None and int(rows) != received:
        raise _differs(delivery, "rows", int(rows), received)
    names = {column.source: column.name for column in layout.columns} | {name: name for name in totals}
    for announced, total in sorted((delivery.manifest.get("control_totals") or {}).items()):
        name = names.get(announced)
        if name not in totals:
            raise DeliveryCorrupt(
                f"The manifest of {delivery.file_name} gives a control total of {announced}, which is no whole-number "
                "column; nothing was staged.",
                hint="Ask the agency for a manifest that names columns of its contract.",
                delivery_id=delivery.delivery_id,
            )
        if int(total) != totals[name]:
            raise _differs(delivery, f"the control total of {announced}", int(total), totals[name])


def _differs(delivery: Delivery, what: str, announced: int, found: int) -> DeliveryCorrupt:
    return DeliveryCorrupt(
        f"{delivery.file_name} does not hold what its manifest announces: {what} should be {announced}, found {found}; "
        "nothing was staged, the delivery before stays current.",
        hint="The file is probably cut. Ask the agency to send file and manifest again.",
        delivery_id=delivery.delivery_id,
        announced=announced,
        found=found,
    )


def _make(con: Connection, layout: Layout) -> None:
    """An empty table of raw rows, for a file without any."""
    fields = [(LINE_NO, pa.int64()), *((source, pa.string()) for source in dict.fromkeys(c.source for c in layout.columns))]
    _append(con, DELIVERED, pa.schema(fields).empty_table(), is_new=True)


def _append(con: Connection, table: str, rows: pa.Table, *, is_new: bool) -> None:
    con.register("batch", rows)
    con.execute(
        f"create temp table {table} as select * from batch" if is_new else f"insert into {table} select * from batch"
    )
    con.unregister("batch")


def _reject_table(rejects: tuple[Reject, ...]) -> pa.Table:
    return pa.Table.from_pylist([vars(reject) for reject in rejects], schema=_REJECTS)
