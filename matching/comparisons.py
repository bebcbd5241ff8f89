"""Comparisons: how two records are compared, attribute by attribute, from best level to worst.

An imperfect agreement weighs by the term frequency of the commoner of the two names, as a perfect one does: so the better of
two candidates is better by what errors cost, whatever the name.

Names are compared by more than string distance: same key, same sound, a part dropped, given name and surname in each other's
place, typed errors. Dates are compared by their parts in both calendars, because an error of a Jalali digit is no error of
one Gregorian digit. What a household shares (postal code, address) is one comparison, so it is not counted twice; the
city counts only where neither is known, and the province only where the city is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

DIFFERS = "differs"
NEAR_NAME = 0.9  # Jaro-Winkler
NEAR_ADDRESS = 0.93  # Jaro-Winkler
SHORTEST_PART = 3  # letters of a name's part that may stand for the whole
SHORTEST_TWO_ERRORS = 6  # letters from which two typed errors still leave the name recognisable
ALIKE_LETTERS = 0.5  # Jaro-Winkler that so long names with two typed errors always reach


@dataclass(frozen=True)
class Level:
    """One comparison level: its label, the condition over ``<column>_l`` and ``<column>_r``, its term-frequency column."""

    label: str
    sql: str
    term_frequency: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One attribute: when nothing can be said (``unknown``), levels from best to worst; the rest is ``differs``.

    ``least_differs``: how often one person's records differ at the least, whatever the training data says: people move,
    change phones and hold several passports, though a young data set may not show it.
    """

    name: str
    unknown: str
    levels: tuple[Level, ...]
    least_differs: float = 5e-4

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of all levels that carry weight."""
        return (*(level.label for level in self.levels), DIFFERS)


def _either_null(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _shared(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)"


def _part_of(key_l: str, key_r: str) -> str:
    short = f"case when length({key_l}) <= length({key_r}) then {key_l} else {key_r} end"
    long = f"case when length({key_l}) <= length({key_r}) then {key_r} else {key_l} end"
    return (
        f"((length({short}) >= {SHORTEST_PART} and ends_with({long}, {short})) "
        f"or ((length({short}) = 1 or length({short}) >= {SHORTEST_PART}) and starts_with({long}, {short})))"
    )


def same_part(name: str) -> str:
    """One name is a whole part of the other, at its beginning or end, or its initial."""
    return _part_of(f"{name}_key_l", f"{name}_key_r")


def _one_error(left: str, right: str) -> str:
    """One error leaves an end as it is, but for two letters that are swapped: a look at the ends spares most distances."""
    ends = f"left({left}, 1) = left({right}, 1) or right({left}, 1) = right({right}, 1) or length({left}) <= 2"
    return f"(abs(length({left}) - length({right})) <= 1 and ({ends}) and damerau_levenshtein({left}, {right}) <= 1)"


def _two_errors(left: str, right: str) -> str:
    """Two errors in many letters: strings that are less alike than ALIKE_LETTERS have more, which is quicker to see."""
    is_long = f"least(length({left}), length({right})) >= {SHORTEST_TWO_ERRORS}"
    is_alike = f"jaro_winkler_similarity({left}, {right}) >= {ALIKE_LETTERS}"
    return f"({is_long} and {is_alike} and damerau_levenshtein({left}, {right}) <= 2)"


def typed_error(name: str) -> str:
    """One letter wrong, missing, doubled or two swapped. Distances are of one-byte letters: databases count bytes."""
    return _one_error(f"{name}_letters_l", f"{name}_letters_r")


def two_scripts(name: str) -> str:
    """One record writes the name in Latin letters, the other in others."""
    return f"(({name}_key_l = {name}_letters_l) <> ({name}_key_r = {name}_letters_r))"


def same_key(name: str) -> str:
    """The same name; in two scripts, which share no letters, the same sound."""
    return f"{name}_key_l = {name}_key_r or ({two_scripts(name)} and {name}_phonetic_l = {name}_phonetic_r)"


def near(name: str) -> str:
    """Two typed errors in a long name, nearly the same letters, or nearly the same sound in two scripts."""
    letters_l, letters_r = f"{name}_letters_l", f"{name}_letters_r"
    return (
        f"jaro_winkler_similarity({letters_l}, {letters_r}) >= {NEAR_NAME} or {_two_errors(letters_l, letters_r)} "
        f"or ({two_scripts(name)} and {_one_error(f'{name}_phonetic_l', f'{name}_phonetic_r')})"
    )


def _swapped() -> str:
    """Given name and surname in each other's place; a part of one may be missing."""
    crossed = (("given_name_key_l", "surname_key_r"), ("surname_key_l", "given_name_key_r"))
    whole = " or ".join(f"{a} = {b}" for a, b in crossed)
    letters = (("given_name_letters_l", "surname_letters_r"), ("surname_letters_l", "given_name_letters_r"))
    parts = " and ".join(
        f"({a} = {b} or {_part_of(a, b)} or {_one_error(x, y)})" for (a, b), (x, y) in zip(crossed, letters, strict=True)
    )
    return f"({whole}) and {parts}"


