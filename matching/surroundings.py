"""What a changed record can reach: the records that a part of the nation needs beside it, so that linking the part finds
what linking the nation would.

Leaves temp tables, all by record_key (see ``matching.incremental`` for the words):
affected        records whose link by code may have changed, tonight's and gone ones; ever_affected: also in a further pass
renewed         changed records, which may tell a person something else though they stay linked to that person
open_now        affected records that no code places tonight
spine_now       affected records that stand for a known person tonight
fresh_record    open records all of whose pairs are weighed anew
touched_person  known persons (their registry record) of whom something else may be told than before
mate            open records whose pairs are taken over, save those with a fresh record or a touched person
superseded      records whose earlier pairs count no more
part_record     all records of the part; part_row: what linking reads of them

What a pass found to be missing is in also_affected, new_fresh and new_touched.
"""

from __future__ import annotations

from hub.duck import Connection
from hub.layers import Difference
from matching.codes import REGISTERED
from matching.twins import TWINS, TWINS_WITHOUT_FATHER

# What is placed together: holders of a code; of registry records without one, those that say the same.
GROUP = f"case when national_code is not null then hash(national_code) when is_registry then hash({REGISTERED}) end"

# What find_touched leaves.
TOUCHED = ("open_now", "spine_now", "fresh_record", "touched_person", "superseded")


def load_nation(con: Connection) -> None:
    """Read once what tells which records share a code or equal evidence.

    Leaves:  temp table nation_row (record_key, record_hash, group_no: what codes place together, twins_no and
             fatherless_no as ``matching.twins`` tells them)
    """
    con.execute(
        f"""create or replace temp table nation_row as
            select record_key, record_hash, {GROUP} as group_no, {TWINS} as twins_no,
                   {TWINS_WITHOUT_FATHER} as fatherless_no
            from linkage.person_record"""
    )


def find_changed(con: Connection, apart: Difference | None) -> tuple[int, int]:
    """Find the records that are new, gone, or say something else than in the night before.

    Args:
        apart: where the person records of the two nights may differ; None where nothing is known of that.

    Reads:   temp table nation_row, base.person_record
    Leaves:  temp tables changed (record_key), earlier_row (what those of them said that were there before)

    Returns: number of changed records, number of all.
    """
    before = f"({apart.before})" if apart else "base.person_record"
    now = f"({apart.now})" if apart else "nation_row"
    con.execute(
        f"""create or replace temp table earlier_row as
            select record_key, record_hash, {GROUP} as group_no, {TWINS} as twins_no,
                   {TWINS_WITHOUT_FATHER} as fatherless_no, national_code
            from {before}"""
    )
    con.execute(
        f"""create or replace temp table changed as
            select record_key from (select record_key, record_hash from {now}) as n
            full join earlier_row as o using (record_key)
            where n.record_hash is distinct from o.record_hash"""
    )
    con.execute("delete from earlier_row where record_key not in (from changed)")
    counts = con.execute("select (select count(*) from changed), (select count(*) from nation_row)").fetchall()[0]
    return int(counts[0]), int(counts[1])


def find_affected(con: Connection) -> None:
    """Add to the changed records those that share a code or equal evidence with them, now or before, and those that
    judgements and yesterday's moves bind.

    Reads:   temp tables changed, also_affected; base.*, person.judgement
    Leaves:  temp tables affected, bound (those that judgements and moves bind)
    """
    _find_bound(con)
    con.execute(
        """create or replace temp table said as
           select record_hash, group_no, twins_no, fatherless_no from nation_row
           where record_key in (select record_key from changed union select record_key from bound)
           union
           select record_hash, group_no, twins_no, fatherless_no from earlier_row"""
    )
    con.execute(
        """create or replace temp table affected as
            select record_key from changed union select record_key from bound
            union
            select record_key from nation_row where record_hash in (select record_hash from said)
            union
            select record_key from nation_row where group_no in (select group_no from said)
            union
            select record_key from nation_row
            where twins_no in (select twins_no from said union select fatherless_no from said)"""
    )
    # A code links only where its whole group is seen.
    con.execute(
        """create or replace temp table affected as
            select record_key from affected
            union
            select record_key from nation_row where group_no in (
                select group_no from nation_row where record_key in (from affected))"""
    )
    con.execute("drop table said")


