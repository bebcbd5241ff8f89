"""What records of one code, which the registry does not hold, tell together (L02, L03; decision 0030)."""

from __future__ import annotations

import pytest

from tests.spec.people_world import People, code, people  # noqa: F401

HEADER = "key | national_code | given_name | surname | father_name | birth_date | mobile_no"


@pytest.fixture
def linked(people: People) -> People:  # noqa: F811
    people.given_neighbours()
    people.given(
        "fund",
        f"""{HEADER}
        a  | {code(1)} | بهرام | زرین  |      | 1951-04-07 |
        f  | {code(3)} | حسین  | محمدی | رضا  | 1952-05-08 |
        f1 | {code(3)} | علی   | محمدی |      | 1982-06-09 |""",
    )
    people.given(
        "post",
        f"""{HEADER}
        a  |           | بهرام | زرین  | کاظم |            | 09121234567
        f  | {code(3)} | حسین  | محمدی | رضا  | 1952-05-08 |
        f1 | {code(4)} | علی   | محمدی |      | 1982-06-09 |""",
    )
    people.given("clinic", f"{HEADER}\na | {code(1)} | بهرام | زرین | کاظم | | 09121234567")
    people.link()
    return people


def test_L03_who_speaks_for_a_code_tells_what_others_of_that_code_tell(linked: People) -> None:
    assert linked.are_one("fund:a", "clinic:a", "post:a"), "the fullest record of that code tells no father and no phone"


def test_L02_a_code_that_two_records_of_another_bear_is_nothing_against_its_bearer(linked: People) -> None:
    assert linked.are_one("fund:f", "post:f")
    assert linked.are_one("fund:f1", "post:f1"), "a child under the father's code, and under its own"
    assert not linked.are_one("fund:f", "fund:f1")
