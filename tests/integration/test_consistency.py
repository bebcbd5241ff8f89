"""Whether the database holds what the nights left, told by content: what was altered, taken out or put in is counted."""

from __future__ import annotations

import shutil

import pytest
from psycopg import sql

from hub.duck import connection as duck
from hub.errors import PublishError
from hub.settings import Settings
from tests.integration.test_publish_whole import Published
from tests.integration.tiny import TinyNation
from warehouse.changes import published_tables
from warehouse.consistency import TableDifference, compare
from warehouse.database import connect
from warehouse.unload import read_rows


@pytest.fixture
def published(settings: Settings, nation: TinyNation) -> Published:
    """Two nights; persons 4 and 9 were renamed in the second."""
    published = Published(settings, nation, [])
    published.publish(published.next())
    published.publish(published.next(renamed=frozenset({4, 9})))
    return published


def counts(published: Published) -> dict[str, tuple[int, int, int]]:
    """Rows missing, strange and altered of each table that differs."""
    found = compare(published.settings)
    return {each.table: (each.missing, each.strange, each.altered) for each in found.differences}


def test_a_database_as_the_nights_left_it_is_sound(published: Published) -> None:
    found = compare(published.settings)
    assert found.differences == ()
    assert found.run_id == published.runs[-1].run_id
    assert found.table_count == len(published_tables())
    with connect(published.settings) as connection:
        rows = connection.execute("select count(*) from person.golden").fetchall()[0][0]
        assert found.row_count > rows > 50


def test_one_altered_row_is_seen_though_all_counts_are_right(published: Published) -> None:
    published.by_hand("update person.golden set surname = 'x' where person_id = 6")
    [found] = compare(published.settings).differences
    assert found == TableDifference("person.golden", in_database=60, in_run=60, missing=0, strange=0, altered=1)


def test_every_kind_of_value_counts(published: Published) -> None:
    for change in (
        "update person.golden set address = null where person_id = 5",  # was an empty text
        "update person.golden set national_code = national_code || ' ' where person_id = 5",
        "update person.golden set given_name = E'a\\nb' where person_id = 5",
        "update person.review_pair set match_weight = 0.1",
        "update cover.booklet set to_date = to_date - 1 where person_id = 5",
    ):
        published.by_hand(change)
        assert list(counts(published).values()) == [(0, 0, 1)], change
        published.whole()
        assert counts(published) == {}


def test_rows_put_in_and_taken_out_do_not_make_up_for_each_other(published: Published) -> None:
    published.by_hand(
        "delete from person.golden where person_id in (7, 8)",
        "insert into person.golden (person_id) values (1000001)",
        "delete from mart.night",
    )
    assert counts(published) == {"person.golden": (2, 1, 0), "mart.night": (1, 0, 0)}


def test_the_log_of_all_nights_is_compared(published: Published) -> None:
    published.by_hand(
        "update person.identity_event set person_id = 1 where event_no = 8",
        "delete from person.identity_event where event_no in (3, 4)",
        "insert into person.identity_event (event_no, run_id, event_code) values (5000, 'nobody', 'mint')",
    )
    assert counts(published) == {"person.identity_event": (2, 1, 1)}


def test_nights_whose_folders_are_gone_prove_nothing(published: Published) -> None:
    shutil.rmtree(published.runs[0].folder)
    published.by_hand("delete from person.identity_event where event_no = 3")
    assert counts(published) == {}


def test_what_breaks_off_while_rows_are_read_is_told_as_what_it_was(settings: Settings) -> None:
    query = sql.SQL("select 1 / (200000 - x) as x from generate_series(1, 300000) as t(x)")

    def read() -> None:
        with duck(settings) as con, connect(settings) as connection, read_rows(connection, query, ["x"]) as rows:
            con.register("row", rows)
            con.execute("select count(*) from row").fetchall()

    with pytest.raises(PublishError, match="22012"):
        read()