def _find_bound(con: Connection) -> None:
    # Ids of persons follow the largest ever issued, so those from the first minted one on were minted in that night.
    con.execute(
        """create or replace temp table moved_person as
           select unnest([person_id, other_person_id]) as person_id from base.identity_event
           where event_code in ('leave', 'merge', 'split')
           union
           select person_id from base.identity_event where event_code = 'join' and person_id < coalesce(
               (select min(person_id) from base.identity_event where event_code = 'mint'), person_id + 1)"""
    )
    con.execute(
        """create or replace temp table moved_record as
           select record_key from base.crosswalk where person_id in (from moved_person)"""
    )
    con.execute(
        """create or replace temp table bound as
           select unnest([record_key_a, record_key_b]) as record_key from (
               select record_key_a, record_key_b from base.judgement
               union select record_key_a, record_key_b from person.judgement
               union select record_key_a, record_key_b from base.review_pair where reason_code = 'cluster_too_large')"""
    )
    con.execute(
        """create or replace temp table bound_cluster as
           with held as (select record_key_l, record_key_r from base.near_pair where rule_no is null),
           own as (
               select record_key, cluster_no, method_code from base.cluster where record_key in (
                   select record_key from bound
                   union select record_key_l from held union select record_key_r from held
                   union from moved_record)
           )
           select cluster_no, null as record_key from own
           where record_key in (from bound) or (method_code = 'cluster' and record_key in (from moved_record))
           union
           select null, unnest([l.record_key, r.record_key]) from held
           join own as l on l.record_key = record_key_l join own as r on r.record_key = record_key_r
           where l.cluster_no <> r.cluster_no"""
    )
    con.execute(
        """insert into bound
           select record_key from base.cluster where cluster_no in (select cluster_no from bound_cluster)
           union
           select record_key from bound_cluster where record_key is not null
           union
           select record_key from base.identity_event where event_code = 'leave'
           union
           from also_affected"""
    )
    con.execute("drop table moved_person; drop table moved_record; drop table bound_cluster")


def find_touched(con: Connection) -> None:
    """Tell which of the affected records are weighed anew, and of which known persons something else may be told: those of
    whose code a record changed or is bound, or another one of the family and birth of a record of that code.

    Reads:   temp tables affected, changed, bound, earlier_row, those of ``matching.codes`` for the affected records
    Leaves:  temp tables TOUCHED
    """
    con.execute(
        "create or replace temp table spine_now as select record_key from keyed_record semi join spine using (record_no)"
    )
    con.execute(
        """create or replace temp table open_now as
           select record_key from keyed_record anti join code_link using (record_no) anti join spine using (record_no)"""
    )
    con.execute(
        """create or replace temp table touched_person as
           with was_spine as (
               select record_key from base.cluster where method_code = 'registry' and record_key in (from affected)
           ),
           family as (
               select twins_no, fatherless_no from earlier_row
               union
               select twins_no, fatherless_no from nation_row
               where record_key in (select record_key from changed) or record_key in (select record_key from bound)
           ),
           told_otherwise as (
               select national_code from part_row where record_key in (from changed) or record_key in (from bound)
               union
               select national_code from earlier_row
           )
           select record_key from spine_now where record_key in (select record_key from changed)
           union (from was_spine except from spine_now)
           union (from spine_now except from was_spine)
           union
           select r.record_key from numbered_record as r semi join spine using (record_no)
           where r.national_code in (select national_code from told_otherwise)
           union
           select record_key from nation_row semi join spine_now using (record_key) where group_no in (
               select group_no from nation_row
               where twins_no in (select twins_no from family union select fatherless_no from family))"""
    )
    con.execute("create or replace temp table fresh_record as from open_now")
    con.execute(
        """create or replace temp table superseded as
           (from affected except from spine_now) union from touched_person union from fresh_record"""
    )
    con.execute("drop table bound")
