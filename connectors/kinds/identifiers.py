"""Postal codes, mobile numbers, foreigners' codes: shapes only, for none has a check digit; and IBANs, which have one (facts
1.3, 1.5, 1.6)."""

from __future__ import annotations

from connectors.kinds.kind import Kind, latin, missing_words
from hub.duck import literal

_BLANKS = r"[\s\-\x{2010}-\x{2015}_\x{a0}\x{200b}-\x{200f}]"
_MARKS = "[().+/]"
# A number repeated to the end, counted from the given character: 1111111111, 09000000000.
_REPEATED = "replace(substr({text}, {start}), substr({text}, {start}, 1), '') = ''"
MOBILE_DUMMIES = ("09123456789", "09121234567")


def postal_code() -> Kind:
    """Ten digits, none leading zero. Stricter public shapes are no law (facts 1.5), so they refuse nothing here."""
    return _digits_only("[1-9][0-9]{9}", "packed")


def foreign_id() -> Kind:
    """Ten to twelve digits: FIDA, Yekta and the comprehensive code are one idea with several lengths."""
    return _digits_only("[0-9]{10,12}", "packed")


def mobile_no() -> Kind:
    """Written as 09 and nine digits, whatever prefix it came with."""
    value = r"'0' || nullif(regexp_extract(packed, '^(?:[+]98|0098|98|0)?(9[0-9]{9})$', 1), '')"
    return _digits_only("09[0-9]{9}", value, repeated_from=3, dummies=MOBILE_DUMMIES)


def shaped(pattern: str) -> Kind:
    """Whatever has the shape that a contract gives, as it is written or without its blanks and marks, which do not count, as
    case does not. No dummies are known of it."""
    return Kind(
        type="varchar",
        plain="false",
        query=f"""
            with packed as (
                select raw, {latin("trim(raw)")} as text,
                       upper(regexp_replace(regexp_replace(regexp_replace({latin("trim(raw)")}, '{_BLANKS}', '', 'g'),
                                                           '^([0-9]+)[.]0+$', '\\1'), '{_MARKS}', '', 'g')) as value
                from texts
            ), judged as (
                select *, text in {missing_words()} as is_missing,
                       regexp_full_match(value, {literal(pattern)}, 'i')
                           or regexp_full_match(text, {literal(pattern)}, 'i') as is_fitting
                from packed
            )
            select raw, case when is_fitting and not is_missing then value end as value,
                   case when not is_fitting and not is_missing then 'shape' end as failure,
                   cast(null as varchar) as note, is_missing, cast(null as varchar) as extra
            from judged
        """,
    )


def iban() -> Kind:
    """Iranian accounts: IR, two check digits, 22 digits. Source: ISO 13616, remainder 1 modulo 97 with IR00 at the end."""
    return Kind(
        type="varchar",
        plain="false",
        query=f"""
            with packed as (
                select raw, {latin("trim(raw)")} as text,
                       upper(regexp_replace({latin("trim(raw)")}, '{_BLANKS}', '', 'g')) as packed
                from texts
            ), spelled as (
                select raw, text in {missing_words()} as is_missing,
                       case when regexp_full_match(packed, '[0-9]{{24}}') then 'IR' || packed else packed end as value
                from packed
            ), judged as (
                select *, case when is_missing then null
                               when not regexp_full_match(value, 'IR[0-9]{{24}}') then 'shape'
                               when try_cast(substr(value, 5) || '1827' || substr(value, 3, 2) as hugeint) % 97 <> 1
                               then 'check_digit' end as failure
                from spelled
            )
            select raw, case when failure is null and not is_missing then value end as value, failure,
                   cast(null as varchar) as note, is_missing, cast(null as varchar) as extra
            from judged
        """,
    )


def _digits_only(shape: str, value: str, *, repeated_from: int = 1, dummies: tuple[str, ...] = ()) -> Kind:
    def is_dummy(text: str) -> str:
        listed = "".join(f" or {text} = '{dummy}'" for dummy in dummies)
        return f"({_REPEATED.format(text=text, start=repeated_from)}{listed})"

    return Kind(
        type="varchar",
        plain=f"regexp_full_match(raw, '{shape}') and not {is_dummy('raw')}",
        query=f"""
            with packed as (
                select raw, {latin("trim(raw)")} as text,
                       regexp_replace(regexp_replace({latin("trim(raw)")}, '{_BLANKS}', '', 'g'),
                                      '^([0-9]+)[.]0+$', '\\1') as packed
                from texts
            ), valued as (
                select raw, text in {missing_words()} or regexp_full_match(packed, '0{{1,9}}') as is_missing,
                       {value} as value
                from packed
            ), judged as (
                select *, case when is_missing then null
                               when not regexp_full_match(coalesce(value, ''), '{shape}') then
                                    case when {is_dummy("value")} then 'dummy' else 'shape' end
                               when {is_dummy("value")} then 'dummy' end as failure
                from valued
            )
            select raw, case when failure is null and not is_missing then value end as value, failure,
                   cast(null as varchar) as note, is_missing, cast(null as varchar) as extra
            from judged
        """,
    )
