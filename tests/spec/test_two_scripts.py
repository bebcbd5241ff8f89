"""A code is its holder's though a record writes the names in Latin letters, and swapped or shortened (L01, L02)."""

from __future__ import annotations

import pytest

from tests.spec.people_world import REGISTRY, People, code, people  # noqa: F401

HEADER = "key | national_code | given_name | surname | birth_date"
FAMILY = "key | national_code | given_name | surname | father_name | sex_code | birth_date"


@pytest.fixture
def story(people: People) -> People:  # noqa: F811
    people.given_neighbours()
    people.given(
        REGISTRY,
        f"""{HEADER}
        swapped | {code(1)} | مصطفی | زرین | 1951-04-07
        part | {code(2)} | کیانمهر | صدری | 1954-07-10
        suffix | {code(3)} | بهرام | سپهری تهرانی | 1953-06-09
        father | {code(4)} | فرهاد | دانش | 1958-11-14""",
    )
    people.given(
        "fund",
        f"""{HEADER}
        swapped | {code(1)} | Zarrin | Mostafa | 1951-04-07
        part | {code(2)} | KIAN | SADRI | 1954-07-10
        suffix | {code(3)} | Bahram | Sepehri | 1953-07-10
        father | {code(4)} | Ferdows | Danesh | 1984-05-06""",
    )
    people.link()
    return people


def test_L01_names_in_each_others_place_bear_a_code_out_in_two_scripts(story: People) -> None:
    assert story.are_one("fund:swapped", f"{REGISTRY}:swapped")


def test_L01_a_part_of_a_name_bears_a_code_out_in_two_scripts(story: People) -> None:
    assert story.are_one("fund:part", f"{REGISTRY}:part")
    assert story.are_one("fund:suffix", f"{REGISTRY}:suffix")


def test_L02_another_name_does_not_bear_a_code_out_in_two_scripts(story: People) -> None:
    assert not story.are_one("fund:father", f"{REGISTRY}:father")


@pytest.mark.parametrize(
    ("holder", "other", "sex"),
    [("محمد", "Hamid", "male"), ("امیر", "Maryam", "female"), ("رضا", "Roozbeh", "male"), ("احمد", "Hamid", "male")],
)
def test_L02_a_brother_or_sister_who_shares_consonants_does_not_bear_a_code_out(
    people: People,  # noqa: F811
    holder: str,
    other: str,
    sex: str,
) -> None:
    people.given_neighbours()
    people.given(REGISTRY, f"{FAMILY}\nheld | {code(1)} | {holder} | زرین | کاظم | male | 1951-04-07")
    people.given("fund", f"{FAMILY}\nother | {code(1)} | {other} | Zarrin | Kazem | {sex} | 1963-02-11")
    people.link()
    assert not people.are_one("fund:other", f"{REGISTRY}:held")


@pytest.mark.parametrize(("twin", "other"), [("احمد | احمدی", "Hamid | Ahmadi"), ("نوید | ندایی", "Neda | Nedaei")])
def test_L04_twins_whose_surname_sounds_like_both_are_two(people: People, twin: str, other: str) -> None:  # noqa: F811
    """Names of one sound are not in each other's place."""
    people.given_neighbours()
    people.given(REGISTRY, f"{FAMILY}\none | {code(1)} | {twin} | کاظم | | 1951-04-07")
    people.given("fund", f"{FAMILY}\nother | | {other} | Kazem | | 1951-04-07")
    people.link()
    assert not people.are_one("fund:other", f"{REGISTRY}:one")
