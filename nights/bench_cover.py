"""How long cover takes for many persons: periods, overlaps, who keeps, and a load of all booklets into PostgreSQL.

Persons and their covers are made by SQL from hashes, without linkage; every twelfth or so holds two basic booklets. Overlaps
are counted a second time by another way: days on which a sweep over the bounds of covers stands at two or more.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from hub.duck import connection as duck
from hub.duck import no_rows
from hub.runs import Run
from hub.settings import Settings
from hub.steps import Runner, Step
from schemas.codes import overlap_rules
from schemas.conflict_tables import CONFLICT
from schemas.tables import BOOKLET, COVER_RECORD, CROSSWALK, GOLDEN
from warehouse import booklets, cover, found, overlaps, rules
from warehouse.bulk import load_booklets
from warehouse.migrate import migrate

DAY = date(2026, 11, 20)
BASIC = ("SSO", "IHIO-RUR", "IHIO-UNI", "IHIO-GOV", "AFMSIO", "OIL", "BANKS", "IKRF")
SHARES = {"second": 83, "supplementary": 100, "pension": 60, "second_pension": 5}
"""Of a thousand persons, how many hold such a cover besides their basic one."""

_RECORDS = """
    with person as (select i as person_id, hash(i, $seed) as h from range(1, $persons + 1) as t(i)),
    held as (
        select person_id, 'basic' as benefit_kind_code, 1 as copy_no, hash(h, 1) as c from person
        union all select person_id, 'basic', 2, hash(h, 2) from person where hash(h, 12) % 1000 < $second
        union all select person_id, 'supplementary', 3, hash(h, 3) from person where hash(h, 13) % 1000 < $supplementary
        union all select person_id, 'pension', 4, hash(h, 4) from person where hash(h, 14) % 1000 < $pension
        union all select person_id, 'pension', 5, hash(h, 5) from person where hash(h, 14) % 1000 < $second_pension
    )
    select 'b:' || person_id || ':' || copy_no as record_key, 'b' as feed, person_id,
           case benefit_kind_code when 'basic' then $basic[1 + (c % len($basic))::integer]
                                  when 'supplementary' then 'SUPP' when 'pension' then if(copy_no = 4, 'CSPF', 'RNF') end
               as insurer_code,
           benefit_kind_code, if(c % 3 = 0, 'principal', if(c % 3 = 1, 'spouse', 'child')) as relation_code,
           cast(null as varchar) as member_kind_code, cast(null as varchar) as member_no,
           person_id || '-' || copy_no as booklet_no,
           date '2015-01-01' + (hash(c, 6) % 3000)::integer as from_date,
           if(hash(c, 7) % 100 < 85, date '9999-12-31',
              date '2015-01-01' + (hash(c, 6) % 3000 + hash(c, 8) % 2000 + 1)::integer) as to_date,
           if(c % 3 = 0, null, person_id - person_id % 3 + 1) as principal_person_id, true as is_listed
    from held
"""
_GOLDEN = """
    select i as person_id, if(hash(i, 21) % 2 = 0, 'male', 'female') as sex_code,
           date '1940-01-01' + (hash(i, 22) % 31000)::integer as birth_date,
           if(hash(i, 23) % 100 = 0, date '2024-01-01' + (hash(i, 24) % 1000)::integer, null) as death_date
    from range(1, $persons + 1) as t(i)
"""
# Every day on which a person holds two or more covers of a kind: +1 at each first day, -1 at each day after the last.
_SWEEP = """
    with bound as (
        select person_id, benefit_kind_code, from_date as day, 1 as step from cover.period
        union all select person_id, benefit_kind_code, to_date, -1 from cover.period
    ),
    changed as (select person_id, benefit_kind_code, day, sum(step) as step from bound group by all),
    standing as (
        select day, sum(step) over person as held, lead(day) over person as next_day from changed
        window person as (partition by person_id, benefit_kind_code order by day)
    )
    select coalesce(sum(next_day - day), 0) from standing where held >= 2
