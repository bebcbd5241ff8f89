"""Which strangers are not worth comparing in a large nation (decision 0021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pytest

from matching.blocking import Cap, block_profiles, blocked_fields, candidate_pairs, hashed, rules_between
from matching.blocking_rules import FEW_NAMESAKES, FEW_OF_AN_AGE, MOST_OTHERS, MOST_OTHERS_BY_PIECE, PERSONS_OF_FEW

OPEN = 0
ITSELF = 1  # an open record is in its own blocks
Told = Mapping[str, object]
OF_HASAN: Told = {"surname_phonetic": "noori", "father_name_key": "hasan", "sex_code": "f"}
SARA: Told = {"given_name_phonetic": "sara", "surname_phonetic": "karimi", "father_name_key": "hasan", "birth_year": 1371}


@dataclass
class Compared:
    """Rows of known persons, numbered from 1, beside one open record."""

    con: duckdb.DuckDBPyConnection
    nation_count: int = 1

    def lay_out(self, table: str, rows: Sequence[Told], first_no: int) -> None:
        columns = ", ".join(f"{name} varchar" for name in blocked_fields())
        self.con.execute(f"create temp table {table} (record_no bigint, is_registry boolean, {columns})")
        values = [
            [n, first_no > OPEN, *(row.get(name) for name in blocked_fields())] for n, row in enumerate(rows, first_no)
        ]
        if values:
            self.con.executemany(f"insert into {table} values ({', '.join('?' * len(values[0]))})", values)

    def lay_out_population(self) -> None:
        self.con.execute(
            f"create schema linkage; create table linkage.population as select {self.nation_count} as known_person_count"
        )

    def count(self, record: Told, persons: Sequence[Told]) -> int:
        """With how many of the persons the open record is compared."""
        self.lay_out("profile", [record], OPEN)
        self.lay_out("person", persons, OPEN + 1)
        return self.count_pairs("person")

    def count_among(self, records: Sequence[Told]) -> int:
        """How many pairs of open records are compared, where nobody is known."""
        self.con = duckdb.connect()
        self.lay_out("profile", records, OPEN)
        self.lay_out("person", [], OPEN + 1)
        return self.count_pairs("profile")

    def count_pairs(self, population: str) -> int:
        self.con.execute(f"create temp table known as {hashed('from person')}")
        self.con.execute("create temp table capped_block (round_no integer, block ubigint, is_capped boolean)")
        self.lay_out_population()
        block_profiles(self.con, "profile", population)
        candidate_pairs(self.con, "known", Cap())
        return int(self.con.execute("select count(*) from candidate_pair").fetchall()[0][0])


@pytest.fixture
def compared() -> Compared:
    return Compared(duckdb.connect())


@pytest.mark.parametrize(
    ("surname", "father", "is_compared"),
    [
        ("ahmadzade", "reza", False),
        ("karamzade", "reza", True),
        ("rahimi", "reza", True),
        (None, "reza", True),
        ("ahmadzade", None, True),
    ],
)
def test_who_shares_birth_date_and_given_name_is_compared_where_the_surnames_have_an_end_in_common(
    compared: Compared, surname: str | None, father: str | None, is_compared: bool
) -> None:
    born = {"birth_date": "1992-09-02"}
    record = SARA | born | {"surname_phonetic": surname, "father_name_key": father}
    assert compared.count(record, [SARA | born]) == is_compared


@pytest.mark.parametrize(("others", "expected"), [(MOST_OTHERS - ITSELF, MOST_OTHERS - ITSELF), (MOST_OTHERS, 0)])
def test_L10_more_others_than_the_cap_single_out_nobody(compared: Compared, others: int, expected: int) -> None:
    assert compared.count(SARA | {"father_name_key": None}, [SARA] * others) == expected


@pytest.mark.parametrize(
    ("others", "expected"), [(MOST_OTHERS_BY_PIECE - ITSELF, MOST_OTHERS_BY_PIECE - ITSELF), (MOST_OTHERS_BY_PIECE, 0)]
)
def test_L10_more_are_compared_by_a_piece_of_a_name_that_nobody_bears(
    compared: Compared, others: int, expected: int
) -> None:
    mistyped = {"given_name_phonetic": "sara", "surname_phonetic": "kapimi"}
    persons = [SARA | {"surname_phonetic": f"ka{n:04d}x"} for n in range(others)]
    assert compared.count(mistyped, persons) == expected


@pytest.mark.parametrize(("birth_date", "is_compared"), [("1997-09-27", True), ("1997-09-26", False)])
def test_namesakes_of_one_gregorian_day_are_compared_though_a_wrong_year_moved_the_jalali_one(
    compared: Compared, birth_date: str, is_compared: bool
) -> None:
    names = {"given_name_key": "frank", "surname_key": "mueller"}
    one_year = {"birth_date": "1996-09-27", "birth_year": 1375, "birth_month": 7, "birth_day": 6}
    the_next = {"birth_date": birth_date, "birth_year": 1376, "birth_month": 7, "birth_day": int(birth_date[-2:]) - 22}
    assert compared.count(names | one_year, [names | the_next]) == is_compared


@pytest.mark.parametrize(("birth_date", "is_compared"), [("2008-01-17", True), ("2007-01-17", False)])
def test_namesakes_of_one_gregorian_year_are_compared_though_a_wrong_month_moved_the_jalali_one(
    compared: Compared, birth_date: str, is_compared: bool
) -> None:
    names = {"given_name_phonetic": "klb", "surname_phonetic": "vnz"}
    spring = {"birth_date": "2008-04-17", "birth_year": 1387, "birth_month": 1, "birth_day": 29}
    winter = {"birth_date": birth_date, "birth_year": 1386, "birth_month": 10, "birth_day": 27}
    assert compared.count(names | spring, [names | winter]) == is_compared


def test_who_share_an_email_address_are_compared(compared: Compared) -> None:
    """Whatever else they tell: hardly anybody's is another's."""
    one = {"email_key": "a@b.example", "given_name_phonetic": "mya", "birth_year": 1351}
    other = {"email_key": "a@b.example", "surname_phonetic": "mya", "birth_year": 1352}
    assert compared.count(one, [other]) == 1


@pytest.mark.parametrize(
    ("father", "province", "others", "expected"),
    [
        (None, "23", FEW_NAMESAKES, FEW_NAMESAKES),
        (None, "23", FEW_NAMESAKES + 1, 0),
        (None, "07", FEW_NAMESAKES + 1, FEW_NAMESAKES + 1),
        (None, None, FEW_NAMESAKES + 1, FEW_NAMESAKES + 1),
        ("hasan", "23", FEW_NAMESAKES + 1, FEW_NAMESAKES + 1),
        ("reza", "23", FEW_NAMESAKES + 1, 0),
    ],
)
def test_of_many_namesakes_those_are_compared_who_share_a_province_or_whose_fathers_names_begin_alike(
    compared: Compared, father: str | None, province: str | None, others: int, expected: int
) -> None:
    named = {name: SARA[name] for name in ("given_name_phonetic", "surname_phonetic")}
    record = named | {"father_name_phonetic": father, "province_code": province}
    persons = [named | {"father_name_phonetic": "hasan", "province_code": "07"}] * others
    assert compared.count(record, persons) == expected


@pytest.mark.parametrize(
    ("nation_count", "named"), [(PERSONS_OF_FEW, ("birth_date+surname_phonetic~father_name",)), (90 * PERSONS_OF_FEW, ())]
)
def test_a_rule_that_compares_a_few_is_named_though_nothing_more_is_alike(
    compared: Compared, nation_count: int, named: tuple[str, ...]
) -> None:
    born = {"birth_date": "1992-09-02", "surname_phonetic": "rahimi"}
    compared.lay_out("profile", [born | {"father_name_phonetic": "reza"}], OPEN)
    compared.lay_out("person", [born | {"father_name_phonetic": "hasan"}], OPEN + 1)
    compared.nation_count = nation_count
    compared.lay_out_population()
    assert rules_between(compared.con, "profile", "person", "person") == named


@pytest.mark.parametrize(
    ("record", "others", "expected"),
    [
        ({"surname_phonetic": "rahimi", "father_name_phonetic": "reza"}, FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        ({"surname_phonetic": "rahimi", "father_name_phonetic": "reza"}, FEW_OF_AN_AGE + 1, 0),
        ({"surname_phonetic": "rahimi", "father_name_phonetic": "hamid"}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        ({"surname_phonetic": "rahimi"}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        (OF_HASAN | {"given_name_phonetic": "sima"}, FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        (OF_HASAN | {"given_name_phonetic": "sima"}, FEW_OF_AN_AGE + 1, 0),
        (OF_HASAN | {"given_name_phonetic": "nara"}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
    ],
)
def test_of_more_than_a_few_of_one_birth_those_are_compared_of_whom_more_is_alike(
    compared: Compared, record: Told, others: int, expected: int
) -> None:
    born = {"birth_date": "1992-09-02"}
    person = born | {
        "given_name_phonetic": "sara", "surname_phonetic": "rahimi", "father_name_key": "hasan",
        "father_name_phonetic": "hasan", "sex_code": "f",
    }  # fmt: skip
    assert compared.count(born | record, [person] * others) == expected


@pytest.mark.parametrize(
    ("nation_count", "others", "expected"),
    [
        (PERSONS_OF_FEW, FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        (2 * PERSONS_OF_FEW, FEW_OF_AN_AGE // 2, FEW_OF_AN_AGE // 2),
        (2 * PERSONS_OF_FEW, FEW_OF_AN_AGE, 0),
        (PERSONS_OF_FEW + 1, FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        (90 * PERSONS_OF_FEW, 1, 0),
    ],
)
def test_in_a_larger_nation_fewer_of_one_birth_are_a_few(
    compared: Compared, nation_count: int, others: int, expected: int
) -> None:
    compared.nation_count = nation_count
    born = {"birth_date": "1992-09-02", "surname_phonetic": "rahimi"}
    persons = [born | {"father_name_phonetic": "hasan"}] * others
    assert compared.count(born | {"father_name_phonetic": "reza"}, persons) == expected


def test_in_a_larger_nation_as_many_namesakes_are_a_few(compared: Compared) -> None:
    compared.nation_count = 90 * PERSONS_OF_FEW
    named = {name: SARA[name] for name in ("given_name_phonetic", "surname_phonetic")}
    persons = [named | {"province_code": "07"}] * FEW_NAMESAKES
    assert compared.count(named | {"province_code": "23"}, persons) == FEW_NAMESAKES


@pytest.mark.parametrize(
    ("told", "others", "expected"),
    [
        ({"birth_year": 1370, "birth_month": 3, "birth_day": 5}, FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        ({"birth_year": 1370, "birth_month": 3, "birth_day": 5}, FEW_OF_AN_AGE + 1, 0),
        ({"birth_year": 1370, "birth_month": 6, "birth_day": 5}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        ({"birth_year": 1370, "birth_month": 3, "birth_day": 11}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        ({"birth_year": 1370}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        ({}, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
    ],
)
def test_of_more_than_a_few_namesakes_with_fathers_of_one_name_those_are_compared_whose_births_have_a_part_in_common(
    compared: Compared, told: Told, others: int, expected: int
) -> None:
    named = {"given_name_key": "sara", "surname_key": "karimi", "father_name_key": "hasan"}
    persons = [named | {"birth_year": 1371, "birth_month": 6, "birth_day": 11}] * others
    assert compared.count(named | told, persons) == expected


@pytest.mark.parametrize(
    ("birth", "other_birth"),
    [
        ({"birth_year": 1370, "birth_month": 6, "birth_day": 11}, {"birth_year": 1371, "birth_month": 6, "birth_day": 11}),
        ({"birth_date": "1996-09-27"}, {"birth_date": "1997-09-27"}),
    ],
)
@pytest.mark.parametrize(
    ("father", "others", "expected"),
    [
        ("reza", FEW_OF_AN_AGE, FEW_OF_AN_AGE),
        ("reza", FEW_OF_AN_AGE + 1, 0),
        ("mohsen", FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
        (None, FEW_OF_AN_AGE + 1, FEW_OF_AN_AGE + 1),
    ],
)
def test_of_more_than_a_few_namesakes_of_one_birthday_those_are_compared_whose_fathers_names_have_an_end_in_common(
    compared: Compared, birth: Told, other_birth: Told, father: str | None, others: int, expected: int
) -> None:
    named = {"given_name_key": "sara", "surname_key": "karimi"}
    persons = [named | other_birth | {"father_name_phonetic": "mohamad"}] * others
    assert compared.count(named | birth | {"father_name_phonetic": father}, persons) == expected


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_however_many_blocks_are_looked_up_at_once_the_same_pairs_are_found(
    compared: Compared, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("matching.blocking.BLOCKS_AT_ONCE", at_once)
    born = {"birth_date": "1992-09-02", "birth_month": 6, "birth_day": 11, "given_name_key": "sara"}
    by_birth, by_father = SARA | born, SARA | {"surname_key": "karimi", "birth_date": None}
    stranger: Told = {"given_name_phonetic": "parvin", "surname_phonetic": "azad", "birth_year": 1371}
    assert compared.count(by_birth | {"surname_key": "karimi"}, [by_birth, stranger, by_father]) == 2


def test_a_record_that_tells_nothing_is_compared_with_nobody(compared: Compared) -> None:
    assert compared.count({}, [SARA]) == 0


UNDATED: Told = {"given_name_phonetic": "sara", "surname_phonetic": "karimi"}


@pytest.mark.parametrize("records", [(SARA, UNDATED), (UNDATED, SARA), (SARA, SARA | {"birth_year": 1373})])
def test_open_records_of_one_name_are_compared_whichever_does_not_tell_the_day_of_birth(
    compared: Compared, records: Sequence[Told]
) -> None:
    records = [record | {"father_name_key": None} for record in records]
    assert compared.count_among(records) == 1
    dated = [record | {"birth_date": f"{1970 + n}-01-0{n + 1}", "birth_year": n} for n, record in enumerate(records)]
    assert compared.count_among(dated) == 0
