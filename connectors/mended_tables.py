"""Rows to mend of DBF deliveries: the records as they came, byte for byte, in tables of the same fields.

So they keep their encoding, Iran System in visual order too, and the fields that the contract does not map.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from connectors.readers.dbf import sources
from connectors.readers.dbf_table import DbfTable
from connectors.readers.unpack import GZIP, ZIP, packing
from hub.errors import DeliveryError
from schemas.feed import Layout

COUNT_PLACE, END = slice(4, 8), b"\x1a"


def write_tables(delivered: Path, layout: Layout, path: Path, numbers: Collection[int]) -> None:
    """Write some records of a delivery.

    Args:
        path: packed when it ends in ``.gz`` or ``.zip``; several tables need an archive.
        numbers: numbers of the records, counted on from table to table.

    Raises:
        DeliveryError: the contract wants an archive, and the path names none.
    """
    if layout.format.member and packing(path) != ZIP:
        raise DeliveryError(
            f"{delivered.name} holds tables in an archive, and {path.name} is none; nothing was written.",
            hint=f"Give a name that ends in .zip, as {delivered.name}.",
        )
    tables = _tables(delivered, layout, numbers)
    if packing(path) == ZIP:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in tables:
                archive.writestr(name if layout.format.member else path.with_suffix(".dbf").name, data)
        return
    data = b"".join(data for _, data in tables)
    path.write_bytes(gzip.compress(data, mtime=0) if packing(path) == GZIP else data)


def _tables(delivered: Path, layout: Layout, numbers: Collection[int]) -> Iterator[tuple[str, bytes]]:
    """Of every table that holds one of the records: its name, and a table of these alone."""
    wanted = np.array(sorted(numbers), np.int64)
    done = 0
    for name, source in sources(delivered, layout.format.member):
        table = DbfTable(name, source)
        parts: list[bytes] = []
        for records in table.records():
            places = wanted[(wanted > done) & (wanted <= done + len(records))] - done - 1
            parts.append(records[places].tobytes())
            done += len(records)
        if any(parts):
            whole = b"".join(parts)
            header = bytearray(table.header)
            header[COUNT_PLACE] = (len(whole) // table.record_bytes).to_bytes(4, "little")
            yield name, bytes(header) + whole + END
