"""Seeded random worlds over several nights: what must hold for identity whatever happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

from hub.duck import connection
from hub.settings import Settings
from matching.identity import identify
from matching.lookup import replayed, resolution
from tests.tables import World

SEEDS = (0, 1, 2, 9)
NIGHTS = 6
PERSONS = 25
FEEDS = ("sabt", "sso", "ihio")
Clusters = dict[str, int]


def nights_of(seed: int) -> list[Clusters]:
    """Clusters per night: truth is stable, records come and go, and the linker errs anew every few nights."""
    chance = random.Random(seed)
    truth = {f"{chance.choice(FEEDS)}:{n:03d}": chance.randrange(PERSONS) for n in range(PERSONS * 3)}
    nights: list[Clusters] = []
    joined: dict[int, int] = {}
    torn: set[str] = set()
    for _ in range(NIGHTS):
        if chance.random() < 0.7:
            joined = {person: chance.randrange(PERSONS) for person in range(PERSONS) if chance.random() < 0.15}
            torn = {record for record in truth if chance.random() < 0.1}
        present = [record for record in truth if chance.random() < 0.85]
        nights.append(
            {r: PERSONS + chance.randrange(PERSONS) if r in torn else joined.get(truth[r], truth[r]) for r in present}
        )
    return nights


@dataclass
class History:
    """What a world left behind after each night."""

    crosswalks: list[dict[str, int]] = field(default_factory=list)
    persons: list[dict[int, tuple[str, int | None]]] = field(default_factory=list)
    events: list[list[tuple[object, ...]]] = field(default_factory=list)

    def leads_to(self, night: int, person_id: int) -> int:
        """Where an id led after a night, by that night's table alone."""
        survivor = self.persons[night][person_id][1]
        return person_id if survivor is None else self.leads_to(night, survivor)


def live(world: World, nights: list[Clusters], shuffle: int | None = None) -> History:
    """Run all nights; with ``shuffle``, in another order of rows and with other cluster numbers."""
    history = History()
    for number, clusters in enumerate(nights):
        if number:
            world.next_night()
        rows = sorted(clusters.items())
        if shuffle is not None:
            chance = random.Random(shuffle + number)
            chance.shuffle(rows)
            names = chance.sample(range(1000), 2 * PERSONS)
            rows = [(record, names[cluster]) for record, cluster in rows]
        keep_clusters(world, rows)
        identify(world.runner, world.run, world.base_folder)
        history.crosswalks.append(dict(world.con.execute("select record_key, person_id from person.crosswalk").fetchall()))
        persons = world.con.execute("select person_id, state_code, survivor_person_id from person.person").fetchall()
        history.persons.append({row[0]: (row[1], row[2]) for row in persons})
        history.events.append(world.con.execute("from person.identity_event order by event_no").fetchall())
    logs = str(world.home / "runs" / "*" / "person.identity_event.parquet")
    world.con.execute(f"create or replace view person.identity_log as select * from read_parquet('{logs}')")
    return history


def keep_clusters(world: World, rows: list[tuple[str, int]]) -> None:
    table = pa.table(
        {
            "record_key": [record for record, _ in rows],
            "cluster_no": pa.array([cluster for _, cluster in rows], pa.int64()),
            "method_code": ["registry" if record.startswith("sabt") else "score" for record, _ in rows],
            "match_weight": pa.array([None] * len(rows), pa.float64()),
        }
    )
    world.con.register("shuffled", table)  # not through the runner, which would sort it
    world.con.execute("create schema if not exists linkage")
    world.con.execute("create or replace table linkage.cluster as select * from shuffled")


@dataclass
class Lived:
    """One world after its nights; the last night is the one before it again."""

    seed: int
    world: World
    nights: list[Clusters]
    history: History


