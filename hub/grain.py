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


def prove_grain(
    files: DuckConnection, table: str, grain: Sequence[str], path: Path, *, is_order_doubted: bool = False
) -> bool:
    """Prove that a file in order of its key holds each key once; a file that does not is removed.

    Args:
        is_order_doubted: look at the order, too.

    Returns: whether the rows come in order; where they do not, nothing is proved.

    Raises:
        GrainError: it holds a key twice, or a null in one.
    """
    key, names = key_of(grain), ", ".join(quote(name) for name in grain)
    nulls = " or ".join(f"{quote(name)} is null" for name in grain)
    late = f"{key} < lag({key}) over ()" if is_order_doubted else "false"
    # The file is sorted by its grain, so one comparison with the row before proves uniqueness without a hash table.
    same = f"{key} is not distinct from lag({key}) over ()"
    late_count, null_count, repeated = files.execute(
        f"select count(*) filter (where is_late), count(*) filter (where {nulls}), count(*) filter (where is_same) from "
        f"(select {names}, {late} as is_late, row_number() over () > 1 and {same} as is_same "
        f"from read_parquet({literal(path)}))"
    ).fetchall()[0]
    if late_count:
        return False
    if null_count or repeated:
        path.unlink(missing_ok=True)
        raise not_unique(table, grain, repeated=int(repeated), nulls=int(null_count))
    return True


def not_unique(table: str, grain: Sequence[str], *, repeated: int, nulls: int) -> GrainError:
    """The error of a step whose rows are not what its grain says."""
    return GrainError(
        f"Step {table} is not unique on ({', '.join(grain)}): {repeated} repeated rows, {nulls} with nulls; "
        "nothing was put in place.",
        hint="Read the step's SQL for a join that multiplies rows.",
        repeated=repeated,
        nulls=nulls,
    )
