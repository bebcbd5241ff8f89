"""Steps: a transformation is a value; one runner executes it, proves its grain and keeps the evidence.

A pure function returns ``Step(table, grain, sql, params)``. ``Runner.run`` executes it in DuckDB, proves that the result
is unique and not null on its grain, writes ``<table>.parquet`` into the run folder, and records name, rows, seconds and
the hash of what produced it in ``steps.jsonl``. A step whose hash is already recorded is read back, not computed again:
so a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.duck import PARQUET, Connection, DuckConnection, literal, quote
from hub.errors import GrainError
from hub.progress import Progress, quiet
from hub.storage import disk_errors, sync


@dataclass(frozen=True)
class Step:
    """One table: its dotted name, the columns on which it is unique, the SQL that makes it, bound values.

    ``comes_in_order``: the SQL is expected to yield its rows in the order of the grain, so they need not be sorted: a sort
    of very many wide rows takes more memory than DuckDB can spill. The order is looked at afterwards; where it did not
    hold, the rows are sorted after all.
    """

    table: str
    grain: tuple[str, ...]
    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    comes_in_order: bool = False


@dataclass(frozen=True)
class StepResult:
    """What a step left behind."""

    table: str
    row_count: int
    seconds: float
    path: Path
    is_reused: bool


class Runner:
    """Executes Steps on one engine and keeps them in one run folder.

    Args:
        files: DuckDB, which writes and proves the folder's files; tables of earlier steps are visible under their dotted
            names.
        con: where SQL runs and the same tables are visible; DuckDB unless said otherwise.
        folder: where Parquet files and ``steps.jsonl`` go.
        inputs_hash: hash of everything that the steps read from outside; part of each step's hash.
    """

    def __init__(
        self,
        files: DuckConnection,
        folder: Path,
        inputs_hash: str = "",
        progress: Progress = quiet,
        con: Connection | None = None,
    ) -> None:
        self.files = files
        self.con: Connection = con or files
        self.folder = folder
        self.inputs_hash = inputs_hash
        self.progress = progress
        self._done = _recorded(folder / "steps.jsonl")
        self._chain = inputs_hash

    @contextmanager
    def computing_on(self, con: Connection) -> Iterator[None]:
        """Run SQL on another engine for a while; what it computes is kept, proved and recorded as ever."""
        before, self.con = self.con, con
        self.attach_all()
        try:
            yield
        finally:
            self.con = before

    def attach(self, table: str, path: Path) -> None:
        """Make a Parquet file readable under a dotted table name."""
        schema = table.partition(".")[0]
        for place in dict.fromkeys((self.files, self.con)):
            place.execute(f"create schema if not exists {quote(schema)}")
            place.execute(f"create or replace view {quote(table)} as select * from read_parquet({literal(path)})")

    def attach_all(self) -> None:
        """Make every table that earlier stages left in the run folder readable."""
        for path in sorted(self.folder.glob("*.*.parquet")):
            self.attach(path.name.removesuffix(".parquet"), path)

    def run(self, step: Step) -> StepResult:
        """Execute one step, or read it back when this run folder already holds it.

        Raises:
            GrainError: the result is not unique, or null, on the declared grain.
        """
        started = time.monotonic()
        path = self.folder / f"{step.table}.parquet"
        self._chain = _hash(self._chain, step)
        if self._done.get(step.table) == self._chain and path.exists():
            self.attach(step.table, path)
            return StepResult(step.table, self._count(step.table), time.monotonic() - started, path, True)
        self.progress(step.table, 0, 1)
        self._compute(step, path)
        self.attach(step.table, path)
        result = StepResult(step.table, self._count(step.table), time.monotonic() - started, path, False)
        self._record(result)
        self.progress(step.table, 1, 1)
        return result

    def keep(self, table: str, grain: tuple[str, ...], relation: Any) -> StepResult:
        """Keep a table that a library computed (an Arrow table or a DuckDB relation), with the same proof and record."""
        self.con.register("kept_relation", relation)
        try:
            return self.run(Step(table, grain, "select * from kept_relation"))
        finally:
            self.con.unregister("kept_relation")

    def _compute(self, step: Step, path: Path) -> None:
        partial = path.with_name(f".{path.name}.partial")
        is_trusted = step.comes_in_order and self.con is self.files  # other engines keep no order
        with disk_errors(path):
            self._write(step, partial, is_sorted=not is_trusted)
            if is_trusted and not _is_in_order(self.files, step, partial):
                self._write(step, partial, is_sorted=True)
            _prove_grain(self.files, step, partial)
            sync(partial)
            partial.replace(path)

    def _write(self, step: Step, path: Path, *, is_sorted: bool) -> None:
        order = f"order by {', '.join(quote(name) for name in step.grain)}" if is_sorted else ""
        self.con.execute(f"copy (select * from ({step.sql}) {order}) to {literal(path)} {PARQUET}", dict(step.params))

    def _count(self, table: str) -> int:
        return int(self.files.execute(f"select count(*) from {quote(table)}").fetchall()[0][0])

    def _record(self, result: StepResult) -> None:
        line = {
            "table": result.table,
            "rows": result.row_count,
            "seconds": round(result.seconds, 3),
            "hash": self._chain,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with disk_errors(self.folder), (self.folder / "steps.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
        self._done[result.table] = self._chain


def _is_in_order(files: DuckConnection, step: Step, path: Path) -> bool:
    before = f"select {_grain(step)} < lag({_grain(step)}) over () as is_before from read_parquet({literal(path)})"
    return bool(files.execute(f"select count(*) filter (where is_before) = 0 from ({before})").fetchall()[0][0])


def _grain(step: Step) -> str:
    names = ", ".join(quote(name) for name in step.grain)
    return f"({names})" if len(step.grain) > 1 else names


def _prove_grain(files: DuckConnection, step: Step, path: Path) -> None:
    names = ", ".join(quote(name) for name in step.grain)
    nulls = " or ".join(f"{quote(name)} is null" for name in step.grain)
    # The file is sorted by its grain, so one comparison with the row before proves uniqueness without a hash table.
    same = f"{_grain(step)} is not distinct from lag({_grain(step)}) over ()"
    rows = files.execute(
        f"select count(*) filter (where {nulls}), count(*) filter (where is_same) from "
        f"(select {names}, row_number() over () > 1 and {same} as is_same "
        f"from read_parquet({literal(path)}))"
    ).fetchall()[0]
    if rows[0] or rows[1]:
        path.unlink(missing_ok=True)
        raise GrainError(
            f"Step {step.table} is not unique on ({', '.join(step.grain)}): {rows[1]} repeated rows, "
            f"{rows[0]} with nulls; nothing was put in place.",
            hint="Read the step's SQL for a join that multiplies rows.",
            repeated=int(rows[1]),
            nulls=int(rows[0]),
        )


def _hash(chain: str, step: Step) -> str:
    text = json.dumps([chain, step.table, step.grain, step.sql, sorted((k, str(v)) for k, v in step.params.items())])
    return hashlib.sha256(text.encode()).hexdigest()


def _recorded(log: Path) -> dict[str, str]:
    if not log.exists():
        return {}
    done: dict[str, str] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # a line cut by a kill: its step runs again
        done[entry["table"]] = entry["hash"]
    return done
