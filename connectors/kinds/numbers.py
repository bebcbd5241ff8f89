"""Whole numbers and flags."""

from __future__ import annotations

from connectors.kinds.kind import Kind, latin, missing_words

_WHOLE = "-?[0-9]{1,18}"
_YES = "('1', 'true', 'TRUE', 'بله', 'بلی')"
_NO = "('0', 'false', 'FALSE', 'خیر')"


def whole_number() -> Kind:
    """Whole numbers; thousands separators and a zero fraction are only a way of writing them."""
    value = f"case when regexp_full_match(text, '{_WHOLE}') then try_cast(text as bigint) end"
    return Kind("bigint", plain=f"regexp_full_match(raw, '{_WHOLE}')", query=_typed("bigint", value, "bad_number"))


def flag() -> Kind:
    """Yes or no."""
    value = f"case when text in {_YES} then true when text in {_NO} then false end"
    return Kind("boolean", plain="raw in ('true', 'false')", query=_typed("boolean", value, "bad_flag"))


def _typed(kind: str, value: str, failure: str) -> str:
    return f"""
        with trimmed as (
            select raw, {latin("trim(raw)")} as trimmed from texts
        ), cleaned as (
            select raw, trimmed, regexp_replace(regexp_replace(trimmed, '[,٬،\\s]', '', 'g'),
                                                '^(-?[0-9]+)[.]0+$', '\\1') as text
            from trimmed
        ), valued as (
            select raw, trimmed in {missing_words()} as is_missing, {value} as value from cleaned
        )
        select raw, cast(value as {kind}) as value,
               case when value is null and not is_missing then '{failure}' end as failure,
               cast(null as varchar) as note, is_missing, cast(null as varchar) as extra
        from valued
    """
