"""What a change of the rules would do: the live night's overlaps judged twice, as now and as proposed. Changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.duck import connection as duck
from hub.runs import find_run
from hub.settings import Settings
from hub.steps import Runner
from schemas.codes import OverlapRule
from warehouse import found, rules
from warehouse.runs import live_run_id

READ = ("cover.period", "cover.conflict", "person.golden", "person.crosswalk", "person.review_pair")


@dataclass(frozen=True)
class Moved:
    """Conflicts between two insurers that would be judged otherwise.

    Args:
        before: outcome and keeper as now; ``after`` as proposed.
        stretch_count: stretches of days with one outcome as now and one as proposed.
        conflict_nos: numbers of the conflicts of the live night that are meant, smallest first.
    """

    insurer_a: str
    insurer_b: str
    before: str
    after: str
    stretch_count: int
    conflict_nos: list[int]


def effect(settings: Settings, now: Sequence[OverlapRule], proposed: Sequence[OverlapRule]) -> list[Moved]:
    """What would change on the live night's cover; empty when nothing would, or nothing was ever published."""
    live = live_run_id(settings)
    if live is None:
        return []
    run = find_run(settings, live)
    with duck(settings) as con, tempfile.TemporaryDirectory(prefix="databank-rules-") as scratch:
        for name, declared in (("now", now), ("proposed", proposed)):
            folder = Path(scratch) / name
            folder.mkdir()
            runner = Runner(con, folder)
            for table in READ:
                runner.attach(table, run.table(table))
            for step in (rules.rule(declared), *found.judging()):
                runner.run(step)
            con.execute(f"create or replace temp table judged_{name} as select * from cover.found_pair")
        return [Moved(*row) for row in con.execute(_MOVED).fetchall()]


_TOLD = "outcome_code || coalesce(' → ' || keeper_insurer_code, '')"
_MOVED = f"""
    with moved as (
        select n.insurer_a, n.insurer_b, n.told as before, p.told as after, c.conflict_no
        from (select *, {_TOLD} as told from judged_now) as n
        join (select *, {_TOLD} as told from judged_proposed) as p
          on (p.person_id, p.insurer_a, p.booklet_no_a, p.insurer_b, p.booklet_no_b)
             = (n.person_id, n.insurer_a, n.booklet_no_a, n.insurer_b, n.booklet_no_b)
         and p.from_date < n.to_date and n.from_date < p.to_date and p.told <> n.told
        left join cover.conflict as c
          on c.record_key_a = n.record_key_a and c.record_key_b = n.record_key_b and c.from_date = n.from_date
         and c.status_code = 'open'
    )
    select insurer_a, insurer_b, before, after, count(*),
           coalesce(list_sort(list(distinct conflict_no) filter (conflict_no is not null)), [])
    from moved
    group by insurer_a, insurer_b, before, after
    order by insurer_a, insurer_b, before, after
"""
