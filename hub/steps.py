"""Steps: a transformation is a value; one runner executes it, proves its grain and keeps the evidence.

A pure function returns ``Step(table, grain, sql, params)``. ``Runner.run`` executes it on its engine, writes
``<table>.parquet`` into the run folder, proves that it is unique and not null on its grain, and records name, rows, seconds
and the hash of what produced it in ``steps.jsonl``. A step whose hash is already recorded is read back, not computed again:
so a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.duck import PARQUET, Connection, DuckConnection, literal, no_rows, one_by_one, quote
from hub.grain import order_by, prove_grain
from hub.journal import now_text
from hub.layers import amend, count_rows, is_layered, make_whole, put_in_place, rows_of
from hub.progress import Progress, quiet
from hub.step import Amendment as Amendment
from hub.step import Step as Step
from hub.storage import disk_errors


@dataclass(frozen=True)
class StepResult:
    """What a step left behind."""

    table: str
    row_count: int
    seconds: float
    path: Path
    is_reused: bool


class Runner:
    """Executes Steps and keeps them in one run folder. ``con``: where SQL runs, DuckDB or another engine (``computing_on``).

    Args:
        files: DuckDB, which writes and proves the folder's files; tables of earlier steps are visible under their dotted
            names.
        folder: where Parquet files and ``steps.jsonl`` go.
        inputs_hash: hash of everything that the steps read from outside; part of each step's hash.
    """

    def __init__(self, files: DuckConnection, folder: Path, inputs_hash: str = "", progress: Progress = quiet) -> None:
        self.files = files
        self.con: Connection = files
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
        """Make a table's file readable under a dotted table name."""
        schema = table.partition(".")[0]
        for place in dict.fromkeys((self.files, self.con)):
            rows = rows_of(path) if place is self.files else f"read_parquet({literal(self._one_file(table, path))})"
            place.execute(f"create schema if not exists {quote(schema)}")
            place.execute(f"create or replace view {quote(table)} as select * from {rows}")

    def attach_empty(self, table: str, columns: Mapping[str, str]) -> None:
        """Make a table readable that no file holds: without rows."""
        self.con.execute(f"create schema if not exists {quote(table.partition('.')[0])}")
        self.con.execute(f"create or replace view {quote(table)} as {no_rows(columns)}")

    def attach_all(self) -> None:
        """Make every table that earlier stages left in the run folder readable."""
        for path in sorted(self.folder.glob("*.*.parquet")):
            self.attach(path.name.removesuffix(".parquet"), path)

    def run(self, step: Step) -> StepResult:
        """Execute one step, or read it back when this run folder already holds it.

        Raises:
            GrainError: the result is not unique, or null, on the declared grain.
        """
        return self._once(step, "", lambda path: self._compute(step, path))

    def amend(self, amendment: Amendment) -> StepResult:
        """Take a table over from an earlier night but for some rows; DuckDB only. The rest is as in ``run``."""
        said = f"{amendment.earlier.parent.name} {amendment.is_out} {amendment.out_keys} {amendment.out_rows}"
        return self._once(amendment.step, said, lambda path: amend(self.files, amendment, path))

    def make_whole(self, table: str, grain: tuple[str, ...]) -> None:
        """See to it that a table of this run folder is read in order of its key, as it is unless it was amended."""
        if is_layered(self._path(table)):
            make_whole(self.files, grain, self._path(table))
            self.attach(table, self._path(table))

    def _once(self, step: Step, said: str, compute: Callable[[Path], None]) -> StepResult:
        started = time.monotonic()
        path = self._path(step.table)
        self._chain = _hash(self._chain, step, said)
        is_reused = self._done.get(step.table) == self._chain and path.exists()
        if not is_reused:
            self.progress(step.table, 0, 1)
            with disk_errors(path):
                compute(path)
        self.attach(step.table, path)
        result = StepResult(step.table, count_rows(self.files, path), time.monotonic() - started, path, is_reused)
        if not is_reused:
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

    def _path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def _one_file(self, table: str, path: Path) -> Path:
        """A file that an engine without layers can read."""
        if not is_layered(path):
            return path
        whole = self.folder / "whole" / f"{table}.parquet"
        whole.parent.mkdir(exist_ok=True)
        self.files.execute(f"copy (select * from {rows_of(path)}) to {literal(whole)} {PARQUET}")
        return whole

    def _compute(self, step: Step, path: Path) -> None:
        partial = path.with_name(f".{path.name}.partial")
        is_trusted = step.comes_in_order and self.con is self.files  # other engines keep no order
        self._write(step, partial, is_sorted=not is_trusted)
        if not prove_grain(self.files, step.table, step.grain, partial, is_order_doubted=is_trusted):
            self._write(step, partial, is_sorted=True)
            prove_grain(self.files, step.table, step.grain, partial)
        put_in_place(partial, path)

    def _write(self, step: Step, path: Path, *, is_sorted: bool) -> None:
        order = order_by(step.grain) if is_sorted else ""
        statement = f"copy (select * from ({step.sql}) {order}) to {literal(path)} {PARQUET}"
        with one_by_one(self.files) if step.is_one_by_one and not is_sorted else nullcontext():
            self.con.execute(statement, dict(step.params))

    def _record(self, result: StepResult) -> None:
        line = {
            "table": result.table,
            "rows": result.row_count,
            "seconds": round(result.seconds, 3),
            "hash": self._chain,
            "at": now_text(),
        }
        with disk_errors(self.folder), (self.folder / "steps.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
        self._done[result.table] = self._chain


def _hash(chain: str, step: Step, said: str) -> str:
    params = sorted((k, str(v)) for k, v in step.params.items())
    text = json.dumps([chain, step.table, step.grain, step.sql, params, *filter(None, [said])])
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
