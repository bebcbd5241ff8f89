"""Numbers of other countries have the shape that the contract gives; marks between their digits do not count."""

from __future__ import annotations

from connectors.kinds.identifiers import shaped
from tests.spec.test_typing_identifiers import typed
from tests.tables import World


def test_another_countrys_numbers_have_the_shape_that_the_contract_gives(world: World) -> None:
    world.given("staging.text", "raw\n--------\nsw1a 1aa\nSW1A1AA\n4020")
    typed(world, shaped("[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"))
    world.then(
        "staging.typed",
        """
        raw      | value   | failure | is_missing
        ---------+---------+---------+-----------
        4020     |         | shape   | false
        SW1A1AA  | SW1A1AA |         | false
        sw1a 1aa | SW1A1AA |         | false
        """,
    )


def test_a_shape_may_show_the_hyphens_that_do_not_count(world: World) -> None:
    world.given("staging.text", "raw\n-----------\n786-77-6454\n786776454\n786-77-645")
    typed(world, shaped("[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{9}"))
    world.then(
        "staging.typed",
        """
        raw         | value     | failure
        ------------+-----------+--------
        786-77-6454 | 786776454 |
        786-77-645  |           | shape
        786776454   | 786776454 |
        """,
    )


def test_marks_of_another_countrys_numbers_do_not_count(world: World) -> None:
    world.given("staging.text", "raw\n--------------\n(614) 756-0633\n614.756.0633\n6147560633.0\n6147560633\n756-0633")
    typed(world, shaped("[(]?[0-9]{3}[)]? ?[0-9]{3}-?[0-9]{4}"))
    world.then(
        "staging.typed",
        """
        raw            | value      | failure
        ---------------+------------+--------
        (614) 756-0633 | 6147560633 |
        614.756.0633   | 6147560633 |
        6147560633     | 6147560633 |
        6147560633.0   | 6147560633 |
        756-0633       |            | shape
        """,
    )


def test_decimals_of_another_countrys_numbers_are_no_digits_of_them(world: World) -> None:
    world.given("staging.text", "raw\n---------\n12 345.0\n12-345.0\n12345.0")
    typed(world, shaped("[0-9]{5,6}"))
    assert world.con.execute("select distinct value from staging.typed").fetchall() == [("12345",)]
