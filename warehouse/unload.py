"""Taking rows out of PostgreSQL: COPY as a stream of Arrow batches, never a whole table at once; acts of people as rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from psycopg import Error, sql
from pyarrow import csv

from hub.runs import Run
from hub.settings import Settings
from hub.steps import Step
from schemas.table import Table
from warehouse.database import Postgres

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_BYTES = 4 << 20


@contextmanager
def read_rows(connection: Postgres, query: sql.Composable, columns: Iterable[str]) -> Iterator[pa.RecordBatchReader]:
    """The rows of a query, every value as PostgreSQL writes it. To be read once, inside the block."""
    schema = pa.schema([(name, pa.string()) for name in columns])
    statement = sql.SQL("copy ({}) to stdout with (format csv)").format(query)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        source = _CopiedText(copy)
        try:
            yield _batches(source, schema) if source.begin() else pa.RecordBatchReader.from_batches(schema, [])
        finally:
            if source.error:  # who reads the batches has made an error of its own of it
                raise source.error


def write_log(settings: Settings, run: Run, table: Table, rows: Sequence[tuple[Any, ...]], version: object) -> None:
    """Write what people did since, as a night reads it, into the run folder.

    Args:
        rows: as ``table`` declares its columns; few, as people's acts are.
        version: what tells this state of the log from any other: a night that goes on reads the table as it was.
    """
    with run.runner(settings) as runner:
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        runner.con.execute(f"create temp table told ({columns})")
        if rows:
            marks = ", ".join("?" for _ in table.columns)
            runner.files.executemany(f"insert into told values ({marks})", rows)
        runner.run(Step(table.name, table.grain, "select * from temp.told where $version <> ''", {"version": str(version)}))


def _batches(source: _CopiedText, schema: pa.Schema) -> pa.RecordBatchReader:
    return csv.open_csv(
        io.BufferedReader(source, READ_BYTES),
        csv.ReadOptions(column_names=schema.names, block_size=READ_BYTES),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


class _CopiedText(io.RawIOBase):
    """What COPY sends, one row a block, as a file. ``error``: the connection's, while reading."""

    def __init__(self, copy: Iterable[bytes | bytearray | memoryview]) -> None:
        self._blocks = iter(copy)
        self._rest = memoryview(b"")
        self.error: Error | None = None

    def begin(self) -> bool:
        """Take the next block; whether there is one."""
        self._rest = memoryview(next(self._blocks, b""))
        return bool(self._rest)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer; 0 at the end."""
        target, done = memoryview(buffer).cast("B"), 0
        try:
            while done < len(target) and (self._rest or self.begin()):
                count = min(len(target) - done, len(self._rest))
                target[done : done + count] = self._rest[:count]
                self._rest, done = self._rest[count:], done + count
        except Error as error:
            self.error = error
            raise
        return done
