"""What columns mean in each other's light, where header and values of one alone leave it open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from connectors.drafting.code_lists import sexes
from connectors.drafting.headers import is_of_another
from connectors.drafting.keys import OWN_NUMBERS
from connectors.drafting.meanings import Meaning
from connectors.drafting.own_shapes import LEAST_VALUES, own_shape
from connectors.drafting.shapes import PLAIN_SHARE, SERIAL, Shape, is_fit
from connectors.readers.jsonl import SEPARATOR as JSON_SEPARATOR
from schemas.fields import field_dictionary
from schemas.layouts import NEEDED_FIELDS

LEAST_NAMES = 10
"""Fewer known given names beside a code tell nothing of what the column is."""
_IRANS_TELEPHONE = re.compile(r"(?:0098|98|0)?[1-9]\d{9}|[1-9]\d{3,7}")
"""A number with its province's code, with or without what stands before that, or one inside a town."""
FULL_SHARE = 0.95
"""A first day of cover is filled in nearly every row; nearly every number is written without blanks."""


def second_look(
    found: list[Meaning], rows: pa.Table, shapes: Mapping[str, Shape], lists: Sequence[str], *, is_insurer: bool
) -> list[Meaning]:
    """Map columns that others explain: whole names where none are surnames, a sex beside given names, a telephone beside
    another country's numbers, the agency's own number, the first day of cover.

    Args:
        lists: paths of lists inside records; a number in one is of what the list holds, not of the record.
    """
    found = _telephone(_sex(_whole_name(found, rows), rows, shapes), rows, shapes)
    places = tuple(f"{path}{JSON_SEPARATOR}" for path in lists)
    of_record = {source: shape for source, shape in shapes.items() if not source.startswith(places)}
    if is_insurer:
        found = _days_of_cover(_member_no(found, of_record), shapes)
    return found if _has_own_key(found, of_record) else _own_number(found, of_record, "record_no")


def with_one(found: list[Meaning], shapes: Mapping[str, Shape]) -> list[Meaning]:
    """The columns, one of them mapped where none is, since a contract without any cannot be loaded."""
    if any(each.field is not None for each in found):
        return found
    most = max(found, key=lambda each: shapes[each.source].distinct_count)
    return _mapped(found, most.source, "record_no", "nothing is known of any column, and a contract needs one: CHECK")


def is_cover(found: Sequence[Meaning]) -> bool:
    """Whether columns hold what an insurer's feed needs."""
    return all(_source(found, name) for name in NEEDED_FIELDS["insurer"])


def _whole_name(found: list[Meaning], rows: pa.Table) -> list[Meaning]:
    """A name of several words, where nothing is a surname, is a whole name."""
    names = _source(found, "given_name")
    if names is None or any(_source(found, name) for name in ("surname", "full_name")):
        return found
    told = [text for text in rows.column(names).to_pylist() if text and text.strip()]
    if 2 * sum(len(text.split()) > 1 for text in told) < len(told):
        return found
    return _mapped(found, names, "full_name", "most of its values are several words, and no column is of surnames: CHECK")


def _sex(found: list[Meaning], rows: pa.Table, shapes: Mapping[str, Shape]) -> list[Meaning]:
    names = _source(found, "given_name")
    if names is None or _source(found, "sex_code"):
        return found
    for each in found:
        if each.field is None and len(shapes[each.source].codes) == 2:
            told = sexes(rows.column(each.source), rows.column(names), LEAST_NAMES)
            if set(told.values()) == {"male", "female"}:
                why = "known given names beside one of its values are men's, beside the other women's"
                return _mapped(found, each.source, "sex_code", why)
    return found


