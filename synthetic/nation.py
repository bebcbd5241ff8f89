"""A synthetic nation: deliveries of every declared feed for one or more nights, and the truth apart from them."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np

from hub.errors import ContractError
from hub.progress import Progress, quiet
from hub.storage import disk_errors
from schemas.feed import Feed
from schemas.file_names import file_name
from synthetic import day_codes
from synthetic.chance import generator
from synthetic.codes import CodeOffice
from synthetic.conflict_truth import ConflictTruth
from synthetic.covers import Covers, Insurers, Setting
from synthetic.draft import Cells, World
from synthetic.insuring import first_covers
from synthetic.lives import Life
from synthetic.manifests import has_manifest, write_manifest
from synthetic.options import NationOptions, NationSummary
from synthetic.people import Dwellings, People
from synthetic.records import draft
from synthetic.settle import first_people
from synthetic.sheet import sheet
from synthetic.truth import TruthBook
from synthetic.words import written_addresses
from synthetic.writers import write


def generate(options: NationOptions, out: Path, feeds: list[Feed], progress: Progress = quiet) -> NationSummary:
    """Write ``out/inbox/<feed>/<file>`` for every night and ``out/truth/*.parquet``.

    Equal options and contracts give byte-equal files; a person whom nothing befell has the same rows every night.
    """
    started = time.monotonic()
    first_day = day_codes.from_date(options.start_date)
    office = CodeOffice()
    progress("people", 0, 1)
    people, dwellings = first_people(options, first_day, office, generator(options.seed, "people"))
    insurers = Insurers(feeds)
    setting = Setting(people, dwellings, insurers, options, first_day)
    covers = first_covers(generator(options.seed, "covers"), setting)
    progress("people", 1, 1)
    life = Life(options, people, dwellings, covers, office)
    book = TruthBook(out / "truth")
    writing = _Writing(out, feeds, book, progress)
    for night in range(options.nights):
        if night:
            life.night(generator(options.seed, f"night {night}"), insurers, first_day + night)
        writing.night(options, people, dwellings, covers, night)
    overlaps = book.close(people, covers, insurers)
    book.keep("conflict", writing.conflicts.table(people, covers, insurers))
    return NationSummary(
        persons=len(people),
        records=book.record_count,
        corruptions=book.corruption_count,
        overlaps=overlaps,
        files=tuple(writing.files),
        rows_by_feed=dict(writing.rows),
        business_dates=tuple(options.start_date + timedelta(days=night) for night in range(options.nights)),
        seconds=round(time.monotonic() - started, 1),
    )


class _Writing:
    """Writes nights into the inbox and remembers what it wrote."""

    def __init__(self, out: Path, feeds: list[Feed], book: TruthBook, progress: Progress) -> None:
        self.out, self.feeds, self.book, self.progress = out, feeds, book, progress
        self.files: list[str] = []
        self.rows: Counter[str] = Counter()
        self.shown: dict[str, np.ndarray] = {}
        self.conflicts = ConflictTruth(feeds)

    def night(self, options: NationOptions, people: People, dwellings: Dwellings, covers: Covers, night: int) -> None:
        """One file a feed."""
        first_day = day_codes.from_date(options.start_date)

        def addresses(lived: np.ndarray, is_short: bool) -> Cells:
            return written_addresses(dwellings, lived, is_short)

        world = World(options, people, dwellings, covers, first_day, first_day + night, addresses)
        for number, feed in enumerate(self.feeds):
            self.progress(f"files of night {night + 1}", number, len(self.feeds))
            if not feed.is_occasional:  # who answers must have been told something first: synthetic.answers
                self._feed(world, feed)
        self.progress(f"files of night {night + 1}", len(self.feeds), len(self.feeds))

    def _feed(self, world: World, feed: Feed) -> None:
        business_date = day_codes.to_date(world.today)
        layout = feed.layout_on(business_date)
        if layout is None:
            raise ContractError(
                f"Feed {feed.name} has no layout for {business_date}; the files before it are written.",
                hint="Choose another start date, or mend validFrom and validTo in the contract.",
            )
        rows = draft(world, feed, layout, self.feeds)
        content = sheet(rows)
        path = self.out / "inbox" / feed.name / file_name(feed, business_date)
        with disk_errors(path):
            write(content, layout, path)
            if has_manifest(feed):
                write_manifest(path, content, business_date)
        self.conflicts.add(rows, content)
        before = self.shown.get(feed.name)
        self.book.add(
            feed.name, content, rows.person, business_date, None if before is None else np.isin(rows.serial, before)
        )
        self.shown[feed.name] = rows.serial if before is None else np.union1d(before, rows.serial)
        self.files.append(str(path.relative_to(self.out)))
        self.rows[feed.name] += len(content)
