"""Typing a delivery: raw rows become typed rows by the contract, in set-based SQL.

Tables in the connection, in order: ``delivered`` (raw rows), ``dictionary_<n>`` (each distinct text of a column, typed
once), ``typed`` (one row per raw row: values, notes, why it cannot stay).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.kinds import Kind, kind_of
from connectors.kinds.kind import latin, missing_words
from connectors.readers import LINE_NO
from hub.duck import Connection, literal, quote
from schemas.feed import Column, Feed, Layout

DELIVERED = "delivered"
TYPED = "typed"
KEY_SEPARATOR = "|"
_REPLACEMENT = "\ufffd"  # what a decoder leaves where bytes made no text


@dataclass(frozen=True)
class TypedColumn:
    """A contract's column, the kind of its values, and the dictionary of its texts."""

    column: Column
    kind: Kind | None
    dictionary: str

    @property
    def name(self) -> str:
        """Our name."""
        return self.column.name

    @property
    def raw(self) -> str:
        """SQL of the delivered text."""
        return f"delivered.{quote(self.column.source)}"

    @property
    def value(self) -> str:
        """SQL of the typed value."""
        if self.kind is None:
            text = f"trim({self.raw})"
            text = latin(text) if self.name.endswith("_no") or self.column.is_key else text
            return f"case when trim({self.raw}) in {missing_words()} then null else {text} end"
        if self.kind.plain == "false":
            return f"{self.dictionary}.value"
        plain = f"cast({self.raw} as {self.kind.type})"
        return f"case when {self.dictionary}.raw is null then {plain} else {self.dictionary}.value end"

    @property
    def extra(self) -> tuple[str, str] | None:
        """Name and SQL of the column beside the value, where the kind has one and the feed declares it."""
        if self.kind is None or not self.kind.extra_suffix:
            return None
        extra = f"{self.dictionary}.extra"
        if self.kind.is_plain_extra:
            extra = f"case when {self.dictionary}.raw is null then {self.raw} else {extra} end"
        return self.name + self.kind.extra_suffix, extra

    @property
    def is_missing(self) -> str:
        """SQL: whether the agency gave nothing."""
        if self.kind is None:
            return f"coalesce(trim({self.raw}) in {missing_words()}, true)"
        return f"({self.raw} is null or coalesce({self.dictionary}.is_missing, false))"


def typed_columns(layout: Layout, business_date: date) -> list[TypedColumn]:
    """The columns of a layout with their kinds, in the contract's order."""
    return [
        TypedColumn(column, kind_of(column, layout, business_date), f"dictionary_{number}")
        for number, column in enumerate(layout.columns)
    ]


def make_dictionaries(con: Connection, columns: list[TypedColumn]) -> None:
    """Type each distinct text of each column once. Grain: raw. ``row_count``: rows that hold the text."""
    for item in columns:
        if item.kind is None:
            continue
        stops = item.column.field.invalid == "quarantine"
        prefix = literal(item.name + ":")
        con.execute(f"""
            create or replace temp table {item.dictionary} as
            with counted as (
                select raw, count(*) as row_count from (select {item.raw} as raw from {DELIVERED})
                where raw is not null and ({item.kind.plain}) is not true group by raw
            ), texts as (
                select raw from counted
            ), judged as ({item.kind.query})
            select judged.raw, judged.value, judged.is_missing, judged.extra, counted.row_count, judged.failure,
                   {prefix} || {"judged.failure" if stops else "cast(null as varchar)"} as reason,
                   {prefix} || {"judged.note" if stops else "coalesce(judged.note, judged.failure)"} as note
            from judged join counted using (raw)
        """)


def value_columns(feed: Feed, columns: list[TypedColumn]) -> dict[str, str]:
    """Every column that typing fills, with its SQL: the contract's, then those beside them."""
    declared = feed.staging_table.columns
    values = {item.name: item.value for item in columns}
    return values | {extra[0]: extra[1] for item in columns if (extra := item.extra) and extra[0] in declared}


def make_typed(con: Connection, feed: Feed, columns: list[TypedColumn]) -> None:
    """Type all rows. Columns: line_no, record_key, row_hash, every column of the feed, notes, reason (null: valid)."""
    values = value_columns(feed, columns)
    kinds = [item for item in columns if item.kind is not None]
    selected = ",\n".join(f"{sql} as {quote(name)}" for name, sql in values.items())
    joins = "\n".join(f"left join {item.dictionary} on {item.dictionary}.raw = {item.raw}" for item in kinds)
    con.execute(f"""
        create or replace temp table {TYPED} as
        with valued as (
            select delivered.{quote(LINE_NO)} as line_no,
                   {selected},
                   {_notes([f"{item.dictionary}.note" for item in kinds])} as notes,
                   {_first(_reasons(columns))} as reason
            from {DELIVERED} as delivered
            {joins}
        )
        select line_no, {record_key(feed, columns)} as record_key, {row_hash(list(values))} as row_hash,
               {", ".join(map(quote, values))}, notes, reason
        from valued
    """)


def record_key(feed: Feed, columns: list[TypedColumn]) -> str:
    """SQL of the record key: ``<feed>:`` and the key values; null when one of them is missing."""
    keys = [f"cast({quote(item.name)} as varchar)" for item in columns if item.column.is_key]
    if len(keys) > 1:  # a separator inside a value must not make two keys one
        keys = [f"replace(replace({key}, '\\', '\\\\'), '{KEY_SEPARATOR}', '\\{KEY_SEPARATOR}')" for key in keys]
    return " || ".join([literal(feed.name + ":"), f" || '{KEY_SEPARATOR}' || ".join(keys)])


def row_hash(names: list[str]) -> str:
    """SQL of the hash of a row's typed values. Columns that are all null in a later layout do not disturb it."""
    return f"hash({', '.join(map(quote, sorted(names)))})"


def _reasons(columns: list[TypedColumn]) -> list[str]:
    texts = ", ".join(item.raw for item in columns)
    illegal = ", ".join(
        f"case when contains({item.raw}, '{_REPLACEMENT}') then {literal(item.name + ':illegal_byte')} end"
        for item in columns
    )
    reasons = [f"case when contains(concat_ws(' ', {texts}), '{_REPLACEMENT}') then coalesce({illegal}) end"]
    for item in columns:
        if item.column.is_required:
            reasons.append(f"case when {item.is_missing} then {literal(item.name + ':missing')} end")
        if item.kind is not None and item.column.field.invalid == "quarantine":
            reasons.append(f"{item.dictionary}.reason")
        if item.column.is_key:
            why = literal(item.name + ":bad_key")
            why = why if item.kind is None else f"coalesce({item.dictionary}.note, {why})"
            reasons.append(f"case when {item.value} is null then {why} end")
    return reasons


def _notes(notes: list[str]) -> str:
    listed = ", ".join(notes)
    return f"""case when {_first(notes)} is null then cast([] as varchar[])
                        else list_filter([{listed}], lambda note: note is not null) end"""


def _first(expressions: list[str]) -> str:
    return f"coalesce({', '.join(expressions)}, cast(null as varchar))"
