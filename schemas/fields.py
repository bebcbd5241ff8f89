"""The field dictionary: each column name once, with type, unit, sensitivity and meaning (``fields.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from schemas.codes import provinces

PROVINCES = "provinces"

DUCKDB_TYPES = {
    "text": "varchar",
    "code": "varchar",
    "date": "date",
    "month": "varchar",
    "int": "bigint",
    "bool": "boolean",
}


@dataclass(frozen=True)
class Field:
    """One name and its one meaning.

    ``role`` names the rule that staging applies (``national_code``, ``birth_date``, …); ``invalid`` says whether a value
    that fails quarantines its row or becomes null with a note. ``codes``: every code of ours, for type code.
    """

    name: str
    type: str
    meaning: str
    sensitivity: str
    unit: str | None = None
    role: str | None = None
    invalid: str = "quarantine"
    codes: tuple[str, ...] = ()

    @property
    def duckdb_type(self) -> str:
        """DuckDB type of a staged column."""
        return DUCKDB_TYPES[self.type]


@cache
def field_dictionary() -> dict[str, Field]:
    """All declared fields by name."""
    text = (Path(__file__).parent / "fields.yaml").read_text(encoding="utf-8")
    # BaseLoader keeps NO, on and 01 as text.
    entries = yaml.load(text, Loader=yaml.BaseLoader)
    return {name: _field(name, entry) for name, entry in entries.items()}


def _field(name: str, entry: dict[str, Any]) -> Field:
    codes = entry.pop("codes", ())
    return Field(name=name, codes=tuple(provinces()) if codes == PROVINCES else tuple(codes), **entry)
