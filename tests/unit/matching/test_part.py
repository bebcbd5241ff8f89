"""A part of the nation that turns out too small: whom a further pass has to link."""

import duckdb
import pytest

from matching.part import find_moved


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A pass of two rounds in which a mate is linked to a known person of whom it told nothing the night before."""
    con = duckdb.connect()
    con.execute("create schema linkage; create schema base")
    con.execute("create table linkage.population as select 100 as known_person_count, 10 as profile_count")
    con.execute(
        """create table numbered_record as
           from (values (1, 'civil:1', 11), (2, 'sso:1', 22), (3, 'sso:2', 22)) as t(record_no, record_key, record_hash)"""
    )
    con.execute("create view keyed_record as select record_no, record_key from numbered_record")
    con.execute(
        """create table near as
           select 0 as round_no, 2 as record_no_l, 1 as record_no_r, true as is_known, true as is_linked"""
    )
    con.execute("create table base.near_pair (record_key_l varchar, record_key_r varchar, round_no int, is_linked bool)")
    for name in ("mate", "superseded", "touched_person", "followed", "renewed"):
        con.execute(f"create table {name} (record_key varchar)")
    con.execute("insert into mate values ('sso:1')")
    return con


def missing(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    find_moved(con)
    return {name: sorted(key for (key,) in con.execute(f"from {name}").fetchall()) for name in ("new_fresh", "new_touched")}


def test_a_mate_that_finds_another_person_as_early_is_not_weighed_anew(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into followed values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1'), ('civil:2')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:2', 0, true)")
    assert missing(con) == {"new_fresh": [], "new_touched": []}


def test_a_mate_that_loses_its_person_is_weighed_anew_and_so_are_those_that_say_the_same(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute("insert into mate values ('sso:2')")
    con.execute("insert into followed values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:1', 0, true)")
    con.execute("delete from near")
    assert missing(con) == {"new_fresh": ["sso:1", "sso:2"], "new_touched": []}


def test_a_mate_that_finds_its_person_a_round_later_is_weighed_anew(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into followed values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:1', 0, true)")
    con.execute("update near set round_no = 1")
    assert missing(con) == {"new_fresh": ["sso:1"], "new_touched": []}


def test_a_mate_that_tells_a_person_what_nobody_has_followed_touches_that_person(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into touched_person values ('civil:1')")
    assert missing(con) == {"new_fresh": [], "new_touched": ["civil:1"]}


def test_a_record_that_says_something_else_touches_the_person_whom_it_stays_with(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from mate")
    con.execute("insert into superseded values ('sso:1')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:1', 0, true)")
    assert missing(con)["new_touched"] == []
    con.execute("insert into renewed values ('sso:1')")
    assert missing(con)["new_touched"] == ["civil:1"]
