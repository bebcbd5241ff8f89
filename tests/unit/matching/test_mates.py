"""Whom a changed record reaches over yesterday's pairs of records that no known person fits."""

from __future__ import annotations

from pathlib import Path

from hub.duck import connection
from hub.settings import Settings
from matching.mates import follow_edges
from matching.scorer import RULES

LINKS = 100


def test_a_chain_of_yesterdays_pairs_is_followed_to_its_end(tmp_path: Path) -> None:
    """Each pair is strong enough to be one person; the last one of the chain has no other tie to the first. A pair too weak
    leads nowhere."""
    edges = [(f"r:{n:03}", f"r:{n + 1:03}", 30.0) for n in range(LINKS)] + [(f"r:{LINKS:03}", "r:weak", -30.0)]
    with connection(Settings(home=tmp_path)) as con:
        con.execute("create schema base; create schema linkage")
        con.execute("create table linkage.population as select 0 as known_person_count")
        con.execute(
            """create table base.near_pair (record_key_l varchar, record_key_r varchar, match_weight double,
                   is_known boolean default false, is_personal boolean default true, reason_code varchar)"""
        )
        con.executemany("insert into base.near_pair (record_key_l, record_key_r, match_weight) values (?, ?, ?)", edges)
        con.execute("create temp table open_then (record_key varchar, cluster_no bigint, method_code varchar)")
        con.execute("create temp table mate_seed as select 'r:000' as record_key")
        follow_edges(con, RULES)
        met = {key for (key,) in con.execute("from mate_seed").fetchall()}
    assert met == {f"r:{n:03}" for n in range(LINKS + 1)}
