"""Typing a delivery: raw rows become typed rows by the contract, in set-based SQL.

Tables in the connection, in order: ``delivered`` (one row per received line), ``base`` (keys and hashes of the delivery
before), ``dictionary_<n>`` (each distinct text of a column, typed once), ``typed`` (one row per received line: values,
notes, why it cannot stay, what changed).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from connectors.kinds import Kind, kind_of
from connectors.kinds.kind import latin, missing_words
from connectors.readers import LINE_NO
from hub.duck import Connection, literal, quote, quote_name
from schemas.feed import OPERATION, ORGANISATION, SUBJECT, Column, Feed, Layout

DELIVERED = "delivered"
REJECT_REASON = "_reject_reason"  # of a line that the reader could not make a row of; its columns are null
REJECT_TEXT = "_reject_text"
BASE = "base"
TYPED = "typed"
KEY_SEPARATOR = "|"
NO_PERSON = "no_person"  # reason why the row of an organisation is set aside
IS_NO_PERSON = f"ends_with(reason, ':{NO_PERSON}')"  # told before any other of its reasons
REPLACEMENT = "\ufffd"  # what a decoder leaves where bytes made no text


@dataclass(frozen=True)
class TypedColumn:
    """A contract's column, the kind of its values, and the dictionary of its texts: whether it has any, with notes, with
    reasons to set rows aside. What a dictionary does not hold is not looked for row by row."""

    column: Column
    kind: Kind | None
    dictionary: str
    is_used: bool = False
    has_notes: bool = False
    has_reasons: bool = False

    @property
    def name(self) -> str:
        """Our name."""
        return self.column.name

    @property
    def raw(self) -> str:
        """SQL of the delivered text."""
        return f"delivered.{quote_name(self.column.source)}"

    @property
    def value(self) -> str:
        """SQL of the typed value."""
        if self.kind is None:
            text = f"trim({self.raw})"
            text = latin(text) if self.name.endswith("_no") or self.column.is_key else text
            return f"case when trim({self.raw}) in {missing_words()} then null else {text} end"
        if not self.is_used:
            return f"try_cast({self.raw} as {self.kind.type})"
        if self.kind.plain == "false":
            return f"{self.dictionary}.value"
        plain = f"try_cast({self.raw} as {self.kind.type})"
        return f"case when {self.dictionary}.raw is null then {plain} else {self.dictionary}.value end"

    @property
    def extra(self) -> tuple[str, str] | None:
        """Name and SQL of the column beside the value, where the kind has one and the feed declares it."""
        if self.kind is None or not self.kind.extra_suffix:
            return None
        plain = self.raw if self.kind.is_plain_extra else "cast(null as varchar)"
        extra = f"case when {self.dictionary}.raw is null then {plain} else {self.dictionary}.extra end"
        extra = extra if self.is_used else plain
        return self.name + self.kind.extra_suffix, extra

    @property
    def is_missing(self) -> str:
        """SQL: whether the agency gave nothing."""
        if self.kind is None:
            return f"coalesce(trim({self.raw}) in {missing_words()}, true)"
        said = f"coalesce({self.dictionary}.is_missing, false)" if self.is_used else "false"
        return f"({self.raw} is null or {said})"


def typed_columns(layout: Layout, business_date: date) -> list[TypedColumn]:
    """The columns of a layout with their kinds, in the contract's order."""
    return [
        TypedColumn(column, kind_of(column, layout, business_date), f"dictionary_{number}")
        for number, column in enumerate(layout.columns)
    ]


def make_dictionaries(con: Connection, columns: list[TypedColumn]) -> list[TypedColumn]:
    """Type each distinct text of each column once. Grain: raw. ``row_count``: rows that hold the text.

    Returns: the columns, each knowing what its dictionary holds.
    """
    return [item if item.kind is None else _with_dictionary(con, item, item.kind) for item in columns]


def _with_dictionary(con: Connection, item: TypedColumn, kind: Kind) -> TypedColumn:
    stops = item.column.field.invalid == "quarantine"
    prefix = literal(item.name + ":")
    con.execute(f"""
        create or replace temp table {item.dictionary} as
        with counted as (
            select raw, count(*) as row_count
            from (select {item.raw} as raw, try_cast({item.raw} as bigint) as number from {DELIVERED})
            where raw is not null and ({kind.plain}) is not true group by raw
        ), texts as (
            select raw from counted
        ), judged as ({kind.query})
        select judged.raw, judged.value, judged.is_missing, judged.extra, counted.row_count, judged.failure,
               {prefix} || {"judged.failure" if stops else "cast(null as varchar)"} as reason,
               {prefix} || {"judged.note" if stops else "coalesce(judged.note, judged.failure)"} as note
        from judged join counted using (raw)
    """)
    held = con.execute(f"select count(*) > 0, count(note) > 0, count(reason) > 0 from {item.dictionary}").fetchall()[0]
    return replace(item, is_used=held[0], has_notes=held[1], has_reasons=held[2])


