"""What a databank has published, to be compared with another."""

from __future__ import annotations

import psycopg

from hub import postgres
from tests.nation import Home

# Columns that say when, not what.
CLOCKS = {
    "landed_at",
    "committed_at",
    "started_at",
    "published_at",
    "at",
    "judged_at",
    "known_from",
    "known_to",
    "seconds",
    "valid_during",
}


def published_state(home: Home) -> dict[str, str]:
    """Table name -> hash of its rows, clocks left out."""
    with psycopg.connect(postgres.start(home.settings).url) as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns "
            "where table_schema in ('person', 'cover', 'mart', 'ops') "
            "and table_name not in ('run', 'step') order by 1, ordinal_position"
        ).fetchall()
        tables: dict[str, list[str]] = {}
        for table, column in columns:
            if column not in CLOCKS:
                tables.setdefault(table, []).append(column)
        return {table: _hash(connection, table, names) for table, names in tables.items()}


def _hash(connection: psycopg.Connection[tuple[object, ...]], table: str, names: list[str]) -> str:
    rows = f"(select row({', '.join(names)})::text as line from {table}) as r"
    found = connection.execute(
        f"select count(*) || ' ' || coalesce(md5(string_agg(line, '|' order by line)), '') from {rows}"
    )
    return str(found.fetchone()[0])  # type: ignore[index]
