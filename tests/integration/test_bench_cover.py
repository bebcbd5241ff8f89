"""The measurement of cover: what it measures is done, and counted another way."""

from __future__ import annotations

from hub.settings import Settings
from nights.bench_cover import bench_cover
from warehouse.database import connect


def test_the_measurement_of_cover_finds_every_overlap_and_loads_every_booklet(settings: Settings) -> None:
    found = bench_cover(settings, 2000, seed=3)
    assert found["is_exact"]
    assert 0 < found["rows"]["cover.overlap"] < found["rows"]["cover.period"]
    assert set(found["seconds"]) >= {"cover_and_overlaps", "load"}
    with connect(settings) as connection:
        loaded = connection.execute("select count(*), count(*) filter (where status_code = 'blocked') from cover.booklet")
        count, blocked = loaded.fetchall()[0]
        constraint = connection.execute("select count(*) from pg_constraint where conname = 'one_active_booklet'").fetchone()
    assert (count, constraint) == (found["rows"]["cover.booklet"], (1,))
    assert blocked > 0
