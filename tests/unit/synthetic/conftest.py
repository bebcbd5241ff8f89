"""One small nation of two nights, shared by the tests of its files and its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feeds
from schemas.feed import Feed
from synthetic.nation import generate
from synthetic.options import NationOptions, NationSummary

OPTIONS = NationOptions(persons=6000, seed=5, nights=2)


@dataclass(frozen=True)
class Written:
    """A nation on disk."""

    folder: Path
    summary: NationSummary
    feeds: list[Feed]

    def truth(self, name: str) -> pa.Table:
        return pq.read_table(self.folder / "truth" / f"{name}.parquet")

    @cached_property
    def _records(self) -> list[dict[str, object]]:
        return self.truth("record").to_pylist()

    def records(self, feed: str, night: int = 0) -> list[dict[str, object]]:
        day = self.summary.business_dates[night]
        return [row for row in self._records if row["feed"] == feed and row["business_date"] == day]

    def files(self, feed: str) -> list[Path]:
        """The files of a feed in order of nights, without sidecars."""
        return sorted(path for path in (self.folder / "inbox" / feed).iterdir() if not path.name.endswith(".manifest.json"))

    def feed(self, name: str) -> Feed:
        return next(feed for feed in self.feeds if feed.name == name)


@pytest.fixture(scope="session")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("nation")
    feeds = load_feeds(CONTRACTS_IN_TREE)
    return Written(folder, generate(OPTIONS, folder, feeds), feeds)
