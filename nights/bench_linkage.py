"""How fast and how right linking is, against plain Splink and against a floor measured in the same run.

All read the same standardised records. Ours: from them to persons with events written. Splink: trained, predicted and
clustered, at the threshold that gives its clusters their best F1. The floor: DuckDB reads the records, joins them to the
registry by national code and writes them. Each runs in a process of its own, one after the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from connectors.current import CurrentDelivery
from hub.duck import connection, literal
from hub.layers import rows_of
from hub.progress import Progress, quiet
from hub.runs import Run, find_run, open_run
from hub.settings import Settings
from matching.engine import linking_engine
from matching.evaluate import evaluate
from matching.golden import golden
from matching.identity import attach_previous, identify
from matching.link import link
from matching.plain_splink import BestThreshold, PlainSplink, best_threshold
from matching.standardise import standardise
from nights.bench_nation import BenchNation, Maker, Reading, bench_nation, read_as
from nights.bench_second_night import second_night
from nights.bench_truth import alike_person
from nights.evaluation import evaluate_night
from nights.measure import Measured, measured, peak_mb, size_mb
from nights.truth import TRUTH, read_truth
from schemas.contracts import load_feeds
from schemas.tables import CROSSWALK, PERSON_RECORD
from warehouse import cover

# Splink's tutorial leaves DuckDB its own limit, a share of all memory; so do we.
SPLINK_MEMORY = "80%"
Result = TypeVar("Result")


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Args:
        variant: default, codes70 or nocodes (``nights.bench_nation``).
        change: share of rows that differ on a second night; 0 measures one night only.
        is_splink_measured: False leaves plain Splink out, which takes long where a nation is large.
        is_cover_judged: True judges cover with the persons found, and holds its overlaps against the truth.
    """

    persons: int
    seed: int
    variant: str = "default"
    change: float = 0.0
    is_splink_measured: bool = True
    is_cover_judged: bool = False


def bench_linkage(settings: Settings, plan: Plan, make: Maker, progress: Progress = quiet) -> dict[str, Any]:
    """Make or reuse the nation, then measure. The run folders are removed at the end; the nation stays.

    Args:
        make: writes a nation; nothing here knows how.

    Returns: persons, records, variant, seed, standardise, ours, splink, floor, ratios, incremental, nation, disk: figures
        by name; what was not measured is null.
    """
    nation = bench_nation(settings, plan.persons, plan.seed, make, progress)
    shutil.rmtree(nation.settings.runs, ignore_errors=True)
    try:
        return _Bench(nation, plan, progress).figures()
    finally:
        shutil.rmtree(nation.settings.runs, ignore_errors=True)


class _Bench:
    """One measurement, part by part."""

    def __init__(self, nation: BenchNation, plan: Plan, progress: Progress) -> None:
        self.nation, self.plan, self.progress = nation, plan, progress
        self.settings = nation.settings

    def figures(self) -> dict[str, Any]:
        """All parts in order."""
        plan = self.plan
        run = self._opened("whole", None)
        deliveries = self._read(Reading(plan.variant))
        standardised = self._part("standardise", _standardise, run, deliveries)
        ours = self._part("link: ours", _link, run)
        quality = self._part("hold against the truth", _quality, run, self.nation.truth).result
        if plan.is_cover_judged:
            quality["overlaps"] = self._part("judge cover", _overlaps, run, deliveries, self.nation.truth).result
        splink = self._splink(run) if plan.is_splink_measured else None
        floor = self._part("floor", _floor, run)
        second = second_night(self.nation, plan.variant, plan.change, self.progress) if plan.change else None
        found: dict[str, Any] = {
            "persons": plan.persons,
            "records": standardised.result,
            "variant": plan.variant,
            "seed": plan.seed,
            "standardise": _taken(standardised),
            "ours": _taken(ours) | quality,
            "splink": splink,
            "floor": _taken(floor),
            "incremental": second,
        }
        return found | {
            "ratios": ratios(found),
            "nation": self.nation.taken,
            "disk": {
                "delivered_mb": self.nation.delivered_mb,
                "staging_mb": size_mb(self.settings.staging),
                "run_mb": size_mb(run.folder),
            },
        }

    def _splink(self, run: Run) -> dict[str, Any]:
        return self._part("link: plain Splink", _plain_splink, run, self.nation.truth, self.plan.seed).result

    def _read(self, reading: Reading) -> list[CurrentDelivery]:
        if reading == Reading():
            return list(self.nation.deliveries)
        self.progress(f"read the nation: {reading.name}", 0)
        return measured(read_as, self.nation, reading).result

    def _opened(self, name: str, base: str | None) -> Run:
        inputs = {"bench": name, "variant": self.plan.variant, "seed": self.plan.seed}
        return open_run(self.settings, self.nation.business_date, inputs, base)

    def _part(self, title: str, function: Callable[..., Result], run: Run, *arguments: Any) -> Measured[Result]:
        self.progress(title, 0)
        self.settings.scratch.mkdir(parents=True, exist_ok=True)
        return measured(function, self.settings, run.run_id, *arguments, watched=self.settings.scratch)


