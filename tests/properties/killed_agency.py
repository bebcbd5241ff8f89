"""An agency whose files come in every manner, and a databank that is killed while it takes them in."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from json import dumps
from pathlib import Path
from types import FrameType

from connectors.deliveries import delivery_id_of, unstaged_deliveries
from connectors.landing import land
from hub.errors import DeliveryError
from hub.settings import Settings
from nights.intake import feed_named, stage_feed
from tests.integration.staging_world import COLUMNS, DAY, FEED, Row, lines_of, person

PROJECT = str(Path(__file__).parents[2])
FAR = date(2099, 1, 1)
PEOPLE = 60
KINDS = ("delta", "delta", "snapshot", "correction", "late", "repeat", "gap", "supplement")


@dataclass(frozen=True)
class File:
    """One file of an agency, and what lies beside it."""

    name: str
    data: bytes
    manifest: str | None = None

    def put(self, inbox: Path) -> None:
        """Lay the file into an inbox as one that arrived an hour ago."""
        inbox.mkdir(parents=True, exist_ok=True)
        beside = [(f"{self.name}.manifest.json", self.manifest.encode())] if self.manifest else []
        for name, data in (*beside, (self.name, self.data)):
            (inbox / name).write_bytes(data)
            an_hour_ago = time.time() - 3600
            os.utime(inbox / name, (an_hour_ago, an_hour_ago))


class Story:
    """What an agency sends, step by step: equal seeds, equal files."""

    def __init__(self, seed: int, steps: int) -> None:
        self.chance = random.Random(seed)
        self.day, self.number, self.steps = DAY, 0, steps
        self.sent: list[File] = []

    def files(self) -> Iterator[list[File]]:
        """The files that come together, the first of them a snapshot."""
        yield [self._keep(self._listing("full_0"))]
        for step in range(self.steps):
            self.day += timedelta(days=1)
            yield [self._keep(file) for file in getattr(self, f"_{self.chance.choice(KINDS)}")(f"s{step}")]

    def _keep(self, file: File) -> File:
        self.sent.append(file)
        return file

    def _row(self, number: int) -> Row:
        bad = self.chance.random()
        changed = {"WAGE": str(self.chance.randrange(9))} if self.chance.random() < 0.1 else {}
        return person(number, **(changed | ({"SEX": "9"} if bad < 0.01 else {"BORN": "1352/13/45"} if bad < 0.02 else {})))

    def _listing(self, mark: str, day: date | None = None) -> File:
        rows = [self._row(number) for number in range(1, PEOPLE + self.chance.randrange(5))]
        return _file(day or self.day, mark, [*lines_of(rows), *(["K9,cut"] if self.chance.random() < 0.3 else [])])

    def _snapshot(self, mark: str) -> list[File]:
        return [self._listing(f"full{mark}")]

    def _delta(self, mark: str) -> list[File]:
        self.number += 1
        told = [(self.chance.choice("IUUD"), self._row(self.chance.randrange(1, PEOPLE + 9))) for _ in range(6)]
        lines = ["OP," + ",".join(COLUMNS), *(f"{code}," + ",".join(row[name] for name in COLUMNS) for code, row in told)]
        return [_file(self.day, str(self.number), lines)]

    def _gap(self, mark: str) -> list[File]:
        """Two deltas, the second under an earlier hand than the first."""
        (first,) = self._delta(mark)
        (second,) = self._delta(mark)
        return [second, first]

    def _correction(self, mark: str) -> list[File]:
        return [self._listing(f"full{mark}"), self._listing(f"full{mark}b")]

    def _late(self, mark: str) -> list[File]:
        return [self._listing(f"full{mark}", self.day - timedelta(days=3))]

    def _repeat(self, mark: str) -> list[File]:
        """The same file, put there again."""
        return [self.sent[-1]]

    def _supplement(self, mark: str) -> list[File]:
        last = self.sent[-1]
        day = date.fromisoformat(last.name.split("_")[1])
        mended = delivery_id_of(FEED, day, sha256(last.data).hexdigest())
        has_operation = last.data.startswith(b"OP")
        rows = [person(number) for number in (3, 7)]
        lines = [("OP," if has_operation else "") + ",".join(COLUMNS)]
        lines += [("U," if has_operation else "") + ",".join(row[name] for name in COLUMNS) for row in rows]
        file = _file(day, f"mended{mark}", lines)
        return [File(file.name, file.data, dumps({"supplements": mended}))]


def _file(day: date, mark: str, lines: list[str]) -> File:
    return File(f"clients_{day}_{mark}.csv", ("\n".join(lines) + "\n").encode())


class Trap:
    """Kills this process at the n-th event of our own code, and counts events."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0

    def __call__(self, frame: FrameType, _event: str, _argument: object) -> None:
        """Called by Python at each call and return."""
        file = frame.f_code.co_filename
        if file.startswith(PROJECT) and "/tests/" not in file and "/.venv/" not in file:
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


def take_in(home: str, contracts: str, kill_at: int | None, counted: str) -> None:
    """Land and stage what there is, in a process of its own; dies at an event, or writes down how many there were."""
    settings = Settings(home=Path(home), contracts=Path(contracts), memory="300MB", threads=1)
    trap = Trap(kill_at)
    sys.setprofile(trap)
    try:
        with suppress(DeliveryError):
            land(settings, feed_named(settings, FEED), FAR)
        with suppress(DeliveryError):
            stage_feed(settings, FEED, unstaged_deliveries(settings, FEED))
    finally:
        sys.setprofile(None)
    Path(counted).write_text(str(trap.count))
