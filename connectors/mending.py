"""Quarantined rows for whoever mends them: a file in the delivery's own format, and why each row was set aside.

Mended, the file is sent back as a supplement: a manifest beside it names the delivery, and only these rows are added.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.deliveries import Delivery, delivery_named
from connectors.mended_files import BadRow, write_rows
from connectors.mended_tables import write_tables
from connectors.readers import LINE_NO, read
from connectors.staged import QUARANTINE, find_staged
from connectors.typed import NO_PERSON
from hub.duck import connection, literal
from hub.errors import DeliveryError
from hub.settings import Settings
from schemas.feed import Feed, Layout

TABLE = "dbf"


@dataclass(frozen=True)
class Mendable:
    """What was written: the rows, why (``.reasons.tsv``), and the manifest that names the delivery."""

    path: Path
    reasons: Path
    manifest: Path
    row_count: int


def write_mendable(settings: Settings, feed: Feed, delivery_id: str, path: Path) -> Mendable:
    """Write the quarantined rows of a staged delivery, in its own format, columns and encoding.

    Args:
        path: the file to write; packed when its name ends in ``.gz`` or ``.zip``.

    Raises:
        DeliveryMissing: no such delivery has landed.
        DeliveryError: it is not staged.
    """
    delivery = delivery_named(settings, delivery_id)
    layout = feed.layout_on(delivery.business_date)
    if layout is None or find_staged(settings, feed.name, delivery_id) is None:
        raise DeliveryError(
            f"Delivery {delivery_id} is not staged; nothing was written.",
            hint=f"`databank stage {feed.name}` stages what has landed; then ask again.",
        )
    layout = delivery.own(layout)
    rows = list(_bad_rows(settings, feed, delivery, layout))  # none of an organisation: there is nothing to mend
    reasons, manifest = (path.with_name(path.name + suffix) for suffix in (".reasons.tsv", ".manifest.json"))
    if layout.format.kind == TABLE:
        write_tables(delivery.path(settings), layout, path, {row.line_no for row in rows})
    else:
        write_rows(path, layout, rows)
    with reasons.open("w", encoding="utf-8-sig", newline="") as told:
        lines = csv.writer(told, delimiter="\t")
        lines.writerow(("row", "line_no", "column", "reason"))
        lines.writerows((number, row.line_no, row.column or "", row.reason_code) for number, row in enumerate(rows, start=1))
    manifest.write_text(json.dumps({"supplements": delivery_id}) + "\n", encoding="utf-8")
    return Mendable(path, reasons, manifest, len(rows))


def _bad_rows(settings: Settings, feed: Feed, delivery: Delivery, layout: Layout) -> Iterator[BadRow]:
    """Rows in quarantine, in order of their lines, with all columns in the order of the file as delivered, read again."""
    path = settings.staging / feed.name / delivery.delivery_id / QUARANTINE
    sources = {column.name: column.source for column in layout.columns}
    with connection(settings) as con:
        asked = f"""select line_no, column_name, reason_code, raw_text from read_parquet({literal(path)})
                    where reason_code <> {literal(NO_PERSON)}"""
        bad = {row[0]: row[1:] for row in con.execute(asked).fetchall()}
    if not bad:
        return
    for batch in read(delivery.path(settings), layout):
        names = [name for name in batch.rows.schema.names if name != LINE_NO]
        numbers = batch.rows.column(LINE_NO).to_pylist()
        found = {number: index for index, number in enumerate(numbers) if number in bad}
        rejected = {each.line_no: each.raw_text for each in batch.rejects}
        for line_no in sorted(found.keys() | rejected.keys()):
            column, reason, _ = bad[line_no]
            place = found.get(line_no)
            values = {name: None if place is None else batch.rows.column(name)[place].as_py() for name in names}
            yield BadRow(line_no, sources.get(column, column), reason, values, rejected.get(line_no))
