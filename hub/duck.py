"""DuckDB connections: in memory, spilling under the state folder, within the memory setting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from hub.engine import Connection as Connection
from hub.errors import EngineFault, ResourceError
from hub.settings import Settings
from hub.storage import passing_folder

DuckConnection = duckdb.DuckDBPyConnection
# The fastest level packs our rows as small as the default one.
PARQUET = "(format parquet, compression zstd, compression_level 1)"
_SPILL = "duckdb-"
# DuckDB 2.0.0 keeps dictionaries through hash joins and at times fails on them ("dict-surviving cache: global dictionary
# column changed identity"). Without statistics it builds no perfect hash joins, from which such dictionaries come.
_PLAIN_PLANS = "statistics_propagation,build_side_probe_side"
# What a statement frees the next one asks for again. By default DuckDB hands memory back to the system after each task that
# held 128 MB and each table of 512 MB; of ten million persons half of all pages were asked for anew (docs/scaling.md).
_KEEP_MEMORY = {"allocator_flush_threshold": "1TB", "allocator_bulk_deallocation_flush_threshold": "1TB"}
# Temporary tables are never kept: writing them anew once some rows are deleted (a checkpoint) is work for nothing.
_NO_CHECKPOINTS = {"checkpoint_threshold": "1TB"}
_NO_ROOM = re.compile("No space left|File too large|quota exceeded", re.IGNORECASE)


def quote(identifier: str) -> str:
    """Quote a declared name for SQL; ``cover.period`` becomes ``"cover"."period"``."""
    return ".".join(map(quote_name, identifier.split(".")))


def quote_name(name: str) -> str:
    """Quote one name for SQL that may hold anything, a dot too: an agency's column, as ``ش.ش`` or ``person.name``."""
    return '"' + name.replace('"', '""') + '"'


def literal(path: Path | str) -> str:
    """A path or another text as an SQL string, for statements that take no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def no_rows(columns: Mapping[str, str]) -> str:
    """SQL of no rows.

    Args:
        columns: names and types of its columns.
    """
    return f"select {', '.join(f'cast(null as {kind}) as {quote(name)}' for name, kind in columns.items())} where false"


def has_table(con: Connection, name: str) -> bool:
    """Whether a table or view of this dotted name is there."""
    asked = "select count(*) from information_schema.tables where table_schema || '.' || table_name = ?"
    return bool(con.execute(asked, [name]).fetchall()[0][0])


def table_or_empty(con: Connection, name: str, columns: Mapping[str, str]) -> str:
    """SQL of a table to select from; without rows where it is not there."""
    return quote(name) if has_table(con, name) else f"({no_rows(columns)})"


@contextmanager
def connection(settings: Settings) -> Iterator[DuckConnection]:
    """An in-memory database that spills to ``home/scratch`` and obeys DATABANK_MEMORY.

    Raises:
        ResourceError: the memory limit or the disk is exhausted.
        EngineFault: DuckDB failed inside.
    """
    with passing_folder(settings.scratch, _SPILL) as spill, _failures_told(settings), _opened(settings, spill) as con:
        yield con


@contextmanager
def _opened(settings: Settings, spill: Path) -> Iterator[DuckConnection]:
    con = duckdb.connect(
        config={
            "memory_limit": settings.memory,
            "threads": settings.threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            **_KEEP_MEMORY,
            **_NO_CHECKPOINTS,
        }
    )
    try:
        con.execute("set timezone = 'UTC'")
        # Joins that gather small chunks hold the last rows of a file back, and fail on dictionaries (decision 0006).
        con.execute("set enable_caching_operators = false")
        con.execute("set enable_progress_bar = false")  # it would write to standard output, among figures
        if settings.has_plain_plans:
            con.execute(f"set disabled_optimizers = '{_PLAIN_PLANS}'")
        yield con
    finally:
        con.close()


@contextmanager
def _failures_told(settings: Settings) -> Iterator[None]:
    """DuckDB's failures in our words."""
    try:
        yield
    except (duckdb.InternalException, duckdb.FatalException):
        raise EngineFault(
            "DuckDB failed inside, by a fault of its own; nothing of this stage was put in place.",
            hint="Start the same command again; if it comes back, report the step that `databank status` names.",
        ) from None
    except duckdb.OutOfMemoryException as error:
        raise ResourceError(
            "The memory limit is reached; nothing of this stage was put in place.",
            hint=f"Raise DATABANK_MEMORY (now {settings.memory}) and start again.",
        ) from error
    except duckdb.IOException as error:
        if not _NO_ROOM.search(str(error)):
            raise
        raise ResourceError(
            "The disk is full; nothing of this stage was put in place.",
            hint="Free space on the disk of the state folder, then start the same command again; it goes on from here.",
        ) from None


@contextmanager
def one_by_one(con: DuckConnection) -> Iterator[None]:
    """Let statements inside the block hand their rows on as they read them: on a single thread."""
    threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    con.execute("set threads = 1")
    try:
        yield
    finally:
        con.execute(f"set threads = {int(threads)}")
