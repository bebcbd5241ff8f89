"""National codes and other numbers are restored where that is certain, and never guessed."""

from __future__ import annotations

from connectors.kinds import Kind
from connectors.kinds.codes import code
from connectors.kinds.identifiers import foreign_id, iban, mobile_no, postal_code
from connectors.kinds.national_codes import national_code
from connectors.kinds.numbers import whole_number
from hub.steps import Step
from schemas.feed import UNKNOWN_CODE
from tests.tables import World


def typed(world: World, kind: Kind) -> None:
    """Type the texts of ``staging.text`` into ``staging.typed``; ``is_plain``: the text needed no work."""
    columns = f"raw, value, failure, note, is_missing, extra, ({kind.plain}) is true as is_plain"
    typed = f"select *, try_cast(raw as bigint) as number from ({kind.query})"
    sql = f"with texts as (select raw from staging.text) select {columns} from ({typed})"
    world.when(Step("staging.typed", ("raw",), sql))


def test_D11_national_codes_are_restored_where_certain(world: World) -> None:
    """``extra`` is the code as claimed. Digits that a spreadsheet rounded away are lost."""
    world.given(
        "staging.text",
        """
        raw
        -------------
        0491234562
        491234562
        ۰۴۹۱۲۳۴۵۶۲
        ٠٤٩١٢٣٤٥٦٢
        049-123456-2
        0491 234 562
        0491234562.0
        491234562.0
        4.91234562E8
        1.23001E+09
        1230016724
        1.230016724E9
        4.9123E+08
        491234561
        12300
        12a0016724
        ***
        0
        """,
    )
    typed(world, national_code())
    world.then(
        "staging.typed",
        """
        raw           | value      | failure     | note                | is_missing | extra
        --------------+------------+-------------+---------------------+------------+-----------
        0491234562    | 0491234562 |             |                     | false      | 0491234562
        491234562     | 0491234562 |             | restored_zeros      | false      | 0491234562
        ۰۴۹۱۲۳۴۵۶۲    | 0491234562 |             | restored_form       | false      | 0491234562
        ٠٤٩١٢٣٤٥٦٢    | 0491234562 |             | restored_form       | false      | 0491234562
        049-123456-2  | 0491234562 |             | restored_form       | false      | 0491234562
        0491 234 562  | 0491234562 |             | restored_form       | false      | 0491234562
        0491234562.0  | 0491234562 |             | restored_number     | false      | 0491234562
        491234562.0   | 0491234562 |             | restored_zeros      | false      | 0491234562
        4.91234562E8  | 0491234562 |             | restored_zeros      | false      | 0491234562
        1.23001E+09   |            | lost_digits |                     | false      |
        1230016724    | 1230016724 |             |                     | false      | 1230016724
        1.230016724E9 | 1230016724 |             | restored_scientific | false      | 1230016724
        4.9123E+08    |            | lost_digits |                     | false      |
        491234561     |            | length      |                     | false      |
        12300         |            | length      |                     | false      |
        12a0016724    |            | not_digits  |                     | false      |
        ***           |            |             |                     | true       |
        0             |            |             |                     | true       |
        """,
    )


def test_S05_a_wrong_check_digit_is_no_code_but_stays_a_claim(world: World) -> None:
    """Linking needs the ten digits as claimed where one of them is wrong (L04); a placeholder is not even a claim."""
    world.given(
        "staging.text",
        """
        raw
        ----------
        0491234561
        0491234562
        0000000000
        1111111111
        2222222222
        9999999999
        0123456789
        1234567891
        9876543210
        1000000001
        1234567890
        123000000X
        1230000009
        """,
    )
    typed(world, national_code())
    world.then(
        "staging.typed",
        """
        raw        | value      | failure     | extra      | is_plain
        -----------+------------+-------------+------------+---------
        0491234561 |            | check_digit | 0491234561 | false
        0491234562 | 0491234562 |             | 0491234562 | true
        0000000000 |            | dummy       |            | false
        1111111111 |            | dummy       |            | false
        2222222222 |            | dummy       |            | false
        9999999999 |            | dummy       |            | false
        0123456789 |            | dummy       |            | false
        1234567891 |            | dummy       |            | false
        9876543210 |            | dummy       |            | false
        1000000001 |            | dummy       |            | false
        1234567890 |            | check_digit | 1234567890 | false
        123000000X |            | not_digits  |            | false
        1230000009 |            | dummy       |            | false
        """,
    )


def test_S05_one_in_ten_random_codes_passes(world: World) -> None:
    """A valid check digit is not identity: of all codes of one office one in ten has one."""
    world.con.execute("create schema if not exists staging")
    world.con.execute(
        "create table staging.text as select cast(1230100000 + i as varchar) as raw from range(100000) as t(i)"
    )
    typed(world, national_code())
    passed = world.con.execute("select count(value) from staging.typed").fetchall()[0][0]
    assert passed == 10_000


