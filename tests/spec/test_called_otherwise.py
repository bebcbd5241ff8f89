"""A code that the registry does not hold, under another given name (L02, L05; decision 0027)."""

from __future__ import annotations

import pytest

from tests.spec.people_world import REGISTRY, People, code, people  # noqa: F401

HEADER = "key | national_code | given_name | surname | father_name | birth_date"


@pytest.fixture
def story(people: People) -> People:  # noqa: F811
    people.given_neighbours()
    people.given(
        "fund",
        f"""{HEADER}
        a  | {code(1)}  | بهرام  | زرین  | رضا  | 1951-04-07
        b  | {code(2)}  | بهرام  | یگانه | رضا  | 1952-05-08
        b2 | {code(3)}  | منوچهر | یگانه | رضا  | 1952-05-08
        c  | {code(4)}  | بهرام  | سپهری | رضا  | 1953-06-09
        d  | {code(5)}  | بهرام  | صدری  |      | 1954-07-10
        e  | {code(6)}  | بهرام  | آذری  |      | 1955-08-11
        e2 | {code(7)}  | کیوان  | آذری  | کاظم | 1955-08-11
        f  | {code(8)}  | بهرام  | فروزان | رضا | 1956-09-12
        f2 | {code(8)}  | منوچهر | فروزان | رضا | 1956-09-12
        g  | {code(9)}  | بهرام  | گنجی  | رضا  | 1957-10-13
        g2 | {code(9)}  | منوچهر | گنجی  | رضا  | 1957-10-13
        h  | {code(10)} | منوچهر | دانش  | رضا  | 1958-11-14""",
    )
    people.given(
        "post",
        f"""{HEADER}
        a | {code(1)}  | منوچهر | زرین  | رضا | 1951-04-07
        b | {code(2)}  | منوچهر | یگانه | رضا | 1952-05-08
        c | {code(4)}  | منوچهر | سپهری |     | 1953-06-09
        d | {code(5)}  | منوچهر | صدری  |     | 1954-07-10
        e | {code(6)}  | منوچهر | آذری  |     | 1955-08-11
        g | {code(9)}  | بهرام  | گنجی  | رضا | 1957-10-13
        h | {code(10)} | بهرام  | دانش  |     |""",
    )
    people.given(
        "clinic",
        f"""{HEADER}
        c | {code(11)} | کیوان  | سپهری | کاظم | 1953-06-09
        g | {code(9)}  | منوچهر | گنجی  | رضا  | 1957-10-13
        h | {code(10)} | بهرام  | دانش  |      | 1958-11-14""",
    )
    people.given(REGISTRY, f"{HEADER}\nx | {code(12)} | بهرام | نامی | رضا | 1959-12-15")
    people.given("fund", f"{HEADER}\nx | {code(12)} | منوچهر | نامی | رضا | 1959-12-15")
    people.given("post", f"{HEADER}\nx | {code(13)} | کیوان | نامی | رضا | 1959-12-15")
    people.given(
        REGISTRY,
        f"""{HEADER}
        y  | {code(14)} | بهرام  | پویان | | 1960-01-16
        y2 | {code(15)} | منوچهر | پویان | | 1960-01-16""",
    )
    people.given("fund", f"{HEADER}\ny | {code(14)} | منوچهر | پویان | رضا | 1960-01-16")
    return people


@pytest.fixture
def linked(story: People) -> People:
    story.link()
    return story


def test_L02_a_code_under_another_given_name_is_of_whom_family_and_birth_tell(linked: People) -> None:
    assert linked.are_one("fund:a", "post:a")
    assert linked.method("fund:a") == "code" or linked.method("post:a") == "code"


def test_L05_not_of_whom_any_record_tells_a_twin_under_another_code(linked: People) -> None:
    assert not linked.are_one("fund:b", "post:b")
    assert not linked.are_one("fund:x", f"{REGISTRY}:x"), "nor the registry's, though it knows no twin"


def test_L05_nor_a_registered_twin_where_the_registry_tells_no_father(linked: People) -> None:
    assert not linked.are_one("fund:y", f"{REGISTRY}:y")


def test_L05_a_namesake_of_that_birth_under_another_father_is_no_twin(linked: People) -> None:
    assert linked.are_one("fund:c", "post:c"), "one of them tells the father"
    assert linked.are_one("fund:d", "post:d"), "nobody else has that surname and birth"
    assert not linked.are_one("fund:e", "post:e"), "who knows the father"


def test_L05_two_records_of_one_feed_are_two_persons_where_it_seldom_holds_anybody_twice(linked: People) -> None:
    assert not linked.are_one("fund:f", "fund:f2")


def test_L02_two_records_of_one_feed_are_one_person_where_it_often_holds_somebody_twice(story: People) -> None:
    told = [row for row in story.rows[REGISTRY] if row["key"] != "x"][:20]
    story.rows["fund"] += [{**row, "key": f"{row['key']}.{copy}"} for row in told for copy in range(2)]
    story.link()
    assert story.are_one("fund:f", "fund:f2")


def test_L05_two_names_told_equally_often_are_two_persons(linked: People) -> None:
    assert linked.are_one("fund:g", "post:g")
    assert not linked.are_one("fund:g", "clinic:g")


def test_L02_of_the_names_under_a_code_the_commonest_speaks_for_it(linked: People) -> None:
    assert linked.are_one("post:h", "clinic:h", "fund:h"), "without a birth nothing but the name bears out the code"
