"""How far two ways of clustering the same records agree, and what two models hold of the same evidence."""

from __future__ import annotations

from dataclasses import dataclass

from hub.duck import Connection
from matching.evaluate import Score, evaluate
from matching.model import Model


@dataclass(frozen=True)
class Agreement:
    """Records that both clusterings hold, first against second.

    Args:
        clusters: how many the first and the second make.
        equal_clusters: those with exactly the same records in both.
        merged: clusters of the second that hold records of several of the first.
        split: clusters of the first whose records lie in several of the second.
        pairs: pairs of records in one cluster: in both (true), only in the second (false), only in the first (missed).
    """

    records: int
    clusters: tuple[int, int]
    equal_clusters: int
    merged: int
    split: int
    pairs: Score


FURTHEST_BITS = 8


@dataclass(frozen=True)
class WeightShift:
    """Match weights of pairs that both kept, second minus first. Units: bits.

    Args:
        by_bits: pairs by their shift in whole bits; what is further apart than ``FURTHEST_BITS`` stands under these.
    """

    pairs: int
    mean: float
    mean_absolute: float
    largest: float
    by_bits: dict[int, int]


@dataclass(frozen=True)
class LevelShift:
    """What two models hold of one comparison level. Units: bits; None where a model does not compare it."""

    comparison: str
    level: str
    first_weight: float | None
    second_weight: float | None

    @property
    def size(self) -> float:
        """How far apart they are; what only one of them weighs counts whole."""
        return abs((self.second_weight or 0.0) - (self.first_weight or 0.0))


def agreement(con: Connection, first: str, second: str, *, cluster_column: str = "cluster_no") -> Agreement:
    """Compare two clusterings.

    Args:
        first, second: tables with ``record_key`` and the cluster column; records that only one holds are left out.
    """
    rows = con.execute(
        f"""with cell as (
                select a.{cluster_column} as a, b.{cluster_column} as b, count(*) as n
                from {first} as a join {second} as b using (record_key) group by all
            ),
            of_a as (select a, sum(n) as n, count(*) as parts from cell group by a),
            of_b as (select b, sum(n) as n, count(*) as parts from cell group by b)
            select (select coalesce(sum(n), 0) from cell), (select count(*) from of_a), (select count(*) from of_b),
                   (select count(*) from of_a join cell using (a) join of_b using (b)
                    where of_a.parts = 1 and of_b.parts = 1),
                   (select count(*) from of_b where parts > 1), (select count(*) from of_a where parts > 1)"""
    ).fetchall()[0]
    records, of_first, of_second, equal, merged, split = (int(value) for value in rows)
    truth = f"(select record_key, {cluster_column} as true_person_id from {first})"
    pairs = evaluate(con, second, truth, cluster_column=cluster_column)
    return Agreement(records, (of_first, of_second), equal, merged, split, pairs)


def weight_shift(con: Connection, first: str, second: str) -> WeightShift:
    """Compare the weights that two linkages gave to the same pairs (tables like linkage.scored_pair)."""
    shifts = f"""(select b.match_weight - a.match_weight as shift
                  from {first} as a join {second} as b using (record_key_a, record_key_b)
                  where a.match_weight is not null and b.match_weight is not null)"""
    pairs, mean, absolute, largest = con.execute(
        f"select count(*), avg(shift), avg(abs(shift)), max(abs(shift)) from {shifts}"
    ).fetchall()[0]
    bits = f"greatest(-{FURTHEST_BITS}, least({FURTHEST_BITS}, round(shift)))::integer"
    by_bits = con.execute(f"select {bits}, count(*) from {shifts} group by 1 order by 1").fetchall()
    return WeightShift(int(pairs), float(mean or 0.0), float(absolute or 0.0), float(largest or 0.0), dict(by_bits))


def level_shifts(first: Model, second: Model) -> list[LevelShift]:
    """All levels, those on which the models are furthest apart first."""
    weights = [
        {(name, label): odds.weight for name, levels in model.odds.items() for label, odds in levels.items()}
        for model in (first, second)
    ]
    keys = sorted({*weights[0], *weights[1]})
    shifts = [LevelShift(*key, weights[0].get(key), weights[1].get(key)) for key in keys]
    return sorted(shifts, key=lambda each: (-each.size, each.comparison, each.level))