def _telephone(found: list[Meaning], rows: pa.Table, shapes: Mapping[str, Shape]) -> list[Meaning]:
    """Beside another country's numbers, or of another country itself, a telephone is its person's, as a mobile is; Iran's
    landlines are households'."""
    source = _source(found, "phone_no")
    has_numbers = any(each.own_shape for each in found)
    if source is None or _source(found, "mobile_no") or not (has_numbers or _is_foreign(rows.column(source))):
        return found
    own = own_shape("mobile_no", shapes[source].looks, shapes[source].filled_count, is_abroad=True)
    if own is None:
        return found
    said = "a telephone beside another country's numbers" if has_numbers else "most are no telephone numbers of Iran"
    why = f"{said}; {own.share:.0%} of its values look as {own.pattern}: CHECK"
    found = _mapped(found, source, "mobile_no", why)
    return [replace(each, own_shape=own) if each.source == source else each for each in found]


def _is_foreign(telephones: pa.ChunkedArray) -> bool:
    """Whether most telephone numbers are as none of Iran is written."""
    numbers = ["".join(str(int(sign)) for sign in text if sign.isdecimal()) for text in telephones.to_pylist() if text]
    told = [number for number in numbers if number]
    return len(told) >= LEAST_VALUES and 2 * sum(_IRANS_TELEPHONE.fullmatch(number) is None for number in told) > len(told)


def _member_no(found: list[Meaning], shapes: Mapping[str, Shape]) -> list[Meaning]:
    """An insurer's own number is a membership number, whatever it is called."""
    if _source(found, "member_no"):
        return found
    for name in ("case_no", "record_no", "insurance_no"):
        if source := _source(found, name):
            return _mapped(found, source, "member_no", f"an insurer's {name} is its membership number")
    return _own_number(found, shapes, "member_no")


def _days_of_cover(found: list[Meaning], shapes: Mapping[str, Shape]) -> list[Meaning]:
    days = [source for source, shape in shapes.items() if shape.date_share >= PLAIN_SHARE and shape.date_format != SERIAL]
    for name in ("cover_from_date", "cover_to_date"):
        free = [each for each in found if each.field is None and each.source in days]
        if name == "cover_from_date":
            free = [each for each in free if shapes[each.source].filled_share >= FULL_SHARE]
        if free and _source(found, name) is None:
            found = _mapped(
                found, free[0].source, name, "the first column of days that nothing else explains: a guess, CHECK"
            )
    return found


def _has_own_key(found: Sequence[Meaning], shapes: Mapping[str, Shape]) -> bool:
    """Whether a number of the agency's own is there that tells rows apart."""
    own = [each for each in found if each.field is not None and each.field.name in OWN_NUMBERS and each.field.role != "iban"]
    mine = [shapes[each.source] for each in own if each.source in shapes]
    return any(is_fit(shape.repeated_count, shape.row_count) for shape in mine)


def _own_number(found: list[Meaning], shapes: Mapping[str, Shape], name: str) -> list[Meaning]:
    """Where nothing is a number of the agency's own, a column that is unique is taken for one."""
    for each in found:
        if (shape := shapes.get(each.source)) is None:
            continue
        is_number = shape.token_share >= FULL_SHARE and shape.date_format in (None, SERIAL)
        is_named_otherwise = each.is_doubtful or is_of_another(each.source, name)
        if each.field is None and shape.is_unique and is_number and not is_named_otherwise and not shape.is_row_number:
            said = f"each of {shape.row_count} rows has its own value, so it may be the agency's number of the record: CHECK"
            return _mapped(found, each.source, name, said)
    return found


def _source(found: Sequence[Meaning], name: str) -> str | None:
    return next((each.source for each in found if each.field is not None and each.field.name == name), None)


def _mapped(found: list[Meaning], source: str, name: str, why: str) -> list[Meaning]:
    """Map a column; another one that had the name before has none now."""
    field = field_dictionary()[name]
    freed = Meaning(source, None, 0.0, (f"its header is a word for {name}, and {source} tells rows apart better",))
    return [
        replace(each, field=field, reasons=(why,))
        if each.source == source
        else replace(freed, source=each.source)
        if each.field == field
        else each
        for each in found
    ]
