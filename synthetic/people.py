"""The people of the nation and their dwellings as columns; a person's number is their place in the columns.

Numbers in columns are indexes (into people, dwellings, name pool, provinces) or ``NONE``. Days are day codes of
``synthetic.day_codes``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from synthetic.chance import Ints, Mask

NONE = -1
MALE, FEMALE = 0, 1
NATIONALITIES = ("IRN", "AFG", "IRQ", "PAK")


@dataclass
class Columns:
    """Arrays of one length that grow together."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Ints | Mask) -> Self:
        """The same columns for some rows, in their order."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def extend(self, more: Self) -> None:
        """Append rows."""
        for f in fields(self):
            setattr(self, f.name, np.concatenate([getattr(self, f.name), getattr(more, f.name)]))


@dataclass
class People(Columns):
    """One row a person.

    Columns: ``given``, ``surname``, ``father_name`` index the name pool; ``former_surname`` is NONE unless changed;
    ``code`` national code, ``certificate`` birth certificate number, ``fida``, ``passport``, ``mobile`` numbers or NONE;
    ``sibling_order`` 0, or 1, 2 for those born minutes after a twin; ``couple`` the couple that a person is half of.
    """

    sex: Ints
    birth: Ints
    death: Ints
    given: Ints
    surname: Ints
    former_surname: Ints
    father_name: Ints
    father: Ints
    mother: Ints
    spouse: Ints
    province: Ints
    dwelling: Ints
    code: Ints
    certificate: Ints
    nationality: Ints
    fida: Ints
    passport: Ints
    mobile: Ints
    sibling_order: Ints

    @classmethod
    def born(cls, sex: Ints, birth: Ints, given: Ints, surname: Ints, father_name: Ints, province: Ints) -> People:
        """People with their names and nothing else yet."""
        nothing = np.full(len(sex), NONE, dtype=np.int64)
        given_columns = {"sex": sex, "birth": birth, "given": given, "surname": surname, "father_name": father_name}
        rest = {f.name: nothing.copy() for f in fields(cls) if f.name not in given_columns}
        rest["province"] = province.copy()
        rest["nationality"] = np.zeros(len(sex), dtype=np.int64)
        rest["sibling_order"] = np.zeros(len(sex), dtype=np.int64)
        return cls(**given_columns, **rest)

    @property
    def is_alive(self) -> Mask:
        """Who lives."""
        alive: Mask = self.death == NONE
        return alive

    def relabelled(self, rows: Ints) -> People:
        """Some people, with their references to each other renumbered; references to others become NONE."""
        place = np.full(len(self) + 1, NONE, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        chosen = self.take(rows)
        for name in ("father", "mother", "spouse"):
            setattr(chosen, name, place[getattr(chosen, name)])
        return chosen

    def shifted(self, people: int, dwellings: int = 0) -> People:
        """The same people with references moved, before they are appended to others."""
        for name, offset in (("father", people), ("mother", people), ("spouse", people), ("dwelling", dwellings)):
            column = getattr(self, name)
            setattr(self, name, np.where(column == NONE, NONE, column + offset))
        return self


@dataclass
class Dwellings(Columns):
    """One row a dwelling: where a household lives or lived. ``previous`` is the dwelling they came from, or NONE."""

    province: Ints
    city: Ints
    street: Ints
    alley: Ints
    plate: Ints
    postal: Ints
    phone: Ints
    since: Ints
    is_rural: Ints
    previous: Ints
