"""Conservation under SIGKILL: wherever staging dies, the next start comes to what an undisturbed one leaves (case D08)."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from pathlib import Path

import pytest

from connectors.staged import find_staged
from connectors.staging import stage
from hub.settings import Settings
from schemas.contracts import load_feed
from tests.integration.staging_world import FEED, Agency, Row, lines_of, people, person

DELIVERIES = 3
KILLS = 4  # of each delivery
SEED = 1405
ROWS = 6000


def stage_in_a_process(home: str, contracts: str, delivery_id: str) -> None:
    """What a child process does until it is done or dead."""
    settings = Settings(home=Path(home), contracts=Path(contracts), memory="500MB", threads=1)
    stage(settings, load_feed(Path(contracts) / f"{FEED}.odcs.yaml"), delivery_id)


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.BaseContext:
    """Children are forked from a server that has imported everything, so that kills hit staging and not the start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integration.judged_once", "connectors.staging", __name__])
    return context


def seconds_to_stage(context: multiprocessing.context.BaseContext, agency: Agency, delivery_id: str) -> float:
    """Stage undisturbed in a child. Returns its seconds."""
    started = time.monotonic()
    child = start(context, agency, delivery_id)
    child.join(120)
    assert child.exitcode == 0
    return time.monotonic() - started


def start(
    context: multiprocessing.context.BaseContext, agency: Agency, delivery_id: str
) -> multiprocessing.process.BaseProcess:
    """Begin to stage in a child."""
    arguments = (str(agency.settings.home), str(agency.settings.contracts), delivery_id)
    child = context.Process(target=stage_in_a_process, args=arguments)  # type: ignore[attr-defined]
    child.start()
    return child  # type: ignore[no-any-return]


def contents(agency: Agency, delivery_id: str) -> dict[str, bytes]:
    """Every staged file but the ones that hold the hour of landing."""
    timed = ("counts.json", "receipt.json", "validation.json")
    return {path.name: path.read_bytes() for path in agency.folder(delivery_id).iterdir() if path.name not in timed}


def is_killed(child: multiprocessing.process.BaseProcess, after: float) -> bool:
    """Kill a child. Returns whether that came before its end."""
    time.sleep(after)
    child.kill()
    child.join(30)
    return child.exitcode == -signal.SIGKILL


def dirty_lines(changed: dict[int, Row] | None = None) -> list[str]:
    """A file with every fate: new, quarantined by reader and by typing, repeated, doubled."""
    bad = {n: {"SEX": "9"} for n in range(10, 60, 10)} | {n: {"BORN": "1352/14/01"} for n in range(5, 60, 10)}
    bad |= changed or {}
    rows = [*people(ROWS, bad), person(1), person(2, FAMILY="دیگر")]
    return [*lines_of(rows), "K9,cut"]


def test_D08_killed_at_random_points_nothing_is_lost_or_doubled(
    tmp_path: Path, processes: multiprocessing.context.BaseContext
) -> None:
    undisturbed, killed = Agency.at(tmp_path / "undisturbed"), Agency.at(tmp_path / "killed")
    seconds_to_stage(processes, undisturbed, undisturbed.send(dirty_lines()))  # waits for the server's imports, too
    killed.stage(killed.send(dirty_lines()))
    chance, hits = random.Random(SEED), 0
    for number in range(DELIVERIES):
        lines, mark = dirty_lines({7: {"WAGE": str(number)}}), chr(ord("b") + number)
        delivery = undisturbed.send(lines, mark=mark)
        assert killed.send(lines, mark=mark) == delivery
        whole = seconds_to_stage(processes, undisturbed, delivery)
        for _ in range(KILLS):
            hits += is_killed(start(processes, killed, delivery), after=chance.uniform(0, whole))
            found = find_staged(killed.settings, FEED, delivery)
            assert found is None or found.counts.received == ROWS + 3, "a delivery is whole or not there"
        counts = killed.stage(delivery)
        assert counts.received == counts.accepted + counts.quarantined + counts.unchanged + counts.superseded == ROWS + 3
        assert counts == undisturbed.stage(delivery)
        assert contents(killed, delivery) == contents(undisturbed, delivery)
    assert hits >= DELIVERIES, "kills must come before the end"
    left = [path.name for path in (killed.settings.staging / FEED).glob(".*")]
    assert left == [], "what killed processes left is swept away"


def test_D08_fates_rows_and_counts_agree(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path)
    agency.stage(agency.send(dirty_lines()))
    rows = [*people(ROWS - 10, {100: {"WAGE": "8"}}), person(200)]
    delivery = agency.send(lines_of(rows), mark="b")
    counts = agency.stage(delivery)
    assert (counts.received, counts.superseded) == (ROWS - 9, 1)
    fates = agency.read(delivery, "fates", "line_no, fate_code, record_key")
    assert [row[0] for row in fates] == list(range(2, ROWS - 7)), "each received line has one fate"
    by_fate = {fate: sum(row[1] == fate for row in fates) for fate in vars(counts) if fate != "received"}
    assert by_fate == {fate: count for fate, count in vars(counts).items() if fate != "received"}
    kept = {row[2] for row in fates if row[1] in ("accepted", "unchanged")}
    assert [row[0] for row in agency.read(delivery, "rows", "record_key")] == sorted(kept)
