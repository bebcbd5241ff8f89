"""Special patients: health data, a class of its own that no role but that of their purpose may read (case C15)."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

MARK = Table(
    "special.mark",
    ("record_key",),
    _columns("""
    record_key varchar, person_id bigint, insurer_code varchar, disease_code varchar, from_date date, to_date date
"""),
    "Disease marks in half-open days: from when on an insurer bears the special drugs of a person with that disease. "
    "person_id null: neither member number nor code fits anybody.",
)

CLAIM = Table(
    "special.claim",
    ("record_key",),
    _columns("""
    record_key varchar, person_id bigint, insurer_code varchar, drug_code varchar, from_date date, to_date date
"""),
    "Claims of special drugs. from_date: the day on which the drug was handed out; to_date: the day after the last for "
    "which it lasts. person_id null: neither member number nor code fits anybody.",
)

SPECIAL = (MARK, CLAIM)