"""
_COUNTED = """
    with marked as (
        select *, from_date > coalesce(max(to_date) over (
                      partition by person_id, benefit_kind_code order by from_date, to_date, booklet_no_a, booklet_no_b
                      rows between unbounded preceding and 1 preceding), date '0001-01-01') as is_start
        from cover.overlap
    ),
    numbered as (
        select *, sum(is_start::integer) over (
                      partition by person_id, benefit_kind_code
                      order by from_date, to_date, booklet_no_a, booklet_no_b) as part_no
        from marked
    )
    select coalesce(sum(days), 0) from (
        select max(to_date) - min(from_date) as days from numbered group by person_id, benefit_kind_code, part_no)
"""


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock and of this process's threads (PostgreSQL's own left out)."""

    seconds: float
    cpu_seconds: float

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds)


def bench_cover(settings: Settings, persons: int, seed: int, *, with_load: bool = True) -> dict[str, Any]:
    """Figures of one run; its folder is removed at the end.

    Returns: rows by table; seconds and cpu_seconds: periods, overlaps, keepers, booklets, cover_and_overlaps (the
        first two), load (all booklets into PostgreSQL: checked in bulk, written, proved by the constraint); is_exact: the
        sweep counts equal days.
    """
    folder = settings.home / "run"
    folder.mkdir(parents=True)
    run = Run("bench", DAY, folder, "bench", None, {})
    with duck(settings) as con:
        runner = Runner(con, folder)
        _make(runner, persons, seed)
        cover.prepare(runner, None)
        seconds = {
            "periods": _ran(runner, cover.period()),
            "overlaps": _ran(runner, overlaps.overlap()),
            "keepers": _ran(
                runner, rules.under_review(), rules.rule(overlap_rules()), rules.rule_bound(), overlaps.slices(),
                overlaps.pairs(), overlaps.standing(), found.found_pairs(),
            ),
        }  # fmt: skip
        runner.attach_empty(CONFLICT.name, CONFLICT.columns)
        seconds["booklets"] = _ran(runner, booklets.booklets())
        rows = {
            name: _one(runner, f"select count(*) from {name}") for name in ("cover.period", "cover.overlap", BOOKLET.name)
        }
        is_exact = _one(runner, _SWEEP) == _one(runner, _COUNTED)
        if with_load:
            migrate(settings)
            seconds["load"] = _timed(lambda: load_booklets(settings, con, run))
    seconds["cover_and_overlaps"] = seconds["periods"] + seconds["overlaps"]
    shutil.rmtree(folder)
    return {
        "persons": persons,
        "seed": seed,
        "rows": rows,
        "is_exact": is_exact,
        "seconds": {name: round(taken.seconds, 2) for name, taken in seconds.items()},
        "cpu_seconds": {name: round(taken.cpu_seconds, 2) for name, taken in seconds.items()},
    }


def _make(runner: Runner, persons: int, seed: int) -> None:
    records = {"persons": persons, "seed": seed, "basic": list(BASIC), **SHARES}
    runner.run(Step(COVER_RECORD.name, COVER_RECORD.grain, _RECORDS, records))
    golden = f"select * from ({no_rows(GOLDEN.columns)}) union all by name ({_GOLDEN})"
    runner.run(Step(GOLDEN.name, GOLDEN.grain, golden, {"persons": persons}))
    runner.attach_empty(CROSSWALK.name, CROSSWALK.columns)


def _ran(runner: Runner, *steps: Step) -> Taken:
    return _timed(lambda: [runner.run(step) for step in steps])


def _timed(act: Callable[[], object]) -> Taken:
    started, cpu_started = time.monotonic(), time.process_time()
    act()
    return Taken(time.monotonic() - started, time.process_time() - cpu_started)


def _one(runner: Runner, query: str) -> int:
    return int(runner.con.execute(query).fetchall()[0][0])
