"""A second night in which a small share of all rows changed: linked incrementally, and everything scored again, compared.

Both begin at the same first night. They are equal when every table of identities and of the review queue is, run ids aside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.current import CurrentDelivery
from hub.duck import Connection, literal, quote
from hub.progress import Progress
from hub.runs import Run, find_run, open_run
from hub.settings import Settings
from matching.engine import linking_engine
from matching.identity import attach_previous, identify
from matching.incremental import link_changes
from matching.standardise import standardise
from nights.bench_nation import BenchNation, Reading, read_as
from nights.measure import Measured, measured
from schemas.contracts import load_feeds
from schemas.tables import CROSSWALK, FORMER, IDENTITY_EVENT, PERSON, REVIEW_PAIR

COMPARED = (CROSSWALK, PERSON, FORMER, IDENTITY_EVENT, REVIEW_PAIR)
RUN_COLUMNS = ("run_id", "since_run", "minted_run", "changed_run")


@dataclass(frozen=True)
class LinkedNight:
    """Seconds of each stage of one night, and how it was linked (``matching.incremental.Increment``)."""

    seconds: dict[str, float]
    changed: int
    passes: int
    full_because: str | None
    digests: dict[str, str]


def second_night(nation: BenchNation, variant: str, change: float, progress: Progress) -> dict[str, Any]:
    """Link a first night, then the second one in both ways.

    Returns: changed (records), change (their share), seconds and rebuild_seconds with their stages, ratio_rebuild, equal,
        differing (tables), full_because, passes, peak_mb.
    """
    nights = []
    for number in (1, 2):
        progress(f"read night {number}", 0)
        nights.append(measured(read_as, nation, Reading(variant, number, change)).result)
    first, small, whole = (_opened(nation, variant, name) for name in ("first", "incremental", "rebuild"))

    def linked(
        title: str, run: Run, deliveries: list[CurrentDelivery], base: Run | None, is_full: bool
    ) -> Measured[LinkedNight]:
        progress(title, 0)
        base_run_id = base.run_id if base else None
        return measured(_link_night, nation.settings, run.run_id, deliveries, base_run_id, is_full)

    linked("the first night", first, nights[0], None, True)
    rebuilt = linked("the second night: everything", whole, nights[1], first, True)
    night = linked("the second night: what changed", small, nights[1], first, False)
    taken, rebuild = night.result.seconds, sum(rebuilt.result.seconds.values())
    seconds = sum(taken.values())
    differing = [name for name, digest in night.result.digests.items() if digest != rebuilt.result.digests[name]]
    records = sum(each.row_count for each in nights[1])
    return {
        "changed": night.result.changed,
        "change": round(night.result.changed / records, 5),
        "seconds": round(seconds, 2),
        **{f"{stage}_seconds": round(value, 2) for stage, value in taken.items()},
        "rebuild_seconds": round(rebuild, 2),
        **{f"rebuild_{stage}_seconds": round(value, 2) for stage, value in rebuilt.result.seconds.items()},
        "ratio_rebuild": round(seconds / rebuild, 4),
        "equal": not differing,
        "differing": differing,
        "full_because": night.result.full_because,
        "passes": night.result.passes,
        "peak_mb": night.peak_mb,
    }


def _opened(nation: BenchNation, variant: str, name: str) -> Run:
    inputs = {"bench": name, "variant": variant, "seed": nation.seed}
    return open_run(nation.settings, nation.business_date, inputs, None)


def _link_night(
    settings: Settings, run_id: str, deliveries: list[CurrentDelivery], base_run_id: str | None, is_full: bool
) -> LinkedNight:
    run = find_run(settings, run_id)
    base = find_run(settings, base_run_id).folder if base_run_id else None
    feeds = load_feeds(settings.contracts)
    seconds: dict[str, float] = {}

    def timed(stage: str, act: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        done = act()
        seconds[stage] = time.perf_counter() - started
        return done

    with run.runner(settings) as runner:
        timed("standardise", lambda: standardise(runner, feeds, deliveries, base, is_full=is_full))
        with linking_engine(runner, settings):
            attach_previous(runner, base)
            done = timed("link", lambda: link_changes(runner, settings, base, is_full=is_full))
            timed("identify", lambda: identify(runner, run, base))
        digests = {table.name: _digest(runner.con, table.name, list(table.columns), run_id) for table in COMPARED}
    return LinkedNight(seconds, done.changed, done.passes, done.full_because, digests)


def _digest(con: Connection, table: str, columns: list[str], run_id: str) -> str:
    """Count and sum of hashes of all rows, the run's own id left out."""
    told = ", ".join(f"nullif({quote(name)}, {literal(run_id)})" if name in RUN_COLUMNS else quote(name) for name in columns)
    sql = f"select count(*), coalesce(sum(hash({told})::hugeint), 0) from {quote(table)}"
    count, total = con.execute(sql).fetchall()[0]
    return f"{count}:{total}"
