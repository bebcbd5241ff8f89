"""Facts of a pair: how two records compare, each told once and by name. The rules (``matching.scorer``) speak of these.

A rule that told the same condition wherever it asks for it would be a hundred times as long, and databases read slower than
they compare.
"""

from __future__ import annotations

import re
from enum import IntEnum

from matching.comparisons import (
    KNOWN_PARTS,
    SAME_GREGORIAN_YEAR,
    SAME_HOME,
    SHORTEST_PART,
    SWAPPED,
    SWAPPED_PARTS,
    TWO_PARTS,
    near,
    same_part,
    two_scripts,
    typed_error,
)
from matching.levels import aliased

SHORTEST_PIECE = 2  # letters of a name that suffice beside an equal code
# Columns of which it is only asked whether both records tell the same; null where one of them tells nothing.
SAME = {
    "is_same_record": "record_hash",
    "is_same_sex": "sex_code",
    "is_same_code": "national_code",
    "is_same_foreign_id": "foreign_id",
    "is_same_passport": "passport_no",
    "is_same_certificate": "birth_certificate_key",
}


class NameLevel(IntEnum):
    """How alike two names are, from best to worst.

    SAME: letter by letter. SOUND: spelt otherwise. SHORTENED: a part was dropped that is long enough to be a name, or the
    initial is left: سام is not short for سامان. PART: any whole part was dropped; no letter is wrong. MISTYPED: typed
    errors. PIECE: one begins or ends with the other, be that so short that it fits many; in two scripts, which write vowels
    each in its own way, the sounds do, or the consonants (of given names all). UNKNOWN: one of them is not told.
    """

    SAME = 0
    SOUND = 1
    SHORTENED = 2
    PART = 3
    MISTYPED = 4
    PIECE = 5
    OTHER = 6
    UNKNOWN = 7


class BirthLevel(IntEnum):
    """How births agree.

    AGREES: as far as they are told, but for one part, or with month and day in each other's place. OTHER: not, or too little
    is told.
    """

    SAME = 0
    AGREES = 1
    OTHER = 2


def _true(sql: str) -> str:
    # A case looks at the next condition only for the rows that still need it; an or computes all of them for every row.
    return f"case when {aliased(sql)} then true else false end"


def _consonants(name: str) -> str:
    return f"translate({name}, 'avy', '')"


def _sounds_swapped() -> str:
    """Given name and surname in each other's place in two scripts, of which one writes vowels that the other leaves out.
    Where both names have one sound, as those of Hasan Hosseini, nothing tells that."""
    crossed = (("given_name_phonetic_l", "surname_phonetic_r"), ("surname_phonetic_l", "given_name_phonetic_r"))
    sounds = " and ".join(f"{_consonants(a)} = {_consonants(b)}" for a, b in crossed)
    are_two = f"{_consonants('given_name_phonetic_l')} <> {_consonants('surname_phonetic_l')}"
    return f"{two_scripts('given_name')} and {two_scripts('surname')} and {sounds} and {are_two}"


def _piece(left: str, right: str) -> str:
    ends = " or ".join(f"{f}({a}, {b})" for f in ("starts_with", "ends_with") for a, b in ((left, right), (right, left)))
    return f"least(length({left}), length({right})) >= {SHORTEST_PIECE} and ({ends})"


def _piece_by_sound(name: str) -> str:
    """Brothers and sisters are told apart by their given names alone, and many of these share consonants (محمد, حمید, احمد;
    امیر, مریم): so all must be the same there, and the first sound, which all scripts write."""
    sounds = left, right = f"{name}_phonetic_l", f"{name}_phonetic_r"
    consonants = tuple(map(_consonants, sounds))
    by_consonants = _piece(*consonants)
    if name == "given_name":
        by_consonants += f" and {' = '.join(consonants)} and left({left}, 1) = left({right}, 1)"
    return f"({_piece(*sounds)} or {by_consonants})"


def _name_level(name: str) -> str:
    key_l, key_r = f"{name}_key_l", f"{name}_key_r"
    is_long = f"abs(length({key_l}) - length({key_r})) >= {SHORTEST_PART} or least(length({key_l}), length({key_r})) = 1"
    is_piece = f"({_piece(key_l, key_r)} or {two_scripts(name)} and {_piece_by_sound(name)})"
    return aliased(
        f"""case when {key_l} is null or {key_r} is null then {NameLevel.UNKNOWN:d}
                 when {key_l} = {key_r} then {NameLevel.SAME:d}
                 when {name}_phonetic_l = {name}_phonetic_r then {NameLevel.SOUND:d}
                 when {same_part(name)} then case when {is_long} then {NameLevel.SHORTENED:d} else {NameLevel.PART:d} end
                 when {typed_error(name)} then {NameLevel.MISTYPED:d}
                 when {near(name)} then {NameLevel.MISTYPED:d}
                 when {is_piece} then {NameLevel.PIECE:d}
                 else {NameLevel.OTHER:d} end"""
    )


def _birth_level() -> str:
    return aliased(
        f"""case when birth_date_l = birth_date_r then {BirthLevel.SAME:d}
                 when ({KNOWN_PARTS}) or {SAME_GREGORIAN_YEAR} or {TWO_PARTS} or {SWAPPED_PARTS} then {BirthLevel.AGREES:d}
                 else {BirthLevel.OTHER:d} end"""
    )


# By name, SQL over two records under the aliases l and r with the columns of linkage.person_record; beside these
# ``is_verified``, ``is_registry`` and ``given_name_count`` (families, by surname, with that key, in the registry where there
# is one). years_apart is null where a birth year is.
FACTS = (
    {name: aliased(f"{column}_l = {column}_r") for name, column in SAME.items()}
    | {f"{name}_level": _name_level(name) for name in ("given_name", "surname", "father_name")}
    | {
        "birth_level": _birth_level(),
        "years_apart": "abs(l.birth_year - r.birth_year)",
        "are_days_told": "l.birth_date is not null and r.birth_date is not null",
        "is_swapped": _true(f"({SWAPPED}) or {_sounds_swapped()}"),
        "is_same_home": _true(SAME_HOME),
        "is_crossed": _true("given_name_key_l = father_name_key_r and father_name_key_l = given_name_key_r"),
        "is_parents_name": _true("given_name_key_l = father_name_key_r or father_name_key_l = given_name_key_r"),
        "are_verified": "l.is_verified and r.is_verified",
        "is_one_verified": "l.is_verified <> r.is_verified",
        "are_registered": "l.is_registry and r.is_registry",
        "rarer_name_count": "least(l.given_name_count, r.given_name_count)",
        "commoner_name_count": "greatest(l.given_name_count, r.given_name_count)",
    }
)
_NAMED = re.compile(rf"\b({'|'.join(FACTS)})\b")


def facts(*conditions: str) -> str:
    """SQL of the facts that these conditions name, as columns."""
    named = {name for condition in conditions for name in _NAMED.findall(condition)}
    return ", ".join(f"{sql} as {name}" for name, sql in FACTS.items() if name in named)
