"""`databank bench night`: every stage and a floor, measured in one run on the real parts."""

from __future__ import annotations

import json
from pathlib import Path

from schemas.contracts import load_feeds
from tests.nation import Home

STAGES = ["intake", "link", "cover", "publish", "report"]


def test_bench_measures_each_stage_and_a_floor_that_reads_every_delivery(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    home = Home(tmp_path / "state", tmp_path)
    done = home.run("bench", "night", "--persons", "600", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [stage["stage"] for stage in found["stages"]] == STAGES
    assert all(stage["seconds"] > 0 and stage["peak_mb"] > 0 and stage["rows"] > 0 for stage in found["stages"])
    read, copied = found["floor"]
    assert read["rows"] > 0.9 * found["records"], "DuckDB reads all but the workbooks and the list disk"
    assert copied["rows"] > found["records"], "records, persons and cover are published"
    assert found["ratio"] == round(found["night_seconds"] / found["floor_seconds"], 2)
    assert not list((home.settings.home / "bench").iterdir()), "what was measured is cleared away"
    assert {feed.layouts[-1].format.encoding for feed in load_feeds(home.settings.contracts)} > {"cp1256", "utf-16"}
