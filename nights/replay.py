"""Nights as they would have been: which of them a retraction concerns, and how they are gone through again (case D13).

Every published night is evidence of what was known then: its deliveries, judgements and model. Where the deliveries that it
would use now differ from those that it used, it and all nights after it are linked again on the last night before, in run
folders of their own. Nothing of that is published: the live night takes over who belongs together (``nights.retraction``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.contracts_then import contracts_then, feeds_ever
from connectors.current import CurrentDelivery, Shelf
from hub.duck import connection
from hub.layers import link_table, rows_of
from hub.progress import Progress
from hub.runs import Run, find_run, has_folder, open_run
from hub.settings import Settings
from matching.model import load_model, model_path, model_version
from nights.stages import at_work, find_persons, keep_deliveries
from schemas.contracts import load_feeds
from schemas.feed import Feed
from schemas.ops_tables import DELIVERY
from schemas.tables import JUDGEMENT

HISTORY = "history"  # input of a run that settled a retraction: hash of the nights as they would have been
REPLAYS = "replays"  # input of a run in which a night was gone through again: that night's run
KNOWN_STATES = ("staged", "superseded", "late", "retracted")


@dataclass(frozen=True)
class Night:
    """A published night, and the deliveries that it would have used."""

    run: Run
    deliveries: list[CurrentDelivery]


@dataclass(frozen=True)
class Plan:
    """What is to be gone through again: on which run, which nights. ``history``: hash of all nights as they would be."""

    base: Run | None
    nights: tuple[Night, ...]
    history: str
    is_settled: bool


def plan(settings: Settings, feeds: Sequence[Feed], live: Run) -> Plan:
    """Find the last run that is as it would be, and the nights after it.

    Reads: the folders of all published nights, ``ops.delivery`` in each: what had arrived by then.
    """
    runs = _chain(settings, live)
    shelf = Shelf(settings, feeds_ever(settings, feeds, [run.inputs.get("contracts", {}) for run in runs]))
    seed = runs[0].base_run_id or ""  # the folders of earlier nights are gone: nothing before them can be gone through
    actual, expected = {runs[0].base_run_id: seed}, [seed]
    nights: list[Night] = []
    base, base_place = None, 0
    for run in runs:
        if HISTORY in run.inputs:
            actual[run.run_id] = str(run.inputs[HISTORY])
        else:
            nights.append(Night(run, shelf.on(run.business_date, _known(settings, run))))
            found = nights[-1].deliveries
            expected.append(_after(expected[-1], run, _ids(found), _lineages(found)))
            used = run.inputs["deliveries"]
            lineages = run.inputs.get("staged", {feed: each for feed, each in _lineages(found).items() if feed in used})
            actual[run.run_id] = _after(actual[run.base_run_id], run, used, lineages)
        if actual[run.run_id] == expected[-1]:
            base, base_place = run, len(nights)
    return Plan(base, tuple(nights[base_place:]), expected[-1], base is live)


def replay(settings: Settings, what: Plan, progress: Progress) -> list[Run]:
    """Link the nights of a plan again, in order, by the contracts and models of then. Killed, it goes on where it was.

    Returns: the runs, the last of which holds who would belong together; none where no night is left.
    """
    runs: list[Run] = []
    base = what.base
    for done, night in enumerate(what.nights):
        progress("replay", done, len(what.nights))
        if not night.deliveries:
            continue  # it would have found nothing to work with
        at_the_time = _with_model(as_then(settings, night.run), str(night.run.inputs["model"]))
        inputs = {**inputs_of(night, load_feeds(at_the_time.contracts)), REPLAYS: night.run.run_id}
        if base is not None and (base.business_date, told(base.inputs)) == (night.run.business_date, told(inputs)):
            continue  # it would have found nothing new
        run = open_run(settings, night.run.business_date, inputs, base.run_id if base else None)
        if not run.table(JUDGEMENT.name).exists():
            link_table(night.run.table(JUDGEMENT.name), run.table(JUDGEMENT.name))
        with run.runner(settings) as runner:
            keep_deliveries(runner, night.deliveries)
        with at_work(at_the_time, run, progress) as stage:
            find_persons(stage, at_the_time)
        runs.append(run)
        base = run
    progress("replay", len(what.nights), len(what.nights))
    return runs


def inputs_of(night: Night, feeds: Sequence[Feed]) -> dict[str, Any]:
    """What a night would have been made of: the contracts of then, its own judgements and model."""
    return {
        **night.run.inputs,
        "deliveries": _ids(night.deliveries),
        "staged": _lineages(night.deliveries),
        "contracts": {feed.name: feed.contract_hash for feed in feeds},
    }


def _chain(settings: Settings, live: Run) -> list[Run]:
    """The published nights up to the live one, oldest first, as far as their folders go."""
    runs = [live]
    while (base := runs[-1].base_run_id) is not None and has_folder(settings, base):
        runs.append(find_run(settings, base))
    return runs[::-1]


def _known(settings: Settings, run: Run) -> set[str]:
    states = ", ".join(f"'{state}'" for state in KNOWN_STATES)
    asked = f"select delivery_id from {rows_of(run.table(DELIVERY.name))} where state_code in ({states})"
    with connection(settings) as con:
        return {row[0] for row in con.execute(asked).fetchall()}


def _ids(deliveries: Sequence[CurrentDelivery]) -> dict[str, str]:
    return {each.feed: each.delivery_id for each in deliveries}


def _lineages(deliveries: Sequence[CurrentDelivery]) -> dict[str, str]:
    return {each.feed: each.lineage for each in deliveries}


def told(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a night was made of, whether it was a night of its own or one gone through again."""
    return {name: said for name, said in inputs.items() if name not in (HISTORY, REPLAYS)}


def _after(history: str, run: Run, deliveries: Mapping[str, str], lineages: Mapping[str, str]) -> str:
    text = json.dumps([history, run.business_date.isoformat(), dict(deliveries), dict(lineages)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def as_then(settings: Settings, run: Run) -> Settings:
    """Settings with the contracts that were in force in a night."""
    hashes = run.inputs.get("contracts")
    return replace(settings, contracts=contracts_then(settings, hashes)) if hashes else settings


def _with_model(settings: Settings, version: str) -> Settings:
    """Settings that link with the model that was in force then."""
    if model_version(settings) == version:
        return settings
    path = model_path(settings, version.rpartition("-")[0])
    return replace(settings, trial_model=path) if load_model(path).version == version else settings
