"""A part of the nation that turns out too small: which rounds the next pass takes over from this one."""

import duckdb
import pytest

from matching.part import ChangedPart

LAST_ROUND = 1


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A pass of two rounds in which a mate is linked to a known person of whom it told nothing the night before."""
    con = duckdb.connect()
    con.execute("create schema linkage; create schema base")
    con.execute("create table linkage.population as select 100 as known_person_count, 10 as profile_count")
    con.execute(
        """create table numbered_record as
           from (values (1, 'civil:1', 11), (2, 'sso:1', 22)) as t(record_no, record_key, record_hash)"""
    )
    con.execute("create view keyed_record as select record_no, record_key from numbered_record")
    con.execute("create table profile_member as select 2 as record_no, 2 as profile_no")
    con.execute(
        """create table near as
           select 0 as round_no, 2 as record_no_l, 1 as record_no_r, 9.0::double as match_weight, 3 as rule_no,
                  null::varchar as reason_code, true as is_known, true as is_personal, true as is_linked"""
    )
    con.execute(
        """create table base.near_pair as
           select record_key as record_key_l, record_key as record_key_r, 0 as round_no, false as is_linked
           from keyed_record limit 0"""
    )
    con.execute("create table changed as select 'sso:1' as record_key")
    for name in ("mate", "superseded", "touched_person", "followed"):
        con.execute(f"create table {name} (record_key varchar)")
    return con


@pytest.mark.parametrize("round_no", [0, LAST_ROUND])
def test_the_last_round_is_gone_through_in_every_pass(con: duckdb.DuckDBPyConnection, round_no: int) -> None:
    part = ChangedPart()
    assert not part.is_wide_enough(con, round_no)
    assert con.execute("from new_touched").fetchall() == [("civil:1",)]
    assert part.is_settled(con, LAST_ROUND) is False, "clusters of the rest are made of what the last round gathers"
    assert part.settled_rounds == 1, "the first round is not weighed again"


def test_a_mate_that_finds_another_person_as_early_is_not_weighed_anew(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into mate values ('sso:1')")
    con.execute("insert into followed values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1'), ('civil:2')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:2', 0, true)")
    assert ChangedPart().is_wide_enough(con, 0)


def test_a_mate_that_loses_its_person_is_weighed_anew(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into mate values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1')")
    con.execute("insert into base.near_pair values ('sso:1', 'civil:1', 0, true)")
    con.execute("delete from near")
    assert not ChangedPart().is_wide_enough(con, 0)
    assert con.execute("from new_fresh").fetchall() == [("sso:1",)]


def test_a_mate_that_tells_a_person_what_nobody_has_followed_asks_for_a_wider_part(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into mate values ('sso:1')")
    con.execute("insert into touched_person values ('civil:1')")
    assert not ChangedPart().is_wide_enough(con, 0)
    assert con.execute("from new_touched").fetchall() == [("civil:1",)]
