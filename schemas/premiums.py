"""What a month of basic cover costs: the per-capita premium that the state, the employer or the fund pays for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from hub.errors import ContractError
from schemas.codes import FOLDER, basic_insurers, read_rows
from schemas.jalali import gregorian, jalali, month_days

ANY = "ANY"
FILE = "premiums"


@dataclass(frozen=True)
class Premium:
    """A premium of an insurer, or of ANY that has none of its own, in force until the insurer's next row."""

    insurer_code: str
    from_date: date
    rials_per_month: int
    basis: str
    source: str
    confidence: str


@dataclass(frozen=True)
class JalaliMonth:
    """A month as Iran counts it: ``1405-08``, its days half-open."""

    name: str
    from_date: date
    to_date: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.to_date - self.from_date).days


@cache
def premiums() -> tuple[Premium, ...]:
    """All premiums, oldest first.

    Raises:
        ContractError: a row cannot be used.
    """
    found = [_premium(line, row) for line, row in enumerate(read_rows(FILE), start=2)]
    return tuple(sorted(found, key=lambda each: (each.from_date, each.insurer_code)))


def premium_on(insurer_code: str, day: date) -> Premium | None:
    """The premium in force for an insurer on a day; None before the first that is known."""
    known = [each for each in premiums() if each.from_date <= day]
    own = [each for each in known if each.insurer_code == insurer_code]
    general = [each for each in known if each.insurer_code == ANY]
    return next(reversed(own or general), None)


def months_up_to(day: date, count: int) -> list[JalaliMonth]:
    """The Jalali month of a day and those before it, oldest first."""
    year, month, _ = jalali(day)
    found: list[JalaliMonth] = []
    for _ in range(count):
        start = gregorian(year, month, 1)
        end = date.fromordinal(start.toordinal() + month_days(year, month))
        found.append(JalaliMonth(f"{year:04d}-{month:02d}", start, end))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _premium(line: int, row: dict[str, str]) -> Premium:
    try:
        premium = Premium(
            row["insurer_code"], date.fromisoformat(row["from_date"]), int(row["rials_per_month"]), row["basis"],
            row["source"], row["confidence"],
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise _unusable(line, str(error)) from error
    if premium.insurer_code not in {*basic_insurers(), ANY}:
        raise _unusable(line, f"no basic insurer {premium.insurer_code!r}, nor {ANY}")
    if premium.rials_per_month < 0:
        raise _unusable(line, "a premium below nothing")
    return premium


def _unusable(line: int, why: str) -> ContractError:
    path = FOLDER / f"{FILE}.csv"
    return ContractError(
        f"Premium {path.name}:{line} cannot be used: {why}. Nothing ran.",
        hint=f"Mend {path}; its columns are explained in schemas/codes/README.md.",
    )
