"""SQL pull: a table or query of an agency's database, read through a server-side cursor and kept as an ordinary file.

Full: every row, each night. By watermark: rows whose watermark column is not below where the night before ended; equal ones
come twice, and rows without a watermark every night, which changes nothing, so that none is missed. A fetch that is
repeated for one business date starts where the first one of that date did: the later file holds all that the earlier one
held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from connectors.connections import Access, connection_named
from connectors.readers.columns import declared
from connectors.transports.receiving import Fetched, Inbox
from connectors.transports.rows import BATCH_ROWS, Row, as_text, write_rows
from hub.errors import ContractBreach, WireDown, WireRefused
from hub.settings import Settings
from hub.storage import read_json, write_json
from schemas.feed import Feed, Layout
from schemas.file_names import file_name
from schemas.wires import Wire

CONNECT_SECONDS = 30
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_KINDS: dict[str, Any] = {"int": int, "decimal": Decimal, "date": date.fromisoformat, "datetime": datetime.fromisoformat}
_NEXT = "The feed is late; nothing was changed."


class SqlAccess(Access):
    """Keys of a database connection: an address as SQLAlchemy reads it, ``postgresql://user:password@host:port/database``."""

    url: SecretStr


@dataclass(frozen=True)
class Mark:
    """Where the pull of a business date began and ended; values as text, with the kind to read them back."""

    business_date: str
    begins: str | None
    ends: str
    kind: str


def fetch(settings: Settings, feed: Feed, wire: Wire, inbox: Inbox, business_date: date) -> list[Fetched]:
    """Pull the rows of a business date; nothing for a date before the one pulled last, which a database no longer knows.

    Raises:
        WireDown: the database does not answer or broke off.
        WireRefused: it does not let us in.
        ContractBreach: it has no such table or columns.
    """
    layout = feed.layout_on(business_date)
    if layout is None or inbox.is_past(business_date):
        return []
    name = file_name(feed, business_date)
    part = inbox.part(name)
    part.drop()
    with _reading(settings, wire) as connection:
        new = _next_mark(connection, wire, _read_mark(inbox), business_date)
        rows = _rows(connection, wire, layout, new)
        count = write_rows(part.path, name, layout.format, declared(layout), rows)
    kept = inbox.keep(name, "", f"{wire.kind} {wire.connection}", rows=count)
    write_json(_mark_path(inbox), asdict(new))
    return [kept] if kept else []


def look(settings: Settings, wire: Wire) -> str:
    """Whether the database lets us in and has the table or query."""
    with _reading(settings, wire) as connection:
        connection.execute(sa.select(sa.literal(1)).select_from(_source(wire)).limit(1)).all()
        return f"it answers ({connection.dialect.name})"


def _source(wire: Wire) -> Any:
    if wire.query is not None:
        return sa.text(wire.query.rstrip("; \n")).columns().subquery("pulled")
    schema, _, table = str(wire.table).rpartition(".")
    return sa.table(table, schema=schema or None)


def _rows(connection: sa.Connection, wire: Wire, layout: Layout, mark: Mark) -> Iterator[Row]:
    columns: list[Any] = [sa.column(name) for name in declared(layout)]
    statement = sa.select(*columns).select_from(_source(wire))
    if wire.watermark is not None and mark.ends:
        watermark: Any = sa.column(wire.watermark)
        kind = _KINDS.get(mark.kind, str)
        is_new = watermark <= kind(mark.ends)
        if mark.begins is not None:
            is_new &= watermark >= kind(mark.begins)
        statement = statement.where(is_new | watermark.is_(None)).order_by(watermark)
    statement = statement.order_by(*(sa.column(part) for column in layout.keys for part in layout.parts(column)))
    result = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS).execute(statement)
    for row in result.mappings():
        yield {str(name): value for name, value in row.items()}


def _next_mark(connection: sa.Connection, wire: Wire, mark: Mark | None, business_date: date) -> Mark:
    """From where the last date ended (or, for the same date, began) up to the highest watermark there is now."""
    day = business_date.isoformat()
    if wire.watermark is None:
        return Mark(day, None, "", "")
    watermark: Any = sa.column(wire.watermark)
    highest = connection.execute(sa.select(sa.func.max(watermark)).select_from(_source(wire))).scalar_one()
    began = mark if mark is not None and mark.ends else None
    begins = (began.begins if began.business_date == day else began.ends) if began else None
    kind = type(highest).__name__.lower()
    return Mark(day, begins, as_text(highest) or "", kind if kind in _KINDS else "str")


def _read_mark(inbox: Inbox) -> Mark | None:
    path = _mark_path(inbox)
    return Mark(**read_json(path)) if path.exists() else None


def _mark_path(inbox: Inbox) -> Path:
    return inbox.state / "watermark.json"


@contextmanager
def _reading(settings: Settings, wire: Wire) -> Iterator[sa.Connection]:
    """One read-only snapshot of the database, so that the mark and the rows are of one moment."""
    access = connection_named(settings, wire.connection).access(SqlAccess)
    try:
        url = sa.make_url(access.url.get_secret_value())
    except (sa.exc.ArgumentError, ValueError):  # its words quote the url
        raise WireRefused(
            f"The url of the connection {wire.connection} is none; nothing was fetched.",
            hint="Write it as postgresql://user:password@host:port/database.",
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    is_postgres = url.get_backend_name() == "postgresql"
    try:
        engine = sa.create_engine(
            url, poolclass=sa.NullPool, connect_args={"connect_timeout": CONNECT_SECONDS} if is_postgres else {}
        )
        with engine.connect() as connection:
            if is_postgres:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError):
        raise WireRefused(
            f"No driver for the database of {wire.connection} is installed; nothing was fetched.",
            hint="Install the driver's package beside the databank.",
        ) from None
    except sa.exc.OperationalError as error:
        raise _failure(wire, error) from None
    except (sa.exc.ProgrammingError, sa.exc.DataError) as error:
        raise ContractBreach(
            f"The database of {wire.connection} does not have the table, query or columns of the contract "
            f"({_state(error) or type(error.orig).__name__}); nothing was taken over.",
            hint="Compare table, query, watermark and physicalName of each column with the agency's database.",
        ) from None
    except sa.exc.DBAPIError as error:
        raise _failure(wire, error) from None


def _failure(wire: Wire, error: sa.exc.DBAPIError) -> WireDown | WireRefused:
    words = str(error.orig).lower()
    if (_state(error) or "").startswith("28") or "password authentication failed" in words:
        return WireRefused(
            f"The database of {wire.connection} does not accept user or password. {_NEXT}",
            hint="Compare the connection with what the agency gave.",
        )
    return WireDown(
        f"The database of {wire.connection} does not answer or broke off ({type(error.orig).__name__}). {_NEXT}",
        hint="Try again later; if it lasts, tell the agency.",
    )


def _state(error: sa.exc.DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
