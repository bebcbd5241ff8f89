"""Linking where there is no registry: any agencies' records, also where they tell little."""

from __future__ import annotations

from tests.spec.people_world import REGISTRY, People, people, valid_code  # noqa: F401

HEADER = "key | national_code | given_name | surname | father_name | sex_code | birth_date | mobile_no | address"
TWICE = """key | given_name | surname | address
    1 | یاشار | گرگانی | خیابان بهار پلاک ۱۲
    2 | یاشار | گرگانی | خیابان بهار پلاک ۱۲
    3 | علی   | گرگانی |
    4 | علی   | گرگانی |"""


def code(serial: int) -> str:
    return valid_code(300_000_000 + serial)


def test_without_a_registry_the_same_persons_meet(people: People) -> None:  # noqa: F811
    people.given(
        "fund",
        f"""{HEADER}
        1 | {code(1)} | مهدی | تهرانچی | علی | male   | 1960-05-17 | |
        2 |           | سارا | بزرگی   | رضا | female | 1992-09-02 | |""",
    )
    people.given(
        "other",
        f"""{HEADER}
        1 | {code(1)} | مهدی | تهرانچي | علی | male   | 1960-05-17 | |
        2 |           | سارا | بزرگی   | رضا | female | 1992-09-02 | |
        3 | {code(2)} | نیما | صدری    | رضا | male   | 1992-09-02 | |""",
    )
    people.link()
    assert people.are_one("fund:1", "other:1")
    assert people.are_one("fund:2", "other:2")
    assert people.con.execute("select count(distinct cluster_no) from linkage.cluster").fetchall() == [(3,)]


def test_equal_records_are_one_person_where_all_that_they_tell_weighs_enough(people: People) -> None:  # noqa: F811
    people.given_neighbours()
    neighbours = people.rows.pop(REGISTRY)
    people.rows["fund"] = [row | {"address": f"خیابان سپهر پلاک {n}"} for n, row in enumerate(neighbours)]
    people.given("post", TWICE)
    people.link()
    assert people.are_one("post:1", "post:2")
    assert not people.are_one("post:3", "post:4"), "names alone"


def test_an_email_address_tells_namesakes_apart_and_a_city_does_not(people: People) -> None:  # noqa: F811
    people.given_neighbours()
    people.rows["shop"] = [row | {"city_name": "York"} for row in people.rows.pop(REGISTRY)]
    people.given(
        "club",
        """
        key | given_name | surname | email | city_name
        1 | Ann | Gorgani | ann.g@mail.org | York
        2 | Ann | Gorgani | Ann.G@mail.org | Leeds
        3 | Ann | Gorgani | ann.g@mial.org | York
        4 | Ann | Gorgani | ag1970@post.org | York
        5 | Mahin | Azad | | York
        6 | Mahin | Azad | | York""",
    )
    people.link()
    assert people.are_one("club:1", "club:2"), "whatever the case"
    assert people.are_one("club:1", "club:3"), "one typed error"
    assert not people.are_one("club:1", "club:4")
    assert not people.are_one("club:5", "club:6")


def test_beside_a_registry_equal_names_and_addresses_may_be_father_and_son(people: People) -> None:  # noqa: F811
    people.given_neighbours()
    people.given("post", TWICE)
    people.link()
    assert not people.are_one("post:1", "post:2")
