"""Questions to the warehouse with the planner's login, which reads mart.* and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from hub.errors import InquiryError
from hub.postgres import binaries
from hub.settings import Settings
from schemas.mart_tables import MARTS
from warehouse.database import CONNECT_SECONDS, server_url, translated
from warehouse.roles import PLANNER, ensure_logins, password_of

ROW_LIMIT = 10_000
_DENIED = ("42501", "25006")
_MISTAKES = ("42", "22")
_SEVERAL = "multiple commands"  # in PostgreSQL's words for several statements where one is due; it has no code of its own


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one query; ``has_more``: there are more rows than were asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    has_more: bool = False


def run_query(settings: Settings, sql: str, limit: int = ROW_LIMIT) -> Answer:
    """The first rows of one SELECT over mart.*; further ones are not even fetched.

    Raises:
        InquiryError: the query asks for what planners may not see, is no valid SQL, or is more than one statement.
        DatabaseAway: PostgreSQL does not answer.
    """
    with translated(), psycopg.connect(make_conninfo(**_planner(settings)), connect_timeout=CONNECT_SECONDS) as connection:
        cursor = connection.cursor()
        try:
            rows = list(islice(cursor.stream(sql.encode()), limit + 1))
        except psycopg.Error as error:
            raise _refusal(error) from None
        columns = [column.name for column in cursor.description or ()]
    return Answer(columns, rows[:limit], len(rows) > limit)


def connection_text(settings: Settings) -> str:
    """How any tool connects as the planner; says where the password lies, not what it is."""
    reach = _planner(settings)
    return "\n".join(
        (
            f"host      {reach['host']}",
            f"port      {reach['port']}",
            f"database  {reach['dbname']}",
            f"user      {reach['user']}",
            f'password  in {settings.postgres / "logins.json"} under "{PLANNER}"',
            "",
            f"psql      {binaries() / 'psql'} -h {reach['host']} -p {reach['port']} -U {reach['user']} {reach['dbname']}",
            f"tables    {', '.join(table.name for table in MARTS)}",
        )
    )


def open_planner(settings: Settings) -> None:
    """Replace this process by psql with the planner's login. Only for a terminal."""
    reach = _planner(settings)
    environment = {**os.environ, "PGPASSWORD": reach["password"], "PGAPPNAME": "databank query"}
    program = str(binaries() / "psql")
    os.execve(
        program,
        [program, "-h", reach["host"], "-p", reach["port"], "-U", reach["user"], "-d", reach["dbname"]],
        environment,
    )


def _planner(settings: Settings) -> dict[str, str]:
    url = sa.make_url(server_url(settings))
    password = password_of(settings, PLANNER)
    if password is None:
        ensure_logins(settings)
        password = password_of(settings, PLANNER) or ""
    return {
        "host": url.host or "127.0.0.1",
        "port": str(url.port or 5432),
        "dbname": url.database or "",
        "user": PLANNER,
        "password": password,
    }


def _refusal(error: psycopg.Error) -> Exception:
    code = error.sqlstate or ""
    if code in _DENIED:
        return InquiryError(
            "This login reads mart.* only and changes nothing; the query was refused.",
            hint="Ask over mart.*; `databank query` without SQL lists its tables.",
            sqlstate=code,
        )
    if _SEVERAL in (error.diag.message_primary or ""):
        return InquiryError(
            "These are several statements; one is answered at a time, and none was run.",
            hint="Ask one query; `databank query` without SQL opens psql, which takes any number.",
            sqlstate=code,
        )
    if code.startswith(_MISTAKES):  # the planner's own words about mart.*: no person's value can be in it
        return InquiryError(
            f"PostgreSQL does not understand the query: {error.diag.message_primary}.",
            hint="Mend the SQL; `\\d mart.*` in psql lists tables and columns.",
            sqlstate=code,
        )
    if not code and not isinstance(error, psycopg.OperationalError):
        return InquiryError("This is no query: it has no rows to show.", hint="Ask with select over mart.*.")
    return error
