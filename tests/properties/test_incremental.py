"""Scoring only what changed leaves what scoring everything would, night after night (issue 3, Incremental)."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from hub.settings import FULL, Settings
from matching.identity import attach_previous, identify
from matching.incremental import Increment, link_changes
from matching.model import current_model, save_model
from tests.properties.changing_nation import Nation, Row
from tests.spec.people_world import GIVEN, REGISTRY, People, valid_code
from tests.tables import World

pytestmark = pytest.mark.slow

# Clusters are the same when they hold the same records. Pairs that only yesterday brings are looked at where there is news.
OUTCOME = {
    "clusters": "select * exclude (cluster_no), min(record_key) over (partition by cluster_no) from linkage.cluster",
    "review pairs": "from person.review_pair",
    "scored pairs": "from linkage.scored_pair where blocking_rule is not null",
    "near pairs": "select * exclude (match_weight) from linkage.near_pair where rule_no is not null",
    "events": "from person.identity_event",
    "crosswalk": "from person.crosswalk",
    "persons": "from person.person",
    "former": "from person.former",
}


class Nights:
    """Nights of one nation, each linked on the base of the one before."""

    def __init__(self, world: World, nation: Nation) -> None:
        self.world, self.nation = world, nation
        self.settings = Settings(home=world.home)
        self.last: Increment | None = None

    def link(self, scoring: str = "changes", judged: str = "") -> dict[str, Any]:
        """Link the nation as it is now; what came out, by table."""
        people = People(self.world)
        people.rows = self.nation.feeds()
        people.standardise(is_full=scoring == FULL, together=current_model(self.settings).together)
        if judged:
            self.world.given("person.judgement", judged)
        attach_previous(people.runner, self.world.base_folder)
        settings = replace(self.settings, scoring=scoring)
        self.last = link_changes(people.runner, settings, self.world.base_folder)
        identify(people.runner, self.world.run, self.world.base_folder)
        return {name: sorted(self.world.con.execute(sql).fetchall(), key=str) for name, sql in OUTCOME.items()}

    def both_ways(self, judged: str = "") -> dict[str, Any]:
        """Link tonight in full, then only what changed; both must leave the same."""
        in_full = self.link(FULL, judged)
        run = self.world.run
        rename = self.world.home / "runs" / "aside"
        run.folder.rename(rename)
        run.folder.mkdir()
        for (name,) in self.world.con.execute("select schema_name from duckdb_schemas() where not internal").fetchall():
            if name != "main":
                self.world.con.execute(f'drop schema "{name}" cascade')
        self.world.runner = type(self.world.runner)(self.world.con, run.folder, run.inputs_hash)
        changes = self.link("changes", judged)
        shutil.rmtree(rename)
        assert self.last is not None
        assert self.last.full_because is None
        for name, rows in in_full.items():
            assert changes[name] == rows, f"{name} differ"
        return changes


@pytest.fixture
def nights(world: World, request: pytest.FixtureRequest) -> Nights:
    """A nation and its first night."""
    made = Nights(world, Nation(request.param, persons=90))
    made.link()
    world.next_night()
    return made


@pytest.mark.parametrize("nights", [1, 7, 3, 118], indirect=True)
def test_L11_scoring_changes_equals_scoring_all_night_after_night(nights: Nights) -> None:
    passes = []
    for share in (0.02, 0.08):
        nights.nation.change(share)
        outcome = nights.both_ways()
        assert outcome["events"], "a night without news proves little"
        assert nights.last is not None
        passes.append(nights.last.passes)
        nights.world.next_night()
    assert min(passes) == 1, "whom links may move is foreseen"


@pytest.mark.parametrize("nights", [104], indirect=True)
def test_L11_whom_a_link_moves_unforeseen_is_linked_in_a_further_pass(nights: Nights) -> None:
    nights.nation.change(0.02)
    nights.both_ways()
    assert nights.last is not None
    assert nights.last.passes == 2, "a nation in which nothing is unforeseen proves nothing here"
    left = [path.name for path in nights.world.run.folder.rglob("*") if "pass" in path.name]
    assert left == [], "what the first pass found lies nowhere but in the tables"
    nights.world.next_night()
    nights.nation.change(0.02)
    nights.both_ways()


@pytest.mark.parametrize("nights", [8], indirect=True)
def test_L11_whom_others_of_a_code_lead_to_its_speaker_is_found_among_changes(nights: Nights) -> None:
    rows = nights.nation.rows
    rows["fund", "speaker"] = {
        "national_code": valid_code(913_572_468),
        "given_name": "کیان",
        "surname": "زرین",
        "birth_date": "1951-04-07",
    }
    rows["clinic", "told"] = {
        **rows["fund", "speaker"],
        "birth_date": None,
        "father_name": "رضا",
        "mobile_no": "09351234567",
    }
    for _ in range(2):  # whom a night has moved is looked at in the next one anyway
        assert _are_one(nights.link(), "fund:speaker", "clinic:told")
        nights.world.next_night()
    rows["post", "new"] = {"given_name": "کیان", "father_name": "رضا", "mobile_no": "09351234567"}
    met = {frozenset(pair[:2]) for pair in nights.both_ways()["near pairs"]}
    assert {"fund:speaker", "post:new"} in met


@pytest.mark.parametrize("seed", [21])
def test_L11_scoring_changes_equals_scoring_all_without_a_registry(world: World, seed: int) -> None:
    nights = Nights(world, Nation(seed, persons=90))
    for share in (0.0, 0.02, 0.05):
        nights.nation.change(share)
        nights.nation.rows = {place: row for place, row in nights.nation.rows.items() if place[0] != REGISTRY}
        if share:
            assert nights.both_ways()["events"]
        else:
            nights.link()
        world.next_night()


@pytest.mark.parametrize("nights", [4], indirect=True)
def test_I01_a_night_without_news_scores_nothing_and_brings_no_event(nights: Nights) -> None:
    outcome = nights.both_ways()
    assert outcome["events"] == []
    assert nights.last is not None
    assert nights.last.changed == 0


@pytest.mark.parametrize("nights", [6], indirect=True)
def test_L11_nights_under_a_model_by_which_names_go_together_equal_full_ones(nights: Nights) -> None:
    tree = current_model(nights.settings)
    together = {"given_name": {GIVEN[0]: "other", GIVEN[1]: "other"}}
    model = replace(tree, name="own", training={**tree.training, "together": together})
    path = nights.world.home / "own.json"
    save_model(path, model)
    nights.settings = replace(nights.settings, trial_model=path)
    nights.link()
    assert nights.last is not None
    assert nights.last.full_because == "another model or method"
    nights.world.next_night()
    nights.nation.change(0.05)
    nights.both_ways()


@pytest.mark.parametrize("nights", [5], indirect=True)
def test_I04_judgements_bind_a_part_as_they_bind_the_nation(nights: Nights) -> None:
    base = nights.world.base_folder
    assert base is not None
    held = nights.world.con.execute(
        f"""select x.record_key, y.record_key from read_parquet('{base}/linkage.cluster.parquet') as x
            join read_parquet('{base}/linkage.cluster.parquet') as y using (cluster_no)
            where x.record_key < y.record_key and y.method_code = 'score' order by all limit 1"""
    ).fetchall()[0]
    apart = nights.world.con.execute(
        f"from read_parquet('{base}/person.review_pair.parquet') "
        "order by match_weight desc, record_key_a, record_key_b limit 1"
    ).fetchall()[0]
    judged = f"""
        judgement_id | record_key_a | record_key_b | is_same
        1            | {held[0]}    | {held[1]}    | false
        2            | {apart[0]}   | {apart[1]}   | true
    """
    nights.nation.change(0.02)
    nights.both_ways(judged)
    nights.world.next_night()
    nights.nation.change(0.02)
    nights.both_ways("judgement_id | record_key_a | record_key_b | is_same")


@pytest.mark.parametrize("nights", [104], indirect=True)
def test_I04_a_judgement_of_somebody_in_a_further_pass_is_obeyed_without_scoring_all(nights: Nights) -> None:
    nights.nation.change(0.02)
    outcome = nights.both_ways("""
        judgement_id | record_key_a | record_key_b | is_same
        1            | clinic:64.0  | post:64.0    | true
        2            | clinic:80.0  | clinic:80.1  | false
    """)
    assert nights.last is not None
    assert nights.last.passes == 2, "a nation in which nothing is unforeseen proves nothing here"
    assert _are_one(outcome, "clinic:64.0", "post:64.0")
    assert not _are_one(outcome, "clinic:80.0", "clinic:80.1")


def test_O01_a_first_night_killed_after_linking_goes_on_as_it_was(world: World) -> None:
    nights = Nights(world, Nation(3, persons=90))
    before, steps = nights.link(), (world.run.folder / "steps.jsonl").read_text(encoding="utf-8")
    world.runner = type(world.runner)(world.con, world.run.folder, world.run.inputs_hash)
    world.runner.attach_all()
    assert nights.link() == before
    again = (world.run.folder / "steps.jsonl").read_text(encoding="utf-8").removeprefix(steps)
    assert [json.loads(line)["table"] for line in again.splitlines()] == ["linkage.reference"]


@pytest.mark.parametrize("nights", [6], indirect=True)
def test_full_scoring_says_why(nights: Nights) -> None:
    nights.link(FULL)
    assert nights.world.con.execute("select way_code, reason from linkage.scoring").fetchall() == [("full", "asked for")]
    nights.world.next_night()
    nights.nation.change(0.9)
    nights.link()
    assert nights.world.con.execute("select way_code, reason from linkage.scoring").fetchall() == [
        ("full", "too much has changed")
    ]


@pytest.mark.parametrize("nights", [8], indirect=True)
def test_L05_a_twin_who_is_registered_later_makes_a_code_under_another_given_name_doubtful(nights: Nights) -> None:
    rows = nights.nation.rows
    families = Counter(_family(row) for (feed, _), row in rows.items() if feed == REGISTRY)
    key, holder = next(
        (key, row)
        for (feed, key), row in reversed(rows.items())
        if feed == REGISTRY and row["national_code"] and families[_family(row)] == 1
    )
    rows["fund", "called"] = {**holder, "given_name": "منوچهر", "mobile_no": "09351234567"}
    # By what that record tells of its person, this one may find him.
    rows["post", "near"] = {"surname": holder["surname"], "given_name": holder["given_name"], "mobile_no": "09351234567"}
    assert _are_one(nights.both_ways(), "fund:called", f"{REGISTRY}:{key}")
    nights.world.next_night()
    rows[REGISTRY, "twin"] = {**holder, "given_name": "کیوان", "national_code": valid_code(987_654_321)}
    assert not _are_one(nights.both_ways(), "fund:called", f"{REGISTRY}:{key}")
    nights.world.next_night()
    del rows[REGISTRY, "twin"]
    assert _are_one(nights.both_ways(), "fund:called", f"{REGISTRY}:{key}")


@pytest.mark.parametrize("is_father_told", [True, False])
@pytest.mark.parametrize("nights", [8], indirect=True)
def test_L05_a_twin_whom_any_feed_tells_later_makes_such_a_code_doubtful(nights: Nights, is_father_told: bool) -> None:
    rows, code = nights.nation.rows, valid_code(913_572_468)
    holder: Row = {"national_code": code, "surname": "زرین", "sex_code": "male", "birth_date": "1951-04-07"}
    holder["father_name"] = "رضا" if is_father_told else None
    rows["fund", "holder"], rows["post", "holder"] = ({**holder, "given_name": "کیان"} for _ in range(2))
    rows["clinic", "called"] = {**holder, "given_name": "منوچهر", "mobile_no": "09351234567"}
    # What no code places meets that record, and is weighed anew with it.
    rows["fund", "near"] = {**holder, "national_code": None, "given_name": "منوچهر", "mobile_no": "09351234567"}
    assert _are_one(nights.both_ways(), "fund:holder", "post:holder", "clinic:called")
    nights.world.next_night()
    rows["post", "twin"] = {**holder, "given_name": "بهرام", "national_code": valid_code(913_572_611), "father_name": "رضا"}
    outcome = nights.both_ways()
    assert _are_one(outcome, "fund:holder", "post:holder")
    assert not _are_one(outcome, "fund:holder", "clinic:called")
    nights.world.next_night()
    rows["post", "twin"] = {**rows["post", "twin"], "birth_date": "1951-04-08"}
    assert _are_one(nights.both_ways(), "fund:holder", "clinic:called")
    nights.world.next_night()
    rows["fund", "again"] = {**holder, "given_name": "منوچهر"}
    assert not _are_one(nights.both_ways(), "fund:holder", "clinic:called"), "as many call him so, and one feed knows both"


@pytest.mark.parametrize("nights", [8], indirect=True)
def test_L05_a_twin_of_the_family_as_the_doubted_record_spells_it_concerns_the_registered_holder(nights: Nights) -> None:
    rows = nights.nation.rows
    born = {"father_name": "رضا", "sex_code": "male", "birth_date": "1951-04-07"}
    told = {**born, "national_code": valid_code(913_572_468)}
    rows[REGISTRY, "holder"] = {**told, "surname": "زرینکوب", "given_name": "کیان"}
    rows["fund", "called"] = {**told, "surname": "زرین", "given_name": "منوچهر", "mobile_no": "09351234567"}
    # By what that record tells of its person, this one may find him.
    rows["post", "near"] = {"surname": "زرینکوب", "given_name": "کیان", "mobile_no": "09351234567"}
    twin = rows["clinic", "twin"] = {
        **told,
        "surname": "زرین",
        "given_name": "بهرام",
        "national_code": valid_code(913_572_611),
    }
    assert not _are_one(nights.link(), "fund:called", f"{REGISTRY}:holder")
    for is_told in (False, True):
        nights.world.next_night()
        nights.link()  # whom a night has moved is looked at in the next one anyway
        nights.world.next_night()
        rows["clinic", "twin"] = twin if is_told else {**twin, "birth_date": "1951-04-08"}
        assert _are_one(nights.both_ways(), "fund:called", f"{REGISTRY}:holder") is not is_told


def _family(row: Row) -> tuple[str | None, ...]:
    return tuple(row[name] for name in ("surname", "father_name", "birth_date"))


def _are_one(outcome: dict[str, Any], *record_keys: str) -> bool:
    clusters = {row[0]: row[-1] for row in outcome["clusters"]}
    return len({clusters[key] for key in record_keys}) == 1
