"""What a pass over a part of the nation begins with: the first with what is affected, a further one with whom the one before
should have held too, as with a night of its own.

Words and tables are those of ``matching.surroundings``.
"""

from __future__ import annotations

from hub.duck import Connection
from matching import loaded
from matching.blocking import blocked_fields, hashed_fields
from matching.comparisons import LISTS, compared_columns
from matching.profiles import CONTACT_FIELDS
from matching.told import told

# What leads from a record to others of a household.
CONTACTS = tuple(LISTS.values())
HASHED = hashed_fields()


def list_open(con: Connection) -> None:
    """List the records that no code placed in what the pass begins with.

    Leaves:  temp table open_then (rows of base.cluster)
    """
    con.execute(
        """create or replace temp table open_then as
           select record_key, cluster_no, method_code from base.cluster
           where method_code in ('score', 'cluster', 'single')"""
    )


def note_speakers(con: Connection) -> None:
    """Note which affected records speak for a code that the registry does not know, and for whom.

    Reads:   temp tables of ``matching.codes`` for the affected records
    Leaves:  temp table speaking, longer by these
    """
    con.execute(
        """insert into speaking
           select n.record_key as node_key, r.record_key
           from (
               select record_no, node_no from code_link where not is_known
               union select node_no, node_no from code_link where not is_known
           ) as c
           join keyed_record as n on n.record_no = c.node_no join keyed_record as r on r.record_no = c.record_no"""
    )


def begin_part(con: Connection) -> None:
    """Begin the part with what is affected, and list the open records that it may meet, and who leads to known persons.

    Reads:   temp table speaking
    Leaves:  temp tables open_record, told_record (what records that speak for a code tell; those of open records are in
             open_record too), registry_row, contact_row, known_candidate, mate_seed; telling_row: what has yet to lead to
             the open records that share a block with it; followed: open records that have led to all to whom they may by
             what they tell of a person; new_fresh and new_touched: all
    """
    con.execute(
        f"""create or replace temp table registry_row as
            select record_key, {HASHED} from linkage.person_record where is_registry"""
    )
    _list_met(con)
    _list_contacts(con)
    con.execute("create or replace temp table telling_row as select * exclude (record_key) from registry_row limit 0")
    con.execute("create or replace temp table new_fresh as from fresh_record")
    con.execute("create or replace temp table new_touched as from touched_person")


def begin_further_part(con: Connection) -> None:
    """Begin a part with whom the last one should have held too; what that one found is base.cluster and base.near_pair now.

    Reads:   temp tables new_fresh and new_touched of ``matching.part.find_moved``, and those of ``begin_part``
    Leaves:  the same; nothing is affected any more
    """
    for name in ("affected", "renewed", "fresh_record", "touched_person", "superseded"):
        con.execute(f"create or replace temp table {name} (record_key varchar)")
    for name in ("touched_person", "superseded"):
        con.execute(f"insert into {name} from new_touched")
    list_open(con)
    list_speaking(con)
    loaded.load(con, "speaking")
    _list_met(con)


def _list_met(con: Connection) -> None:
    con.execute(
        f"""create or replace temp table open_record as
            select record_key, record_hash, {HASHED} from loaded_row
            where record_key in (select record_key from open_then) and record_key not in (select record_key from affected)"""
    )
    _list_told(con)
    con.execute(
        """insert into open_record by name
           select t.*, o.record_hash from told_record as t join open_record as o using (record_key)"""
    )
    for name in ("known_candidate", "mate_seed", "followed"):
        con.execute(f"create or replace temp table {name} (record_key varchar)")


def list_speaking(con: Connection) -> None:
    """List the records that open ones, which are not affected, speak for, as if each spoke for those of its cluster that
    bear its code: that one does which does not only leads to more.

    Reads:   temp tables open_then, affected, nation_row; base.cluster
    Leaves:  temp table speaking (node_key: who speaks, record_key: of whom, itself as well)
    """
    con.execute(
        """create or replace temp table speaking as
           with led as (
               select o.record_key as node_key, o.cluster_no, n.group_no
               from open_then as o join nation_row as n using (record_key)
               where n.group_no is not null and record_key not in (from affected)
           ),
           placed as (
               select node_key, record_key, group_no
               from (select record_key, cluster_no from base.cluster where method_code = 'code') join led using (cluster_no)
           ),
           own as (select node_key, record_key from placed join nation_row using (record_key, group_no))
           from own union select node_key, node_key from own"""
    )


def _list_told(con: Connection) -> None:
    """List what records that speak for a code tell.

    Reads:   temp tables speaking, loaded_row
    Leaves:  temp table told_record
    """
    con.execute(
        f"""create or replace temp table speaking_row as
            select s.node_key as node_no, l.record_key as record_no, {", ".join(f"l.{name}" for name in compared_columns())}
            from speaking as s join loaded_row as l using (record_key)"""
    )
    con.execute(
        f"""create or replace temp table told_record as
            select node_no as record_key, {HASHED} from ({told("speaking_row")})"""
    )
    con.execute("drop table speaking_row")


def _list_contacts(con: Connection) -> None:
    """List what records with a code tell that an open one tells too: by that it may be led to their persons."""
    con.execute(
        f"""create or replace temp table led as
            select {", ".join(CONTACTS)} from open_record
            union all
            select {", ".join(CONTACTS)} from (select record_key, {HASHED} from part_row union all from told_record)
            semi join fresh_record using (record_key)"""
    )
    shared = " or ".join(f"hash({contact}) in (select {contact} from led)" for contact in CONTACTS)
    con.execute(
        f"""create or replace temp table contact_row as
            select told_code, {HASHED} from (
                select hash(national_code) as told_code, {_contacts()} from linkage.person_record
                where national_code is not null and ({shared}))"""
    )
    con.execute("drop table led")


def _contacts() -> str:
    return ", ".join(name if name in CONTACT_FIELDS else f"null as {name}" for name in blocked_fields())
