"""A delivery's rows on their way from the reader into the connection, and what was announced about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from connectors.deliveries import Delivery
from connectors.readers import LINE_NO, RawBatch, read
from connectors.readers.columns import declared
from connectors.typed import DELIVERED, REJECT_REASON, REJECT_TEXT
from hub.duck import Connection, quote_name
from hub.errors import ContractBreach, DeliveryCorrupt, HubError
from hub.progress import Progress
from schemas.feed import Column, Layout

# A date whose year is last ends so; how an unknown year, and an unknown month or day, is written beside what is known.
YEAR, UNKNOWN_YEAR, UNKNOWN_PART = "yyyy", "0000", "00"


def read_delivered(con: Connection, path: Path, layout: Layout, progress: Progress) -> int:
    """Stream the file into the table ``delivered``: one row per received line, those that are no rows with a reason.

    Returns: how many lines were received.

    Raises:
        DeliveryCorrupt, ContractBreach: what the reader found.
    """
    batches = read(path, layout, progress)
    first = next(batches, None)
    if first:
        _check_names(path.name, first.rows.schema.names)
    stream = _Stream(chain([first], batches) if first else iter(()), first.rows.schema if first else _schema(layout))
    con.register("stream", pa.RecordBatchReader.from_batches(stream.schema, stream.batches()))
    con.execute(f"create or replace temp table {DELIVERED} as select {_columns(stream.schema.names, layout)} from stream")
    con.unregister("stream")
    if stream.error is not None:
        raise stream.error
    return stream.received


def _columns(found: list[str], layout: Layout) -> str:
    """SQL of a delivered row's columns: those of the file, and in place of parts what is made of them."""
    missing = {column.source: (layout.parts(column), column) for column in layout.columns if column.source not in found}
    joined = {name: (parts, column) for name, (parts, column) in missing.items() if parts != (name,)}
    mapped = {column.source for column in layout.columns}
    spent = {part for parts, _ in joined.values() for part in parts} - mapped
    columns = [quote_name(name) for name in found if name not in spent]
    return ", ".join(
        [*columns, *(f"{_joined(parts, column)} as {quote_name(name)}" for name, (parts, column) in joined.items())]
    )


def _joined(parts: tuple[str, ...], column: Column) -> str:
    """SQL of one text of several: words by blanks; of dates and months, whose parts may lack, by hyphens."""
    if column.date_format is None:
        return f"nullif(concat_ws(' ', {', '.join(map(quote_name, parts))}), '')"
    year = parts[-1 if column.date_format.endswith(YEAR) else 0]
    known = [f"coalesce({quote_name(part)}, '{UNKNOWN_YEAR if part == year else UNKNOWN_PART}')" for part in parts]
    return f"case when coalesce({', '.join(map(quote_name, parts))}) is not null then concat_ws('-', {', '.join(known)}) end"


def _check_names(file_name: str, names: list[str]) -> None:
    """Refuse two columns whose names differ only in case: the engine would take one for the other."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise ContractBreach(
                f"{file_name} has two columns whose names differ only in case: {other}, {name}. Nothing was staged; the "
                "delivery before stays current.",
                hint="Ask the agency to rename one of them.",
            )


class _Stream:
    """Batches of a reader with their rejects among them. An error ends the stream and waits here: it must not pass
    through the engine, which would make another error of it."""

    def __init__(self, source: Iterable[RawBatch], schema: pa.Schema) -> None:
        self.source = source
        self.schema = schema.append(pa.field(REJECT_REASON, pa.string())).append(pa.field(REJECT_TEXT, pa.string()))
        self.received = 0
        self.error: HubError | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Every batch, and one more where lines were rejected."""
        try:
            for batch in self.source:
                yield self._batch({name: batch.rows.column(name) for name in batch.rows.schema.names}, len(batch.rows))
                if batch.rejects:
                    lines = {
                        LINE_NO: [each.line_no for each in batch.rejects],
                        REJECT_REASON: [each.reason_code for each in batch.rejects],
                        REJECT_TEXT: [each.raw_text for each in batch.rejects],
                    }
                    yield self._batch(lines, len(batch.rejects))
        except HubError as error:
            self.error = error

    def _batch(self, columns: dict[str, pa.Array | list[object]], count: int) -> pa.RecordBatch:
        self.received += count
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(count, field.type)
            for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


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


def _schema(layout: Layout) -> pa.Schema:
    """Columns of a file without any row."""
    return pa.schema([(LINE_NO, pa.int64()), *((name, pa.string()) for name in declared(layout))])
