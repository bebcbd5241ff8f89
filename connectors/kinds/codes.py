"""Code lists: the agency's codes become our words; a code that the contract does not list is an error of the row."""

from __future__ import annotations

import re

from connectors.kinds.kind import Kind, latin, missing_words
from hub.duck import literal
from schemas.feed import UNKNOWN_CODE

_LETTERS = str.maketrans("يىك", "ییک")
_ZEROS = re.compile(r"^0+(?=[0-9])")


def code(codes: dict[str, str]) -> Kind:
    """The contract's enum. Digits and letters may come the Arabic way; lost leading zeros are restored where certain.
    A code that stands for unknown is as good as an empty cell."""
    exact = {value.strip().translate(_LETTERS): word for value, word in codes.items()}
    numbers = _without_zeros(exact)
    return Kind(
        type="varchar",
        plain="false",
        query=f"""
            with exact(code, word) as (values {_values(exact)}),
            numbers(code, word) as (values {_values(numbers)}),
            cleaned as (
                select raw, translate({latin("trim(raw)")}, 'يىك', 'ییک') as text from texts
            ), found as (
                select raw, text, coalesce(exact.word, numbers.word) as word
                from cleaned
                left join exact on exact.code = text
                left join numbers on numbers.code = regexp_replace(regexp_replace(text, '[.]0+$', ''), '^0+([0-9])', '\\1')
            )
            select raw, nullif(word, {literal(UNKNOWN_CODE)}) as value,
                   case when word is null and text not in {missing_words()} then 'unknown_code' end as failure,
                   cast(null as varchar) as note,
                   coalesce(word = {literal(UNKNOWN_CODE)}, text in {missing_words()}) as is_missing,
                   cast(null as varchar) as extra
            from found
        """,
    )


def _without_zeros(exact: dict[str, str]) -> dict[str, str]:
    """Numeric codes without leading zeros, where no two of them become one."""
    words: dict[str, set[str]] = {}
    for value, word in exact.items():
        if value.isascii() and value.isdigit():
            words.setdefault(_ZEROS.sub("", value), set()).add(word)
    return {value: next(iter(found)) for value, found in words.items() if len(found) == 1}


def _values(words: dict[str, str]) -> str:
    pairs = words or {" ": ""}  # texts are trimmed, so this matches nothing
    return ", ".join(f"({literal(value)}, {literal(word)})" for value, word in sorted(pairs.items()))
