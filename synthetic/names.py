"""Names of the nation: given names by sex and birth cohort, surnames composed of real stems and affixes, heavy-headed.

Frequencies that civil registration published (schemas/codes/name_frequencies.csv) hold for the names they know; the rest
follow Zipf within their group. Cohort weights are ours: none are published.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import schemas
from synthetic.chance import Floats, Ints

DATA = Path(__file__).parent / "data"
FREQUENCIES = Path(schemas.__file__).parent / "codes" / "name_frequencies.csv"

#: Last Jalali birth year of each cohort but the last.
COHORT_ENDS = (1340, 1375)
#: How much of each cohort (old, middle, new) bears names of each group.
GROUP_SHARE = {
    "timeless": (0.55, 0.45, 0.25),
    "old": (0.35, 0.08, 0.01),
    "middle": (0.09, 0.42, 0.14),
    "new": (0.01, 0.05, 0.60),
}
#: Published counts of names are divided by this to become weights beside the timeless group's Zipf weights.
PUBLISHED_SCALE = 2_000_000.0
SURNAME_COUNT = 9000
#: Zipf exponent of surnames: with it the commonest surname is borne by about 1.1 % (Sabt Ahval, 1404).
SURNAME_EXPONENT = 0.72
#: Share of surnames that belong to a province rather than to the whole country.
REGIONAL_SHARE = 0.4
FOREIGN_SURNAME_EXPONENT = 0.6


@dataclass(frozen=True)
class NamePool:
    """All names that exist; people hold indexes.

    Columns: ``given_weights[sex, cohort]`` weights over ``given``; cohort 3 is foreigners. ``alike[sex]`` pairs for twins.
    """

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    given_weights: Floats
    surname_weights: Floats
    foreign_surname_weights: Floats
    alike: tuple[Ints, Ints]

    def draw_given(self, rng: np.random.Generator, sex: Ints, birth_year: Ints, is_foreign: bool = False) -> Ints:
        """Given names for people of a sex (0 male, 1 female) and Jalali birth year."""
        cohort = np.full(len(sex), 3) if is_foreign else np.searchsorted(COHORT_ENDS, birth_year, side="left")
        return _draw(rng, self.given_weights.reshape(8, -1), sex * 4 + cohort)

    def draw_surnames(self, rng: np.random.Generator, province: Ints, is_foreign: bool = False) -> Ints:
        """Surnames for families by province; some are at home in one province only."""
        weights = self.foreign_surname_weights if is_foreign else self.surname_weights
        drawn = _draw(rng, weights[None, :], np.zeros(len(province), dtype=np.int64))
        if is_foreign:
            return drawn
        regional = rng.random(len(province)) < REGIONAL_SHARE
        native = int((self.surname_weights > 0).sum())
        return np.where(regional, (drawn * 31 + province * 293 + 61) % native, drawn)


def _draw(rng: np.random.Generator, weights: Floats, row: Ints) -> Ints:
    bounds = np.cumsum(weights, axis=1)
    bounds /= bounds[:, -1:]
    # One sorted axis for all rows: row r holds its bounds between r and r+1.
    flat = (bounds + np.arange(len(bounds))[:, None]).ravel()
    found = np.searchsorted(flat, rng.random(len(row)) + row, side="right")
    drawn: Ints = np.minimum(found - row * weights.shape[1], weights.shape[1] - 1).astype(np.int64)
    return drawn


def _groups(file_name: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (DATA / file_name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = groups.setdefault(line.strip("[] "), [])
        elif line and not line.startswith("#"):
            current += line.split("|") if "|" in line else line.split()
    return groups


def word_groups(file_name: str) -> dict[str, list[str]]:
    """Groups of words in a data file: ``[group]``, then words parted by blanks or bars."""
    return _groups(file_name)


def _published() -> dict[tuple[str, str], float]:
    with FREQUENCIES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["count"]]
    return {(row["kind"][0], row["name_fa"].replace(" ", "\u200c")): float(row["count"]) for row in rows}


def _given() -> tuple[list[str], Floats]:
    groups = _groups("given_names.txt")
    published = _published()
    names = sorted({name for members in groups.values() for name in members})
    index = {name: i for i, name in enumerate(names)}
    weights = np.zeros((2, 4, len(names)))
    for title, members in groups.items():
        letter, kind = title.split()
        sex = "mf".index(letter)
        zipf = 1.0 / np.arange(2, len(members) + 2) ** 0.8
        zipf /= zipf.sum()
        shares = (0.0, 0.0, 0.0, 1.0) if kind == "foreign" else (*GROUP_SHARE[kind], 0.0)
        for rank, name in enumerate(members):
            known = published.get((letter, name)) if kind == "timeless" else None
            weight = zipf[rank] if known is None else max(zipf[rank], known / PUBLISHED_SCALE / 12)
            weights[sex, :, index[name]] += weight * np.array(shares)
    return names, weights


def _composed() -> list[str]:
    parts = _groups("surnames.txt")
    heads = [row[1] for row in _known_surnames()] + parts["heads"]
    joined = [_joined(stem, affix) for affix in parts["affixes"] for stem in parts["stems"] if _fits(stem, affix)]
    placed = [f"{head} {place}" for place in parts["places"] for head in (*heads[:40], *joined[:60])]
    titled = [f"{title}{stem}ی" for title in parts["titles"] for stem in parts["stems"][:120]]
    order = np.random.default_rng(1397).permutation(len(joined) + len(placed) + len(titled))
    rest = [*joined, *placed, *titled]
    names = list(dict.fromkeys([*heads, *parts["places"], *(rest[i] for i in order)]))
    return names[:SURNAME_COUNT]


def _fits(stem: str, affix: str) -> bool:
    return affix != "-ی" or not stem.endswith(("ی", "ا", "ه", "و"))


def _joined(stem: str, affix: str) -> str:
    """A stem with its affix: the adjective's ی joins, other words follow a zero-width non-joiner."""
    return stem + affix.removeprefix("-") if affix == "-ی" or affix[0] != "-" else f"{stem}\u200c{affix[1:]}"


def _known_surnames() -> list[tuple[int, str]]:
    with FREQUENCIES.open(encoding="utf-8", newline="") as file:
        names = [row["name_fa"] for row in csv.DictReader(file) if row["kind"] == "surname"]
    return list(enumerate(names))


@cache
def name_pool() -> NamePool:
    """The pool, built once from the data files."""
    given, given_weights = _given()
    native = _composed()
    foreign = list(dict.fromkeys(_groups("surnames.txt")["foreign"]))
    surnames = native + [name for name in foreign if name not in set(native)]
    index = {name: i for i, name in enumerate(surnames)}
    weights = np.zeros(len(surnames))
    weights[: len(native)] = 1.0 / np.arange(1, len(native) + 1) ** SURNAME_EXPONENT
    foreign_weights = np.zeros(len(surnames))
    for rank, name in enumerate(foreign, 1):
        foreign_weights[index[name]] = 1.0 / rank**FOREIGN_SURNAME_EXPONENT
    place = {name: i for i, name in enumerate(given)}
    pairs = [
        line.split()
        for line in (DATA / "alike_names.txt").read_text(encoding="utf-8").splitlines()
        if line[:2] in ("m ", "f ")
    ]
    alike = [np.array([(place[a], place[b]) for s, a, b in pairs if s == sex and a in place and b in place]) for sex in "mf"]
    return NamePool(tuple(given), tuple(surnames), given_weights, weights, foreign_weights, (alike[0], alike[1]))
