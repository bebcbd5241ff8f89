"""What reading costs: the same rows in every format, against DuckDB's own reader of delimited UTF-8 in the same run."""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from connectors.readers import read
from hub.duck import connection, literal
from hub.errors import HubError
from hub.progress import Progress, quiet
from hub.settings import Settings
from nights.measure import Measured, measured
from schemas.feed import Layout

FLOOR = "DuckDB's own reader, delimited UTF-8"
MOST_SECONDS = 10.0
"""A format that has taken so long is not read again: its rate is plain by then."""


@dataclass(frozen=True)
class Reading:
    """What one reading gave, and what a process that it started took: one takes a workbook apart."""

    rows: int
    helper_mb: int = 0
    helper_seconds: float = 0.0


class FormatFile(Protocol):
    """The rows in one format."""

    @property
    def format(self) -> str:
        """The format's name."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def layout(self) -> Layout:
        """Its layout."""

    @property
    def rows(self) -> int:
        """How many rows it has."""


Writer = Callable[[int, Path, Progress], Sequence[FormatFile]]


def bench_readers(
    settings: Settings, rows: int, repeats: int, write: Writer, progress: Progress = quiet
) -> list[dict[str, Any]]:
    """Write the rows in every format, then read each file some times; the quickest counts. The first figure is the floor's.

    Args:
        write: writes the files, the first of them delimited UTF-8; nothing here knows how.

    Returns: by format its name, rows, file_mb, seconds, cpu_seconds, rows_per_second, mb_per_second (of the file as it lies
        there), peak_mb, ratio and cpu_ratio: the rates by the clock and by processor time in parts of the floor's. Each
        reading has a process of its own, whose peak memory is its own, with that of the process that takes a workbook apart.
    """
    folder = settings.home / "files"
    folder.mkdir(parents=True, exist_ok=True)
    files = write(rows, folder, progress)
    floor = _figure(FLOOR, files[0], _quickest(repeats, _read_floor, settings, files[0]))
    figures = [floor]
    for number, file in enumerate(files):
        progress("read each format", number, len(files))
        figures.append(_figure(file.format, file, _quickest(repeats, _read_ours, settings, file)))
    progress("read each format", len(files), len(files))
    return [figure | _ratios(figure, floor) for figure in figures]


def _ratios(figure: dict[str, Any], floor: dict[str, Any]) -> dict[str, float]:
    rates = (
        (each["rows"] / max(each["seconds"], 0.01), each["rows"] / max(each["cpu_seconds"], 0.01))
        for each in (figure, floor)
    )
    (clock, processor), (floor_clock, floor_processor) = rates
    return {"ratio": round(clock / floor_clock, 2), "cpu_ratio": round(processor / floor_processor, 2)}


def _quickest(repeats: int, reading: Callable[..., Reading], settings: Settings, file: FormatFile) -> Measured[Reading]:
    found: list[Measured[Reading]] = []
    while len(found) < repeats and sum(each.seconds for each in found) < MOST_SECONDS:
        found.append(measured(reading, settings, file))
    return min(found, key=lambda each: each.seconds)


def _read_ours(settings: Settings, file: FormatFile) -> Reading:
    rows = sum(len(batch.rows) + len(batch.rejects) for batch in read(file.path, file.layout))
    helper = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Reading(rows, helper.ru_maxrss // 1024, helper.ru_utime + helper.ru_stime)


def _read_floor(settings: Settings, file: FormatFile) -> Reading:
    form = file.layout.format
    with connection(settings) as con:
        con.execute(
            f"from read_csv({literal(file.path)}, delim = {literal(form.delimiter)}, header = true, all_varchar = true)"
        )
        batches: Any = con.to_arrow_reader()
        return Reading(sum(int(batch.num_rows) for batch in batches))


def _figure(name: str, file: FormatFile, found: Measured[Reading]) -> dict[str, Any]:
    if found.result.rows != file.rows:
        raise HubError(
            f"{name}: {found.result.rows} rows came out of {file.rows}; the figures are worth nothing and none is shown.",
            hint="This is a fault of the databank; report it.",
        )
    file_mb, seconds = file.path.stat().st_size / 1e6, max(found.seconds, 0.01)
    return {
        "format": name,
        "rows": file.rows,
        "file_mb": round(file_mb, 1),
        "seconds": found.seconds,
        "cpu_seconds": round(found.cpu_seconds + found.result.helper_seconds, 2),
        "rows_per_second": round(file.rows / seconds),
        "mb_per_second": round(file_mb / seconds, 1),
        "peak_mb": found.peak_mb + found.result.helper_mb,
    }
