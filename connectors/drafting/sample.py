"""A sample file as text columns: its format is recognised, its rows come through the readers of real deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from connectors.drafting.addresses import with_address
from connectors.drafting.days import with_days
from connectors.drafting.given_names import with_middle_name
from connectors.drafting.recognise import Recognised, recognise
from connectors.drafting.words import Words
from connectors.readers import read
from hub.errors import DeliveryCorrupt
from schemas.feed import UNJOINED, Column, Layout, source_of
from schemas.fields import Field

MOST_ROWS = 50_000
"""How many rows of a sample are looked at."""


@dataclass(frozen=True)
class Sample:
    """What was read of a sample.

    ``rows``: one text column per column of the file, days, addresses and given names of several columns put together;
    ``reject_count``: lines of no row; ``parts``: the file's columns of which such a column is made.
    """

    recognised: Recognised
    rows: pa.Table
    reject_count: int
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of ``rows``."""
        return tuple(self.rows.column_names)


def read_sample(path: Path, words: Words) -> Sample:
    """Recognise a file and read its first rows. ``words``: what is known of headers.

    Raises:
        DeliveryCorrupt: it is of no known format, or holds no row.
    """
    found = recognise(path)
    layout = _layout(found)
    batches: list[pa.RecordBatch] = []
    rejects = 0
    for batch in read(path, layout):
        batches.append(batch.rows.select(found.names))
        rejects += len(batch.rejects)
        if sum(each.num_rows for each in batches) >= MOST_ROWS:
            break
    rows = pa.Table.from_batches(batches).slice(0, MOST_ROWS) if batches else None
    if rows is None or rows.num_rows == 0:
        raise DeliveryCorrupt(
            f"{path.name} holds no row that can be read; nothing was drafted.", hint="Ask the agency for a sample with rows."
        )
    if found.format.kind in UNJOINED:
        return Sample(found, rows, rejects)
    rows, days = with_days(rows)
    read_as = words.of_kind(found.format.kind)
    rows, address = with_address(rows, read_as)
    rows, given = with_middle_name(rows, read_as)
    return Sample(found, rows, rejects, {**days, **address, **given})


def _layout(found: Recognised) -> Layout:
    """A layout that reads every column as text."""
    places = found.places or ((None, None),) * len(found.names)
    sources = [source_of(name, found.format.kind) for name in found.names]
    return Layout(found.format, tuple(map(_column, found.names, sources, places)), ignored=found.lists)


def _column(name: str, source: str, place: tuple[int | None, int | None]) -> Column:
    return Column(Field(name, "text", "", "restricted"), source, start=place[0], width=place[1])
