"""Whom fresh records and touched persons meet: known persons that they may be, and open records beside them.

Words and tables are those of ``matching.surroundings``.
"""

from __future__ import annotations

from hub.duck import Connection
from matching import loaded
from matching.blocking import block_keys, hear_names
from matching.blocking_rules import DERIVED, FIELDS
from matching.decisions import staying_weight
from matching.link import is_told
from matching.passes import CONTACTS, HASHED
from matching.profiles import CONTACT_FIELDS
from matching.reference import REFERENCE_RECORD
from matching.scorer import Rules

_HAS_CONTACT = f"({' or '.join(f'{name} is not null' for name in CONTACTS)})"


def find_mates(con: Connection, rules: Rules) -> None:
    """Find the known persons that fresh records may be, the open records beside fresh ones, and those that touched persons
    meet.

    Reads:   temp tables of ``matching.passes``; nation_row, base.near_pair
    Leaves:  temp tables mate, part_record, member_then and cluster_then (where these and affected ones were yesterday);
             part_row holds all records of the part
    """
    hear_names(con, "open_record", REFERENCE_RECORD)
    _make_linked_fresh(con)
    if con.execute("select count(*) from new_fresh").fetchall()[0][0]:
        _make_equal_fresh(con)
        _meet_fresh(con)
    # To whom newly fresh records may be linked; whom the open records that these persons meet may leave for them.
    _foresee(con, "from known_candidate")
    _tell_touched(con)
    _meet_told(con)
    _foresee(con, _linked_to(con, "mate_seed"))
    _tell_touched(con)
    _tell_mates(con)
    _meet_told(con)
    con.execute(
        f"""insert into mate_seed
            select unnest([record_key_l, record_key_r]) from base.near_pair
            where record_key_l in (from superseded) or record_key_r in (from superseded)
            union
            select record_key_l from base.near_pair
            where is_linked and {is_told(con)} and record_key_r in (select record_key from known_candidate)"""
    )
    follow_edges(con, rules)
    con.execute(
        """create or replace temp table mate as
           select record_key from open_record
           where record_hash in (select record_hash from open_record semi join mate_seed using (record_key))
             and record_key not in (select record_key from fresh_record)"""
    )
    _gather_part(con)
    loaded.load(con, "part_record")
    loaded.number(con, "part_record")
    con.execute(
        """create or replace temp table member_then as
           select record_key, person_id from base.crosswalk where record_key in (from part_record)"""
    )
    con.execute(
        """create or replace temp table cluster_then as
           select * from base.cluster where record_key in (from part_record union from affected)"""
    )


def _make_linked_fresh(con: Connection) -> None:
    """Open records that were linked to a person who is newly touched may lose that person: they are fresh."""
    con.execute(
        """insert into new_fresh
           select record_key from open_record
           where record_key in (
                   select record_key_l from base.near_pair where is_linked and record_key_r in (from new_touched))
             and record_key not in (from fresh_record) and record_key not in (from new_fresh)"""
    )


def _make_equal_fresh(con: Connection) -> None:
    """Equal evidence is weighed once, so records with that of a fresh one are fresh too."""
    con.execute(
        """insert into new_fresh
           select record_key from open_record
           where record_hash in (
                   select record_hash from open_record semi join new_fresh using (record_key)
                   union all select record_hash from part_row semi join new_fresh using (record_key))
             and record_key not in (from fresh_record) and record_key not in (from new_fresh)"""
    )
    for name in ("fresh_record", "superseded"):
        con.execute(f"insert into {name} select record_key from new_fresh where record_key not in (from {name})")


