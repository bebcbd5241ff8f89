"""Numbers of people: national codes with check digits by province, foreigners' codes, postal codes, mobiles.

Source: check digit and prefixes as in the facts on identifiers; postal codes hold no 0 and no 2.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

import schemas
from hub.errors import SettingsError
from synthetic.chance import Floats, Ints, Mask

CODES = Path(schemas.__file__).parent / "codes"
#: Serials come in slots of this many, so that twins get adjacent codes.
SLOT = 4
SLOTS_A_PREFIX = 249_999
#: Walks a prefix's slots in an order that looks random; has no common divisor with SLOTS_A_PREFIX.
STRIDE = 104_729
#: Where a prefix's walk begins, times the prefix.
OFFSET = 48_611
#: Codes that pass the check digit but are typed by people who have none.
DUMMIES = (*(int(str(digit) * 10) for digit in range(10)), 123456789, 1234567891, 9876543210, 1000000001)
POSTAL_DIGITS = np.array([1, 3, 4, 5, 6, 7, 8, 9])
MOBILE_PREFIXES = (
    910,
    911,
    912,
    913,
    914,
    915,
    916,
    917,
    918,
    919,
    990,
    991,
    901,
    902,
    903,
    905,
    930,
    933,
    935,
    936,
    937,
    938,
    939,
    920,
    921,
)
#: Provinces that the prefix list still counts to another one.
PREFIXES_OF = {"کهگیلویه و بویراحمد": "کهکیلویه و بویراحمد", "البرز": "تهران", "زنجان": ""}


def check_digit(nine: Ints) -> Ints:
    """Check digit of the first nine digits of a national code, given as a number."""
    total = sum((nine // 10**place % 10) * (place + 2) for place in range(9))
    rest = total % 11
    digit: Ints = np.where(rest < 2, rest, 11 - rest)
    return digit


def is_valid(code: Ints) -> Mask:
    """Whether a national code, given as a number, passes the check digit and is no known dummy."""
    valid: Mask = (check_digit(code // 10) == code % 10) & ~np.isin(code, DUMMIES)
    return valid


@cache
def provinces() -> tuple[tuple[str, str, float], ...]:
    """Code, name and population (thousands) of each province, in order."""
    with (CODES / "provinces.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["province_code"], row["name_fa"], float(row["population_thousands"])) for row in csv.DictReader(file)
        )


def province_weights() -> Floats:
    """Population of each province."""
    return np.array([weight for _, _, weight in provinces()])


@cache
def _prefix_rows() -> tuple[tuple[int, str, str], ...]:
    with (CODES / "national_code_prefixes.csv").open(encoding="utf-8", newline="") as file:
        return tuple((int(row["prefix"]), row["province_fa"], row["city_fa"]) for row in csv.DictReader(file))


@cache
def prefixes() -> tuple[Ints, ...]:
    """National code prefixes by province index."""
    known = [PREFIXES_OF.get(name, name) for _, name, _ in provinces()]
    found = [np.array([p for p, province, _ in _prefix_rows() if province == name and p > 0]) for name in known]
    everywhere = np.array([p for p, _, _ in _prefix_rows() if p > 0])
    return tuple(array if len(array) else everywhere for array in found)


@cache
def cities() -> tuple[tuple[str, ...], ...]:
    """Names of cities by province index."""
    names = [PREFIXES_OF.get(name, name) for _, name, _ in provinces()]
    found = [
        [city for _, province, city in _prefix_rows() if province == name and city and "/" not in city] for name in names
    ]
    return tuple(tuple(sorted(set(cities))) or (province[1],) for cities, province in zip(found, provinces(), strict=True))


class CodeOffice:
    """Issues national codes, each once: remembers how many slots each prefix has given away."""

    def __init__(self) -> None:
        self._given = np.zeros(1000, dtype=np.int64)

    def issue(self, rng: np.random.Generator, province: Ints, order: Ints) -> Ints:
        """One code a person.

        Args:
            province: index of the province of issue.
            order: 0, or 1 and 2 for the second and third of twins and triplets, who follow their sibling and share the slot.
        """
        prefix = np.zeros(len(province), dtype=np.int64)
        for index, choices in enumerate(prefixes()):
            here = np.flatnonzero(province == index)
            prefix[here] = choices[rng.integers(0, len(choices), len(here))]
        first = np.maximum.accumulate(np.where(order == 0, np.arange(len(order)), 0))
        prefix = prefix[first]
        slot = self._slots(prefix, order == 0)[first]
        if len(slot) and slot.max() >= SLOTS_A_PREFIX:
            raise SettingsError(
                "The nation has more people than national code prefixes have room for; nothing was written.",
                hint="Ask for fewer persons.",
            )
        serial = SLOT * ((slot * STRIDE + prefix * OFFSET) % SLOTS_A_PREFIX) + 1 + order
        nine = prefix * 1_000_000 + serial
        code = nine * 10 + check_digit(nine)
        nine = np.where(np.isin(code, DUMMIES), nine + SLOT - 1 - order, nine)
        return nine * 10 + check_digit(nine)

    def _slots(self, prefix: Ints, opens: Mask) -> Ints:
        slot = np.zeros(len(prefix), dtype=np.int64)
        places = np.flatnonzero(opens)
        by_prefix = places[np.argsort(prefix[places], kind="stable")]
        ordered = prefix[by_prefix]
        starts = np.searchsorted(ordered, ordered, side="left")
        slot[by_prefix] = self._given[ordered] + np.arange(len(ordered)) - starts
        self._given += np.bincount(prefix[places], minlength=1000)
        return slot


def postal_codes(rng: np.random.Generator, province: Ints) -> Ints:
    """Postal codes of dwellings: the first two digits go with the province."""
    digits = POSTAL_DIGITS[rng.integers(0, len(POSTAL_DIGITS), (len(province), 5))]
    digits[:, 0] = POSTAL_DIGITS[province % 8]
    digits[:, 1] = POSTAL_DIGITS[(province // 8 * 2 + digits[:, 1] % 2) % 8]
    digits[:, 4] = np.where(digits[:, 4] == 5, 6, digits[:, 4])
    route = digits @ np.array([10000, 1000, 100, 10, 1])
    place = POSTAL_DIGITS[rng.integers(0, len(POSTAL_DIGITS), (len(province), 5))]
    code: Ints = route * 100_000 + place @ np.array([10000, 1000, 100, 10, 1])
    return code


def mobiles(rng: np.random.Generator, count: int) -> Ints:
    """Mobile numbers without the leading zero."""
    prefix = np.array(MOBILE_PREFIXES)[rng.integers(0, len(MOBILE_PREFIXES), count)]
    return prefix * 10_000_000 + rng.integers(0, 10_000_000, count)


def foreign_codes(rng: np.random.Generator, count: int, first: int) -> Ints:
    """Twelve-digit codes of foreigners, each once. No check digit is known, so none is invented."""
    return 100_000_000_000 + (first + np.arange(count)) * 9973 * 7 + rng.integers(0, 9973, count)
