"""Two models on the same records, or two runs: where they agree, what each leaves to people, which is nearer the truth.

Without a truth, verified codes stand in for it: the records are linked again as if only the registry knew national codes,
and the result is held against what those codes, where other evidence bears them out, say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from hub.duck import Connection, connection
from hub.errors import SettingsError
from hub.layers import rows_of
from hub.progress import Progress, quiet
from hub.runs import all_runs, find_run
from hub.settings import Settings
from matching.agreement import Agreement, LevelShift, WeightShift, agreement, level_shifts, weight_shift
from matching.evaluate import Score, evaluate
from matching.known_models import known_models
from matching.link import link
from matching.model import load_model, model_path
from nights.records import Records, staged_records
from nights.second_try import with_second_try
from nights.truth import TRUTH, read_truth
from schemas.tables import CLUSTER, CROSSWALK, REVIEW_PAIR, SCORED_PAIR

BY_TRUTH, BY_CODES = "truth", "codes withheld"
NAMED_RUNS = 8  # how many runs an error lists
T = TypeVar("T")
Pair = tuple[T, T]


@dataclass(frozen=True)
class Side:
    """One of the two. ``reviews``: pairs left to people, by reason; ``persons``: against the truth or what stands in."""

    name: str
    reviews: dict[str, int]
    persons: Score | None


@dataclass(frozen=True)
class Comparison:
    """Two models or two runs. ``measured_by``: truth, codes withheld, or None where there is neither."""

    sides: tuple[Side, Side]
    agreement: Agreement
    weights: WeightShift
    measured_by: str | None
    levels: tuple[LevelShift, ...] = ()


@dataclass(frozen=True)
class _Linked:
    """What one linkage left behind, and which table says who is one person."""

    name: str
    folder: Path
    clusters: str = CLUSTER.name
    cluster_column: str = "cluster_no"

    def table(self, name: str) -> str:
        return rows_of(self.folder / f"{name}.parquet")

    def reviews(self, con: Connection) -> dict[str, int]:
        sql = f"select reason_code, count(*) from {self.table(REVIEW_PAIR.name)} group by all order by 2 desc, 1"
        return {str(reason): int(count) for reason, count in con.execute(sql).fetchall()}

    def score(self, con: Connection) -> Score:
        return evaluate(con, self.table(self.clusters), TRUTH, cluster_column=self.cluster_column)


def are_runs(settings: Settings, names: Pair[str]) -> bool:
    """Whether both names are of runs; else both are of models.

    Raises:
        SettingsError: a name is of neither, or they are of one run and one model.
    """
    runs = [run.run_id for run in all_runs(settings)]
    models = [model.name for model in known_models(settings)]
    unknown = [name for name in dict.fromkeys(names) if name not in runs and name not in models]
    of_runs = {name in runs for name in names}
    if not unknown and len(of_runs) == 1:
        return of_runs == {True}
    said = f"Neither a model nor a run is called {' or '.join(unknown)}" if unknown else "One is a model, the other a run"
    newest = ", ".join(reversed(runs[-NAMED_RUNS:])) or "none"
    raise SettingsError(
        f"{said}; nothing was compared.",
        hint=f"Name two models ({', '.join(models)}) or two runs (newest first: {newest}).",
    )


@with_second_try
def compare_models(
    settings: Settings, names: Pair[str], business_date: date, truth: Path | None, progress: Progress = quiet
) -> Comparison:
    """Link the staged deliveries of a date with both models, judgements and yesterday left aside, and compare.

    Raises:
        ModelNotTrained: a model is missing or cannot be used.
        DeliveryError: nothing is staged.
        SettingsError: there is no such truth.
    """
    models = [load_model(model_path(settings, name)) for name in names]
    if truth:
        with connection(settings) as con:
            read_truth(con, truth)  # what is wrong with it is said before hours of linking
    with staged_records(settings, business_date, progress) as records:
        linked = _link(settings, records, names, progress)
        measured = linked if truth else _link(settings, records.without_codes(settings), names, progress)
        with connection(settings) as con:
            if truth:
                read_truth(con, truth)
            else:
                _take_codes_as_truth(con, records, linked[0])
            found = _compared(con, linked, measured, BY_TRUTH if truth else BY_CODES)
    return replace(found, levels=tuple(level_shifts(*models)))


def compare_runs(settings: Settings, run_ids: Pair[str], truth: Path | None) -> Comparison:
    """Compare what two runs published, over the records that both hold.

    Raises:
        PublishError: there is no such run.
        SettingsError: there is no such truth.
    """
    first, second = (_Linked(run_id, find_run(settings, run_id).folder, CROSSWALK.name, "person_id") for run_id in run_ids)
    with connection(settings) as con:
        if truth:
            read_truth(con, truth)
        return _compared(con, (first, second), (first, second), BY_TRUTH if truth else None)


def _link(settings: Settings, records: Records, names: Pair[str], progress: Progress) -> Pair[_Linked]:
    """Link the records with each model, in folders beside them."""

    def linked(place: str, name: str) -> _Linked:
        progress(f"link with {name}", 0)
        trial = replace(settings, trial_model=model_path(settings, name))
        with records.runner(trial, f"{records.path.stem}-{place}", progress) as runner:
            link(runner, trial)
        return _Linked(name, runner.folder)

    return linked("first", names[0]), linked("second", names[1])


def _take_codes_as_truth(con: Connection, records: Records, linked: _Linked) -> None:
    """Records whose national code other evidence bears out belong to whoever holds the code; of the rest nothing is known.

    Which these are depends on the codes and the evidence, not on the model.

    Leaves:  temp table truth (record_key, true_person_id)
    """
    con.execute(
        f"""create or replace temp table truth as
            with held as (
                select record_key, national_code, cluster_no, method_code
                from {linked.table(CLUSTER.name)} as c join {rows_of(records.path)} as r using (record_key)
                where national_code is not null
            )
            select record_key, national_code as true_person_id from held
            semi join (select distinct cluster_no, national_code from held where method_code in ('registry', 'code'))
                using (cluster_no, national_code)"""
    )


def _compared(con: Connection, linked: Pair[_Linked], measured: Pair[_Linked], measured_by: str | None) -> Comparison:
    if measured_by and not con.execute(f"select count(*) from {TRUTH}").fetchall()[0][0]:
        measured_by = None
    first, second = (
        Side(each.name, each.reviews(con), other.score(con) if measured_by else None)
        for each, other in zip(linked, measured, strict=True)
    )
    clusters = [each.table(each.clusters) for each in linked]
    pairs = [each.table(SCORED_PAIR.name) for each in linked]
    return Comparison(
        (first, second),
        agreement(con, *clusters, cluster_column=linked[0].cluster_column),
        weight_shift(con, *pairs),
        measured_by=measured_by,
    )