SWAPPED = _swapped()


def _name(name: str, *, can_be_swapped: bool) -> Comparison:
    key = f"{name}_key"
    swapped = (Level("swapped", SWAPPED),) if can_be_swapped else ()
    return Comparison(
        name,
        _either_null(key),
        (
            Level("same", same_key(name), key),
            *swapped,
            Level("same sound", _equal(f"{name}_phonetic"), f"{name}_phonetic"),
            Level("part dropped", same_part(name), key),
            Level("typed error", typed_error(name), key),
            Level("near", near(name)),
        ),
    )


def _wrong_digit(left: str, right: str) -> str:
    """The last digit alone differs, or it alone agrees, or the last two are in each other's place."""
    crossed = " and ".join(f"{a} % 10 = {b} // 10 % 10" for a, b in ((left, right), (right, left)))
    return f"({left} // 10 = {right} // 10 or ({left} - {right}) % 10 = 0 or {crossed})"


Sides = tuple[str, str]
"""A part of a date: of the left record, and of the right one."""


def _any_part(parts: Sequence[Sides], third: Callable[[str, str], str] | None = None) -> str:
    """Two parts of a date agree, and the other one is as ``third`` says."""
    agree = {other: " and ".join(f"{a} = {b}" for a, b in parts if (a, b) != other) for other in parts}
    return " or ".join(f"({two} and {third(*other)})" if third else f"({two})" for other, two in agree.items())


def _swapped_parts(parts: Sequence[Sides]) -> str:
    """One year; month and day in each other's place."""
    (year_l, year_r), (month_l, month_r), (day_l, day_r) = parts
    return f"({year_l} = {year_r} and {month_l} = {day_r} and {day_l} = {month_r})"


# An error of one calendar's digits is none of the other's, so each condition is asked for in both.
PARTS = ("year", "month", "day")
CALENDARS = (
    [(f"birth_{part}_l", f"birth_{part}_r") for part in PARTS],
    [(f"{part}(birth_date_l)", f"{part}(birth_date_r)") for part in PARTS],
)
TWO_PARTS = " or ".join(_any_part(parts) for parts in CALENDARS)
SWAPPED_PARTS = " or ".join(_swapped_parts(parts) for parts in CALENDARS)
WRONG_DIGIT = " or ".join(_any_part(parts, _wrong_digit) for parts in CALENDARS)
KNOWN_PARTS = (
    "(birth_date_l is null or birth_date_r is null) and birth_year_l = birth_year_r "
    "and coalesce(birth_month_l = birth_month_r, true) and coalesce(birth_day_l = birth_day_r, true)"
)

# A Gregorian year alone is kept as the Jalali one that most of it lies in; a birth before its spring is of the year before.
SAME_GREGORIAN_YEAR = " or ".join(
    f"(birth_date_{told} is null and birth_month_{told} is null and year(birth_date_{other}) = birth_year_{told} + 621)"
    for told, other in ("lr", "rl")
)


def _code(name: str) -> Comparison:
    return Comparison(
        name,
        _either_null(name),
        (Level("same", _equal(name), name), Level("typed error", _one_error(f"{name}_l", f"{name}_r"))),
    )


RESIDENCE_UNKNOWN = f"({_either_null('postal_codes')}) and ({_either_null('address_keys')})"
CITY_UNKNOWN = f"({_either_null('city_key')}) or not ({RESIDENCE_UNKNOWN})"


def _plain(name: str, column: str, *, term_frequency: bool = True, least_differs: float = 5e-4) -> Comparison:
    level = Level("same", _equal(column), column if term_frequency else None)
    return Comparison(name, _either_null(column), (level,), least_differs)


