"""What a changed record can reach: the records that a part of the nation needs beside it, so that linking the part finds
what linking the nation would.

Leaves temp tables, all by record_key (see ``matching.incremental`` for the words):
affected        records whose link by code may have changed, tonight's and gone ones
open_now        affected records that no code places tonight
spine_now       affected records that stand for a known person tonight
fresh_record    open records all of whose pairs are weighed anew
touched_person  known persons (their registry record) of whom something else is told than before
mate            open records whose pairs are taken over, save those with a fresh record or a touched person
superseded      records whose earlier pairs count no more
part_record     all records of the part

What an earlier pass found out is in also_affected, also_fresh and also_touched.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.blocking import block_keys, blocked_fields
from matching.clustering import MOST_ROUNDS
from matching.codes import REGISTERED
from matching.decisions import staying_weight
from matching.profiles import CONTACT_FIELDS, TOLD_BY_OTHERS

OPEN_METHODS = "('score', 'cluster', 'single')"
TOLD = (*TOLD_BY_OTHERS, "mobile_no_key", "postal_code_key", "address_key", "given_name_key", "birth_year")
_REGISTERED = f"hash({REGISTERED})"
_IS_CODELESS = "is_registry and national_code is null"


def find_changed(con: Connection) -> tuple[int, int]:
    """Find the records that are new, gone, or say something else than in the night before.

    Reads:   linkage.person_record, base.person_record
    Leaves:  temp table changed (record_key)

    Returns: number of changed records, number of all.
    """
    con.execute(
        """create or replace temp table changed as
           select record_key from linkage.person_record as n full join base.person_record as o using (record_key)
           where n.record_hash is distinct from o.record_hash"""
    )
    counts = con.execute("select (select count(*) from changed), (select count(*) from linkage.person_record)").fetchall()[0]
    return int(counts[0]), int(counts[1])


def find_affected(con: Connection) -> None:
    """Add to the changed records those that share a code or equal evidence with them, now or before, and those that
    judgements and yesterday's moves bind.

    Reads:   temp tables changed, also_affected; base.*, person.judgement
    Leaves:  temp table affected
    """
    con.execute(
        """create or replace temp table bound as
           with named as (
               select unnest([record_key_a, record_key_b]) as record_key from (
                   select record_key_a, record_key_b from base.judgement
                   union select record_key_a, record_key_b from person.judgement
                   union select record_key_a, record_key_b from base.review_pair where reason_code = 'cluster_too_large')
           ),
           moved as (
               select unnest([person_id, other_person_id]) as person_id from base.identity_event
               where event_code in ('leave', 'merge', 'split')
               union
               select person_id from base.identity_event where event_code = 'join'
                   and person_id not in (select person_id from base.identity_event where event_code = 'mint')
           ),
           unsteady as (
               select cluster_no from base.cluster
               where method_code = 'cluster' and record_key in (
                   select record_key from base.crosswalk where person_id in (select person_id from moved))
               union
               select cluster_no from base.cluster where record_key in (select record_key from named)
           )
           select record_key from base.cluster where cluster_no in (select cluster_no from unsteady)
           union
           select record_key from named
           union
           select record_key from base.identity_event where event_code = 'leave'
           union
           select unnest([n.record_key_l, n.record_key_r]) from base.near_pair as n
           join base.cluster as l on l.record_key = n.record_key_l join base.cluster as r on r.record_key = n.record_key_r
           where n.rule_no is null and l.cluster_no <> r.cluster_no
           union
           from also_affected"""
    )
    con.execute(
        f"""create or replace temp table said as
            select * from (
                select record_key, record_hash, national_code, {_IS_CODELESS} as is_codeless, {_REGISTERED} as registered
                from linkage.person_record
                union all
                select record_key, record_hash, national_code, {_IS_CODELESS}, {_REGISTERED} from base.person_record
            ) where record_key in (select record_key from changed union select record_key from bound)"""
    )
    con.execute(
        f"""create or replace temp table affected as
            select record_key from changed union select record_key from bound
            union
            select record_key from linkage.person_record
            where record_hash in (select record_hash from said)
               or national_code in (select national_code from said)
               or ({_IS_CODELESS} and {_REGISTERED} in (select registered from said where is_codeless))"""
    )
    # A code links only where its whole group is seen.
    con.execute(
        f"""create or replace temp table affected as
            with own as (select * from linkage.person_record semi join affected using (record_key))
            select record_key from affected
            union
            select record_key from linkage.person_record
            where national_code in (select national_code from own)
               or ({_IS_CODELESS} and {_REGISTERED} in (select {_REGISTERED} from own where {_IS_CODELESS}))"""
    )
    con.execute("drop table said; drop table bound")


def find_touched(con: Connection) -> None:
    """Tell which of the affected records are weighed anew, and of which known persons something else is told.

    Reads:   temp tables affected, changed, also_touched, also_fresh, those of ``matching.codes`` for the affected records
    Leaves:  temp tables open_now, spine_now, fresh_record, touched_person, superseded
    """
    con.execute("create or replace temp table spine_now as select record_key from spine")
    con.execute(
        """create or replace temp table open_now as
           select record_key from link_record anti join code_link using (record_no) anti join spine using (record_no)"""
    )
    told = ", ".join(TOLD)
    con.execute(
        f"""create or replace temp table told_otherwise as
            with now as (
                select distinct national_code, {told} from linkage.person_record where record_key in (
                    select r.record_key from code_link as c join link_record as r on r.record_no = c.record_no
                    where c.node_no in (select record_no from spine))
            ),
            before as (
                select distinct national_code, {told} from base.person_record as p
                where record_key in (
                    select record_key from base.cluster semi join affected using (record_key) where method_code = 'code')
            )
            select national_code from (from now except from before) union
            select national_code from (from before except from now)"""
    )
    con.execute(
        """create or replace temp table touched_person as
           with was_spine as (
               select record_key from base.cluster semi join affected using (record_key) where method_code = 'registry'
           )
           select record_key from spine_now where record_key in (select record_key from changed)
           union (from was_spine except from spine_now)
           union (from spine_now except from was_spine)
           union
           select r.record_key from link_record as r semi join spine using (record_no)
           where r.national_code in (select national_code from told_otherwise)
           union
           from also_touched"""
    )
    con.execute("create or replace temp table fresh_record as from open_now union from also_fresh")
    con.execute(
        """create or replace temp table superseded as
           (from affected except from spine_now) union from touched_person union from fresh_record"""
    )
    con.execute("drop table told_otherwise")


def find_mates(con: Connection) -> None:
    """Find the known persons that fresh records may be, and the open records that they and touched persons meet.

    Reads:   temp tables fresh_record, touched_person, affected; linkage.person_record, base.cluster, base.near_pair
    Leaves:  temp tables mate, part_record
    """
    con.execute(
        f"""create or replace temp table open_record as
            select p.record_key, p.record_hash, {_columns("p")} from linkage.person_record as p
            where p.record_key in (select record_key from base.cluster where method_code in {OPEN_METHODS})
              and p.record_key not in (select record_key from affected)"""
    )
    con.execute(
        f"""create or replace temp table fresh_row as
            select record_key, {_columns("p")} from linkage.person_record as p semi join fresh_record using (record_key)"""
    )
    con.execute(
        f"create or replace temp table fresh_block as select distinct block from ({_blocks('fresh_row', is_other=False)})"
    )
    con.execute(
        f"create or replace temp table fresh_mirror as select distinct block from ({_blocks('fresh_row', is_other=True)})"
    )
    _find_known(con)
    con.execute(
        f"""create or replace temp table touched_block as
            with code as (select national_code from linkage.person_record semi join touched_person using (record_key)),
            telling as (
                select record_key, {_columns("p")}
                from linkage.person_record as p semi join touched_person using (record_key)
                union all
                select record_key, {_contacts("p")} from linkage.person_record as p semi join code using (national_code)
                union all
                select record_key, {_contacts("p")} from linkage.person_record as p where record_key in (
                    select record_key_l from base.near_pair where is_linked and round_no = 0
                        and record_key_r in (select record_key from touched_person))
            )
            select distinct block from ({_blocks("telling", is_other=True)})"""
    )
    capped = "select block from capped_block where round_no = 0"
    con.execute(
        f"""create or replace temp table mate as
            select distinct record_no as record_key from ({_blocks("open_record", is_other=False)})
            where block not in ({capped})
              and (block in (select block from fresh_mirror) or block in (select block from touched_block))
            union
            select distinct record_no from ({_blocks("open_record", is_other=True)})
            where block not in ({capped}) and block in (select block from fresh_block)
            union
            select unnest([record_key_l, record_key_r]) from base.near_pair
            where record_key_l in (from superseded) or record_key_r in (from superseded)
            union
            select record_key_l from base.near_pair
            where is_linked and round_no = 0 and record_key_r in (select record_key from known_candidate)"""
    )
    _follow_edges(con)
    con.execute(
        """create or replace temp table mate as
           select record_key from open_record
           where record_hash in (select record_hash from open_record semi join mate using (record_key))
             and record_key not in (select record_key from fresh_record)"""
    )
    _gather_part(con)
    for name in ("open_record", "fresh_row", "fresh_block", "fresh_mirror", "touched_block", "known_candidate"):
        con.execute(f"drop table {name}")


def _find_known(con: Connection) -> None:
    """Registry records, and records that tell about one, that share a block with a fresh record."""
    told = f"""
        select record_key, {_contacts("p")} from linkage.person_record as p
        where (p.mobile_no_key is not null or p.postal_code_key is not null)
          and (p.national_code is not null or p.record_key in (select record_key from open_record))
    """
    con.execute(
        f"""create or replace temp table telling_record as
            select distinct record_no as record_key from ({_blocks(f"({told})", is_other=True)})
            where block in (select block from fresh_block)"""
    )
    registered = f"(select record_key, {_columns('p')} from linkage.person_record as p where is_registry)"
    con.execute(
        f"""create or replace temp table known_candidate as
            select distinct record_no as record_key from ({_blocks(registered, is_other=True)})
            where block in (select block from fresh_block)
              and block not in (select block from capped_block where round_no = 0)
            union
            select record_key from linkage.person_record
            where is_registry and national_code in (
                select national_code from linkage.person_record semi join telling_record using (record_key))
            union
            select record_key_r from base.near_pair
            where is_linked and round_no = 0 and record_key_l in (select record_key from telling_record)
            union
            from touched_person"""
    )
    con.execute("drop table telling_record")


def _follow_edges(con: Connection) -> None:
    """Take in whole clusters of the rest, and what their edges lead to."""
    con.execute(
        f"""create or replace temp table rest_link as
            with edge as (
                select record_key_l, record_key_r from base.near_pair
                where not is_known and reason_code is null and match_weight >= {staying_weight()}
            ),
            rest as (select record_key, cluster_no from base.cluster where method_code in ('cluster', 'single'))
            select record_key_l as record_key, record_key_r as other_key from edge
            union all select record_key_r, record_key_l from edge
            union all
            select l.record_key, r.record_key from rest as l join rest as r using (cluster_no)
            where l.record_key <> r.record_key"""
    )
    for _ in range(MOST_ROUNDS):
        before = con.execute("select count(*) from mate").fetchall()[0][0]
        con.execute(
            """insert into mate
               select distinct other_key from rest_link
               where record_key in (select record_key from mate) and other_key not in (select record_key from mate)"""
        )
        if con.execute("select count(*) from mate").fetchall()[0][0] == before:
            break
    con.execute("drop table rest_link")


def _gather_part(con: Connection) -> None:
    con.execute(
        f"""create or replace temp table part_record as
            with own as (
                select record_key from affected union from fresh_record union from mate union from known_candidate
                union
                select record_key_r from base.near_pair
                where is_known and (record_key_l in (from mate) or record_key_l in (from fresh_record))
            ),
            row as (select * from linkage.person_record semi join own using (record_key))
            select record_key from row
            union
            select record_key from linkage.person_record
            where national_code in (select national_code from row)
               or ({_IS_CODELESS} and {_REGISTERED} in (select {_REGISTERED} from row where {_IS_CODELESS}))"""
    )


def _blocks(table: str, *, is_other: bool) -> str:
    return block_keys(table, "record_key", is_other=is_other)


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in blocked_fields())


def _contacts(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" if name in CONTACT_FIELDS else f"null as {name}" for name in blocked_fields())
