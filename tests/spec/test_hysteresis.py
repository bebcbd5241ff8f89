"""Hysteresis: a person is joined high and left low, so that nobody's id flaps from night to night (L09)."""

from __future__ import annotations

import pytest

from hub.settings import Settings
from matching.identity import IdentityCounts, attach_previous, identify
from matching.link import link
from matching.scorer import RULES
from tests.spec.people_world import REGISTRY, People, people, valid_code  # noqa: F401

pytestmark = pytest.mark.slow

HEADER = "key | national_code | given_name | surname | father_name | sex_code | birth_date | mobile_no | postal_code"
CODE = valid_code(223_456_789)
AS_REGISTERED = "مهدی | تهرانچی | کاظم | male | 1960-05-17 | 09121112233 |"
OTHER_FATHER = "مهدی | تهرانچی | رضا | | 1960-05-17 | 09124445566 |"  # between the fracture and the join threshold
OTHER_FATHER_AND_DAY = "مهدی | تهرانچی | رضا | | 1960-07-20 | 09124445566 |"  # below both
TWIN = "نیما | تهرانچی | کاظم | male | 1960-05-17 | 09121112233 |"


def night(people: People, **records: str) -> IdentityCounts:  # noqa: F811
    """One night in which each agency delivers one record beside the registry, on the base of the night before."""
    people.rows = {feed: rows for feed, rows in people.rows.items() if feed == REGISTRY}
    for feed, record in records.items():
        people.given(feed, f"{HEADER}\nx | | {record}")
    world = people.world
    if world.run.table("linkage.cluster").exists():
        world.next_night()
        people.runner = world.runner
    people.standardise()
    attach_previous(people.runner, world.base_folder)
    link(people.runner, Settings(home=world.home))
    return identify(people.runner, world.run, world.base_folder)


def person(people: People, record_key: str) -> int:  # noqa: F811
    """The person of a record after this night."""
    sql = "select person_id from person.crosswalk where record_key = ?"
    return int(people.con.execute(sql, [record_key]).fetchall()[0][0])


def weight(people: People, left: str, right: str) -> float | None:  # noqa: F811
    """What the scorer found tonight; None when it is below all thresholds."""
    sql = "select match_weight from linkage.scored_pair where record_key_a = ? and record_key_b = ?"
    rows = people.con.execute(sql, [left, right]).fetchall()
    return rows[0][0] if rows else None


def registry(people: People) -> None:  # noqa: F811
    people.given_neighbours(are_fewer=True)
    people.given(REGISTRY, f"{HEADER}\nx | {CODE} | {AS_REGISTERED}")


def elsewhen(row: dict[str, str | None], number: int) -> dict[str, str | None]:
    """A namesake of a neighbour, born in other years."""
    born = f"{1930 + number % 19}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return {**row, "key": f"{row['key']}+", "national_code": valid_code(600_000_000 + number * 37), "birth_date": born}


def test_L09_joining_asks_for_more_than_staying() -> None:
    assert RULES.fracture_weight < RULES.link_weight
    assert RULES.known_fracture_weight < RULES.known_link_weight
    assert RULES.impersonal_fracture_weight < RULES.impersonal_link_weight
    lowest = min(RULES.fracture_weight, RULES.known_fracture_weight, RULES.impersonal_fracture_weight)
    assert lowest >= RULES.review_weight, "what the scorer drops could not be held"


def test_L09_between_the_thresholds_a_new_record_does_not_join(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=OTHER_FATHER)
    found = weight(people, "civil:x", "fund:x")
    assert found is not None
    assert RULES.known_fracture_weight < found < RULES.known_link_weight
    assert person(people, "fund:x") != person(people, "civil:x")
    assert people.review("civil:x", "fund:x") == "threshold"


def test_L09_a_correction_takes_a_record_out_only_below_the_fracture_threshold(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=AS_REGISTERED, other=AS_REGISTERED)
    was = person(people, "civil:x")
    assert person(people, "fund:x") == person(people, "other:x") == was
    stays = night(people, fund=OTHER_FATHER, other=AS_REGISTERED)
    assert person(people, "fund:x") == was
    assert (stays.left, stays.minted, stays.joined) == (0, 0, 0)
    leaves = night(people, fund=OTHER_FATHER_AND_DAY, other=AS_REGISTERED)
    assert person(people, "fund:x") != was
    assert person(people, "civil:x") == person(people, "other:x") == was
    assert (leaves.left, leaves.minted, leaves.split) == (1, 1, 1)
    returns = night(people, fund=OTHER_FATHER, other=AS_REGISTERED)
    assert (returns.joined, returns.merged) == (0, 0), "what has left joins only above the join threshold"


