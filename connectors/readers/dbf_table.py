"""A DBF table in a stream of bytes: its header, its fields, and its records some at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers import limits
from connectors.readers.unpack import Source, corrupt

Records = npt.NDArray[np.uint8]
HEADER_BYTES, FIELD_BYTES = 32, 32
HEADER_END = b"\r"
VERSIONS = frozenset((0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0x8C, 0xF5, 0xFB))
DELETED, LIVE = ord("*"), ord(" ")
SYSTEM_FIELD = 0x01
_FILLING = re.compile(rb"[\x00\x1a ]*")


@dataclass(frozen=True)
class DbfField:
    """A field of a table: its type, and where it stands in a record."""

    name: str
    type: str
    start: int
    width: int
    is_system: bool = False


class DbfTable:
    """A table while it is read.

    Raises:
        DeliveryCorrupt: it is no DBF table, or its header contradicts itself.
    """

    def __init__(self, name: str, source: Source) -> None:
        self.name, self._source = name, source
        head = source.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or head[0] not in VERSIONS:
            raise corrupt(name, "is no DBF table", "Ask the agency what this file is.")
        self.record_count = int.from_bytes(head[4:8], "little")
        self.record_bytes = int.from_bytes(head[10:12], "little")
        descriptors = source.read(max(0, int.from_bytes(head[8:10], "little") - HEADER_BYTES))
        self.header = head + descriptors
        """As it came."""
        found = _fields(descriptors)
        self.fields = {field.name: field for field in found}
        self.names = [field.name for field in found if not field.is_system]
        """The fields that are the agency's; one that comes twice is here twice."""
        if self.record_bytes != 1 + sum(field.width for field in found) or not found:
            raise corrupt(name, "has a header whose fields do not make up its records", "Ask the agency to send it again.")

    def records(self) -> Iterator[Records]:
        """All records, some at a time, one row each: the mark of deletion, then the fields.

        Raises:
            DeliveryCorrupt: the table holds fewer or more records than it announces.
        """
        size = self.record_bytes
        portion = max(1, min(limits.BLOCK_BYTES // size, limits.BATCH_ROWS))
        for done in range(0, self.record_count, portion):
            wanted = min(portion, self.record_count - done)
            data = self._source.read(wanted * size)
            if len(data) < wanted * size:
                raise self._wrong(f"{done + len(data) // size}: it is cut")
            yield np.frombuffer(data, np.uint8).reshape(wanted, size)
        while rest := self._source.read(limits.BLOCK_BYTES):
            if not _FILLING.fullmatch(rest):
                raise self._wrong("more")

    def column(self, name: str, records: Records) -> pa.Array:
        """The bytes of a field without its filling, as a string column that may hold what is no text."""
        field = self.fields[name]
        cut = np.ascontiguousarray(records[:, field.start : field.start + field.width])
        offsets = np.arange(0, cut.size + 1, field.width, dtype=np.int32)
        whole = pa.Array.from_buffers(pa.string(), len(cut), [None, pa.py_buffer(offsets), pa.py_buffer(cut)])
        trim = pc.ascii_rtrim if field.type == "C" else pc.ascii_trim
        return trim(whole, " \0")

    def _wrong(self, held: str) -> Exception:
        return corrupt(
            self.name, f"announces {self.record_count} records and holds {held}", "Ask the agency to send it again."
        )


def _fields(descriptors: bytes) -> list[DbfField]:
    fields: list[DbfField] = []
    start = 1
    for place in range(0, len(descriptors) - FIELD_BYTES + 1, FIELD_BYTES):
        one = descriptors[place : place + FIELD_BYTES]
        if one.startswith(HEADER_END):
            break
        kind, width, decimals = chr(one[11]), one[16], one[17]
        if kind == "C":
            width += decimals << 8  # so Clipper and FoxPro keep text of more than 255 bytes
        if not width:
            return []
        name = one[:11].partition(b"\0")[0].decode("cp1256", "replace").strip()
        fields.append(DbfField(name, kind, start, width, bool(one[18] & SYSTEM_FIELD)))
        start += width
    return fields
