"""Conservation under SIGKILL, over hundreds of seeded kills of landing and staging, each followed by a retry (case D08).

A step is taken in by children that are killed at random events, one after the other, until one comes through; then both
databanks hold the same. That is gone through again from before the step, until the step has had its kills.

``pytest tests/properties/test_killed_deliveries.py --long`` does thousands.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.deliveries import deliveries_of
from connectors.seen import LANDED, REPEAT, SeenIndex
from connectors.staged import staged_deliveries
from hub.settings import Settings
from hub.storage import read_json, sha256_of
from tests.integration.staging_world import FEED
from tests.integration.test_staging_deltas import DELTAS
from tests.properties.killed_agency import Story, take_in

SEEDS, LONG_SEEDS = 3, 60
STEPS, KILLS = 4, 14  # steps after the first snapshot; kills of each step
LEAST_KILLS = KILLS * (STEPS + 1)  # of a seed: over 200 with three of them
PASSING = ("landed_at", "refused_at", "meta", "id")  # hours, and what Great Expectations numbers at random


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Children are forked from a server that has imported everything, so that they live as long as their work takes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integration.judged_once", "tests.properties.killed_agency"])
    return context


@dataclass(frozen=True)
class Databank:
    """A databank of one feed whose work is done by children that may be killed."""

    processes: multiprocessing.context.BaseContext
    home: Path

    @classmethod
    def at(cls, processes: multiprocessing.context.BaseContext, home: Path) -> Databank:
        contracts = home / "contracts"
        contracts.mkdir(parents=True)
        (contracts / f"{FEED}.odcs.yaml").write_text(DELTAS, encoding="utf-8")
        return cls(processes, home)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, contracts=self.home / "contracts", memory="300MB", threads=1)

    def take_in(self, kill_at: int | None = None) -> int | None:
        """Let a child land and stage; how many events it took, or None when it was killed."""
        counted = self.home / "events"
        arguments = (str(self.home), str(self.home / "contracts"), kill_at, str(counted))
        child = self.processes.Process(target=take_in, args=arguments)  # type: ignore[attr-defined]
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        return int(counted.read_text()) if child.exitcode == 0 else None

    def left(self) -> dict[str, object]:
        """Everything that landing and staging left, but for the hour."""
        found: dict[str, object] = {}
        for path in sorted((*self.settings.landing.rglob("*"), *self.settings.staging.rglob("*"))):
            name = str(path.relative_to(self.home))
            if path.is_dir() or path.name in (".lock", "seen.jsonl"):
                continue
            found[name] = _without_hours(read_json(path)) if path.suffix == ".json" else path.read_bytes()
        entries = SeenIndex(self.settings.landing / FEED / "seen.jsonl").entries
        return found | {"seen": [(each.name, each.sha256, each.outcome) for each in entries]}

    def check_whole(self) -> None:
        """What is there at any moment is whole: evidence as it came, each received line with one fate."""
        for delivery in deliveries_of(self.settings, FEED):
            assert sha256_of(delivery.path(self.settings)) == delivery.sha256
        for staged in staged_deliveries(self.settings, FEED):
            counts = vars(staged.counts)
            assert counts["received"] == sum(count for fate, count in counts.items() if fate != "received")


def _without_hours(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_hours(each) for name, each in value.items() if name not in PASSING}
    return [_without_hours(each) for each in value] if isinstance(value, list) else value


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SEEDS))
def test_D08_nothing_is_lost_or_doubled_wherever_it_is_killed(
    first: int, tmp_path: Path, processes: multiprocessing.context.BaseContext, is_long: bool
) -> None:
    for seed in range(first, LONG_SEEDS if is_long else SEEDS, SEEDS):
        go_through(seed, tmp_path / str(seed), processes)


def go_through_step(killed: Databank, undisturbed: Databank, chance: random.Random, events: int) -> int:
    """Take one step in with kills, until each path from before it to its end was the same; returns how many there were."""
    before, kills = killed.home.with_name("before"), 0
    shutil.copytree(killed.home, before)
    while True:
        kill_at = chance.randrange(1, events + 1) if kills < KILLS else None
        if killed.take_in(kill_at) is None:
            kills += 1
            killed.check_whole()
            continue
        assert killed.left() == undisturbed.left()
        shutil.rmtree(before if kills >= KILLS else killed.home)
        if kills >= KILLS:
            return kills
        shutil.copytree(before, killed.home)


def go_through(seed: int, home: Path, processes: multiprocessing.context.BaseContext) -> None:
    """One agency's story, taken in undisturbed and with kills; after each step both databanks hold the same."""
    undisturbed, killed = (Databank.at(processes, home / name) for name in ("undisturbed", "killed"))
    chance, kills = random.Random(seed), 0
    for files in Story(seed, STEPS).files():
        for file in files:
            for each in (undisturbed, killed):
                file.put(each.settings.inbox / FEED)
        events = undisturbed.take_in()
        assert events
        kills += go_through_step(killed, undisturbed, chance, events)
    assert kills >= LEAST_KILLS
    outcomes = [each.outcome for each in SeenIndex(killed.settings.landing / FEED / "seen.jsonl").entries]
    assert set(outcomes) <= {LANDED, REPEAT, "refused"}
