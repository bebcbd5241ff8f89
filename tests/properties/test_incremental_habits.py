"""Scoring only what changed equals scoring all, also where feeds have habits."""

from __future__ import annotations

import pytest

from tests.properties.changing_nation import Nation
from tests.properties.test_incremental import Nights
from tests.tables import World

pytestmark = pytest.mark.slow


def test_L11_habits_are_carried_by_the_nights_after(world: World) -> None:
    nights = Nights(world, Nation(11, persons=320))
    nights.link()
    learned = world.con.execute("select distinct habit_code from linkage.habit order by 1").fetchall()
    assert learned == [("again",), ("age",), ("coverage",), ("first",)]
    world.next_night()
    nights.nation.change(0.02)
    assert nights.both_ways()["events"], "a night without news proves little"
