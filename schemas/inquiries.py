"""What the civil registration's inquiry service answers: the error keys and what each means for us.

Sources and how far each can be trusted: ``schemas/inquiries/README.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "inquiries"
WSDL = FOLDER / "sabt_estelam.wsdl"
CONTRACT = FOLDER / "sabt_inquiries.odcs.yaml"
FINAL, REVIEW, QUESTION, LATER, AUTH, TECHNICAL = (
    "business_final",
    "business_review",
    "question",
    "quota_or_time_retry_later",
    "auth",
    "technical",
)
FOUND, UNREADABLE = "found", "unreadable"
"""Keys of our own: an answer without error, and one that nobody can read."""


@dataclass(frozen=True)
class Meaning:
    """What an answer about a code means for people. ``is_refused``: the code is no code, or no longer one."""

    answer_code: str
    is_refused: bool
    meaning_fa: str
    meaning_en: str
    todo_fa: str
    todo_en: str


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
    return {row["key"]: row["class_ours"] for row in _rows("estelam_errors.csv")}


@cache
def meanings() -> dict[str, Meaning]:
    """What people are told of each answer that says something about a code, by answer_code."""
    return {row["answer_code"]: Meaning(**row | {"is_refused": row["is_refused"] == "yes"}) for row in _rows("answers.csv")}


def answer_code(key: str) -> str | None:
    """What an answer says about the code that was asked for; None where it says nothing of it."""
    said = {row["key"]: row["answer_ours"] for row in _rows("estelam_errors.csv")}
    return FOUND if key == FOUND else said.get(key) or None


def key_in(said: str) -> str:
    """The error key in what the service says; some services leave out the first of two equal words. Words around it are not
    kept: they might name the person."""
    spoken = {key: {key, key.replace("inquiry.inquiry.", "inquiry.")} for key in error_classes()}
    return next((key for key, ways in spoken.items() if any(way in said for way in ways)), UNREADABLE)


@cache
def _rows(name: str) -> tuple[dict[str, Any], ...]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def class_of(key: str) -> str:
    """What an error means for us; one that nobody knows is the service's own trouble."""
    return FINAL if key == FOUND else error_classes().get(key, TECHNICAL)