def _meet_fresh(con: Connection) -> None:
    """Find the known persons who share a block with a record that is newly fresh, and the open records that do so from the
    other side; lay out the fresh records for those that do from theirs.

    Leaves:  temp tables known_candidate, mate_seed, telling_row, longer by these
    """
    con.execute(
        f"""create or replace temp table fresh_row as
            select record_key, {HASHED} from part_row semi join new_fresh using (record_key)
            union all
            select * from told_record semi join new_fresh using (record_key)
            union all
            select * exclude (record_hash) from open_record semi join new_fresh using (record_key)"""
    )
    hear_names(con, "fresh_row", REFERENCE_RECORD)
    con.execute(f"create or replace temp table fresh_block as {_list_blocks('fresh_row', is_other=False)}")
    _find_known(con)
    con.execute(
        f"""insert into mate_seed
            select distinct record_no from ({_blocks("open_record", is_other=True)})
            where block in (select block from fresh_block)"""
    )
    con.execute("insert into telling_row by name select * exclude (record_key) from fresh_row")
    con.execute("drop table fresh_row; drop table fresh_block")


def _find_known(con: Connection) -> None:
    """Registry records, and records that tell about one, that share a block with a record that is newly fresh."""
    con.execute(
        f"""create or replace temp table telling_record as
            with told_by_open as (select record_key, {_hashed_contacts()} from open_record where {_HAS_CONTACT})
            select distinct record_no as record_key from ({_blocks("told_by_open", is_other=True)})
            where block in (select block from fresh_block)"""
    )
    con.execute(
        f"""insert into known_candidate
            select distinct record_no as record_key from ({_blocks("registry_row", is_other=True)})
            where block in (select block from fresh_block)
            union
            select record_key from registry_row where national_code in (
                select record_no from ({block_keys("contact_row", "told_code", is_other=True)})
                where block in (select block from fresh_block))
            union
            select record_key_r from base.near_pair
            where is_linked and {is_told(con)} and record_key_l in (select record_key from telling_record)"""
    )
    con.execute("drop table telling_record")


def _foresee(con: Connection, persons: str) -> None:
    """Touch known persons whom a link may move to or away from: that something else is told of them would be seen after a
    round only, and ask for another pass."""
    con.execute(
        f"""insert into new_touched
            (({persons}) union {_linked_to(con, "superseded")}) except from touched_person"""
    )
    con.execute("insert into known_candidate from new_touched")
    for name in ("touched_person", "superseded"):
        con.execute(f"insert into {name} select record_key from new_touched where record_key not in (from {name})")


def _linked_to(con: Connection, records: str) -> str:
    """SQL of the known persons whom these records told something about."""
    return f"""
        select record_key_r from base.near_pair
        where is_linked and {is_told(con)} and record_key_l in (select record_key from {records})
          and record_key_r in (select record_key from registry_row)
    """


def _tell_touched(con: Connection) -> None:
    """Lay out persons who are newly touched, and what is told about them.

    Leaves:  temp table telling_row, longer by these
    """
    con.execute(
        f"""insert into telling_row by name
            with own as (select * from registry_row semi join new_touched using (record_key))
            select * exclude (record_key) from own
            union all by name
            select * exclude (told_code) from contact_row where told_code in (select national_code from own)
            union all by name
            select {_hashed_contacts()} from open_record
            where {_HAS_CONTACT} and record_key in (
                select record_key_l from base.near_pair
                where is_linked and {is_told(con)} and record_key_r in (from new_touched))"""
    )
    con.execute(
        """insert into mate_seed
           select record_key_l from base.near_pair where is_known and record_key_r in (from new_touched)"""
    )
    con.execute("delete from new_touched")


def _tell_mates(con: Connection) -> None:
    """Lay out what mates would tell of a person, since they may be linked to one tonight.

    Leaves:  temp table telling_row, longer by these; followed
    """
    con.execute(
        """create or replace temp table following as
           select * from open_record where record_key not in (from followed)
             and record_hash in (select record_hash from open_record where record_key in (from mate_seed))"""
    )
    con.execute(f"insert into telling_row by name select {_hashed_contacts()} from following where {_HAS_CONTACT}")
    con.execute("insert into followed select record_key from following")
    con.execute("drop table following")


def _meet_told(con: Connection) -> None:
    """Take in the open records that share a block with what temp table telling_row tells, and empty it."""
    con.execute(
        f"""insert into mate_seed
            select distinct record_no as record_key from ({_blocks("open_record", is_other=False)})
            where block in ({_list_blocks("telling_row", is_other=True)})"""
    )
    con.execute("delete from telling_row")


