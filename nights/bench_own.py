"""How right linking is on anybody's own set, of which the truth is known: with the tree's model, with a model trained on the
set itself, and by plain Splink at the threshold that is best for it. All three read the same standardised records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hub.duck import connection
from hub.errors import ModelNotTrained
from hub.progress import Progress, quiet
from hub.settings import Settings
from matching.evaluate import Score, evaluate
from matching.link import link
from matching.model import CURRENT, IN_TREE, save_model
from matching.plain_splink import LEAST_OF_SMALL, PlainSplink, best_threshold
from matching.train import train
from nights.records import Records, staged_records
from nights.second_try import with_second_try
from nights.truth import TRUTH, read_truth
from schemas.tables import CLUSTER, PERSON_RECORD, REVIEW_PAIR

OWN, PLAIN_SPLINK = "own", "plain Splink"


@dataclass(frozen=True)
class Way:
    """One way of linking: how right its persons are, and pairs left to people, which plain Splink does not tell."""

    name: str
    persons: Score
    reviews: int | None = None


@dataclass(frozen=True)
class OwnSet:
    """A set that was measured. ``untrained``: why there is no model of its own, ``unmeasured``: why there is no line of
    plain Splink; None where there is one."""

    records: int
    known_records: int
    ways: tuple[Way, ...]
    untrained: str | None = None
    unmeasured: str | None = None

    @property
    def best_model(self) -> Way:
        """Of the models, the one with the higher F1; the tree's where both have the same."""
        return max((way for way in self.ways if way.name != PLAIN_SPLINK), key=lambda way: way.persons.f1)

    @property
    def advice(self) -> str:
        """Which model suits the set, in a sentence, and why."""
        if self.untrained:
            return f"Use the tree's model: {self.untrained}"
        f1 = {way.name: f"{way.persons.f1:.4f}" for way in self.ways}
        if self.best_model.name == OWN:
            better = f"F1 {f1[OWN]} against {f1[CURRENT]}"
            return f"A model of its own suits this set better than the tree's ({better}): train one, and use it."
        better = f"F1 {f1[CURRENT]} against {f1[OWN]}"
        return f"The tree's model suits this set as well as one of its own, or better ({better}): keep it."


@with_second_try
def bench_own(
    settings: Settings,
    business_date: date,
    truth: Path,
    *,
    seed: int = 1,
    is_splink_measured: bool = True,
    progress: Progress = quiet,
) -> OwnSet:
    """Measure the staged deliveries of a date, in scratch space: no model is kept, nothing is published.

    Args:
        truth: as ``read_truth`` takes it; records that it does not know are linked, but do not count.

    Raises:
        DeliveryError: nothing is staged.
        SettingsError: there is no such truth.
    """
    with connection(settings) as con:
        read_truth(con, truth)  # what is wrong with it is said before the work
    with staged_records(settings, business_date, progress) as records:
        models, untrained = {CURRENT: IN_TREE / f"{CURRENT}.json"}, None
        try:
            models[OWN] = _trained(settings, records, seed, progress)
        except ModelNotTrained as error:
            untrained = str(error)
        ways = [_linked(settings, records, truth, *model, progress) for model in models.items()]
        unmeasured = None
        if is_splink_measured:
            progress(f"link: {PLAIN_SPLINK}", 0)
            try:
                ways.append(_by_splink(settings, records, truth, seed))
            except ModelNotTrained as error:
                unmeasured = str(error)
        return OwnSet(*_counted(settings, records, truth), tuple(ways), untrained, unmeasured)


def _trained(settings: Settings, records: Records, seed: int, progress: Progress) -> Path:
    progress("train", 0)
    with records.runner(settings, "training") as runner:
        path = runner.folder / f"{OWN}.json"
        save_model(path, train(runner.files, name=OWN, description="the set that is measured", seed=seed))
    return path


def _linked(settings: Settings, records: Records, truth: Path, name: str, model: Path, progress: Progress) -> Way:
    progress(f"link with {name}", 0)
    trial = replace(settings, trial_model=model)
    with records.runner(trial, f"linked-{name}", progress) as runner:
        link(runner, trial)
        read_truth(runner.con, truth)
        reviews = int(runner.con.execute(f"select count(*) from {REVIEW_PAIR.name}").fetchall()[0][0])
        return Way(name, evaluate(runner.con, CLUSTER.name, TRUTH), reviews)


def _by_splink(settings: Settings, records: Records, truth: Path, seed: int) -> Way:
    pairs = records.path.with_name("plain_pairs.parquet")
    with connection(settings) as con:
        splink = PlainSplink(con, seed, LEAST_OF_SMALL)
        splink.link(records.path)
        splink.keep_pairs(pairs)
        read_truth(con, truth)
        return Way(PLAIN_SPLINK, best_threshold(con, records.path, pairs, TRUTH, LEAST_OF_SMALL).score)


def _counted(settings: Settings, records: Records, truth: Path) -> tuple[int, int]:
    with records.runner(settings, "counting") as runner:
        read_truth(runner.con, truth)
        sql = f"select count(*), count(t.record_key) from {PERSON_RECORD.name} left join {TRUTH} as t using (record_key)"
        found, known = runner.con.execute(sql).fetchall()[0]
    return int(found), int(known)
