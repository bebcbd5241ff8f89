"""kill -9 at random moments of landing: nothing is lost, doubled or half there."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from pathlib import Path

from connectors.deliveries import deliveries_of
from connectors.landing import land
from connectors.seen import SeenIndex
from hub.settings import Settings
from hub.storage import sha256_of
from tests.integration.killed import run_and_kill
from tests.integration.oil import FEED

ROUNDS, FILES, SEED = 8, 12, 7
FILE_BYTES = 400_000
LANDING = """
import sys
from datetime import date
from pathlib import Path
from connectors.landing import land
from hub.settings import Settings
from tests.integration.oil import FEED
print("ready", flush=True)
land(Settings(home=Path(sys.argv[1])), FEED, date(2026, 11, 20))
"""


def test_O01_killed_landing_goes_on_to_the_state_of_an_undisturbed_one(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    inbox = tmp_path / "inbox" / FEED.name
    inbox.mkdir(parents=True)
    sent = {}
    for day in range(1, FILES + 1):
        data = chance.randbytes(FILE_BYTES)
        (inbox / f"OIL_140508{day:02d}.csv").write_bytes(data)
        sent[f"OIL_140508{day:02d}.csv"] = hashlib.sha256(data).hexdigest()
    killed = sum(run_and_kill(LANDING, tmp_path, seconds=chance.uniform(0.001, 0.06)) for _ in range(ROUNDS))
    assert killed > 0

    settings = Settings(home=tmp_path)
    land(settings, FEED, date(2026, 11, 20))
    kept = deliveries_of(settings, FEED.name)
    assert {each.file_name: each.sha256 for each in kept} == sent
    assert len(kept) == FILES
    assert all(sha256_of(each.path(settings)) == each.sha256 for each in kept)
    entries = SeenIndex(settings.landing / FEED.name / "seen.jsonl").entries
    assert sorted((each.name, each.outcome) for each in entries) == [(name, "landed") for name in sorted(sent)]
    assert not list((settings.landing / FEED.name).glob(".*.partial"))
    assert not any(each.is_late or each.supersedes_delivery_id for each in kept)
