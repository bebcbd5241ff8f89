"""Bringing rows into PostgreSQL: COPY of Arrow batches, deletes by key, and whole tables without their indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from psycopg import errors, sql
from pyarrow import csv

from hub.errors import PublishError
from schemas.tables import Table
from warehouse.database import Postgres

COPY_OPTIONS = csv.WriteOptions(include_header=False, quoting_style="needed")
BY_HAND = "Somebody changed the database by hand: `databank publish RUN --whole` writes the whole night anew."
POSTGRES_TYPES = {
    "varchar": "text",
    "double": "double precision",
}


def name_of(table: str) -> sql.Identifier:
    """A dotted declared name as a PostgreSQL identifier."""
    return sql.Identifier(*table.split("."))


def copy_rows(
    connection: Postgres,
    table: sql.Identifier,
    columns: Iterable[str],
    rows: Iterable[pa.RecordBatch],
    *,
    is_new: bool = False,
) -> int:
    """Append Arrow batches to a table; returns how many rows went in.

    Args:
        is_new: the table was emptied in this transaction, so rows can be written as long settled (COPY FREEZE).
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    options = sql.SQL("format csv, freeze" if is_new else "format csv")
    statement = sql.SQL("copy {} ({}) from stdin with ({})").format(table, names, options)
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in rows:
            sink = pa.BufferOutputStream()
            csv.write_csv(batch, sink, COPY_OPTIONS)
            copy.write(memoryview(sink.getvalue()))
            count += batch.num_rows
    return count


def delete_rows(connection: Postgres, table: Table, keys: Iterable[pa.RecordBatch], expected: int) -> None:
    """Take rows out by key.

    Raises:
        PublishError: the database does not hold all of them, so it is not what the base run left.
    """
    gone = sql.Identifier("gone")
    types = {name: POSTGRES_TYPES.get(table.columns[name], table.columns[name]) for name in table.grain}
    declared = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in types.items())
    connection.execute(sql.SQL("create temp table {} ({}) on commit drop").format(gone, declared))
    copy_rows(connection, gone, table.grain, keys)
    connection.execute(sql.SQL("analyze {}").format(gone))
    same = sql.SQL(" and ").join(sql.SQL("t.{0} = gone.{0}").format(sql.Identifier(name)) for name in table.grain)
    deleted = connection.execute(
        sql.SQL("delete from {} as t using {} where {}").format(name_of(table.name), gone, same)
    ).rowcount
    connection.execute(sql.SQL("drop table {}").format(gone))
    if deleted != expected:
        raise PublishError(
            f"{table.name} in the database is not what the live run left: {expected - deleted} of {expected} rows to "
            "replace are missing; nothing was published.",
            hint=BY_HAND,
            expected=expected,
            found=deleted,
        )


def holds_rows(connection: Postgres, table: str) -> bool:
    """Whether a table has any row."""
    row = connection.execute(sql.SQL("select exists (select 1 from {})").format(name_of(table))).fetchone()
    return bool(row and row[0])


def replace_rows(connection: Postgres, table: Table, rows: Iterable[pa.RecordBatch]) -> None:
    """Bring a table to these rows by their difference: what is equal stays, and only the rest becomes former."""
    both = {side: sql.SQL(", ").join(sql.Identifier(side, name) for name in table.columns) for side in ("told", "held")}
    parts = {
        **both,
        "name": name_of(table.name),
        "columns": sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        "key": sql.SQL(" and ").join(sql.SQL("told.{0} = held.{0}").format(sql.Identifier(name)) for name in table.grain),
    }
    connection.execute(
        sql.SQL("create temp table told on commit drop as select {columns} from {name} limit 0").format(**parts)
    )
    copy_rows(connection, sql.Identifier("told"), table.columns, rows)
    for statement in (
        "analyze told",
        "delete from {name} as held where not exists "
        "(select from told where {key} and ({told}) is not distinct from ({held}))",
        "insert into {name} ({columns}) "
        "select {columns} from told where not exists (select from {name} as held where {key})",
        "drop table told",
        "analyze {name}",
    ):
        connection.execute(sql.SQL(statement).format(**parts))


@contextmanager
def as_the_live_run_left(table: str) -> Iterator[None]:
    """Adding rows to a table inside the block.

    Raises:
        PublishError: rows that no night wrote stand where they belong.
    """
    try:
        yield
    except (errors.UniqueViolation, errors.ExclusionViolation):
        raise PublishError(
            f"{table} in the database is not what the live run left: rows that it did not write are in the way; "
            "nothing was published.",
            hint=BY_HAND,
        ) from None


@contextmanager
def emptied(connection: Postgres, table: str) -> Iterator[None]:
    """A table emptied and without indexes and keys inside the block; they are built, and so proved, at its end."""
    name = name_of(table)
    connection.execute(sql.SQL("truncate {}").format(name))
    constraints = connection.execute(
        "select conname, pg_get_constraintdef(oid) from pg_constraint "
        "where conrelid = %s::regclass and contype in ('p', 'u', 'x') order by contype = 'p' desc, conname",
        (table,),
    ).fetchall()
    for constraint, _ in constraints:
        connection.execute(sql.SQL("alter table {} drop constraint {}").format(name, sql.Identifier(constraint)))
    indexes = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index "
        "where indrelid = %s::regclass order by indexrelid",
        (table,),
    ).fetchall()
    for index, _ in indexes:
        connection.execute(sql.SQL("drop index {}").format(sql.SQL(index)))
    yield
    for constraint, definition in constraints:
        connection.execute(
            sql.SQL("alter table {} add constraint {} {}").format(name, sql.Identifier(constraint), sql.SQL(definition))
        )
    for _, definition in indexes:
        connection.execute(sql.SQL(definition))
    connection.execute(sql.SQL("analyze {}").format(name))
