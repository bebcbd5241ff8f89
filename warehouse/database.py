"""PostgreSQL: how to reach it, and what its failures mean to us."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from hub import postgres
from hub.errors import DatabaseAway, HubError, NightRunning, PublishError, ResourceError
from hub.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa

CONNECT_SECONDS = 10
LOCK_WAIT = "60s"
"""So long a night that goes live waits for another one, and for booklets that are being issued online."""
RESTART_WAITS = (0.2, 1.0, None)
GONE_CLIENT_CHECK = "2s"

Postgres = psycopg.Connection[tuple[Any, ...]]

_RESOURCES = ("53100", "53200")
_LOCKED = ("55P03",)
_ABSENT = ("42P01", "3F000", "42883", "42703", "42704")


def server_url(settings: Settings) -> str:
    """libpq URL of the administrator; starts the embedded server unless DATABANK_DATABASE_URL names another."""
    return settings.database_url or postgres.start(settings).url


def engine(settings: Settings) -> sa.Engine:
    """An SQLAlchemy engine on the databank's PostgreSQL.

    Raises:
        DatabaseAway: the embedded server did not come up.
    """
    import sqlalchemy as sa  # here: most commands never need it, and it takes a while to load

    url = sa.make_url(server_url(settings)).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})


@contextmanager
def connect(settings: Settings) -> Iterator[Postgres]:
    """A psycopg connection in autocommit mode, for COPY and explicit transactions. Failures become HubErrors.

    The server drops the session of a killed client within seconds, so its locks never outlive it for long.

    Raises:
        DatabaseAway, NightRunning, PublishError, ResourceError: see ``hub.errors``.
    """
    with translated(), _opened(settings) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(sql.SQL("set client_connection_check_interval = {}").format(sql.Literal(GONE_CLIENT_CHECK)))
        yield connection


def _opened(settings: Settings) -> Postgres:
    """Connect; an embedded server that was just killed is started again."""
    for wait in RESTART_WAITS:
        try:
            return psycopg.connect(
                server_url(settings), autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="databank"
            )
        except psycopg.OperationalError:
            if wait is None or settings.database_url:
                raise
            time.sleep(wait)
    raise AssertionError("unreachable")


def ensure_database(url: str, name: str) -> None:
    """Make another database on the server of ``url`` when there is none of that name."""
    with translated(), psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of psycopg into HubErrors. Their text may quote a row, so only codes and names are carried over."""
    try:
        yield
    except psycopg.Error as error:
        raise meaning_of(error) from None


def meaning_of(error: psycopg.Error) -> HubError:
    """The HubError that a failure of PostgreSQL stands for."""
    code = error.sqlstate or ""
    table, constraint = error.diag.table_name, error.diag.constraint_name
    facts = {"sqlstate": code, "table": table, "constraint": constraint}
    if code in _RESOURCES:
        return ResourceError(
            "PostgreSQL has no disk or memory left; nothing of this step was kept.",
            hint="Free space on the database's disk, then start the same command again.",
            **facts,
        )
    if code in _LOCKED:
        return NightRunning(
            "Another night goes live in the database, or an insurer is at work there; this one changed nothing.",
            hint="Wait for it to end (`databank status`), then start again.",
            **facts,
        )
    if code in _ABSENT:
        return PublishError(
            "The database lacks a table, function or role of this version; nothing was changed.",
            hint="Run `databank init`, which brings the database up to date.",
            **facts,
        )
    if isinstance(error, psycopg.OperationalError):
        return DatabaseAway(
            f"PostgreSQL does not answer or broke off{f' ({code})' if code else ''}; nothing was half-published.",
            hint="See whether the server runs and DATABANK_DATABASE_URL is right, then start the same command again.",
            **facts,
        )
    place = f" on {table}" + (f" ({constraint})" if constraint else "") if table else ""
    return PublishError(
        f"PostgreSQL refused with SQLSTATE {code}{place}; nothing of this transaction was kept.",
        hint="Look the SQLSTATE up; a refused row means that an audit is missing: report it.",
        **facts,
    )
