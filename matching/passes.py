"""What a pass over a part of the nation begins with: the first with what is affected, a further one with whom the one before
should have held too, as with a night of its own.

Words and tables are those of ``matching.surroundings``.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.blocking import blocked_fields, hashed_fields
from matching.profiles import CONTACT_FIELDS

# What leads from a record to others of a household.
CONTACTS = ("mobile_no_key", "email_key", "postal_code_key", "address_key")
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


def begin_part(con: Connection) -> None:
    """Begin the part with what is affected, and list the open records that it may meet, and who leads to known persons.

    Leaves:  temp tables open_record, registry_row, contact_row, known_candidate, mate_seed; telling_row: what has yet to
             lead to the open records that share a block with it; followed: open records that have led to all to whom they
             may by what they tell of a person; new_fresh and new_touched: all
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
    _list_met(con)


def _list_met(con: Connection) -> None:
    con.execute(
        f"""create or replace temp table open_record as
            select record_key, record_hash, {HASHED} from loaded_row
            where record_key in (select record_key from open_then) and record_key not in (select record_key from affected)"""
    )
    for name in ("known_candidate", "mate_seed", "followed"):
        con.execute(f"create or replace temp table {name} (record_key varchar)")


def _list_contacts(con: Connection) -> None:
    """List what records with a code tell that an open one tells too: by that it may be led to their persons."""
    con.execute(
        f"""create or replace temp table led as
            select {", ".join(CONTACTS)} from open_record
            union all
            select {", ".join(CONTACTS)} from (select record_key, {HASHED} from part_row)
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
