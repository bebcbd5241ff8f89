"""Small counts out of sight (case P02) with totals kept to the person (P03): small cells are drawn together, not blanked.

A cell with a count of 1 to ``smallest - 1`` joins the others like it under ``other``, first in one dimension, then in
more, until the sum is large enough; where it stays small it takes in the smallest large cell of its group, or, where
none is large in every count, all of them. So the rows of a mart part its persons, and every count is 0 or large:
whatever rows are added or subtracted, none below the threshold comes out. A group whose total is large keeps that
total, so marts that go down the same groups agree. What it does not hide: how a large count changes from one night to
the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OTHER = "other"
SMALLEST_COUNT = 10
"""Fewest persons, or conflicts, that a row of a mart may count, other than none. NHS Digital publishes 8, the ONS 10."""


@dataclass(frozen=True)
class Suppression:
    """How the cells of one mart are drawn together.

    Args:
        dimensions: columns that make a cell.
        counts: columns that are added up when cells are.
        guarded: expressions over the counts that must be 0 or large; the first orders cells by size.
        levels: which dimensions are hidden, one level after the other, each containing the one before.
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    guarded: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]


def suppressed(cells: str, rule: Suppression, smallest: int = SMALLEST_COUNT) -> str:
    """SQL of a mart without small counts.

    Args:
        cells: SQL with the dimensions, the counts and ``as_of_feeds``.

    Returns: SQL with the same columns. Where all that there is stays below the threshold, its one row has empty counts.
    """
    small = " or ".join(f"{each} between 1 and {smallest - 1}" for each in rule.guarded)
    full = " and ".join(f"{each} >= {smallest}" for each in rule.guarded)
    dimensions, counts = ", ".join(rule.dimensions), ", ".join(rule.counts)
    parts = [
        f"cell as (\n{cells}\n)",
        f"level_0 as (select {dimensions}, {counts}, as_of_feeds, {small} as is_small from cell)",
    ]
    for number, hidden in enumerate(rule.levels):
        parts += _level(rule, f"level_{number}", number, hidden, small, full)
    shown = ", ".join(f"case when not is_small then {each} end as {each}" for each in rule.counts)
    return f"with {', '.join(parts)} select {dimensions}, {shown}, as_of_feeds from level_{len(rule.levels)}"


def _level(rule: Suppression, source: str, number: int, hidden: Sequence[str], small: str, full: str) -> list[str]:
    """Small cells of a level added up with some dimensions hidden, with the smallest large cell where need be."""
    cell, group = ", ".join(rule.dimensions), [each for each in rule.dimensions if each not in hidden]
    grouped = f"group by {', '.join(group)} having count(*) > 0" if group else "having count(*) > 0"
    sums = ", ".join(f"sum({each})::bigint as {each}" for each in rule.counts)
    same = " and ".join(f"large.{each} = rest.{each}" for each in group) or "true"
    partition = f"partition by {', '.join(f'large.{each}' for each in group)}" if group else ""
    order = ", ".join(("large.is_full desc", "large.size", *(f"large.{each}" for each in rule.dimensions)))
    totals = ", ".join(f"sum(large.{each}) over ({partition}) + rest.{each} as {each}" for each in rule.counts)
    labels = ", ".join(f"'{OTHER}' as {each}" if each in hidden else each for each in rule.dimensions)
    return [
        f"""rest_{number} as (
            select * from (select {", ".join([*group, sums])} from {source} where is_small {grouped}) where {small}
        )""",
        f"""helper_{number} as (
            select {cell}
            from (select {", ".join(f"large.{each}" for each in rule.dimensions)}, {totals},
                         row_number() over ({partition} order by {order}) as turn,
                         bool_or(large.is_full) over ({partition}) as has_full
                  from (select *, {rule.guarded[0]} as size, {full} as is_full from {source} where not is_small) as large
                  join rest_{number} as rest on {same})
            where if(has_full, turn = 1, not ({small}))
        )""",
        f"""drawn_{number} as (
            select * from {source} where is_small
            union all
            select * from {source} semi join helper_{number} using ({cell})
        )""",
        f"""level_{number + 1} as (
            select * from {source} anti join helper_{number} using ({cell}) where not is_small
            union all
            select *, {small}
            from (select {labels}, {sums}, string_agg(distinct as_of_feeds, ' ' order by as_of_feeds) as as_of_feeds
                  from drawn_{number} {grouped})
        )""",
    ]