def test_postal_codes_mobiles_and_foreign_codes_have_shapes_only(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        ---------------
        1969833114
        ۱۹۶۹۸-۳۳۱۱۴
        1969833114.0
        1111111111
        19698
        """,
    )
    typed(world, postal_code())
    world.then(
        "staging.typed",
        """
        raw          | value      | failure
        -------------+------------+--------
        1969833114   | 1969833114 |
        ۱۹۶۹۸-۳۳۱۱۴  | 1969833114 |
        1969833114.0 | 1969833114 |
        1111111111   |            | dummy
        19698        |            | shape
        """,
    )


def test_mobile_numbers_lose_their_prefixes(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        --------------
        09123000001
        9123000001
        +989123000001
        0098 912 3000001
        09000000000
        09123456789
        02188000000
        """,
    )
    typed(world, mobile_no())
    world.then(
        "staging.typed",
        """
        raw              | value       | failure | is_plain
        -----------------+-------------+---------+---------
        09123000001      | 09123000001 |         | true
        9123000001       | 09123000001 |         | false
        +989123000001    | 09123000001 |         | false
        0098 912 3000001 | 09123000001 |         | false
        09000000000      |             | dummy   | false
        09123456789      |             | dummy   | false
        02188000000      |             | shape   | false
        """,
    )


def test_foreign_codes_have_ten_to_twelve_digits(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        -------------
        150012345678
        1500123456
        15001234
        000000000000
        """,
    )
    typed(world, foreign_id())
    world.then(
        "staging.typed",
        """
        raw          | value        | failure
        -------------+--------------+--------
        150012345678 | 150012345678 |
        1500123456   | 1500123456   |
        15001234     |              | shape
        000000000000 |              | dummy
        """,
    )


def test_codes_of_the_contract_and_no_others(world: World) -> None:
    """Persian digits, Arabic letters and lost zeros are ways of writing; 9 is in nobody's list. U stands for unknown in the
    contract, and such a cell is empty, not wrong."""
    world.given(
        "staging.text",
        """
        raw
        ------
        01
        1
        ۰۱
        1.0
        علي
        9
        U
        نامشخص
        """,
    )
    typed(world, code({"01": "male", "علی": "female", "U": UNKNOWN_CODE}))
    world.then(
        "staging.typed",
        """
        raw    | value  | failure      | is_missing
        -------+--------+--------------+-----------
        01     | male   |              | false
        1      | male   |              | false
        ۰۱     | male   |              | false
        1.0    | male   |              | false
        علي    | female |              | false
        9      |        | unknown_code | false
        U      |        |              | true
        نامشخص |        |              | true
        """,
    )


def test_whole_numbers(world: World) -> None:
    world.given(
        "staging.text",
        """
        raw
        ---------
        1500000
        ۱۵۰۰۰۰۰
        1,500,000
        1500000.0
        -3
        1.5
        1e9
        """,
    )
    typed(world, whole_number())
    world.then(
        "staging.typed",
        """
        raw       | value   | failure
        ----------+---------+-----------
        1500000   | 1500000 |
        ۱۵۰۰۰۰۰   | 1500000 |
        1,500,000 | 1500000 |
        1500000.0 | 1500000 |
        -3        | -3      |
        1.5       |         | bad_number
        1e9       |         | bad_number
        """,
    )


def test_an_iban_has_two_check_digits(world: World) -> None:
    """Only one that satisfies ISO 13616 is an account. IR may be left out; blanks and Persian digits are mere writing."""
    world.given(
        "staging.text",
        """
        raw
        -----------------------------------
        IR580540105180021273113007
        580540105180021273113007
        ir58 0540 1051 8002 1273 1130 07
        IR۵۸۰۵۴۰۱۰۵۱۸۰۰۲۱۲۷۳۱۱۳۰۰۷
        IR580540105180021273113070
        IR5805401051800212731130
        ندارد
        """,
    )
    typed(world, iban())
    world.then(
        "staging.typed",
        """
        raw                              | value                      | failure     | note | is_missing | extra
        ---------------------------------+----------------------------+-------------+------+------------+------
        IR580540105180021273113007       | IR580540105180021273113007 |             |      | false      |
        580540105180021273113007         | IR580540105180021273113007 |             |      | false      |
        ir58 0540 1051 8002 1273 1130 07 | IR580540105180021273113007 |             |      | false      |
        IR۵۸۰۵۴۰۱۰۵۱۸۰۰۲۱۲۷۳۱۱۳۰۰۷       | IR580540105180021273113007 |             |      | false      |
        IR580540105180021273113070       |                            | check_digit |      | false      |
        IR5805401051800212731130         |                            | shape       |      | false      |
        ندارد                            |                            |             |      | true       |
        """,
    )
