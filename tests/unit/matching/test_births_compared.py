"""A birth with one wrong digit is nearer to the right one than one of which a whole part is another, in either calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from hub.duck import Connection, connection
from hub.settings import Settings
from matching.comparisons import COMPARISONS, DIFFERS
from matching.facts import facts
from matching.levels import level_of
from matching.model import CURRENT, IN_TREE, load_model
from matching.scorer import BIRTH_AGREES
from schemas.jalali import gregorian, jalali

BIRTH = next(comparison for comparison in COMPARISONS if comparison.name == "birth")
WRONG_DIGIT, TWO_PARTS = "wrong digit", "two parts agree"
# A day of 00 is not told. Years from 1500 on are Gregorian.
LEVELS = [
    ("1360-05-27", "1360-05-27", "same date"),
    ("1360-05-27", "1361-05-27", WRONG_DIGIT),
    ("1360-05-27", "1390-05-27", WRONG_DIGIT),
    ("1367-05-27", "1376-05-27", WRONG_DIGIT),
    ("1360-05-27", "1360-05-22", WRONG_DIGIT),
    ("1360-05-27", "1360-05-17", WRONG_DIGIT),
    ("1360-05-12", "1360-05-21", WRONG_DIGIT),
    ("1360-05-27", "1360-08-27", WRONG_DIGIT),
    ("1360-02-27", "1360-12-27", WRONG_DIGIT),
    ("1360-05-11", "1360-11-05", WRONG_DIGIT),
    ("1360-05-27", "1384-05-27", TWO_PARTS),
    ("1360-05-27", "1360-05-14", TWO_PARTS),
    ("1360-05-27", "1360-11-27", TWO_PARTS),
    ("1360-05-27", "1360-06-28", "same year"),
    ("1360-05-27", "1361-06-27", "next year"),
    ("1360-05-27", "1371-06-27", DIFFERS),
    ("1360-05-27", "1360-05-00", "known parts agree"),
    ("1360-05-00", "1361-05-00", "next year"),
    ("1981-05-27", "1981-05-21", WRONG_DIGIT),
    ("1981-05-27", "1991-05-27", WRONG_DIGIT),
    ("1981-05-27", "1981-07-27", WRONG_DIGIT),
    ("1981-07-11", "1981-11-07", WRONG_DIGIT),
    ("1978-05-27", "1996-05-27", TWO_PARTS),
]


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with connection(Settings(home=tmp_path_factory.mktemp("births"))) as con:
        yield con


def columns(birth: str) -> str:
    """What a record holds of a birth."""
    year, month, day = (int(part) for part in birth.split("-"))
    if year >= 1500:
        year, month, day = jalali(date(year, month, day))
    written = f"date '{gregorian(year, month, day)}'" if day else "null::date"
    return f"select {year} as birth_year, {month} as birth_month, nullif({day}, 0) as birth_day, {written} as birth_date"


def told(con: Connection, left: str, right: str, sql: str) -> int:
    """What two births tell of each other."""
    found: int = con.execute(f"select {sql} from ({columns(left)}) as l, ({columns(right)}) as r").fetchall()[0][0]
    return found


@pytest.mark.parametrize(("left", "right", "level"), LEVELS)
def test_births_are_compared_by_digits_and_parts_of_either_calendar(
    con: Connection, left: str, right: str, level: str
) -> None:
    for one, other in ((left, right), (right, left)):
        assert BIRTH.labels[told(con, one, other, level_of(BIRTH))] == level


@pytest.mark.parametrize(("left", "right", "level"), LEVELS)
def test_a_wrong_digit_contradicts_no_birth(con: Connection, left: str, right: str, level: str) -> None:
    agrees = level in ("same date", "known parts agree", WRONG_DIGIT, TWO_PARTS)
    pair = f"select {facts(BIRTH_AGREES)} from ({columns(left)}) as l, ({columns(right)}) as r"
    assert con.execute(f"select {BIRTH_AGREES} from ({pair})").fetchall() == [(agrees,)]


@pytest.mark.parametrize(
    ("left", "right", "agrees"), [("1981-02-27", 1360, True), ("1981-02-27", 1361, False), ("1981-05-27", 1360, True)]
)
def test_a_gregorian_year_alone_agrees_with_a_birth_before_its_spring(
    con: Connection, left: str, right: int, agrees: bool
) -> None:
    year = f"select {right} as birth_year, null::int as birth_month, null::int as birth_day, null::date as birth_date"
    for one, other in ((columns(left), year), (year, columns(left))):
        pair = f"select {facts(BIRTH_AGREES)} from ({one}) as l, ({other}) as r"
        assert con.execute(f"select {BIRTH_AGREES} from ({pair})").fetchall() == [(agrees,)]


def test_the_tree_takes_a_wrong_digit_for_one_person_sooner_than_another_part() -> None:
    odds = load_model(IN_TREE / f"{CURRENT}.json").odds["birth"]
    assert odds["known parts agree"].weight > odds[WRONG_DIGIT].weight > odds[TWO_PARTS].weight + 2
