"""Of a table that is its base's but for some rows, publishing reads these alone and applies what it always would."""

from __future__ import annotations

from pathlib import Path

from hub.duck import connection
from hub.layers import is_layered
from hub.settings import Settings
from hub.steps import Amendment, Step
from schemas.tables import CROSSWALK
from tests.tables import World
from warehouse.changes import change

RECORDS = 200


def test_a_layered_table_brings_the_changes_that_a_whole_one_does(tmp_path: Path) -> None:
    with connection(Settings(home=tmp_path, memory="1GB", threads=1)) as con:
        world = World(con, tmp_path)
        world.runner.run(Step(CROSSWALK.name, CROSSWALK.grain, crosswalk("true")))
        base = world.run
        world.next_night()
        amended = Step(
            CROSSWALK.name, CROSSWALK.grain, f"{crosswalk('n in (3, 4)', 'tonight')} union all {crosswalk('n = 7')}"
        )
        is_out = "record_key in ('fund:103', 'fund:104', 'fund:105', 'fund:107')"
        world.runner.amend(Amendment(amended, base.table(CROSSWALK.name), is_out))
        assert is_layered(world.run.table(CROSSWALK.name))
        found = []
        for _ in range(2):
            told = change(con, CROSSWALK, world.run, base)
            found.append((told, sorted(con.execute(told.fresh).fetchall()), sorted(con.execute(told.gone).fetchall())))
            world.runner.make_whole(CROSSWALK.name, CROSSWALK.grain)
        assert not is_layered(world.run.table(CROSSWALK.name))
        assert found[0] == found[1]
        assert [row[0] for row in found[0][1]] == ["fund:103", "fund:104"], "a row that was put in as it was is no change"
        assert found[0][2] == [("fund:103",), ("fund:104",), ("fund:105",)]


def crosswalk(condition: str, run_id: str = "first") -> str:
    return f"""
        select 'fund:' || (100 + n) as record_key, 'fund' as feed, n as person_id, 'score' as method_code,
               1.5::double as match_weight, '{run_id}' as since_run
        from range({RECORDS}) as t(n) where {condition}"""
