"""Carrying over: nobody loses cover through one bad character, and nothing that is carried is silent.

A record of the delivery before whose key has no good row today ends only when this delivery can say so. It is carried
with its last good version (change_code ``carried``) when

- listed: its key stands in the delivery, in a row that is in quarantine; or in the text of a line of which no key could be
  read (cut, illegal byte, a key that is no key), whole and between separators. Without end: the same character may be bad
  every night;
- in doubt (note ``:unlisted``): it stands nowhere, but the delivery holds lines of which no key could be read. Any of them
  may be its line, so all such records are carried, however many they are: a limit on their number would end, among others,
  the one whose line was spoilt. The doubt ends in time instead: ``DOUBT_DAYS`` after the last delivery that listed it, or
  with the first delivery all of whose lines have a key. So one bad line every night delays ends, and never for ever.

A record whose row is of an organisation now ends: the delivery says that it is no person.

A text in a line is compared piece by piece, without leading zeros: it may carry too many, never too few. The row's fate
stays ``quarantined``: carried rows were not received well, so they are no part of what was received (D08), but are counted
in ``counts.json`` and told in the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.kinds.kind import latin
from connectors.readers import LINE_NO
from connectors.staged import Staged
from connectors.typed import BASE, DELIVERED, IS_NO_PERSON, REJECT_TEXT, REPLACEMENT, TYPED, delivered_columns
from hub.duck import Connection, literal, quote
from schemas.feed import Layout

ABSENT = "absent"
_WAITING = f"(from {ABSENT} where is_person)"
CARRIED = "carried"
KEPT = "kept"
UNREAD = "unread"
UNLISTED = ":unlisted"  # note of a row that was carried in doubt
DOUBT_DAYS = 7  # how long a record that stands nowhere is carried, from the business date that listed it last
_PIECES = r"[^\pL\pN]+"  # what separates the pieces of a key and of a line


def make_carried(con: Connection, layout: Layout, recent: Sequence[Staged], *, is_whole: bool = True) -> None:
    """Tables ``absent`` (keys of the delivery before that have no good row; is_person: unless it is said to be none),
    ``carried``, ``kept`` and ``unread``.

    Grain of ``carried``: record_key. Column ``is_listed``: false when it is carried in doubt.

    Args:
        recent: deliveries, the one before among them, of which the last to list a record puts it in doubt only.
        is_whole: whether the delivery lists everything. Else it leaves what it does not name as it is: ``kept``.
    """
    con.execute(f"""
        create or replace temp table {UNREAD} as
        select typed.line_no, {line_text(con, layout)} as text
        from {TYPED} as typed join {DELIVERED} as delivered on delivered.{quote(LINE_NO)} = typed.line_no
        where {no_key()}
    """)
    con.execute(f"""
        create or replace temp table {ABSENT} as
        select record_key, n.record_key is null as is_person from {BASE}
        anti join (select record_key from {TYPED} where reason is null) using (record_key)
        left join (
            select distinct record_key from {TYPED} where {IS_NO_PERSON}
        ) as n using (record_key)
    """)
    con.execute(f"""
        create or replace temp table {CARRIED} as
        select record_key, true as is_listed from {_WAITING} semi join {TYPED} using (record_key)
    """)
    con.execute(f"""
        create or replace temp table {KEPT} as
        select record_key from {_WAITING} anti join {CARRIED} using (record_key) where {str(not is_whole).lower()}
    """)
    if not is_whole or unread_count(con) == 0:
        return
    con.execute(f"insert into {CARRIED} {_in_texts()}")
    if recent:
        paths = ", ".join(literal(each.rows) for each in recent)
        con.execute(f"""
            insert into {CARRIED}
            select record_key, false from {_WAITING}
            semi join (select record_key from read_parquet([{paths}]) where {is_listed("notes")}) using (record_key)
            anti join {CARRIED} using (record_key)
        """)


def carried_rows(con: Connection, base: Staged, names: Mapping[str, str]) -> str:
    """SQL that adds carried and kept rows; '' without any. They stand as in the delivery before, but for how they came here.

    Args:
        names: columns of the staging table with their types, meta columns first.
    """
    over = f"""(select record_key, 'carried' as change_code, is_listed from {CARRIED}
               union all select record_key, 'unchanged', true from {KEPT})"""
    if not con.execute(f"select count(*) from {over}").fetchall()[0][0]:
        return ""
    rows = f"read_parquet({literal(base.rows)})"
    present = {row[0] for row in con.execute(f"describe select * from {rows}").fetchall()}
    notes = f"list_filter(old.notes, lambda note: note <> {literal(UNLISTED)})"
    said = {
        "line_no": "cast(null as bigint)",
        "row_hash": "base.row_hash",
        "change_code": "over.change_code",
        "notes": f"case when over.is_listed then {notes} else list_append({notes}, {literal(UNLISTED)}) end",
    }
    selected = ", ".join(
        f"{said.get(name, f'old.{quote(name)}' if name in present else f'cast(null as {kind})')} as {quote(name)}"
        for name, kind in names.items()
    )
    return f"""
        union all
        select {selected}
        from {rows} as old
        join {over} as over on over.record_key = old.record_key
        join {BASE} as base on base.record_key = old.record_key
    """


def unread_count(con: Connection) -> int:
    """Lines of which no key could be read."""
    return int(con.execute(f"select count(*) from {UNREAD}").fetchall()[0][0])


def is_listed(notes: str) -> str:
    """SQL: whether the delivery of a staged row listed its record, by the row's notes."""
    return f"not list_contains({notes}, {literal(UNLISTED)})"


def no_key() -> str:
    """SQL: whether no key could be read from a row of ``typed``; bytes that made no text make no key."""
    return f"(typed.record_key is null or contains(typed.record_key, {literal(REPLACEMENT)}))"


def line_text(con: Connection, layout: Layout) -> str:
    """SQL of what can be read of a line, in Latin digits; in fixed width the key's place is put beside it."""
    whole = f"delivered.{REJECT_TEXT}"
    places = [f"substr({whole}, {key.start}, {key.width})" for key in layout.keys if key.start and key.width]
    return latin(f"concat_ws(' ', {', '.join([whole, *places, *delivered_columns(con)])})")


def _in_texts() -> str:
    """SQL of absent records all pieces of whose key stand in one line without a key."""
    key = "substr(record_key, strpos(record_key, ':') + 1)"
    return f"""
        with wanted as (
            select record_key, {_pieces(key)} as pieces from {_WAITING} anti join {CARRIED} using (record_key)
        ), piece as (
            select record_key, len(pieces) as piece_count, unnest(pieces) as piece from wanted
        ), said as (
            select line_no, unnest({_pieces("text")}) as piece from {UNREAD}
        ), found as (
            select record_key from piece join said using (piece)
            group by record_key, line_no, piece_count having count(*) = piece_count
        )
        select distinct record_key, true from found
    """


def _pieces(text: str) -> str:
    """SQL of the distinct pieces of a text, without leading zeros."""
    split = f"regexp_split_to_array({text}, {literal(_PIECES)})"
    return f"list_distinct([ltrim(piece, '0') for piece in {split} if piece <> ''])"
