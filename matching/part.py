"""Linking a part of the nation with the very code that links the nation: what is weighed anew, what is taken over, and
whom the part should have held too.

The part lives in a database of its own beside the run's, under the same table names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hub.duck import Connection
from matching.clustering import components
from matching.comparisons import compared_whole, term_frequency_columns
from matching.link import is_told
from matching.reference import REFERENCE_RECORD
from matching.weights import term_frequencies
from schemas.reference_tables import HABIT
from schemas.tables import JUDGEMENT, PERSON_RECORD, POPULATION

PART = "part"
# All person records, for what a part has to know of the others.
NATION = "linkage.nation_record"
# Tables that linking reads, by the SQL of what the part holds of them; {nation} is the run's own database.
_WHOLE = {
    "linkage.reference_record": "linkage.reference_record",
    NATION: PERSON_RECORD.name,
    POPULATION.name: POPULATION.name,
    HABIT.name: HABIT.name,
    JUDGEMENT.name: JUDGEMENT.name,
    "person.previous_judgement": "base.judgement",
    "person.previous_review_pair": "base.review_pair",
}


@contextmanager
def part_of(con: Connection) -> Iterator[None]:
    """Make ``linkage.person_record`` and yesterday's persons those of temp table part_row, and all else as it is."""
    nation = con.execute("select current_database()").fetchall()[0][0]
    con.execute(f"attach ':memory:' as {PART}; use {PART}; create schema linkage; create schema person; create schema base")
    try:
        for name, source in _WHOLE.items():
            con.execute(f"create view {name} as from {nation}.{source}")
        for name in ("near_pair", "cluster"):
            con.execute(f"create view base.{name} as from {nation}.base.{name}")
        con.execute(f"create view {PERSON_RECORD.name} as from part_row")
        con.execute("create view person.previous_membership as from member_then")
        yield
    finally:
        con.execute(f"use {nation}; detach {PART}")


class ChangedPart:
    """Weighs pairs with a fresh record or a touched person; takes over all other pairs of the part's open records."""

    def choose_profiles(self, con: Connection) -> None:
        """Only fresh records and mates are open here; others are there for their codes."""
        con.execute(
            """delete from profile_member where record_no not in (
                   select record_no from keyed_record where record_key in (from fresh_record union from mate))"""
        )
        con.execute("delete from profile where record_no not in (select profile_no from profile_member)")
        con.execute(
            """create or replace temp table fresh_no as
               select record_no from keyed_record where record_key in (from fresh_record)"""
        )
        con.execute(
            """create or replace temp table touched_no as
               select record_no from keyed_record where record_key in (from touched_person)"""
        )

    def choose_candidates(self, con: Connection, round_no: int) -> None:
        """Pairs with news, and those that only yesterday brings; lays out in temp table taken_pair what is taken over."""
        con.execute(
            f"""create or replace temp table taken_pair as
                select l.record_no as record_no_l, r.record_no as record_no_r, n.rule_no, n.match_weight, n.reason_code,
                       n.is_known, n.is_personal
                from base.near_pair as n
                join keyed_record as l on l.record_key = n.record_key_l
                join keyed_record as r on r.record_key = n.record_key_r
                where n.round_no = {round_no}
                  and n.record_key_l not in (from superseded) and n.record_key_r not in (from superseded)
                  and l.record_no in (select record_no from profile)
                  and (n.is_known or r.record_no in (select record_no from profile))"""
        )
        con.execute(
            """delete from candidate_pair as c
               where (rule_no is not null
                      and record_no_l not in (from fresh_no) and record_no_r not in (from fresh_no)
                      and record_no_r not in (from touched_no))
                  or exists (from taken_pair as t where t.record_no_l = c.record_no_l and t.record_no_r = c.record_no_r)"""
        )

    def take_over(self, con: Connection) -> None:
        """Pairs without news, as they were found before; those that yesterday brought, only while it still does."""
        con.execute(
            """insert into checked_pair by name
               select t.* replace (t.rule_no::utinyint as rule_no), h.record_no_l is not null as was_one
               from taken_pair as t left join held_pair as h using (record_no_l, record_no_r)
               where t.rule_no is not null or h.record_no_l is not null"""
        )


