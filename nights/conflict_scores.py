"""Conflicts found against those that are true, kind by kind: as found, and as far as their records were linked rightly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.duck import Connection, literal
from matching.evaluate import Accuracy
from nights.truth import TRUTH


@dataclass(frozen=True)
class KindScore(Accuracy):
    """Conflicts of one kind.

    Args:
        right, false, missed: found and true, found and false, true and not found.
        linked_false, linked_missed: those of them all of whose records are with the right person.
    """

    kind_code: str
    right: int
    false: int
    missed: int
    linked_false: int
    linked_missed: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """Right, wrong, missed: given the linkage."""
        return self.right, self.linked_false, self.linked_missed


def conflict_scores(con: Connection, truth: Path) -> list[KindScore]:
    """Scores of every kind that is true or found, by kind.

    A record is with the right person where most records of its person, and most of the true person's, are together; of two
    persons that hold as many of a true person's, the one with the registry's record counts.

    Reads:   cover.conflict, person.crosswalk, special.mark, special.claim, employment.benefit, the truth's records
    """
    rows = con.execute(
        f"""with placed as (
                select record_key, person_id from person.crosswalk
                union all select record_key, person_id from special.mark
                union all select record_key, person_id from special.claim
                union all select record_key, person_id from employment.benefit
            ),
            holding as (
                select c.person_id, t.true_person_id, count(*) as n,
                       count(*) filter (where c.method_code = 'registry') as registry_count
                from person.crosswalk as c join {TRUTH} as t using (record_key) group by all
            ),
            true_one as (
                select person_id, arg_max(true_person_id, (n, -true_person_id)) as true_person_id from holding group by all
            ),
            main as (
                select true_person_id, arg_max(person_id, (n, registry_count, -person_id)) as person_id
                from holding group by all
            ),
            sound as (
                select p.record_key, p.person_id
                from placed as p join {TRUTH} as t using (record_key)
                join true_one as o using (person_id, true_person_id) join main using (person_id, true_person_id)
            ),
            found as (
                select distinct kind_code, least(record_key_a, coalesce(record_key_b, record_key_a)) as a,
                       if(record_key_b is null, '', greatest(record_key_a, record_key_b)) as b
                from cover.conflict where status_code = 'open'
            ),
            known as (
                select distinct kind_code, record_key_a as a, coalesce(record_key_b, '') as b
                from read_parquet({literal(truth / "conflict.parquet")})
            ),
            judged as (
                select coalesce(f.kind_code, k.kind_code) as kind_code, coalesce(f.a, k.a) as a, coalesce(f.b, k.b) as b,
                       f.a is not null as is_found, k.a is not null as is_true
                from found as f full join known as k on (f.kind_code, f.a, f.b) = (k.kind_code, k.a, k.b)
            ),
            linked as (
                select j.*, one.person_id is not null and (j.b = '' or one.person_id is not distinct from two.person_id)
                       as is_linked
                from judged as j
                left join sound as one on one.record_key = j.a
                left join sound as two on two.record_key = j.b
            )
            select kind_code, count(*) filter (where is_found and is_true), count(*) filter (where not is_true),
                   count(*) filter (where not is_found), count(*) filter (where not is_true and is_linked),
                   count(*) filter (where not is_found and is_linked)
            from linked group by kind_code order by kind_code"""
    ).fetchall()
    return [KindScore(*row) for row in rows]
