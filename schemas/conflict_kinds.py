"""Kinds of conflicts as data: what each is called, who is told of it, how long they have (``codes/conflict_kinds.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hub.errors import ContractError
from schemas.codes import FOLDER, insurers, read_rows

SIDES, NOBODY = "sides", "nobody"
SEVERITIES = ("high", "medium", "low", "information")
FILE = "conflict_kinds"
_TEXTS = ("kind_code", "name_fa", "name_en", "told", "severity", "reason_fa", "reason_en")
YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class ConflictKind:
    """One kind of conflict; its page is ``docs/conflicts/<kind_code>.md``.

    Args:
        told: sides (the insurers on its sides), nobody, or the code of the one insurer that is told.
        deadline_days: how long those told have to answer, and, having agreed, to deliver what they agreed to.
        severity: high, medium, low, information.
        is_sensitive: it tells of somebody's health, so only those with that purpose may see it.
        reason_fa, reason_en: what an insurer reads where no rule gives the reason.
    """

    kind_code: str
    name_fa: str
    name_en: str
    told: str
    deadline_days: int
    severity: str
    is_sensitive: bool
    reason_fa: str
    reason_en: str

    @property
    def is_told(self) -> bool:
        """Whether any insurer hears of it."""
        return self.told != NOBODY


@cache
def conflict_kinds() -> dict[str, ConflictKind]:
    """All declared kinds by code, in the order of the file.

    Raises:
        ContractError: a row cannot be used.
    """
    kinds = [_kind(number, row) for number, row in enumerate(read_rows(FILE), start=2)]
    return {kind.kind_code: kind for kind in kinds}


def told_kinds() -> tuple[str, ...]:
    """Codes of the kinds that insurers hear of."""
    return tuple(code for code, kind in conflict_kinds().items() if kind.is_told)


def sensitive_kinds() -> tuple[str, ...]:
    """Codes of the kinds that tell of somebody's health."""
    return tuple(code for code, kind in conflict_kinds().items() if kind.is_sensitive)


def _kind(line: int, row: dict[str, str]) -> ConflictKind:
    try:
        kind = ConflictKind(
            **{name: row[name] for name in _TEXTS},
            deadline_days=int(row["deadline_days"]),
            is_sensitive=YES_NO[row["is_sensitive"]],
        )
    except (KeyError, ValueError) as error:
        raise _unusable(line, f"{type(error).__name__} {error}") from error
    if kind.told not in (SIDES, NOBODY) and kind.told not in insurers():
        raise _unusable(line, f"no insurer {kind.told!r}, nor {SIDES} or {NOBODY}")
    if kind.severity not in SEVERITIES:
        raise _unusable(line, f"severity {kind.severity!r} is not one of {', '.join(SEVERITIES)}")
    if kind.is_told and kind.deadline_days < 1:
        raise _unusable(line, "those told have no day to answer")
    return kind


def _unusable(line: int, why: str) -> ContractError:
    path: Path = FOLDER / f"{FILE}.csv"
    return ContractError(
        f"Kind of conflict {path.name}:{line} cannot be used: {why}. Nothing ran.",
        hint=f"Mend {path}; its columns are explained in schemas/codes/README.md.",
    )