@pytest.fixture(scope="module", params=SEEDS)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    home = tmp_path_factory.mktemp("world")
    nights = nights_of(request.param)
    nights.append(nights[-1])
    with connection(Settings(home=home, memory="1GB", threads=1)) as con:
        world = World(con, home)
        yield Lived(request.param, world, nights, live(world, nights))


def test_a_cluster_is_one_person_and_a_person_one_cluster(lived: Lived) -> None:
    for clusters, crosswalk in zip(lived.nights, lived.history.crosswalks, strict=True):
        assert crosswalk.keys() == clusters.keys()
        pairs = {(clusters[record], person) for record, person in crosswalk.items()}
        assert len(pairs) == len({cluster for cluster, _ in pairs}) == len({person for _, person in pairs})


def test_ids_are_minted_densely_and_never_twice(lived: Lived) -> None:
    history = lived.history
    minted = [event[3] for events in history.events for event in events if event[2] == "mint"]
    assert minted == list(range(1, len(minted) + 1))
    numbers = [event[0] for events in history.events for event in events]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_merged_id_never_holds_a_record_again(lived: Lived) -> None:
    history = lived.history
    gone: set[int] = set()
    for crosswalk, persons in zip(history.crosswalks, history.persons, strict=True):
        gone |= {person for person, (state, _) in persons.items() if state == "merged"}
        assert not gone & set(crosswalk.values())
        assert {p for p, (state, _) in persons.items() if state == "live"} == set(crosswalk.values())


def test_the_log_replays_to_the_crosswalk_of_every_night(lived: Lived) -> None:
    history = lived.history
    con = lived.world.con
    for night, crosswalk in enumerate(history.crosswalks):
        known = sum(len(events) for events in history.events[: night + 1])
        sql = replayed().sql.replace("person.identity_log", f"(select * from person.identity_log where event_no <= {known})")
        assert dict(con.execute(sql).fetchall()) == crosswalk


def test_an_id_resolves_on_each_day_as_that_nights_table_said(lived: Lived) -> None:
    history = lived.history
    world = lived.world
    world.when(resolution())
    days = [
        event_day
        for (event_day,) in world.con.execute("select distinct business_date from person.identity_log order by 1").fetchall()
    ]
    assert len(days) == NIGHTS  # the last night, which changed nothing, logged nothing
    for night, day in enumerate(days):
        answers = world.con.execute(
            "select person_id, survivor_person_id from person.resolution where from_date <= $day and to_date > $day",
            {"day": day},
        ).fetchall()
        assert len(answers) == len(dict(answers)) == len(history.persons[-1])  # every id ever issued, also later ones
        for person, leads in answers:
            if person in history.persons[night]:
                assert leads == history.leads_to(night, person)


def test_a_redirect_leads_to_where_its_records_are(lived: Lived) -> None:
    """A swallowed id whose records are all with one person leads to that person, also after the merge is undone."""
    history = lived.history
    held: dict[int, set[str]] = {}
    last: dict[str, int] = {}
    for night, crosswalk in enumerate(history.crosswalks):
        for person, (state, survivor) in history.persons[night].items():
            if state == "merged" and person not in held:
                held[person] = {record for record, holder in last.items() if holder == person}
                last |= {record: survivor for record in held[person] if survivor is not None}
        last |= crosswalk
        for person, records in held.items():
            places = {crosswalk[record] for record in records if record in crosswalk}
            if len(places) == 1:
                assert {history.leads_to(night, person)} == places
    assert held


def test_neither_the_order_of_rows_nor_the_numbers_of_clusters_matter(lived: Lived, tmp_path: Path) -> None:
    again = World(lived.world.con, tmp_path)
    assert live(again, lived.nights, shuffle=lived.seed) == lived.history


def test_the_same_clusters_again_change_nothing(lived: Lived) -> None:
    history = lived.history
    assert history.events[-1] == []
    assert history.crosswalks[-1] == history.crosswalks[-2]
    assert history.persons[-1] == history.persons[-2]
