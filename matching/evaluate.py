"""Evaluation: pairwise precision and recall of clusters against truth, from a contingency table, never by listing pairs."""

from __future__ import annotations

from dataclasses import dataclass

from hub.duck import Connection


@dataclass(frozen=True)
class Score:
    """Pairs of records that are one person: found rightly, found wrongly, missed."""

    true_pairs: int
    false_pairs: int
    missed_pairs: int

    @property
    def precision(self) -> float:
        """Share of found pairs that are right; 1 when none was found."""
        found = self.true_pairs + self.false_pairs
        return self.true_pairs / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of right pairs that were found; 1 when there are none."""
        right = self.true_pairs + self.missed_pairs
        return self.true_pairs / right if right else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def evaluate(
    con: Connection, clusters: str, truth: str, *, cluster_column: str = "cluster_no", where: str = "true"
) -> Score:
    """Score clusters against truth.

    Args:
        clusters: table or query with ``record_key`` and the cluster column (linkage.cluster, person.crosswalk).
        truth: table or query with ``record_key`` and ``true_person_id``; records that truth does not know are left out.
        where: condition over the joined columns (aliases c, t) that restricts the records, such as a class of persons.
    """
    rows = con.execute(
        f"""with cell as (
                select c.{cluster_column} as found, t.true_person_id as person, count(*) as n
                from (select * from {clusters}) as c join (select * from {truth}) as t using (record_key)
                where {where} group by all
            )
            select (select coalesce(sum(n * (n - 1) // 2), 0) from cell),
                   (select coalesce(sum(n * (n - 1) // 2), 0) from (select sum(n) as n from cell group by found)),
                   (select coalesce(sum(n * (n - 1) // 2), 0) from (select sum(n) as n from cell group by person))"""
    ).fetchall()[0]
    both, found, right = (int(value) for value in rows)
    return Score(both, found - both, right - both)


def evaluate_by_class(con: Connection, clusters: str, truth: str, class_column: str, **options: str) -> dict[str, Score]:
    """Score each class of records apart; ``class_column`` is a column of ``truth``."""
    classes = con.execute(
        f"select distinct {class_column}::varchar from {truth} where {class_column} is not null order by 1"
    ).fetchall()
    return {
        name: evaluate(
            con, clusters, truth, where=f"t.{class_column}::varchar = '{name.replace(chr(39), chr(39) * 2)}'", **options
        )
        for (name,) in classes
    }
