"""Grain: the columns on which a table is unique and never null, proved on the file that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hub.duck import DuckConnection, literal, quote
from hub.errors import GrainError


def key_of(grain: Sequence[str]) -> str:
    """SQL of a row's key."""
    names = ", ".join(quote(name) for name in grain)
    return f"({names})" if len(grain) > 1 else names


def order_by(grain: Sequence[str]) -> str:
    """SQL clause that puts rows in order of their key."""
    return f"order by {', '.join(quote(name) for name in grain)}"


def is_in_order(files: DuckConnection, grain: Sequence[str], path: Path) -> bool:
    """Whether a file's rows come in order of their key."""
    before = f"select {key_of(grain)} < lag({key_of(grain)}) over () as is_before from read_parquet({literal(path)})"
    return bool(files.execute(f"select count(*) filter (where is_before) = 0 from ({before})").fetchall()[0][0])


def prove_grain(files: DuckConnection, table: str, grain: Sequence[str], path: Path) -> None:
    """Prove that a file in order of its key holds each key once; a file that does not is removed.

    Raises:
        GrainError: it holds a key twice, or a null in one.
    """
    names = ", ".join(quote(name) for name in grain)
    nulls = " or ".join(f"{quote(name)} is null" for name in grain)
    # The file is sorted by its grain, so one comparison with the row before proves uniqueness without a hash table.
    same = f"{key_of(grain)} is not distinct from lag({key_of(grain)}) over ()"
    rows = files.execute(
        f"select count(*) filter (where {nulls}), count(*) filter (where is_same) from "
        f"(select {names}, row_number() over () > 1 and {same} as is_same "
        f"from read_parquet({literal(path)}))"
    ).fetchall()[0]
    if rows[0] or rows[1]:
        path.unlink(missing_ok=True)
        raise not_unique(table, grain, repeated=int(rows[1]), nulls=int(rows[0]))


def not_unique(table: str, grain: Sequence[str], *, repeated: int, nulls: int) -> GrainError:
    """The error of a step whose rows are not what its grain says."""
    return GrainError(
        f"Step {table} is not unique on ({', '.join(grain)}): {repeated} repeated rows, {nulls} with nulls; "
        "nothing was put in place.",
        hint="Read the step's SQL for a join that multiplies rows.",
        repeated=repeated,
        nulls=nulls,
    )
