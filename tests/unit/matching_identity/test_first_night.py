"""A nation's first night takes a short way where clusters are counted in order; it ends where the long way does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matching import first_night
from matching.identity import identify
from tests.tables import World

KEYS = ("a:1", "a:2", "b:1", "b:2", "c:1")


def _identified(world: World, clusters: tuple[int, ...]) -> tuple[bool, list[list[tuple[Any, ...]]]]:
    rows = "\n".join(f"{key} | {number} | code" for key, number in zip(KEYS, clusters, strict=True))
    world.given("linkage.cluster", f"record_key | cluster_no | method_code\n{rows}")
    is_counted = first_night.is_counted(world.con)
    identify(world.runner, world.run, world.base_folder)
    tables = ("person.crosswalk", "person.identity_event", "person.person")
    return is_counted, [world.con.execute(f"select * from {table} order by all").fetchall() for table in tables]


def test_ids_and_events_do_not_depend_on_how_clusters_are_counted(world: World, tmp_path: Path) -> None:
    is_counted, found = _identified(world, (0, 1, 1, 0, 2))
    is_counted_otherwise, found_otherwise = _identified(World(world.con, tmp_path / "other"), (7, 3, 3, 7, 4))
    assert (is_counted, is_counted_otherwise) == (True, False)
    assert found == found_otherwise


@pytest.mark.parametrize("clusters", [(1, 1, 2, 3, 4), (0, 2, 1, 3, 4), (0, 1, 1, 3, 4)])
def test_a_number_left_out_or_too_early_is_seen(world: World, clusters: tuple[int, ...]) -> None:
    assert not _identified(world, clusters)[0]


def test_records_in_another_order_are_seen(world: World) -> None:
    world.given("linkage.cluster", "record_key | cluster_no\nb:1 | 0\na:1 | 1")
    assert not first_night.is_counted(world.con)
