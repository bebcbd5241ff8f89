"""A table of a run folder whose rows are mostly those of an earlier night.

``<table>.parquet`` is then that night's file, by a hard link; ``changed/<table>.parquet`` holds the rows that were put in
since, and ``gone/<table>.parquet`` the places in it (row numbers) that count no more. All who read a table of a run folder
ask ``rows_of`` for its rows. When too much has changed, the table is written whole again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.duck import PARQUET, DuckConnection, literal, quote
from hub.grain import key_of, not_unique, order_by, prove_grain
from hub.step import Amendment, Step
from hub.storage import sync

CHANGED, GONE = "changed", "gone"
# Above this share of changed and gone rows a table is written whole again: each reader pays for the layers.
MOST_LAYERED_RATIO = 0.15


def rows_of(path: Path) -> str:
    """SQL of the rows of a run folder's table; it stands where a table's name would.

    Args:
        path: ``<table>.parquet`` in the run folder.
    """
    if not is_layered(path):
        return f"read_parquet({literal(path)})"
    return f"""(
        select w.* exclude (file_row_number) from {_placed(path)} as w
        anti join {_layer(path, GONE)} as g on g.place = w.file_row_number
        union all by name select * from {_layer(path, CHANGED)})"""


def count_rows(files: DuckConnection, path: Path) -> int:
    """Number of rows of a run folder's table, as its files know it without being read."""
    counted = _count(files, path)
    if is_layered(path):
        counted += _count(files, _beside(path, CHANGED)) - _count(files, _beside(path, GONE))
    return counted


def is_layered(path: Path) -> bool:
    """Whether a table is an earlier night's file with changes beside it; its rows come in no order then."""
    return _beside(path, GONE).exists()


@dataclass(frozen=True)
class Difference:
    """SQL of the rows by which two nights' tables may differ: what the earlier one says, and what the later one says."""

    before: str
    now: str


def difference(earlier: Path, path: Path) -> Difference | None:
    """Where two nights' tables may differ, read from their layers alone; None when they have no file in common.

    Rows that both say alike may be among them.
    """
    if not (earlier.exists() and path.exists() and path.samefile(earlier)):
        return None
    return Difference(_rows_beside(earlier, path), _rows_beside(path, earlier))


def _rows_beside(path: Path, other: Path) -> str:
    """SQL of a table's changed rows, and of those of its file that the other table has no more."""
    gone = f"select place from {_gone(other)} except select place from {_gone(path)}"
    held = f"select * exclude (file_row_number) from {_placed(path)} where file_row_number in ({gone})"
    return f"{held} union all by name select * from {_layer(path, CHANGED)}" if is_layered(path) else held


def link_table(source: Path, target: Path) -> None:
    """Let one run folder hold a table of another as it is, without a copy."""
    remove_table(target)
    for layer in (CHANGED, GONE) if is_layered(source) else ():
        _beside(target, layer).parent.mkdir(exist_ok=True)
        os.link(_beside(source, layer), _beside(target, layer))
    os.link(source, target)


def remove_table(path: Path) -> None:
    """Remove a table from a run folder; files that other folders hold too stay theirs."""
    for file in (path, _beside(path, GONE), _beside(path, CHANGED)):
        file.unlink(missing_ok=True)


def put_in_place(partial: Path, path: Path) -> None:
    """Let a table that was written whole take the place of what was there."""
    sync(partial)
    remove_table(path)
    partial.replace(path)


def amend(files: DuckConnection, amendment: Amendment, path: Path) -> None:
    """Make a table of an earlier one. The file of its name comes last: until then there is no such table.

    Raises:
        GrainError: a row is put in whose key a row that stays has.
    """
    amendment = _without_repeats(files, amendment) if amendment.out_rows else amendment
    step, earlier, out_keys = amendment.step, amendment.earlier, amendment.out_keys
    key = key_of(step.grain)
    is_out = f"{key} in ({out_keys})" if out_keys else amendment.is_out
    remove_table(path)
    for layer in (CHANGED, GONE):
        _beside(path, layer).parent.mkdir(exist_ok=True)
    is_chain = is_layered(earlier)
    kept = f"union all by name select * from {_layer(earlier, CHANGED)} where ({is_out}) is not true" if is_chain else ""
    changed = _partial(_beside(path, CHANGED))
    _copy(files, f"select * from (from ({step.sql}) {kept}) {order_by(step.grain)}", changed, step.params)
    prove_grain(files, step.table, step.grain, changed)
    put_in = f"select {key} from read_parquet({literal(changed)})"
    # Apart, each condition finds its rows while the file is read.
    looked_at = (f"{key} in ({out_keys} union {put_in})",) if out_keys else (is_out, f"{key} in ({put_in})")
    places = (
        f"select file_row_number as place, ({is_out}) is true as is_out from {_placed(earlier)} where {condition}"
        for condition in looked_at
    )
    files.execute(f"create or replace temp table layer_place as {' union all '.join(places)}")
    repeated = int(
        files.execute(
            f"""select count(*) from layer_place
                where not is_out and place not in (select place from {_gone(earlier)})"""
        ).fetchall()[0][0]
    )
    if repeated:
        changed.unlink()
        raise not_unique(step.table, step.grain, repeated=repeated, nulls=0)
    gone = _partial(_beside(path, GONE))
    _copy(files, f"select place from layer_place where is_out union select place from {_gone(earlier)} order by place", gone)
    files.execute("drop table layer_place; drop table if exists layer_made")
    changed.replace(_beside(path, CHANGED))
    gone.replace(_beside(path, GONE))
    os.link(earlier, path)
    layered, whole = _count(files, _beside(path, CHANGED)) + _count(files, _beside(path, GONE)), _count(files, path)
    if layered > MOST_LAYERED_RATIO * whole:
        make_whole(files, step.grain, path)


def _without_repeats(files: DuckConnection, amendment: Amendment) -> Amendment:
    """Neither take out nor put in what says what it said: most rows that are in question do, and layers last longer so.

    Leaves:  temp table layer_made
    """
    step = amendment.step
    files.execute(f"create or replace temp table layer_made as {step.sql}", dict(step.params))
    columns = ", ".join(quote(name) for name, *_ in files.execute("describe layer_made").fetchall())
    now, then = f"select {columns} from layer_made", f"select {columns} from ({amendment.out_rows})"
    put_in = Step(step.table, step.grain, f"{now} except all {then}")
    return Amendment(put_in, amendment.earlier, out_keys=f"select {key_of(step.grain)} from ({then} except all {now})")


def make_whole(files: DuckConnection, grain: Sequence[str], path: Path) -> None:
    """Write a layered table as one file, in order of its key."""
    partial = _partial(path)
    _copy(files, f"select * from {rows_of(path)} {order_by(grain)}", partial)
    put_in_place(partial, path)


def _copy(files: DuckConnection, sql: str, path: Path, params: Mapping[str, Any] | None = None) -> None:
    files.execute(f"copy ({sql}) to {literal(path)} {PARQUET}", dict(params or {}))
    sync(path)


def _count(files: DuckConnection, path: Path) -> int:
    return int(files.execute(f"select count(*) from read_parquet({literal(path)})").fetchall()[0][0])


def _placed(path: Path) -> str:
    return f"read_parquet({literal(path)}, file_row_number = true)"


def _layer(path: Path, layer: str) -> str:
    return f"read_parquet({literal(_beside(path, layer))})"


def _gone(path: Path) -> str:
    return _layer(path, GONE) if is_layered(path) else "(select 0 as place where false)"


def _beside(path: Path, layer: str) -> Path:
    return path.parent / layer / path.name


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")
