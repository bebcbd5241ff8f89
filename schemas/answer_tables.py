"""Tables of what civil registration answered about national codes when it was asked."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

REFUSED_CODE = Table(
    "linkage.refused_code",
    ("national_code",),
    _columns("""
    national_code varchar, inquiry_answer_code varchar
"""),
    "National codes that civil registration, asked about them, does not know or has cancelled, and its own file does not "
    "hold: they link nobody and are nobody's golden code. inquiry_answer: invalid, cancelled.",
)

CODE_ANSWER = Table(
    "person.code_answer",
    ("record_key",),
    _columns("""
    record_key varchar, feed varchar, person_id bigint, inquiry_answer_code varchar
"""),
    "Records whose national code people must look at, for what civil registration answered when it was asked about it. "
    "inquiry_answer: schemas/inquiries/answers.csv, which says what each means and what to do; of invalid and cancelled the "
    "code counts as none.",
)

ANSWERS = (REFUSED_CODE, CODE_ANSWER)
