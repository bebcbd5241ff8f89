"""Evaluation: pairwise precision and recall of clusters against truth, from a contingency table, never by listing pairs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from hub.duck import Connection


class Accuracy(ABC):
    """What is told of things that were found rightly, found wrongly, and missed; a dataclass that counts them adds this."""

    @property
    @abstractmethod
    def counts(self) -> tuple[int, int, int]:
        """Right, wrong, missed."""

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        right, wrong, _ = self.counts
        return right / (right + wrong) if right + wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is right that was found; 1 when there is nothing to find."""
        right, _, missed = self.counts
        return right / (right + missed) if right + missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def figures(self) -> dict[str, Any]:
        """Counts and ratios as plain values for --json."""
        return vars(self) | {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Score(Accuracy):
    """Pairs of records that are one person: found rightly, found wrongly, missed."""

    true_pairs: int
    false_pairs: int
    missed_pairs: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """Right, wrong, missed."""
        return self.true_pairs, self.false_pairs, self.missed_pairs


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
