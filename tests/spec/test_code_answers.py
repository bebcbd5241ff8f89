"""What civil registration answers about a code: a code that is none, or no longer one, links nobody and is nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matching.golden import golden
from tests.properties.changing_nation import Row
from tests.properties.test_standardising_changes import Nights
from tests.spec.people_world import REGISTRY, People, feed_of, people, valid_code  # noqa: F401
from tests.tables import FIRST_NIGHT, World

CODE, OTHER = valid_code(412_345_678), valid_code(300_400_500)
ASKED = "inquiries"


@dataclass(frozen=True)
class Dated:
    """A staged delivery with its day."""

    feed: str
    rows_path: Path
    business_date: date = FIRST_NIGHT


def claim(people: People, code: str, answer: str | None = None) -> None:  # noqa: F811
    """Two agencies' records of one code, under other names and dates; perhaps an answer about it."""
    people.given("fund", f"key | national_code | given_name | surname | birth_date\n1 | {code} | علی | محمدی | 1980-05-01")
    people.given("bank", f"key | national_code | given_name | surname | birth_date\n7 | {code} | علی | صادقی | 1980-05-01")
    people.given(
        REGISTRY, f"key | national_code | given_name | surname | birth_date\n5 | {OTHER} | مینا | نوری | 1950-05-01"
    )
    if answer:
        people.given(ASKED, f"key | national_code | inquiry_answer_code | birth_date\n9 | {code} | {answer} | 1980-05-01")


def records(people: People) -> dict[str, tuple[Any, ...]]:  # noqa: F811
    """Valid and claimed code of each record."""
    sql = "select record_key, national_code, national_code_claimed from linkage.person_record where feed <> 'civil'"
    return {key: codes for key, *codes in people.con.execute(sql).fetchall()}


def test_X01_a_refused_code_is_no_code_and_links_nobody(people: People) -> None:  # noqa: F811
    claim(people, CODE, "invalid")
    people.link()
    assert records(people) == {"fund:1": [None, CODE], "bank:7": [None, CODE]}, "the answer itself is nobody's record"
    assert not people.are_one("fund:1", "bank:7")


@pytest.mark.parametrize("answer", [None, "found", "review", "not_found"])
def test_any_other_answer_leaves_the_code(people: People, answer: str | None) -> None:  # noqa: F811
    claim(people, CODE, answer)
    people.standardise()
    assert records(people)["fund:1"] == records(people)["bank:7"] == [CODE, CODE]


def test_a_code_that_the_register_holds_is_not_refused(people: People) -> None:  # noqa: F811
    claim(people, OTHER, "invalid")
    people.standardise()
    assert records(people)["fund:1"] == [OTHER, OTHER]


def test_people_are_told_whose_code_was_answered_and_how(people: People) -> None:  # noqa: F811
    claim(people, CODE, "cancelled")
    claim(people, valid_code(700_700_700), "review")
    people.rows["fund"][1]["key"], people.rows["bank"][1]["key"], people.rows[REGISTRY][1]["key"] = "2", "8", "6"
    people.rows[ASKED][1]["key"] = "10"
    people.standardise()
    people.world.given(
        "person.crosswalk",
        "record_key | feed | person_id\nfund:1 | fund | 1\nfund:2 | fund | 2\nbank:7 | bank | 3\nbank:8 | bank | 2",
    )
    staged = people.stage(people.world.home / "staged" / "again")
    golden(people.runner, [feed_of(each.feed) for each in staged], [Dated(each.feed, each.rows_path) for each in staged])
    rows = people.con.execute("select * from person.code_answer order by record_key").fetchall()
    assert rows == [
        ("bank:7", "bank", 3, "cancelled"),
        ("bank:8", "bank", 2, "review"),
        ("fund:1", "fund", 1, "cancelled"),
        ("fund:2", "fund", 2, "review"),
    ]
    codes = people.con.execute("select person_id, national_code, national_code_status_code from person.golden order by 1")
    assert codes.fetchall()[0] == (1, None, "missing")


def test_L11_an_answer_reaches_records_that_did_not_change(world: World) -> None:
    nights = Nights(world)
    born = {"birth_date": "1980-05-01"}
    claims: list[Row] = [{"key": str(n), "national_code": valid_code(200_000_000 + n), **born} for n in range(60)]
    code = str(claims[7]["national_code"])
    answer: list[Row] = [{"key": "1", "national_code": code, "inquiry_answer_code": "cancelled"}]
    register: list[Row] = [{"key": "1", "national_code": OTHER, **born}]
    nights.standardise({"fund": claims, REGISTRY: register})
    refused = []
    for rows in (
        {"fund": claims, REGISTRY: register, ASKED: answer},
        {"fund": claims, REGISTRY: [*register, {"key": "2", "national_code": code}], ASKED: answer},
    ):
        nights.world.next_night()
        nights.both_ways(rows)
        assert nights.took_over
        sql = "select record_key from linkage.person_record where national_code is null and national_code_claimed = ?"
        refused.append(nights.world.con.execute(sql, [code]).fetchall())
    assert refused == [[("fund:7",)], []]
