"""National codes: ten digits with a check digit, restored where certain (cases D11, S05).

Source: facts 1.1. Check: r = sum of digit i times (10 - i) over the first nine, modulo 11; the last digit is r when r < 2,
else 11 - r. All ten same-digit codes and some typed dummies pass the arithmetic; they are refused by rule.
"""

from __future__ import annotations

from connectors.kinds.kind import Kind, latin, missing_words

# Typed dummies that pass the check digit (facts 1.1). Same-digit codes and codes whose middle six are zero go by rule.
DUMMIES = ("0123456789", "1234567891", "9876543210", "1000000001")
LENGTH = 10
SHORTEST = 8  # two leading zeros lost at most; shorter numbers are not plausible

_BLANKS = r"[\s\-\x{2010}-\x{2015}_\x{a0}\x{200b}-\x{200f}]"


def check_passes(number: str) -> str:
    """SQL: whether the ten digits of a number satisfy the check digit.

    The weighted sum of all ten is then a multiple of 11; only where the check digit stands for a remainder of 1 is it 2.
    """
    total = " + ".join(f"{number} // {10 ** (9 - i)} % 10 * {10 - i}" for i in range(LENGTH))
    return f"(case ({total}) % 11 when 0 then true when 2 then {number} % 10 = 1 else false end)"


def is_dummy(number: str) -> str:
    """SQL: whether a number is a known placeholder, whatever its check digit says."""
    listed = ", ".join(str(int(dummy)) for dummy in DUMMIES)
    return f"({number} in ({listed}) or {number} // 10 % 1000000 = 0 or {number} % 1111111111 = 0)"


def national_code() -> Kind:
    """Columns: value, the valid code; extra, the ten digits as claimed, also where only the check digit is wrong."""
    return Kind(
        type="varchar",
        plain=f"regexp_full_match(raw, '[0-9]{{{LENGTH}}}') and {check_passes('number')} and not {is_dummy('number')}",
        extra_suffix="_claimed",
        is_plain_extra=True,
        query=f"""
            with cleaned as (
                select raw, {latin("trim(raw)")} as text from texts
            ), spelled as (
                select raw, text,
                       regexp_replace(text, '{_BLANKS}', '', 'g') as packed,
                       regexp_extract(text, '^([0-9])[.]?([0-9]*)[eE][+]?0*([0-9]{{1,2}})$',
                                      ['lead', 'fraction', 'exponent']) as science
                from cleaned
            ), digits as (
                select raw, text,
                       case when regexp_full_match(packed, '[0-9]+') then packed
                            when regexp_full_match(packed, '[0-9]+[.]0+') then split_part(packed, '.', 1)
                            when science.lead <> '' and length(science.fraction) >= try_cast(science.exponent as integer)
                             and regexp_full_match(substr(science.fraction, try_cast(science.exponent as integer) + 1), '0*')
                            then science.lead || substr(science.fraction, 1, try_cast(science.exponent as integer))
                       end as digits,
                       case when science.lead <> '' then 'restored_scientific'
                            when regexp_full_match(packed, '[0-9]+[.]0+') then 'restored_number'
                            when raw <> packed then 'restored_form' end as form_note
                from spelled
            ), padded as (
                select raw, text, digits, form_note, length(digits) as digit_count,
                       case when length(digits) between {SHORTEST} and {LENGTH} then lpad(digits, {LENGTH}, '0') end as code
                from digits
            ), counted as (
                select *, try_cast(code as bigint) as number from padded
            ), judged as (
                select raw, digits, code, digit_count, form_note,
                       text in {missing_words()} or regexp_full_match(digits, '0{{1,{SHORTEST - 1}}}') as is_missing,
                       case when form_note = 'restored_scientific' and digits is null then 'lost_digits'
                            when digits is null then 'not_digits'
                            when code is null then 'length'
                            when {is_dummy("number")} then 'dummy'
                            when {check_passes("number")} then null
                            when digit_count < {LENGTH} then 'length'
                            else 'check_digit' end as failure
                from counted
            )
            select raw,
                   case when failure is null then code end as value,
                   case when not coalesce(is_missing, false) then failure end as failure,
                   case when failure is not null then null when digit_count < {LENGTH} then 'restored_zeros'
                        else form_note end as note,
                   coalesce(is_missing, false) as is_missing,
                   case when failure is null or failure = 'check_digit' then code end as extra
            from judged
        """,
    )