def find_moved(con: Connection) -> None:
    """Compare what the part linked with what was linked before: which mates lost their person, or find one in a later round
    than they did, so that rounds they had no part in must weigh all their pairs; and of which known persons newly linked
    records tell something else, or something that nobody has followed. If there are any, the part was too small.

    Reads:   temp tables of ``matching.link`` for the part; base.near_pair
    Leaves:  temp tables linked_tonight, otherwise, new_fresh, new_touched (record_key)
    """
    con.execute(
        """create or replace temp table linked_then as
           select record_key_l, record_key_r, round_no from base.near_pair
           where is_linked and (record_key_l in (from mate) or record_key_l in (from superseded))"""
    )
    con.execute(
        """create or replace temp table linked_tonight as
           select l.record_key as record_key_l, r.record_key as record_key_r, n.round_no
           from near as n join keyed_record as l on l.record_no = n.record_no_l
           join keyed_record as r on r.record_no = n.record_no_r where n.is_linked"""
    )
    con.execute(
        """create or replace temp table otherwise as
           (from linked_then except from linked_tonight) union (from linked_tonight except from linked_then)
           union
           from linked_tonight where record_key_l in (from renewed)
           union
           from linked_then where record_key_l in (from renewed)"""
    )
    con.execute(
        """create or replace temp table new_fresh as
           with lost as (
               select record_key_l as record_key from linked_then as b
               where record_key_l in (from mate) and not exists (
                   from linked_tonight as t where t.record_key_l = b.record_key_l and t.round_no <= b.round_no)
           )
           select record_key from numbered_record
           where record_hash in (select record_hash from numbered_record semi join lost using (record_key))
             and record_key in (from mate)"""
    )
    con.execute(
        f"""create or replace temp table new_touched as
            select distinct record_key_r as record_key from otherwise
            where {is_told(con)} and record_key_r in (select record_key from keyed_record)
              and (record_key_r not in (from touched_person)
                   or (record_key_l in (from mate) and record_key_l not in (from followed)))"""
    )


def count_values(con: Connection) -> None:
    """Count how common the values are that pairs may share: all that the part's open records hold, and of known persons what
    is compared otherwise than by being equal.

    Reads:   temp tables of ``find_profiles`` for the part, fresh_record, mate; linkage.reference_record
    Leaves:  temp tables tf_<column>
    """
    columns = term_frequency_columns()
    near = ", ".join(column for column in columns if column not in compared_whole())
    con.execute(
        f"""create or replace temp table compared_row as
            select {", ".join(columns)} from part_row where record_key in (from fresh_record union from mate)
            union all
            select {", ".join(columns)} from profile
            union all by name
            select {near} from numbered_record semi join spine using (record_no)"""
    )
    term_frequencies(con, "compared_row", REFERENCE_RECORD)


def find_judged(con: Connection) -> None:
    """Find whom a judgement binds to the part though no pass saw them affected; if there are any, the part was too small.

    Reads:   temp tables of ``matching.link`` for the part, ever_affected
    Leaves:  temp table also_affected, longer where that is so
    """
    con.execute(
        """insert into also_affected
           with judged_root as (
               select root_no from membership where record_no in (select record_no from judged_record)
           ),
           bound as (
               select record_key from keyed_record as r join membership as m using (record_no)
               where m.root_no in (from judged_root) and r.record_key not in (from ever_affected)
           )
           select distinct record_key from base.cluster
           where cluster_no in (select cluster_no from base.cluster where record_key in (from bound))"""
    )


def find_decided(con: Connection) -> None:
    """Whose outcome the part decides: what is fresh or has a pair that was weighed anew, and whole clusters of the rest.

    Mates that found their person no later than they did, but another one, were no part of later rounds, and are none now.

    Reads:   temp tables of ``matching.link`` for the part, cluster_then; base.near_pair
    Leaves:  temp tables decided (record_no): records whose rows replace those of the night before; rerouted (record_key,
             round_no): mates that are linked otherwise, and since when; displaced: superseded records and these
    """
    con.execute(
        """create or replace temp table rerouted as
           select record_key_l as record_key, min(round_no) as round_no from linked_tonight
           where record_key_l in (select record_key_l from otherwise) and record_key_l in (from mate)
           group by record_key_l"""
    )
    con.execute(
        "create or replace temp table displaced as select record_key from superseded union select record_key from rerouted"
    )
    con.execute(
        """create or replace temp table first_decided as
           select profile_no as record_no from profile_member where record_no in (from fresh_no)
           union
           select unnest([record_no_l, record_no_r]) from near
           where record_no_l in (from fresh_no) or record_no_r in (from fresh_no) or record_no_r in (from touched_no)
              or rule_no is null
           union
           select record_no from keyed_record where record_key in (
               select record_key_l from base.near_pair where record_key_r in (from displaced)
               union select record_key_r from base.near_pair where record_key_l in (from displaced)
               union select record_key from rerouted)"""
    )
    con.execute(
        """create or replace temp table rest_edge as
           select m.record_no as record_no_l, m.root_no as record_no_r from membership as m
           where m.root_no not in (select record_no from spine)
           union
           select r.record_no, -1 - c.cluster_no from keyed_record as r join cluster_then as c using (record_key)
           where c.method_code in ('cluster', 'single') and r.record_no in (select record_no from profile_member)
           union
           select record_no, profile_no from profile_member"""
    )
    components(con, "rest_edge")
    con.execute(
        """create or replace temp table decided as
           with open_one as (
               select record_no from component where root_no in (
                   select root_no from component where record_no in (from first_decided)) and record_no >= 0
               union
               select record_no from profile_member where profile_no in (from first_decided)
           ),
           profiled as (
               select record_no from profile_member
               where record_no in (from open_one) or profile_no in (from open_one)
           )
           from profiled
           union
           select c.record_no from code_link as c where c.node_no in (from profiled)
           union
           select record_no from keyed_record where record_key in (from affected)"""
    )
    con.execute("drop table rest_edge; drop table component; drop table first_decided")
