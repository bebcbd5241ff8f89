"""Whom fresh records and touched persons meet: known persons that they may be, and open records whose pairs are taken over.

Words and tables are those of ``matching.surroundings``.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.blocking import block_keys, blocked_fields, hashed_fields
from matching.clustering import MOST_ROUNDS
from matching.codes import READ
from matching.comparisons import compared_columns
from matching.decisions import staying_weight
from matching.link import is_told
from matching.profiles import CONTACT_FIELDS
from matching.surroundings import IS_CODELESS, REGISTERED_HASH

OPEN_METHODS = "('score', 'cluster', 'single')"
# What linking reads of a person record.
NEEDED = tuple(
    dict.fromkeys(("record_key", "feed", "is_registry", "vital_status_code", *READ, *compared_columns(), *blocked_fields()))
)

HASHED = hashed_fields()


def begin_part(con: Connection) -> None:
    """Begin the part with what is affected, and list the open records that it may meet.

    Leaves:  temp tables open_record, registry_row, contact_row, known_candidate, mate_seed; new_fresh and new_touched: all
    """
    con.execute(
        f"""create or replace temp table open_record as
            select record_key, record_hash, {HASHED} from linkage.person_record
            where record_key in (select record_key from base.cluster where method_code in {OPEN_METHODS})
              and record_key not in (select record_key from affected)"""
    )
    con.execute(
        f"""create or replace temp table registry_row as
            select record_key, {HASHED} from linkage.person_record where is_registry"""
    )
    con.execute(
        f"""create or replace temp table contact_row as
            select record_key, told_code, {HASHED} from (
                select record_key, hash(national_code) as told_code, {_contacts()} from linkage.person_record
                where (mobile_no_key is not null or postal_code_key is not null or address_key is not null)
                  and (national_code is not null
                       or record_key in (select record_key from open_record union all from affected)))"""
    )
    for name in ("known_candidate", "mate_seed"):
        con.execute(f"create or replace temp table {name} (record_key varchar)")
    con.execute("create or replace temp table new_fresh as from fresh_record")
    con.execute("create or replace temp table new_touched as from touched_person")


def load_nation(con: Connection) -> None:
    """Read once what tells which records share a code or equal evidence.

    Leaves:  temp table nation_row (record_key, record_hash, national_code, is_registry; registered: of a registry record
             without a code the hash of what tells it from others)
    """
    con.execute(
        f"""create or replace temp table nation_row as
            select record_key, record_hash, national_code, is_registry,
                   case when {IS_CODELESS} then {REGISTERED_HASH} end as registered
            from linkage.person_record"""
    )


def load(con: Connection, records: str) -> None:
    """Make temp table part_row hold the rows of these records."""
    con.execute(
        f"""create or replace temp table part_row as
            select {", ".join(NEEDED)} from linkage.person_record where record_key in (from {records}) order by record_key"""
    )


def find_mates(con: Connection) -> None:
    """Find the known persons that fresh records may be, and the open records that they and touched persons meet.

    Reads:   temp tables of ``begin_part`` and ``find_touched``; nation_row, base.cluster, base.near_pair
    Leaves:  temp tables mate, part_record; part_row holds all records of the part
    """
    if con.execute("select count(*) from new_fresh").fetchall()[0][0]:
        _meet_fresh(con)
    if con.execute("select count(*) from new_touched").fetchall()[0][0]:
        _meet_touched(con)
    con.execute(
        f"""insert into mate_seed
            select unnest([record_key_l, record_key_r]) from base.near_pair
            where record_key_l in (from superseded) or record_key_r in (from superseded)
            union
            select record_key_l from base.near_pair
            where is_linked and {is_told(con)} and record_key_r in (select record_key from known_candidate)"""
    )
    _follow_edges(con)
    con.execute(
        """create or replace temp table mate as
           select record_key from open_record
           where record_hash in (select record_hash from open_record semi join mate_seed using (record_key))
             and record_key not in (select record_key from fresh_record)"""
    )
    _gather_part(con)
    load(con, "part_record")


def _meet_fresh(con: Connection) -> None:
    """Everybody who shares a block with a record that is newly fresh."""
    con.execute(
        f"""create or replace temp table fresh_row as
            select record_key, {", ".join(blocked_fields())} from part_row semi join new_fresh using (record_key)"""
    )
    _list_blocks(con, "fresh_block", "fresh_row", is_other=False)
    _list_blocks(con, "fresh_mirror", "fresh_row", is_other=True)
    _find_known(con)
    con.execute(
        f"""insert into mate_seed
            select distinct record_no from ({_blocks("open_record", is_other=False)})
            where block in (select block from fresh_mirror)
            union
            select distinct record_no from ({_blocks("open_record", is_other=True)})
            where block in (select block from fresh_block)"""
    )
    con.execute("drop table fresh_row; drop table fresh_block; drop table fresh_mirror")


def _meet_touched(con: Connection) -> None:
    """Open records that share a block with a person who is newly touched, or with what is told about that person."""
    con.execute(
        f"""create or replace temp table telling_row as
            with telling as (
                select record_key from contact_row where told_code in (
                    select national_code from registry_row semi join new_touched using (record_key))
                union
                select record_key_l from base.near_pair
                where is_linked and {is_told(con)} and record_key_r in (from new_touched)
            ),
            row as (
                select record_key, {", ".join(blocked_fields())} from linkage.person_record
                where record_key in (from telling union from new_touched)
            )
            from row where record_key in (from new_touched)
            union all
            select record_key, {_contacts()} from row where record_key in (from telling)"""
    )
    _list_blocks(con, "touched_block", "telling_row", is_other=True)
    con.execute("insert into known_candidate from new_touched")
    con.execute(
        f"""insert into mate_seed
            select distinct record_no from ({_blocks("open_record", is_other=False)})
            where block in (select block from touched_block)"""
    )
    con.execute("drop table telling_row; drop table touched_block")


def _find_known(con: Connection) -> None:
    """Registry records, and records that tell about one, that share a block with a record that is newly fresh."""
    con.execute(
        f"""create or replace temp table telling_record as
            select distinct record_no as record_key from ({_blocks("contact_row", is_other=True)})
            where block in (select block from fresh_block)"""
    )
    con.execute(
        f"""insert into known_candidate
            select distinct record_no as record_key from ({_blocks("registry_row", is_other=True)})
            where block in (select block from fresh_block)
            union
            select record_key from registry_row where national_code in (
                select told_code from contact_row semi join telling_record using (record_key))
            union
            select record_key_r from base.near_pair
            where is_linked and {is_told(con)} and record_key_l in (select record_key from telling_record)"""
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
        before = con.execute("select count(*) from mate_seed").fetchall()[0][0]
        con.execute(
            """insert into mate_seed
               select distinct other_key from rest_link
               where record_key in (select record_key from mate_seed)
                 and other_key not in (select record_key from mate_seed)"""
        )
        if con.execute("select count(*) from mate_seed").fetchall()[0][0] == before:
            break
    con.execute("drop table rest_link")


def _gather_part(con: Connection) -> None:
    con.execute(
        """create or replace temp table part_record as
            with own as (
                select record_key from affected union from fresh_record union from mate union from known_candidate
                union
                select record_key_r from base.near_pair
                where is_known and (record_key_l in (from mate) or record_key_l in (from fresh_record))
            ),
            row as (select * from nation_row semi join own using (record_key))
            select record_key from row
            union
            select record_key from nation_row
            where national_code in (select national_code from row)
               or registered in (select registered from row)"""
    )


def _list_blocks(con: Connection, name: str, rows: str, *, is_other: bool) -> None:
    """The blocks of some rows, those that were above their cap left out."""
    con.execute(
        f"""create or replace temp table {name} as
            with hashed as (select record_key, {HASHED} from {rows})
            select distinct block from ({_blocks("hashed", is_other=is_other)})
            where block not in (select block from capped_block where round_no = 0)"""
    )


def _blocks(table: str, *, is_other: bool) -> str:
    return block_keys(table, "record_key", is_other=is_other)


def _contacts() -> str:
    return ", ".join(name if name in CONTACT_FIELDS else f"null as {name}" for name in blocked_fields())
