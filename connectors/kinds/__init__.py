"""Kinds: how the texts of one kind of column become typed values. SQL only; nothing here reads a file.

Each distinct text is typed once: ``Kind.query`` works on the dictionary of a column's texts, not on its rows.
"""

from __future__ import annotations

from datetime import date

from connectors.kinds.codes import code
from connectors.kinds.dates import PAST_ROLES, Calendars, day, month
from connectors.kinds.identifiers import foreign_id, iban, mobile_no, postal_code, shaped
from connectors.kinds.kind import Kind
from connectors.kinds.national_codes import national_code
from connectors.kinds.numbers import flag, whole_number
from schemas.feed import Column, Layout

__all__ = ["Calendars", "Kind", "kind_of"]

_ROLES = {
    "national_code": national_code,
    "postal_code": postal_code,
    "mobile_no": mobile_no,
    "foreign_id": foreign_id,
    "iban": iban,
}


def kind_of(column: Column, layout: Layout, business_date: date) -> Kind | None:
    """The kind of a contract's column; None for plain text, which is taken as it stands."""
    if column.shape:
        return shaped(column.shape)
    if column.field.role in _ROLES:
        return _ROLES[column.field.role]()
    match column.field.type:
        case "code":
            return code(column.codes)
        case "int":
            return whole_number()
        case "bool":
            return flag()
        case "date":
            return day(_calendars(column, layout, business_date), is_past=column.field.role in PAST_ROLES)
        case "month":
            return month(_calendars(column, layout, business_date))
    return None


def _calendars(column: Column, layout: Layout, business_date: date) -> Calendars:
    return Calendars(column.date_format or "", business_date, is_spreadsheet=layout.format.kind == "excel")
