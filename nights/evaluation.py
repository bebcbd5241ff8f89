"""How well a night did, against a truth that the databank itself never reads: persons by pairs, double cover by overlap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.duck import Connection, literal
from hub.settings import Settings
from matching.evaluate import Accuracy, Score, evaluate
from nights.conflict_scores import KindScore, conflict_scores
from nights.truth import TRUTH, read_truth
from schemas.employment_tables import BENEFIT
from warehouse.runs import run_or_live


@dataclass(frozen=True)
class Overlaps(Accuracy):
    """Double basic cover of one person at two insurers: found and true, found and false, missed.

    A person whom the databank split or merged counts by the true person who holds most of its records.
    """

    right: int
    false: int
    missed: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """Right, wrong, missed."""
        return self.right, self.false, self.missed


@dataclass(frozen=True)
class Evaluation:
    """One run against the truth. ``overlaps`` and ``conflicts`` (by kind) are None when the truth tells none, or those of
    another night."""

    run_id: str
    records: int
    persons: Score
    overlaps: Overlaps | None
    conflicts: list[KindScore] | None = None


def evaluate_night(settings: Settings, truth: Path, run_id: str | None = None) -> Evaluation | None:
    """Score a run, by default the live one; None when no night was ever published.

    Args:
        truth: see ``read_truth``; double cover is measured where a folder holds overlap.parquet too.

    Raises:
        SettingsError: there is no such truth.
    """
    run = run_or_live(settings, run_id)
    if run is None:
        return None
    with run.runner(settings) as runner:
        con = runner.con
        read_truth(con, truth)
        persons = evaluate(con, "person.crosswalk", TRUTH, cluster_column="person_id")
        records = con.execute(f"select count(*) from person.crosswalk semi join {TRUTH} using (record_key)").fetchall()
        overlaps = _overlaps(con, truth, run.business_date)
        is_judged = run.table(BENEFIT.name).exists() and (truth / "conflict.parquet").is_file()
        conflicts = conflict_scores(con, truth) if overlaps is not None and is_judged else None
    return Evaluation(run.run_id, int(records[0][0]), persons, overlaps, conflicts)


def _overlaps(con: Connection, truth: Path, business_date: date) -> Overlaps | None:
    """Overlaps found against those of the truth; None where it tells none, or those of another night."""
    record, overlap = truth / "record.parquet", truth / "overlap.parquet"
    if not overlap.is_file():
        return None
    last = con.execute(f"select max(business_date) from read_parquet({literal(record)})").fetchall()[0][0]
    if last != business_date:
        return None
    row = con.execute(
        f"""with holding as (
                select c.person_id, t.true_person_id, count(*) as n
                from person.crosswalk as c join {TRUTH} as t using (record_key) group by all
            ),
            true_one as (
                select person_id, true_person_id from holding
                qualify row_number() over (partition by person_id order by n desc, true_person_id) = 1
            ),
            found as (
                select distinct t.true_person_id, least(c.insurer_a, c.insurer_b) as a,
                       greatest(c.insurer_a, c.insurer_b) as b
                from cover.conflict as c join true_one as t using (person_id)
                where c.kind_code in ('two_basic', 'two_principals') and c.insurer_a <> c.insurer_b
                  and c.status_code <> 'resolved'
            ),
            known as (
                select distinct true_person_id, insurer_a as a, insurer_b as b from read_parquet({literal(overlap)})
            )
            select (select count(*) from found semi join known using (true_person_id, a, b)),
                   (select count(*) from found anti join known using (true_person_id, a, b)),
                   (select count(*) from known anti join found using (true_person_id, a, b))"""
    ).fetchall()[0]
    return Overlaps(*(int(value) for value in row))