def value_columns(feed: Feed, columns: list[TypedColumn]) -> dict[str, str]:
    """Every column that typing fills, with its SQL: the contract's, then those beside them."""
    declared = feed.staging_table.columns
    values = {item.name: item.value for item in columns if item.name in declared}
    return values | {extra[0]: extra[1] for item in columns if (extra := item.extra) and extra[0] in declared}


def make_typed(con: Connection, feed: Feed, columns: list[TypedColumn]) -> None:
    """Type all rows and compare them with the delivery before.

    Columns: line_no, record_key, row_hash, change_code (new, changed, unchanged, ended), since_delivery_id (of an unchanged
    row), every column of the feed, is_delete (of a delta; only its key is looked at), notes, reason (``column:reason``;
    null: the row is valid). A delete of an unknown record changes nothing.
    """
    values = value_columns(feed, columns)
    operation = next((item for item in columns if item.name == OPERATION), None)
    is_delete = "false" if operation is None else f"coalesce({operation.value} = 'delete', false)"
    reason = _first(_reasons(columns))
    if operation is not None:
        reason = f"case when {is_delete} then {_first(_reasons(columns, is_delete=True))} else {reason} end"
    used = [item for item in columns if item.is_used]
    told = values if operation is None else values | {operation.name: operation.value}
    selected = ",\n".join(f"{sql} as {quote(name)}" for name, sql in told.items())
    joins = "\n".join(f"left join {item.dictionary} on {item.dictionary}.raw = {item.raw}" for item in used)
    con.execute(f"""
        create or replace temp table {TYPED} as
        with valued as (
            select delivered.{quote(LINE_NO)} as line_no,
                   {selected},
                   {_notes([f"{item.dictionary}.note" for item in used if item.has_notes])} as notes,
                   {is_delete} as is_delete,
                   {reason} as reason
            from {DELIVERED} as delivered
            {joins}
        ), keyed as (
            select *, {record_key(feed, columns)} as record_key, {row_hash(list(values))} as row_hash from valued
        )
        select keyed.*, case when is_delete then if(base.record_key is null, 'unchanged', 'ended')
                             when base.record_key is null then 'new' when base.row_hash = keyed.row_hash then 'unchanged'
                             else 'changed' end as change_code,
               case when base.row_hash = keyed.row_hash then base.since_delivery_id end as since_delivery_id
        from keyed left join {BASE} as base on base.record_key = keyed.record_key
    """)


def delivered_columns(con: Connection) -> list[str]:
    """SQL of the texts of a delivered row, in the order of the file."""
    ours = (LINE_NO, REJECT_REASON, REJECT_TEXT)
    names = [row[0] for row in con.execute(f"describe {DELIVERED}").fetchall()]
    return [f"delivered.{quote_name(name)}" for name in names if name not in ours]


def record_key(feed: Feed, columns: list[TypedColumn]) -> str:
    """SQL of the record key: ``<feed>:`` and the key values; null when one of them is missing."""
    keys = [f"cast({quote(item.name)} as varchar)" for item in columns if item.column.is_key]
    if len(keys) > 1:  # a separator inside a value must not make two keys one
        keys = [f"replace(replace({key}, '\\', '\\\\'), '{KEY_SEPARATOR}', '\\{KEY_SEPARATOR}')" for key in keys]
    return " || ".join([literal(feed.name + ":"), f" || '{KEY_SEPARATOR}' || ".join(keys)])


def row_hash(names: list[str]) -> str:
    """SQL of the hash of a row's typed values. Columns that are all null in a later layout do not disturb it."""
    return f"hash({', '.join(map(quote, sorted(names)))})"


def _reasons(columns: list[TypedColumn], *, is_delete: bool = False) -> list[str]:
    """SQL of everything that sets a row aside, in the order in which it is told; of a delete only what its key says."""
    reasons = [f"':' || delivered.{REJECT_REASON}"]
    # Told first: what else is wrong in the row of an organisation needs no mending.
    reasons += [
        _when(f"{item.value} = {literal(ORGANISATION)}", item, NO_PERSON)
        for item in columns
        if item.name == SUBJECT and not is_delete
    ]
    for item in columns:
        if is_delete and not item.column.is_key:
            continue
        if item.kind is None:
            reasons.append(_when(f"contains({item.raw}, '{REPLACEMENT}')", item, "illegal_byte"))
        if item.column.is_required:
            reasons.append(_when(item.is_missing, item, "missing"))
        if item.has_reasons:
            reasons.append(f"{item.dictionary}.reason")
        if item.column.is_key:
            noted = f"when {item.dictionary}.note is not null and {item.value} is null then {item.dictionary}.note"
            reasons.append(_when(f"{item.value} is null", item, "bad_key", first=noted if item.has_notes else ""))
    return reasons


def _when(condition: str, item: TypedColumn, reason: str, first: str = "") -> str:
    return f"case {first} when {condition} then {literal(f'{item.name}:{reason}')} end"


def _notes(notes: list[str]) -> str:
    if not notes:
        return "cast([] as varchar[])"
    listed = ", ".join(notes)
    return f"""case when {_first(notes)} is null then cast([] as varchar[])
                        else list_filter([{listed}], lambda note: note is not null) end"""


def _first(expressions: list[str]) -> str:
    return f"coalesce({', '.join(expressions)}, cast(null as varchar))"
