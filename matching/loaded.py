"""What linking reads of the records of a part: each is read once a night, and numbered anew for each pass."""

from __future__ import annotations

from hub.duck import Connection
from matching.blocking import blocked_fields
from matching.codes import READ
from matching.comparisons import compared_columns

# What linking reads of a person record.
NEEDED = tuple(
    dict.fromkeys(("record_key", "feed", "is_registry", "vital_status_code", *READ, *compared_columns(), *blocked_fields()))
)

# SQL of the part's rows by number.
NUMBERED = "from part_row"


def unload(con: Connection) -> None:
    """Begin with nothing loaded.

    Leaves:  temp tables loaded_row (what linking reads of the records that were asked for), part_no (those of the part);
             part_row, a view of the part's rows by number
    """
    con.execute(f"create or replace temp table loaded_row as select {', '.join(NEEDED)} from linkage.person_record limit 0")
    con.execute("create or replace temp table member_then as select record_key, person_id from base.crosswalk limit 0")
    con.execute("create or replace temp table part_no (row_no bigint, record_no bigint)")
    con.execute(
        """create or replace temp view part_row as
           select p.record_no, l.* from loaded_row as l join part_no as p on p.row_no = l.rowid"""
    )


def load(con: Connection, records: str) -> None:
    """Add to temp table loaded_row what linking reads of these records; what it holds already is not read again.

    Leaves:  temp table missing (record_key): those that were not there
    """
    con.execute(
        f"""create or replace temp table missing as
            select record_key from {records} where record_key not in (select record_key from loaded_row)"""
    )
    con.execute(
        f"insert into loaded_row select {', '.join(NEEDED)} from linkage.person_record where record_key in (from missing)"
    )


def number(con: Connection, records: str) -> None:
    """Make loaded records the part, numbered in order of their keys."""
    con.execute(
        f"""create or replace temp table part_no as
            select row_no, row_number() over () - 1 as record_no from (
                select rowid as row_no from loaded_row where record_key in (select record_key from {records})
                order by record_key)"""
    )