def ratios(found: dict[str, Any]) -> dict[str, float | None]:
    """How the parts compare; null where one of them was not measured or is nothing."""
    ours, splink, floor = found["ours"], found["splink"] or {}, found["floor"]

    def ratio(one: float | None, other: float | None) -> float | None:
        return None if one is None or not other else round(one / other, 3)

    trained = splink.get("train_seconds")
    untrained = None if trained is None else splink["seconds"] - trained
    return {
        "splink_to_ours": ratio(splink.get("seconds"), ours["seconds"]),
        "splink_without_training_to_ours": ratio(untrained, ours["seconds"]),
        "ours_to_floor": ratio(ours["seconds"], floor["seconds"]),
        "standardise_to_floor": ratio(found["standardise"]["seconds"], floor["seconds"]),
        "ours_to_splink_memory": ratio(ours["peak_mb"], splink.get("peak_mb")),
        "ours_to_splink_false_pairs": ratio(ours["false_pairs"], splink.get("false_pairs")),
        "ours_to_splink_missed_pairs": ratio(ours["missed_pairs"], splink.get("missed_pairs")),
    }


def _taken(part: Measured[Any]) -> dict[str, Any]:
    return {name: value for name, value in vars(part).items() if name != "result"}


def _standardise(settings: Settings, run_id: str, deliveries: list[CurrentDelivery]) -> int:
    with find_run(settings, run_id).runner(settings) as runner:
        standardise(runner, load_feeds(settings.contracts), deliveries)
        return int(runner.con.execute(f"select count(*) from {PERSON_RECORD.name}").fetchall()[0][0])


def _link(settings: Settings, run_id: str) -> None:
    run = find_run(settings, run_id)
    with run.runner(settings) as runner, linking_engine(runner, settings):
        attach_previous(runner, None)
        link(runner, settings)
        identify(runner, run, None)


def _quality(settings: Settings, run_id: str, truth: Path) -> dict[str, Any]:
    with find_run(settings, run_id).runner(settings) as runner:
        read_truth(runner.con, truth)
        whole = evaluate(runner.con, CROSSWALK.name, TRUTH, cluster_column="person_id")
        only = f"t.true_person_id in (select true_person_id from ({alike_person(truth)}))"
        twins = evaluate(runner.con, CROSSWALK.name, TRUTH, cluster_column="person_id", where=only)
    return whole.figures() | {"twins": twins.figures()}


def _overlaps(settings: Settings, run_id: str, deliveries: list[CurrentDelivery], truth: Path) -> dict[str, Any] | None:
    run, feeds = find_run(settings, run_id), load_feeds(settings.contracts)
    with run.runner(settings) as runner:
        golden(runner, feeds, deliveries)
        cover.build(runner, run, feeds, deliveries, None)
    evaluation = evaluate_night(settings, truth, run_id)
    found = evaluation.overlaps if evaluation else None
    return None if found is None else found.figures()


def _plain_splink(settings: Settings, run_id: str, truth: Path, seed: int) -> dict[str, Any]:
    run = find_run(settings, run_id)
    pairs = run.folder / "plain_pairs.parquet"
    with connection(replace(settings, memory=SPLINK_MEMORY)) as con:
        splink = PlainSplink(con, seed)
        splink.link(run.table(PERSON_RECORD.name))
        splink.keep_pairs(pairs)
        best = measured(_best_threshold, settings, run_id, pairs, truth).result
        splink.cluster(best.weight)
        peak = peak_mb()
        read_truth(con, truth)
        score = evaluate(con, "plain_cluster", TRUTH, cluster_column="cluster_id")
    pairs.unlink()
    return {
        "seconds": round(sum(splink.seconds.values()), 2),
        "cpu_seconds": round(splink.cpu_seconds, 2),
        "peak_mb": peak,
        **{f"{part}_seconds": seconds for part, seconds in splink.seconds.items()},
        "threshold": best.weight,
        **score.figures(),
    }


def _best_threshold(settings: Settings, run_id: str, pairs: Path, truth: Path) -> BestThreshold:
    records = find_run(settings, run_id).table(PERSON_RECORD.name)
    with connection(settings) as con:
        read_truth(con, truth)
        return best_threshold(con, records, pairs, TRUTH)


def _floor(settings: Settings, run_id: str) -> None:
    """What no linkage can avoid: read every record, join the registry's by code, write."""
    run = find_run(settings, run_id)
    records = rows_of(run.table(PERSON_RECORD.name))
    with connection(settings) as con:
        con.execute(
            f"""copy (
                    select r.*, s.record_key as registry_record_key
                    from {records} as r
                    left join (select record_key, national_code from {records} where is_registry) as s using (national_code)
                ) to {literal(run.folder / "floor.parquet")} (format parquet, compression zstd)"""
        )
