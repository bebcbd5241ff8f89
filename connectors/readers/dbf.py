"""DBF tables, alone or several in an archive: records cut into columns, each field in the encoding that its values tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.batch import RawBatch, raw_batch, reject
from connectors.readers.columns import breach, check_columns, declared
from connectors.readers.control import Lists
from connectors.readers.dbf_table import DELETED, LIVE, DbfTable, Records
from connectors.readers.field_text import FieldText, Reasons
from connectors.readers.unpack import Source, members, unpacked
from hub.progress import Progress
from schemas.feed import Layout

TYPES, TRUTH = "CNFDL", "L"
_TRUTHS = {"T": "true", "t": "true", "Y": "true", "y": "true", "F": "false", "f": "false", "N": "false", "n": "false"}


def read_dbf(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a DBF table, or of all tables of an archive that are named as declared. Line numbers are record numbers,
    counted on from table to table.

    Raises:
        DeliveryCorrupt: a table is cut, or the rows do not make the sums of the declared control.
    """
    done, form = 0, layout.format
    lists = Lists(form.control) if form.control else None
    for name, source in sources(path, form.member):
        reading = _Reading(DbfTable(name.rpartition("/")[2], source), layout)
        for records in reading.table.records():
            if lists:
                lists.add(name, reading.table, records)
            yield reading.batch(records, done + 1)
            done += len(records)
            progress(f"read {path.name}", source.position, source.total)
    if lists:
        lists.prove(path)


def sources(path: Path, member: str | None) -> Iterator[tuple[str, Source]]:
    """The tables of a delivery: all that are named so in its archive, or the one that it is."""
    if member:
        yield from members(path, member)
    else:
        with unpacked(path) as source:
            yield path.name, source


class _Reading:
    """One table on its way to batches.

    Raises:
        ContractBreach: its fields are not those of the contract, or of a type that is kept elsewhere or in binary form.
    """

    def __init__(self, table: DbfTable, layout: Layout) -> None:
        self.table, self.columns = table, {column.source: layout.parts(column) for column in layout.columns}
        self.wanted = declared(layout)
        check_columns(table.name, table.names, layout, self.wanted)
        strange = [name for name in self.wanted if table.fields[name].type not in TYPES]
        if strange:
            raise breach(
                f"{table.name} keeps {', '.join(strange)} outside its records or in binary form",
                "Ask the agency for fields of the types C, N, F, D or L",
            )
        self.text = FieldText(table.name, layout.format.encoding)

    def batch(self, records: Records, first: int) -> RawBatch:
        """Some records as rows and rejects."""
        reasons: Reasons = np.full(len(records), None, object)
        raw = {name: self.table.column(name, records) for name in self.wanted}
        self.text.learn(raw)
        fields = {name: self._field(name, column, reasons) for name, column in raw.items()}
        columns = [self._column(parts, fields) for parts in self.columns.values()]
        reasons[records[:, 0] != LIVE] = "cut_line"
        reasons[records[:, 0] == DELETED] = "deleted_record"
        numbers = np.arange(first, first + len(records))
        is_bad = reasons.astype(np.bool_)
        if not is_bad.any():
            return raw_batch(numbers, list(self.columns), columns)
        rejects = [reject(numbers[i], reasons[i], _shown(raw, int(i))) for i in np.flatnonzero(is_bad)]
        kept = pa.array(~is_bad)
        return raw_batch(numbers[~is_bad], list(self.columns), [column.filter(kept) for column in columns], rejects)

    def _field(self, name: str, column: pa.Array, reasons: Reasons) -> pa.Array:
        text = self.text.decoded(name, column, reasons)
        if self.table.fields[name].type != TRUTH:
            return text
        return pa.array([_TRUTHS.get(mark, None if mark == "?" else mark) for mark in text.to_pylist()], pa.string())

    def _column(self, parts: tuple[str, ...], fields: dict[str, pa.Array]) -> pa.Array:
        """Of several fields each is filled up with zeros to its width."""
        if len(parts) == 1:
            return fields[parts[0]]
        return pc.binary_join_element_wise(*(pc.utf8_lpad(fields[p], self.table.fields[p].width, "0") for p in parts), "")


def _shown(raw: dict[str, pa.Array], index: int) -> bytes:
    return b"\t".join(column.cast(pa.binary())[index].as_py() for column in raw.values())
