"""Looking only at clusters that are not as they were leaves the identity that looking at all would (issue 3)."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

from hub.duck import connection
from hub.layers import is_layered
from hub.settings import Settings
from hub.steps import Amendment, Step
from matching.identity import identify
from schemas.tables import CLUSTER, CROSSWALK, FORMER, IDENTITY_EVENT, PERSON
from tests.tables import World

NIGHTS, PERSONS, RECORDS = 7, 150, 400
Clusters = dict[str, int]


def changed(clusters: Clusters, chance: random.Random) -> Clusters:
    """A few clusters merge or split, a few records come, go, come back or move; the numbers of all others stay."""
    after = dict(clusters)
    for _ in range(3):
        one, other = chance.sample(sorted(set(after.values())), 2)
        match chance.randrange(5):
            case 0:
                after |= {record: one for record, number in after.items() if number == other}
            case 1:
                new = max(after.values()) + 1
                after |= {record: new for record, number in after.items() if number == one and chance.random() < 0.5}
            case 2:
                after.pop(chance.choice(sorted(after)))
            case _:
                after[f"sso:{chance.randrange(RECORDS):04d}"] = one
    return after


def keep(world: World, clusters: Clusters) -> None:
    table = pa.table(
        {
            "record_key": list(clusters),
            "cluster_no": pa.array(clusters.values(), pa.int64()),
            "method_code": ["registry" if record.endswith("7") else "score" for record in clusters],
            "match_weight": pa.array([None] * len(clusters), pa.float64()),
        }
    )
    world.con.register("kept", table)
    whole = Step(CLUSTER.name, CLUSTER.grain, "from kept")
    if world.base_folder is None:
        world.runner.run(whole)
        return
    base = world.base_folder / f"{CLUSTER.name}.parquet"
    world.runner.attach("base.cluster", base)
    world.con.execute("create or replace temp table fresh as (from kept except from base.cluster)")
    is_out = "record_key not in (select record_key from kept) or record_key in (select record_key from fresh)"
    world.runner.amend(Amendment(Step(CLUSTER.name, CLUSTER.grain, "from fresh"), base, is_out))


@pytest.mark.parametrize("seed", range(4))
def test_clusters_in_question_decide_what_all_would(tmp_path: Path, seed: int) -> None:
    nation = random.Random(seed)
    clusters = {f"sso:{n:04d}": nation.randrange(PERSONS) for n in range(RECORDS)}
    nights = [clusters := changed(clusters, nation) for _ in range(NIGHTS)]
    outcomes, layered = [], []
    for is_whole in (False, True):
        home = tmp_path / str(is_whole)
        with connection(Settings(home=home, memory="1GB", threads=1)) as con:
            world = World(con, home)
            seen = []
            for number, tonight in enumerate(nights):
                if number:
                    world.next_night()
                keep(world, tonight)
                if is_whole:
                    world.runner.make_whole(CLUSTER.name, CLUSTER.grain)
                identify(world.runner, world.run, world.base_folder)
                layered.append(is_layered(world.run.table(CLUSTER.name)))
                tables = (CROSSWALK, PERSON, FORMER, IDENTITY_EVENT)
                seen.append([sorted(con.execute(f"from {table.name}").fetchall(), key=str) for table in tables])
        outcomes.append(seen)
    for night, (some, every) in enumerate(zip(*outcomes, strict=True)):
        assert some == every, f"night {night}"
    assert sum(layered[:NIGHTS]) >= NIGHTS // 2, "nights that looked only at what was in question"
    assert not any(layered[NIGHTS:])
