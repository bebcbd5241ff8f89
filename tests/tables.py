"""Specs as small tables: ``world.given(...)``, ``world.when(step)``, ``world.then(...)`` through the real Step runner.

Columns are typed by the table's declaration, else by the declaration of a column of the same name anywhere, else by suffix.
Columns of a declared table that a spec leaves out are null. An empty cell is null; ``''`` is the empty text. A whole-number
column takes labels such as ``P1`` (read as 1), so that persons read as persons. ``then`` compares the columns it names, as
sets. ``world.next_night()`` opens a new run folder whose base is the one before.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from hub.duck import Connection, literal, quote
from hub.runs import Run
from hub.steps import Runner, Step
from schemas.fields import field_dictionary
from schemas.tables import TABLES

FIRST_NIGHT = date(2026, 11, 20)
SUFFIXES = {
    "_date": "date",
    "_at": "timestamptz",
    "_days": "bigint",
    "_count": "bigint",
    "_ratio": "double",
    "_weight": "double",
}
Cell = str | None


def parse(text: str) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows of an ASCII table; the ruled line under the header may be left out."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if not re.fullmatch(r"[-+| ]*-[-+| ]*", line)]
    header, *rows = cells
    for row in rows:
        assert len(row) == len(header), f"a row has {len(row)} cells, the header {len(header)}: {' | '.join(row)}"
    return header, [[None if cell == "" else "" if cell == "''" else cell for cell in row] for row in rows]


def column_type(table: str, column: str) -> str:
    """DuckDB type of a column of a spec's table."""
    if table in TABLES and column in TABLES[table].columns:
        return TABLES[table].columns[column]
    for declared in TABLES.values():
        if column in declared.columns:
            return declared.columns[column]
    if column in field_dictionary():
        return field_dictionary()[column].duckdb_type
    if column.startswith("is_"):
        return "boolean"
    return next((kind for suffix, kind in SUFFIXES.items() if column.endswith(suffix)), "varchar")


class World:
    """One spec's data: a run folder, the real runner, and tables given and expected as text."""

    def __init__(self, con: Connection, home: Path) -> None:
        self.con, self.home = con, home
        self.base_folder: Path | None = None
        self._open(FIRST_NIGHT, None)

    def _open(self, business_date: date, base_run_id: str | None) -> None:
        run_id = f"{business_date.isoformat()}-spec"
        folder = self.home / "runs" / run_id
        folder.mkdir(parents=True)
        self.run = Run(run_id, business_date, folder, f"inputs of {run_id}", base_run_id, {})
        self.runner = Runner(self.con, folder, self.run.inputs_hash)

    def next_night(self, after: timedelta = timedelta(days=1)) -> None:
        """The night after: an empty run folder; the one before becomes its base. Tables given before are gone."""
        self.base_folder = self.run.folder
        for (name,) in self.con.execute("select schema_name from duckdb_schemas() where not internal").fetchall():
            if name != "main":
                self.con.execute(f"drop schema {quote(name)} cascade")
        self._open(self.run.business_date + after, self.run.run_id)

    def given(self, table: str, text: str) -> None:
        """Put a table into the run folder, as an earlier stage would have left it."""
        header, rows = parse(text)
        declared = TABLES[table].columns if table in TABLES else {}
        columns = [*header, *(name for name in declared if name not in header)] if declared else header
        self.con.execute(f"create or replace temp table spec ({', '.join(f'{quote(name)} varchar' for name in columns)})")
        padding: list[Cell] = [None] * (len(columns) - len(header))
        if rows:
            self.con.executemany(
                f"insert into spec values ({', '.join('?' * len(columns))})", [row + padding for row in rows]
            )
        casts = [f"{_cast(quote(name), column_type(table, name))} as {quote(name)}" for name in (declared or columns)]
        casts += [
            f"{_cast(quote(name), column_type(table, name))} as {quote(name)}"
            for name in header
            if declared and name not in declared
        ]
        path = self.run.table(table)
        self.con.execute(f"copy (select {', '.join(casts)} from spec) to {literal(path)} (format parquet)")
        self.runner.attach(table, path)

    def when(self, *steps: Step) -> None:
        """Run Steps; the runner proves their grain."""
        for step in steps:
            self.runner.run(step)

    def then(self, table: str, text: str) -> None:
        """Expect exactly these rows, in any order, looking only at the columns named."""
        header, rows = parse(text)
        types = {row[0]: row[1] for row in self.con.execute(f"describe select * from {quote(table)}").fetchall()}
        absent = [name for name in header if name not in types]
        assert not absent, f"{table} has no column {', '.join(absent)}; it has {', '.join(types)}"
        texts = ", ".join(f"cast({quote(name)} as varchar)" for name in header)
        actual = Counter(self.con.execute(f"select {texts} from {quote(table)}").fetchall())
        read = ", ".join(f"cast({_cast('cast(? as varchar)', types[name])} as varchar)" for name in header)
        expected = Counter(self.con.execute(f"select {read}", row).fetchall()[0] for row in rows)
        missing, surplus = expected - actual, actual - expected
        if missing or surplus:
            raise AssertionError(_difference(table, header, missing, surplus))


def _cast(expression: str, kind: str) -> str:
    whole = kind.lower() in ("bigint", "integer", "ubigint", "hugeint")
    label = rf"regexp_replace({expression}, '^[A-Z]+([0-9]+)$', '\1')" if whole else expression
    return f"cast({label} as {kind})"


def _difference(table: str, header: list[str], missing: Counter, surplus: Counter) -> str:  # type: ignore[type-arg]
    marked = [("-", row) for row in missing.elements()] + [("+", row) for row in surplus.elements()]
    body = [["", *header], *([mark, *("" if cell is None else cell for cell in row)] for mark, row in marked)]
    widths = [max(len(row[i]) for row in body) for i in range(len(header) + 1)]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in sorted(body[1:], key=lambda r: r[1:])
    ]
    title = " | ".join(cell.ljust(width) for cell, width in zip(body[0], widths, strict=True)).rstrip()
    return "\n".join([f"{table} differs (- expected and not there, + there and not expected):", title, *lines])