# What a person is called, without the father's name.
OWN_NAMES = ("given_name", "surname")
COMPARISONS = (
    *(_name(name, can_be_swapped=True) for name in OWN_NAMES),
    _name("father_name", can_be_swapped=False),
    Comparison(
        "birth",
        _either_null("birth_year"),
        (
            Level("same date", _equal("birth_date"), "birth_date"),
            Level("known parts agree", KNOWN_PARTS),
            Level("wrong digit", f"{WRONG_DIGIT} or {SWAPPED_PARTS}"),
            Level("two parts agree", TWO_PARTS),
            Level("same year", _equal("birth_year")),
            Level("next year", "abs(birth_year_l - birth_year_r) <= 1"),
        ),
    ),
    _plain("sex", "sex_code", term_frequency=False, least_differs=0.005),
    _code("national_code"),
    _code("foreign_id"),
    _plain("passport", "passport_no", least_differs=0.1),
    _plain("birth_certificate", "birth_certificate_key", least_differs=0.02),
    Comparison(
        "mobile",
        _either_null("mobile_nos"),
        (Level("same", _shared("mobile_nos"), "mobile_no_key"),),
        least_differs=0.2,
    ),
    Comparison(
        "email",
        _either_null("emails"),
        (
            Level("same", _shared("emails"), "email_key"),
            Level(
                "typed error", f"{_one_error('email_key_l', 'email_key_r')} or {_two_errors('email_key_l', 'email_key_r')}"
            ),
        ),
        least_differs=0.2,
    ),
    Comparison(
        "residence",
        RESIDENCE_UNKNOWN,
        (
            Level("same postal code", _shared("postal_codes"), "postal_code_key"),
            Level("same address", _shared("address_keys"), "address_key"),
            Level("near address", f"jaro_winkler_similarity(address_key_l, address_key_r) >= {NEAR_ADDRESS}"),
            Level("same postal route", "left(postal_code_key_l, 5) = left(postal_code_key_r, 5)"),
        ),
        least_differs=0.1,
    ),
    Comparison(
        "province",
        f"({_either_null('province_code')}) or not ({RESIDENCE_UNKNOWN}) or not ({_either_null('city_key')})",
        (Level("same", _equal("province_code"), "province_code"),),
        least_differs=0.1,
    ),
    Comparison(
        "city",
        CITY_UNKNOWN,
        (
            Level("same", _equal("city_key"), "city_key"),
            Level("near", f"jaro_winkler_similarity(city_key_l, city_key_r) >= {NEAR_NAME}", "city_key"),
        ),
        least_differs=0.1,
    ),
    _plain("nationality", "nationality_code", term_frequency=False, least_differs=0.02),
)


def comparisons_hash() -> str:
    """Hash of all declarations above: a model belongs to exactly these."""
    text = json.dumps([[c.name, c.unknown, [[v.label, v.sql, v.term_frequency] for v in c.levels]] for c in COMPARISONS])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def term_frequency_columns() -> tuple[str, ...]:
    """Columns whose rare values weigh more than common ones."""
    return tuple(dict.fromkeys(level.term_frequency for c in COMPARISONS for level in c.levels if level.term_frequency))


def compared_whole() -> tuple[str, ...]:
    """Columns of these that count only where both records of a pair hold the same value."""
    levels = [level for comparison in COMPARISONS for level in comparison.levels if level.term_frequency]
    others = {level.term_frequency for level in levels if level.sql != _equal(str(level.term_frequency))}
    return tuple(column for column in term_frequency_columns() if column not in others)


# What a person may have several of: as lists, so that one known person stands with all that his records tell.
LISTS = {
    "mobile_nos": "mobile_no_key",
    "emails": "email_key",
    "postal_codes": "postal_code_key",
    "address_keys": "address_key",
}


def compared_columns() -> tuple[str, ...]:
    """Columns of linkage.person_record that the comparisons read."""
    names = tuple(
        f"{name}_{form}" for name in ("given_name", "surname", "father_name") for form in ("key", "phonetic", "letters")
    )
    return (
        *names, "birth_date", "birth_year", "birth_month", "birth_day", "sex_code", "national_code", "foreign_id",
        "passport_no", "birth_certificate_key", "mobile_no_key", "email_key", "postal_code_key", "address_key",
        "province_code", "city_key", "nationality_code",
    )  # fmt: skip


# What those who live together share.
SAME_HOME = " or ".join(_shared(name) for name in LISTS)


def list_columns(alias: str) -> str:
    """SQL of the list columns of one record."""
    return ", ".join(f"case when {alias}.{c} is not null then [{alias}.{c}] end as {name}" for name, c in LISTS.items())
