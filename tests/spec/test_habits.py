"""What a record tells by its feed about which of two namesakes it means (L03), learned from records placed already."""

from __future__ import annotations

import pytest

from matching.habits import LEARNING
from tests.spec.people_world import REGISTRY, People, people, valid_code  # noqa: F401
from tests.spec.test_explain import explained

HEADER = "key | national_code | given_name | surname | birth_date"
NAMESAKES = f"""{HEADER}
    old   | {valid_code(223456789)} | بهرام | سپهری | 1951-05-17
    young | {valid_code(223456790)} | بهرام | سپهری | 1996-05-17"""


def link_with(people: People, text: str, *, placed: int) -> None:  # noqa: F811
    """Link namesakes, a feed's records of them, and so many of its records that codes place."""
    people.given_neighbours()
    people.rows["post"] = [
        {"key": f"k{n}", **{name: row[name] for name in ("national_code", "given_name", "surname")}}
        for n, row in enumerate(people.rows[REGISTRY][:placed])
    ]
    people.given(REGISTRY, NAMESAKES)
    people.given("post", f"{HEADER}\n{text}")
    people.link()


def test_L03_of_two_namesakes_the_one_whom_the_feed_does_not_hold_yet(people: People) -> None:  # noqa: F811
    link_with(people, f"a | {valid_code(223456789)} | بهرام | سپهری |\nb | | بهرام | سپهری |", placed=LEARNING.least_records)
    assert people.are_one("post:a", "civil:old")
    assert people.are_one("post:b", "civil:young")


def test_L03_a_feed_of_which_little_is_placed_has_no_habits(people: People) -> None:  # noqa: F811
    link_with(people, f"a | {valid_code(223456789)} | بهرام | سپهری |\nb | | بهرام | سپهری |", placed=20)
    assert people.method("post:b") == "single"
    assert people.review("post:b", "civil:young") == "margin"


def test_L03_of_two_namesakes_the_one_of_an_age_that_the_feed_holds(people: People) -> None:  # noqa: F811
    young = [f"r{n} | {valid_code(500_000_001 + n)} | مهرداد | تهرانی | {1990 + n % 10}-01-02" for n in range(200)]
    people.given(REGISTRY, "\n".join([HEADER, *young]))
    link_with(people, "b | | بهرام | سپهری |", placed=LEARNING.least_records)
    assert people.are_one("post:b", "civil:young")
    people.world.given("person.judgement", "judgement_id | record_key_a")
    found = explained(people, "post:b", "civil:young")
    assert found.weight == pytest.approx(found.recorded_weight, abs=0.01)
    assert ("feed", "has none yet") in {(part.comparison, part.level) for part in found.parts}


def test_L03_of_two_namesakes_the_one_who_lives(people: People) -> None:  # noqa: F811
    def registered(key: str, serial: int, names: str, year: int, status: str) -> str:
        return f"{key} | {valid_code(serial)} | {names} | {year}-01-02 | {status}"

    living = [registered(f"r{n}", 500_000_001 + n, "مهرداد | تهرانی", 1951 + n % 10, "alive") for n in range(200)]
    dead = [registered(f"d{n}", 500_000_201 + n, "شاپور | تهرانی", 1951 + n % 10, "dead") for n in range(50)]
    namesakes = [
        registered("dead", 223456791, "پرویز | سپهری", 1956, "dead"),
        registered("alive", 223456792, "پرویز | سپهری", 1957, "alive"),
    ]
    people.given(REGISTRY, "\n".join([f"{HEADER} | vital_status_code", *living, *dead, *namesakes]))
    link_with(people, "b | | پرویز | سپهری |", placed=LEARNING.least_records)
    assert people.are_one("post:b", "civil:alive")


def test_L08_a_foreigner_is_not_the_citizen_whom_he_is_nearly_like(people: People) -> None:  # noqa: F811
    people.given_neighbours()
    told = ("given_name", "surname", "birth_date")
    near, exact, citizen = ({name: people.rows[REGISTRY][n][name] for name in told} for n in (3, 30, 60))
    other_day = {"birth_date": str(near["birth_date"])[:-2] + "27"}
    people.rows["post"] = [
        {"key": "near", "foreign_id": "10184772206", **near, **other_day},
        {"key": "exact", "foreign_id": "10184772207", **exact},
        {"key": "citizen", **citizen, "birth_date": str(citizen["birth_date"])[:-2] + "27"},
    ]
    people.link()
    assert not people.are_one("post:near", "civil:n3"), "registries of citizens hold few foreigners"
    assert people.are_one("post:exact", "civil:n30"), "all that is told agrees"
    assert people.are_one("post:citizen", "civil:n60")
