"""The fate of every line: accepted, unchanged, superseded or quarantined; never two, never none (case D08)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connectors.carried import ABSENT, CARRIED, KEPT, carried_rows
from connectors.readers import LINE_NO
from connectors.staged import StageCounts, Staged
from connectors.typed import BASE, DELIVERED, REJECT_TEXT, TYPED, delivered_columns, row_hash
from hub.duck import PARQUET, Connection, literal, quote
from hub.errors import HubError
from schemas.feed import Feed, Layout
from schemas.tables import STAGING_META

FATES = "fates"
REPEATS = "repeats"
ENDED = "ended"


def make_base(con: Connection, base: Staged | None, names: list[str], hash_method: str) -> None:
    """View ``base``: record keys, row hashes and since_delivery_id of the delivery before; empty without one.

    Its hashes are made again from its typed values when they were made in another way (other columns, other engine).
    """
    if base is None:
        nothing = "null::varchar as record_key, null::ubigint as row_hash, null::varchar as since_delivery_id"
        con.execute(f"create or replace temp view {BASE} as select {nothing} where false")
        return
    rows = f"read_parquet({literal(base.rows)})"
    hashed = "row_hash"
    if base.hash_method != hash_method:
        present = {row[0] for row in con.execute(f"describe select * from {rows}").fetchall()}
        added = "".join(f", null as {quote(name)}" for name in names if name not in present)
        rows = f"(select *{added} from {rows})"
        hashed = f"{row_hash(names)} as row_hash"
    con.execute(f"create or replace temp view {BASE} as select record_key, {hashed}, since_delivery_id from {rows}")


def make_fates(con: Connection, *, is_whole: bool = True) -> None:
    """Tables ``repeats`` (earlier lines of a key that comes again), ``ended`` and view ``fates``.

    A whole delivery lists each record once: an earlier line that says otherwise is set aside. In a delta the last word
    counts, and the words before it are superseded.

    Reads: ``typed``, ``absent``, ``carried``, ``kept``.
    """
    con.execute(f"""
        create or replace temp table {REPEATS} as
        with repeated as (
            select record_key from {TYPED} where reason is null group by record_key having count(*) > 1
        ), listed as (
            select line_no,
                   {"row_hash = last_value(row_hash) over lines" if is_whole else "true"} as is_same,
                   line_no = last_value(line_no) over lines as is_last
            from {TYPED} semi join repeated using (record_key)
            where reason is null
            window lines as (partition by record_key order by line_no
                             rows between unbounded preceding and unbounded following)
        )
        select line_no, is_same from listed where not is_last
    """)
    con.execute(f"""
        create or replace temp table {ENDED} as
        select record_key from {ABSENT} anti join {CARRIED} using (record_key) anti join {KEPT} using (record_key)
        union all
        select record_key from {TYPED} anti join {REPEATS} using (line_no) where reason is null and change_code = 'ended'
    """)
    con.execute(f"""
        create or replace temp view {FATES} as
        select typed.line_no, typed.record_key, typed.change_code, case
                   when typed.reason is not null then 'quarantined'
                   when repeats.is_same then 'superseded'
                   when repeats.is_same is not null then 'quarantined'
                   when typed.change_code = 'unchanged' then 'unchanged'
                   else 'accepted' end as fate_code
        from {TYPED} as typed left join {REPEATS} as repeats on repeats.line_no = typed.line_no
    """)


def counted(con: Connection, received: int) -> StageCounts:
    """Counts by fate, with the proof that each received line has exactly one.

    Raises:
        HubError: lines are lost or doubled; nothing was put in place.
    """
    fates = dict(con.execute(f"select fate_code, count(*) from {FATES} group by fate_code").fetchall())
    lines = int(con.execute(f"select count(distinct line_no) from {FATES}").fetchall()[0][0])
    counts = StageCounts(
        received, *(int(fates.get(fate, 0)) for fate in ("accepted", "quarantined", "unchanged", "superseded"))
    )
    if not received == lines == sum(fates.values()):
        raise HubError(
            f"Conservation is broken: {received} lines received, {sum(fates.values())} have a fate, {lines} are distinct; "
            "nothing was put in place.",
            hint="This is a fault of the databank, not of the file; report it with the delivery's id.",
            received=received,
            lines=lines,
        )
    return counts


def changes(con: Connection) -> dict[str, int]:
    """Valid rows by change_code, how many records are carried over, how many of them in doubt, how many ended, and how many
    deletes named a record that is not there: a sign that an earlier delta is missing.

    Of a delta, unchanged are the rows that say what was known; records that it does not name are in no count.
    """
    found = con.execute(
        f"select change_code, count(*) from {FATES} where fate_code in ('accepted', 'unchanged') group by change_code"
    ).fetchall()
    unknown = f"select count(*) from {TYPED} where reason is null and is_delete and change_code = 'unchanged'"
    asked = (
        f"select count(*), count(*) filter (where not is_listed), (select count(*) from {ENDED}), ({unknown}) from {CARRIED}"
    )
    names = ("carried", "carried_in_doubt", "ended", "deleted_unknown")
    others = zip(names, con.execute(asked).fetchall()[0], strict=True)
    return {"new": 0, "changed": 0, "unchanged": 0} | {code: int(count) for code, count in (*found, *others)}


def write_rows(con: Connection, feed: Feed, names: list[str], made: tuple[str, Staged | None], path: Path) -> None:
    """``rows.parquet``: every valid or carried row under ``Feed.staging_table``, by record key. Grain: record_key.

    Columns: since_delivery_id: kept by unchanged and carried rows, this delivery for all others.

    Args:
        made: this delivery's id, and the delivery before.
    """
    delivery_id, base = made
    columns = feed.staging_table.columns
    since = {"since_delivery_id": f"coalesce(since_delivery_id, {literal(delivery_id)})"}
    selected = ", ".join(
        f"{since.get(name, quote(name) if name in (*STAGING_META, *names) else f'cast(null as {kind})')} as {quote(name)}"
        for name, kind in columns.items()
    )
    carried = "" if base is None else carried_rows(con, base, columns)
    con.execute(f"""
        copy (
            select * from (
                select {selected}
                from {TYPED} as typed anti join {REPEATS} using (line_no)
                where reason is null and not is_delete
                {carried}
            ) order by record_key
        ) to {literal(path)} {PARQUET}
    """)


def write_fates(con: Connection, path: Path) -> None:
    """``fates.parquet``. Grain: line_no."""
    con.execute(f"copy (select line_no, fate_code, record_key from {FATES} order by line_no) to {literal(path)} {PARQUET}")


def write_ended(con: Connection, ended_date: date, path: Path) -> None:
    """``ended.parquet``: records of the delivery before that this snapshot no longer lists, or this delta deletes (D09).
    Grain: record_key. Columns: ended_date: the business date.

    A carried record has not ended (``connectors.carried``).
    """
    con.execute(f"""
        copy (select record_key, date {literal(ended_date.isoformat())} as ended_date from {ENDED} order by record_key)
        to {literal(path)} {PARQUET}
    """)


def write_changes(con: Connection, path: Path) -> None:
    """``changes.parquet``: what the feed's state says otherwise than the delivery that this one follows (D08: only changes
    go on). Grain: record_key.

    Columns: change_code: new, changed, ended. A record that is not here is as it was, carried ones included.
    """
    con.execute(f"""
        copy (
            select record_key, change_code from {FATES} where fate_code = 'accepted' and change_code <> 'ended'
            union all
            select record_key, 'ended' from {ENDED}
            order by record_key
        ) to {literal(path)} {PARQUET}
    """)


def write_quarantine(con: Connection, layout: Layout, file_name: str, path: Path) -> None:
    """``quarantine.parquet``: lines set aside, with reason and raw text. Grain: line_no."""
    separator = literal(layout.format.delimiter if layout.format.kind == "delimited" else "|")
    raw = ", ".join(f"coalesce({column}, '')" for column in delivered_columns(con))
    con.execute(f"""
        copy (
            with bad as ({bad_lines()})
            select bad.line_no, bad.column_name, bad.reason_code,
                   coalesce(delivered.{REJECT_TEXT}, concat_ws({separator}, {raw})) as raw_text,
                   {literal(file_name)} as file_name
            from bad join {DELIVERED} as delivered on delivered.{quote(LINE_NO)} = bad.line_no
            order by bad.line_no
        ) to {literal(path)} {PARQUET}
    """)


def bad_lines() -> str:
    """SQL of the lines in quarantine: line_no, column_name (null: the whole line), reason_code. Grain: line_no."""
    return f"""
        select line_no, nullif(split_part(reason, ':', 1), '') as column_name, split_part(reason, ':', 2) as reason_code
        from {TYPED} where reason is not null
        union all
        select line_no, null, 'duplicate_key' from {REPEATS} where not is_same
    """