def follow_edges(con: Connection, rules: Rules) -> None:
    """Take in whole clusters of the rest and what their edges lead to, and rivals: records of one feed that want the same
    known person (``matching.decisions.link_best``).

    A record may want any person of its pairs tonight; a rival wants whom it wanted before, or it is met otherwise.
    """
    con.execute(
        f"""create or replace temp table rest_link as
            with edge as (
                select record_key_l, record_key_r from base.near_pair
                where not is_known and reason_code is null and match_weight >= {staying_weight(rules)}
            ),
            rest as (select record_key, cluster_no from open_then where method_code in ('cluster', 'single'))
            select record_key_l as record_key, record_key_r as other_key from edge
            union all select record_key_r, record_key_l from edge
            union all
            select l.record_key, r.record_key from rest as l join rest as r using (cluster_no)
            where l.record_key <> r.record_key"""
    )
    _list_rivals(con, rules)
    _follow(con)
    con.execute(
        """insert into mate_seed
           select distinct record_key from rival where is_wanted and node_no in (
               select node_no from rival where record_key in (select record_key from mate_seed))"""
    )
    _follow(con)
    con.execute("drop table rest_link; drop table rival")


def _list_rivals(con: Connection, rules: Rules) -> None:
    """List the known persons whom several records of one feed may want.

    Leaves:  temp table rival (record_key, node_no: of person and feed, is_wanted: the record's best of a round, or linked)
    """
    con.execute(
        f"""create or replace temp table rival as
            with pair as materialized (
                select record_key_l as record_key, hash(record_key_l, round_no) as turn_no, match_weight, is_linked,
                       hash(split_part(record_key_l, ':', 1), record_key_r) as node_no
                from base.near_pair
                where is_known and reason_code is null and (is_linked or match_weight >= {rules.known_link_weight})
            ),
            best as (select turn_no, max(match_weight) as best_weight from pair group by turn_no)
            select record_key, node_no, bool_or(is_linked or match_weight = best_weight) as is_wanted
            from pair join best using (turn_no)
            where node_no in (select node_no from pair group by node_no having min(record_key) <> max(record_key))
            group by record_key, node_no"""
    )


def _follow(con: Connection) -> None:
    met = -1
    while met != (met := con.execute("select count(*) from mate_seed").fetchall()[0][0]):
        con.execute(
            """insert into mate_seed
               select distinct other_key from rest_link
               where record_key in (select record_key from mate_seed)
                 and other_key not in (select record_key from mate_seed)
               union
               select record_key from rival where is_wanted
                 and record_key not in (select record_key from mate_seed)
                 and node_no in (
                     select node_no from rival where is_wanted and record_key in (select record_key from mate_seed))"""
        )


def _gather_part(con: Connection) -> None:
    con.execute(
        """create or replace temp table part_record as
            with own as (
                select record_key from affected union from fresh_record union from mate union from known_candidate
                union
                select record_key_r from base.near_pair
                where is_known and (record_key_l in (from mate) or record_key_l in (from fresh_record))
            ),
            row as materialized (select record_key, group_no from nation_row where record_key in (from own))
            select record_key from row
            union
            select record_key from nation_row where group_no in (select group_no from row)"""
    )


def _list_blocks(rows: str, *, is_other: bool) -> str:
    blocks = block_keys(rows, "null", is_other=is_other, is_heard=True)
    capped = "select block from capped_block where round_no = 0 and is_capped"
    return f"select distinct block from ({blocks}) where block not in ({capped})"


def _blocks(table: str, *, is_other: bool) -> str:
    return block_keys(table, "record_key", is_other=is_other, is_heard=True)


def _hashed_contacts() -> str:
    told = (*CONTACT_FIELDS, *(field for field, (column, _) in DERIVED.items() if column in CONTACT_FIELDS))
    return ", ".join(f"{name if name in told else 'null::ubigint'} as {name}" for name in FIELDS)
