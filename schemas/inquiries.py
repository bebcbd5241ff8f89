"""What the civil registration's inquiry service answers: the error keys and what each means for us.

Sources and how far each can be trusted: ``schemas/inquiries/README.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "inquiries"
WSDL = FOLDER / "sabt_estelam.wsdl"
CONTRACT = FOLDER / "sabt_inquiries.odcs.yaml"
FINAL, REVIEW, LATER, AUTH, TECHNICAL = (
    "business_final",
    "business_review",
    "quota_or_time_retry_later",
    "auth",
    "technical",
)
FOUND, UNREADABLE = "found", "unreadable"
"""Keys of our own: an answer without error, and one that nobody can read."""


@dataclass(frozen=True)
class Question:
    """A national code of ten digits and a Jalali birth date as eight."""

    national_code: str
    birth_date: str


@dataclass(frozen=True)
class Reply:
    """What the service says: ``found`` with the person's fields as text, or the key of an error."""

    key: str
    fields: Mapping[str, str | None]


@cache
def error_classes() -> dict[str, str]:
    """Class by error key; all keys of ``estelam_errors.csv``."""
    with (FOLDER / "estelam_errors.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row["class_ours"] for row in csv.DictReader(file)}


def class_of(key: str) -> str:
    """What an error means for us; one that nobody knows is the service's own trouble."""
    return FINAL if key == FOUND else error_classes().get(key, TECHNICAL)
