"""Readers: bytes of any declared format become batches of text columns, with bounded memory.

``read`` is the only call. Typing, validity and quarantine are the business of staging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.readers.batch import LINE_NO, RawBatch, Reject
from connectors.readers.dbf import read_dbf
from connectors.readers.delimited import read_delimited
from connectors.readers.documents import read_json
from connectors.readers.excel import read_excel
from connectors.readers.fixed import read_fixed
from connectors.readers.jsonl import read_jsonl
from connectors.readers.parquet import read_parquet
from connectors.readers.xml import read_xml
from hub.progress import Progress, quiet
from schemas.feed import Layout

__all__ = ["LINE_NO", "RawBatch", "Reject", "read"]

READERS: dict[str, Callable[[Path, Layout, Progress], Iterator[RawBatch]]] = {
    "delimited": read_delimited,
    "fixed": read_fixed,
    "jsonl": read_jsonl,
    "json": read_json,
    "xml": read_xml,
    "excel": read_excel,
    "parquet": read_parquet,
    "dbf": read_dbf,
}


def read(path: Path, layout: Layout, progress: Progress = quiet) -> Iterator[RawBatch]:
    """The rows of one delivered file, in file order.

    Args:
        path: the file as delivered; ``.gz`` and ``.zip`` (one member) are unpacked on the way.
        layout: its declared format and columns.
        progress: hears of bytes read.

    Raises:
        DeliveryCorrupt: cut, wrongly packed, of another format or encoding, or beyond the limits on hostile input.
        ContractBreach: a declared column is missing, or one came that is neither mapped nor ignored; names them.
            Both may come after some batches: put nothing in place before the last one.
    """
    return READERS[layout.format.kind](path, layout, progress)
