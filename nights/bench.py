"""How long a night takes against a floor measured in the same run.

The floor is what no pipeline on this machine can avoid: DuckDB reading the same files as text and writing them as Parquet,
and COPY of the same published rows into PostgreSQL. What DuckDB cannot read by itself is left out of the floor, which makes
the ratio larger, never smaller: workbooks, and turning one-byte encodings into UTF-8 (done before its time is taken). Each
stage runs in a process of its own, so that its peak memory is its own; its time leaves out the process's start.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from hub import postgres
from hub.duck import connection, literal
from hub.layers import rows_of
from hub.runs import find_run
from hub.settings import Settings
from nights import night
from nights.intake import take_in_all
from nights.measure import measured
from nights.setup import make_ready
from schemas.contracts import load_feeds
from schemas.feed import Layout
from schemas.text_formats import UTF_16
from warehouse.floor import copy_floor

COUNTED = {"link": "person.crosswalk", "cover": "cover.period", "publish": "person.golden", "report": "person.golden"}
FLAT_KINDS = ("delimited", "fixed")
ONE_COLUMN = "chr(31)"  # a delimiter that no delivery holds: lines stay whole


@dataclass(frozen=True)
class Measure:
    """One stage: seconds of work by the clock and of the processor (PostgreSQL's own left out), peak memory, rows."""

    stage: str
    seconds: float
    cpu_seconds: float
    peak_mb: int
    rows: int


def bench_night(settings: Settings, business_dates: list[date]) -> dict[str, Any]:
    """Run the first night of a nation that lies in the inbox, stage by stage, then the floor.

    Returns: persons, records, stages (list of measures), night_seconds, floor {read, copy}, ratio.
    """
    make_ready(settings)
    first = settings.on(business_dates[0])
    measures = [_measured("intake", _intake, first)]
    opening = night.open_night(first, business_dates[0])
    if opening.is_live:
        raise ValueError("this home already holds a published night; bench needs a new one")
    for name, stage in (("link", night.link_persons), ("cover", night.judge_cover), ("publish", night.publish_night),
                        ("report", night.report_night)):  # fmt: skip
        measures.append(_measured(name, _count_after, first, stage, opening.run_id, COUNTED[name]))
    _keep_readable(first)
    floor = [
        _measured("floor: read files", _read_files, first),
        _measured("floor: copy rows", _copy_rows, first, opening.run_id),
    ]
    seconds, floor_seconds = (round(sum(item.seconds for item in part), 2) for part in (measures, floor))
    return {
        "persons": next(item.rows for item in measures if item.stage == "publish"),
        "records": measures[0].rows,
        "stages": [vars(item) for item in measures],
        "floor": [vars(item) for item in floor],
        "night_seconds": seconds,
        "floor_seconds": floor_seconds,
        "ratio": round(seconds / floor_seconds, 2),
        "peak_mb": max(item.peak_mb for item in measures),
    }


def _measured(stage: str, function: Callable[..., int], *arguments: Any) -> Measure:
    taken = measured(function, *arguments)
    return Measure(stage, taken.seconds, taken.cpu_seconds, taken.peak_mb, taken.result)


def _intake(settings: Settings) -> int:
    """Take every feed in; one that is held, as an empty file of a small fund is, is left behind as in any night."""
    assert settings.business_date is not None
    intakes = take_in_all(settings, settings.business_date)
    return sum(counts.received for item in intakes for counts in item.staged.values())


def _count_after(settings: Settings, stage: Callable[[Settings, str], Any], run_id: str, table: str) -> int:
    stage(settings, run_id)
    with connection(settings) as con:
        return int(con.execute(f"select count(*) from {rows_of(find_run(settings, run_id).table(table))}").fetchall()[0][0])


def _readable(settings: Settings) -> Path:
    return settings.home / "bench-floor"


def _keep_readable(settings: Settings) -> None:
    """Copies of the deliveries that DuckDB can read, packed as they came: one-byte encodings become UTF-8."""
    for feed in load_feeds(settings.contracts):
        form = feed.layouts[-1].format
        is_readable = form.kind not in FLAT_KINDS or form.encoding.startswith("utf")
        folder = _readable(settings) / feed.name
        folder.mkdir(parents=True)
        for path in sorted((settings.landing / feed.name).glob(f"*/{feed.files}")):
            copy = folder / path.name
            if is_readable:
                shutil.copyfile(path, copy)
                continue
            opened: Any = gzip.open if path.suffix == ".gz" else open
            with (
                opened(path, "rt", encoding=form.encoding, errors="replace") as old,
                opened(copy, "wt", encoding="utf-8") as new,
            ):
                shutil.copyfileobj(old, new)


def _read_files(settings: Settings) -> int:
    rows = 0
    with connection(settings) as con:
        for feed in load_feeds(settings.contracts):
            for path in sorted((_readable(settings) / feed.name).glob(feed.files)):
                reader = floor_reader(feed.layouts[-1], path)
                if reader is not None:
                    target = literal(_readable(settings) / f"{feed.name}.parquet")
                    con.execute(f"copy (select * from {reader}) to {target} (format parquet, compression zstd)")
                    rows += int(con.execute(f"select count(*) from read_parquet({target})").fetchall()[0][0])
    return rows


def floor_reader(layout: Layout, path: Path) -> str | None:
    """DuckDB's own reader of a readable delivery as text; None for Excel, which it does not read without an extension."""
    kind, name = layout.format.kind, literal(path)
    if kind == "parquet":
        return f"read_parquet({name})"
    if kind == "jsonl":
        return f"read_json({name}, format = 'newline_delimited', ignore_errors = true)"
    if kind not in FLAT_KINDS:
        return None
    encoding = "utf-16" if layout.format.encoding in UTF_16 else "utf-8"
    delimiter = ONE_COLUMN if kind == "fixed" else literal(layout.format.delimiter)
    shape = f"delim = {delimiter}, header = {str(layout.format.header and kind == 'delimited').lower()}"
    return (
        f"read_csv({name}, {shape}, all_varchar = true, encoding = '{encoding}', ignore_errors = true, null_padding = true)"
    )


def _copy_rows(settings: Settings, run_id: str) -> int:
    return copy_floor(settings, find_run(settings, run_id))


def fresh_home(settings: Settings, name: str) -> Settings:
    """A state folder of a benchmark's own under ``home/bench``."""
    return replace(settings, home=settings.home / "bench" / name, database_url=None)


@contextmanager
def passing_home(settings: Settings, name: str) -> Iterator[Settings]:
    """An empty state folder of a benchmark's own, which is gone afterwards, with its PostgreSQL where there was one."""
    own = fresh_home(settings, name)
    shutil.rmtree(own.home, ignore_errors=True)
    own.home.mkdir(parents=True)
    try:
        yield own
    finally:
        postgres.stop(own)
        shutil.rmtree(own.home, ignore_errors=True)
