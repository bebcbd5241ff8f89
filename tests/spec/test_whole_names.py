"""Whole names that tell more than given name and surname: whose child somebody is, titles, degrees (S03)."""

from __future__ import annotations

import pytest

from tests.spec.people_world import People, people  # noqa: F401

HEADER = "key | given_name | surname\n"


def read(people: People, name: str) -> tuple[str | None, ...]:  # noqa: F811
    """Given name, father and surname that a whole name is read as."""
    people.given("two", f"key | full_name\n1 | {name}")
    people.standardise()
    asked = "select given_name_key, father_name_key, surname_key from linkage.person_record where feed = 'two'"
    return people.con.execute(asked).fetchall()[0]


@pytest.mark.parametrize(
    ("borne", "name", "found"),
    [
        ("سعد | بن عبد الله", "سعد بن عبد الله", ("سعد", None, "بنعبدالله")),
        ("بنت الهدی | صدر", "صدر بنت الهدی", ("بنتالهدی", None, "صدر")),
        ("Wei Bin | Chen", "Wei Bin Chen", ("weibin", None, "chen")),
    ],
)
def test_S03_a_word_of_a_name_that_others_bear_says_not_whose_child(
    people: People,  # noqa: F811
    borne: str,
    name: str,
    found: tuple[str | None, ...],
) -> None:
    people.given("one", f"{HEADER}1 | {borne}")
    assert read(people, name) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("نوره بنت عبد الله الدليمي", ("نوره", "عبدالله", "الدلیمی")),
        ("Siti binti Abdul Rahman", ("siti", "abdulrahman", None)),
        ("Ahmad bin Haji Ali", ("ahmad", "ali", None)),
    ],
)
def test_S03_a_title_or_servant_of_is_no_fathers_name_by_itself(
    people: People,  # noqa: F811
    name: str,
    found: tuple[str | None, ...],
) -> None:
    assert read(people, name) == found


def names_read(people: People) -> list[tuple[str | None, ...]]:  # noqa: F811
    people.standardise()
    asked = "select given_name_key, surname_key from linkage.person_record where feed = 'two' order by record_key"
    return people.con.execute(asked).fetchall()


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Dr. Mary Brown", ("mary", "brown")),
        ("Hj. Indah Khadijah", ("indah", "khadijah")),
        ("سید علی کریمی", ("علی", "کریمی")),
        ("Haji Ali", ("haji", "ali")),
    ],
)
def test_S03_a_title_before_a_whole_name_is_no_given_name(people: People, written: str, names: tuple[str, str]) -> None:  # noqa: F811
    people.given("two", f"key | full_name\n1 | {written}")
    assert names_read(people) == [names]


@pytest.mark.parametrize("behind", ["", ", S.Pd", ", S.H., M.Kn.", ", Ph.D.", ", Jr.", ", III", ", MD"])
def test_S03_a_degree_behind_a_comma_is_no_given_name(people: People, behind: str) -> None:  # noqa: F811
    people.given("two", f"key | full_name\n1 | Budi Santoso{behind}\n2 | Smith, J.R.\n3 | Slamet, M.Si\n4 | De Luca, Ivo")
    assert names_read(people) == [("budi", "santoso"), ("jr", "smith"), (None, "slamet"), ("ivo", "deluca")]
