"""Covers: who is insured where, since when, through whom; the insurers; and the setting in which covers are dealt out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from schemas.feed import Feed
from synthetic.chance import Floats, Ints
from synthetic.families import YEAR
from synthetic.options import NationOptions
from synthetic.people import NONE, Columns, Dwellings, People

RELATIONS = ("principal", "spouse", "child", "parent", "other")
PRINCIPAL, SPOUSE, CHILD, PARENT, OTHER = range(5)
MEMBER_KINDS = ("employee", "self_employed", "pensioner", "student", "supported", "other")
EMPLOYEE, SELF_EMPLOYED, PENSIONER, STUDENT, SUPPORTED, OTHER_KIND = range(6)
PENSION_KINDS = ("contributor", "pensioner", "survivor")

#: Thousands of people in each basic scheme (schemas/codes/insurers.csv, "reported"); small funds are raised so that a nation
#: of some ten thousand shows them.
POPULATIONS = {
    "SSO": 38_000.0, "IHIO-RUR": 20_163.0, "IHIO-UNI": 13_364.0, "IHIO-GOV": 5_245.0, "IHIO-OTH": 2_683.0, "AFMSIO": 4_800.0,
    "IKRF": 1_245.0, "OIL": 537.0, "IHIO-IRN": 419.0, "BANKS": 320.0, "TMUN": 200.0, "IRIB": 180.0, "IRANINS": 180.0,
}  # fmt: skip
UNKNOWN_POPULATION = 300.0


@dataclass
class Covers(Columns):
    """One row a membership at one feed's insurer; a row's place is its number for ever.

    Columns: ``feed`` index of the feed; ``principal`` row of the principal's cover, or NONE; ``to_day`` NONE while it lasts;
    ``gone_day`` from which business day on the insurer no longer lists it, or NONE; ``copy_of`` the row that an insurer
    entered twice, or NONE.
    """

    feed: Ints
    person: Ints
    from_day: Ints
    to_day: Ints
    gone_day: Ints
    relation: Ints
    principal: Ints
    member_kind: Ints
    copy_of: Ints

    @classmethod
    def of(cls, feed: Ints, person: Ints, from_day: Ints, relation: Ints, member_kind: Ints) -> Covers:
        """Covers that go on, without principals yet."""
        nothing = np.full(len(person), NONE, dtype=np.int64)
        return cls(
            feed, person, from_day, nothing.copy(), nothing.copy(), relation, nothing.copy(), member_kind, nothing.copy()
        )


class Insurers:
    """Which feeds insure, by their insurers' codes and benefit kinds."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self.code_of = {i: str(f.insurer_code) for i, f in enumerate(feeds) if f.role == "insurer"}
        self.kind_of = {i: str(f.benefit_kind_code) for i, f in enumerate(feeds) if f.role == "insurer"}
        self.basic = [i for i, kind in self.kind_of.items() if kind == "basic"]
        self.takes_foreigners = [
            i
            for i in self.basic
            if any(c.name in ("foreign_id", "passport_no") for lay in feeds[i].layouts for c in lay.columns)
        ]

    def weights(self, feeds: Sequence[int]) -> Floats:
        """Populations of some basic feeds."""
        return np.array([POPULATIONS.get(self.code_of[i], UNKNOWN_POPULATION) for i in feeds])

    def having(self, codes: Sequence[str], kind: str = "basic") -> list[int]:
        """Feeds of some insurers for one benefit kind."""
        return [i for i, code in self.code_of.items() if code in codes and self.kind_of[i] == kind]

    def of_kind(self, kind: str) -> list[int]:
        """Feeds of one benefit kind."""
        return [i for i, known in self.kind_of.items() if known == kind]


@dataclass(frozen=True)
class Setting:
    """What covers are dealt out over."""

    people: People
    dwellings: Dwellings
    insurers: Insurers
    options: NationOptions
    today: int

    @property
    def age(self) -> Floats:
        """Age in years; of the dead, at death."""
        end = np.where(self.people.is_alive, self.today, self.people.death)
        return (end - self.people.birth) / YEAR
