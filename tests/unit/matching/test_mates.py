"""Whom a changed record reaches over yesterday's pairs: of records that no known person fits, and of rivals for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.duck import Connection, connection
from hub.settings import Settings
from matching.mates import follow_edges
from matching.scorer import RULES

LINKS = 100


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    """A night without pairs, in which a change has reached record r:000."""
    with connection(Settings(home=tmp_path)) as con:
        con.execute("create schema base; create schema linkage")
        con.execute("create table linkage.population as select 0 as known_person_count")
        con.execute(
            """create table base.near_pair (
                   record_key_l varchar, record_key_r varchar, match_weight double, round_no int default 1,
                   is_known boolean default false, is_linked boolean default false, is_personal boolean default true,
                   reason_code varchar)"""
        )
        con.execute("create temp table open_then (record_key varchar, cluster_no bigint, method_code varchar)")
        con.execute("create temp table mate_seed as select 'r:000' as record_key")
        yield con


def met(con: Connection) -> set[str]:
    follow_edges(con, RULES)
    return {key for (key,) in con.execute("from mate_seed").fetchall()}


def test_a_chain_of_yesterdays_pairs_is_followed_to_its_end(con: Connection) -> None:
    """Each pair is strong enough to be one person; the last one of the chain has no other tie to the first. A pair too weak
    leads nowhere."""
    edges = [(f"r:{n:03}", f"r:{n + 1:03}", 30.0) for n in range(LINKS)] + [(f"r:{LINKS:03}", "r:weak", -30.0)]
    con.executemany("insert into base.near_pair (record_key_l, record_key_r, match_weight) values (?, ?, ?)", edges)
    assert met(con) == {f"r:{n:03}" for n in range(LINKS + 1)}


def test_L11_rivals_of_one_feed_for_a_known_person_are_met(con: Connection) -> None:
    """Which of them is the person depends on all. Those of another feed, or who want somebody else more, are none; those of
    a rival for another person are."""
    wants = [
        ("r:000", "known:A", 9.0), ("r:000", "known:B", 12.0), ("r:rival", "known:A", 4.0), ("other:rival", "known:A", 4.0),
        ("r:elsewhere", "known:A", 4.0), ("r:elsewhere", "known:C", 9.0), ("r:hardly", "known:A", 0.5),
        ("r:linked", "known:D", 7.0), ("r:next", "known:D", 5.0),
    ]  # fmt: skip
    con.executemany(
        "insert into base.near_pair (record_key_l, record_key_r, match_weight, is_known) values (?, ?, ?, true)", wants
    )
    con.execute(
        "insert into base.near_pair by name select 'r:rival' as record_key_l, 'known:D' as record_key_r, 6 as match_weight, "
        "2 as round_no, true as is_known"
    )
    assert met(con) == {"r:000", "r:rival", "r:linked", "r:next"}