def test_L09_a_hard_constraint_takes_a_record_out_at_once(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=AS_REGISTERED)
    assert person(people, "fund:x") == person(people, "civil:x")
    night(people, fund=TWIN)
    assert person(people, "fund:x") != person(people, "civil:x")


def test_L09_a_known_person_who_leads_by_the_margin_takes_a_record_over(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=AS_REGISTERED)
    people.given(REGISTRY, f"{HEADER}\ny | {valid_code(223_456_790)} | {OTHER_FATHER}")
    night(people, fund=OTHER_FATHER)
    assert person(people, "fund:x") == person(people, "civil:y") != person(people, "civil:x")


def test_L09_unknown_ones_stay_together_too(people: People) -> None:  # noqa: F811
    people.given_neighbours()
    for number, row in enumerate(people.rows[REGISTRY]):
        row["mobile_no"] = f"0913{number:07d}"
    one, another = AS_REGISTERED, "مهدی | تهرانچی | رضا | male | 1960-05-18 | 09121112233 |"
    night(people, fund=one, other=one)
    assert person(people, "fund:x") == person(people, "other:x")
    counts = night(people, fund=another, other=one)
    found = weight(people, "fund:x", "other:x")
    assert found is not None
    assert RULES.fracture_weight < found < RULES.link_weight
    assert person(people, "fund:x") == person(people, "other:x")
    assert counts.left == 0


def test_L09_no_flapping_while_frequencies_drift(people: People) -> None:  # noqa: F811
    """The weight crosses the join threshold every night; the person stays."""
    registry(people)
    few = people.rows[REGISTRY]
    many = [*few, *(elsewhen(row, n) for n, row in enumerate(few[:-1]))]
    found, stayed = [], []
    for number in range(5):
        people.rows[REGISTRY] = few if number % 2 else many
        counts = night(people, fund=OTHER_FATHER)
        found.append(weight(people, "civil:x", "fund:x") or 0.0)
        stayed.append(person(people, "fund:x") == person(people, "civil:x"))
        assert number == 0 or counts.left == (len(many) - len(few) if number % 2 else 0), (
            "only neighbours who are gone leave"
        )
    assert all(stayed)
    crossing = [each >= RULES.known_link_weight for each in found]
    assert crossing == [True, False, True, False, True]


def test_I01_the_same_night_again_brings_no_event(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=AS_REGISTERED, other=OTHER_FATHER)
    night(people, fund=OTHER_FATHER, other=OTHER_FATHER)
    before = people.con.execute("select record_key, person_id from person.crosswalk order by all").fetchall()
    counts = night(people, fund=OTHER_FATHER, other=OTHER_FATHER)
    assert (counts.minted, counts.joined, counts.left, counts.merged, counts.split) == (0, 0, 0, 0, 0)
    assert people.con.execute("select record_key, person_id from person.crosswalk order by all").fetchall() == before


def test_I04_undoing_a_positive_judgement_is_not_outlived_by_hysteresis(people: People) -> None:  # noqa: F811
    registry(people)
    people.judge(("civil:x", "fund:x", True))
    night(people, fund=OTHER_FATHER)
    assert person(people, "fund:x") == person(people, "civil:x")
    judged = (
        "select person_id = other_person_id, record_key, method_code from person.identity_event where event_code = 'judge'"
    )
    assert people.con.execute(judged).fetchall() == [(True, "civil:x", "same")]
    people.world.next_night()
    people.runner = people.world.runner
    people.world.given("person.judgement", "judgement_id | record_key_a | record_key_b | is_same")
    night(people, fund=OTHER_FATHER)
    assert person(people, "fund:x") != person(people, "civil:x")


def test_a_weight_that_only_drifts_is_not_written_again_in_the_review_queue(people: People) -> None:  # noqa: F811
    registry(people)
    night(people, fund=OTHER_FATHER)
    queue = "select match_weight from person.review_pair where record_key_b = 'fund:x'"
    first = people.con.execute(queue).fetchall()
    drifted = weight(people, "civil:x", "fund:x")
    people.rows[REGISTRY] = people.rows[REGISTRY][5:]
    night(people, fund=OTHER_FATHER)
    assert weight(people, "civil:x", "fund:x") != drifted
    assert people.con.execute(queue).fetchall() == first
