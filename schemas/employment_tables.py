"""Employment: what the lists of employers say about a person's months, and which benefits stood in for work."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

CONTRIBUTION = Table(
    "employment.contribution",
    ("person_id", "work_month", "workshop_no"),
    _columns("""
    person_id bigint, work_month varchar, workshop_no varchar, insurance_no varchar, job_title varchar,
    contribution_days bigint, wage_rials bigint, list_count bigint, as_of_date date
"""),
    "Months of work of a person at a workshop, from the current lists of employers: days and wages of all lists of a month "
    "together. insurance_no, job_title: of the list with the most days. as_of_date: business date of the delivery.",
)

BENEFIT = Table(
    "employment.benefit",
    ("record_key",),
    _columns("""
    record_key varchar, person_id bigint, from_date date, to_date date
"""),
    "Unemployment benefits in half-open days; to_date 9999-12-31 while one goes on. person_id null: its code and birth date "
    "fit nobody.",
)

EMPLOYMENT = (CONTRIBUTION, BENEFIT)
