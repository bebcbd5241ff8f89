"""How insurers deal with their conflicts: for their scorecards, night by night."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

INSURER_SCORE = Table(
    "cover.insurer_score",
    ("insurer_code",),
    _columns("""
    insurer_code varchar, open_count bigint, overdue_count bigint, agreed_count bigint, disputed_count bigint,
    cancelled_count bigint, resolved_count bigint, reopened_count bigint, as_of_date date
"""),
    "Conflicts that an insurer is told of, each counted at both sides. open: not resolved. overdue: open past their day, "
    "without an answer of this insurer to the last return that told of them. agreed, disputed, cancelled: by this insurer's "
    "last answer that was taken (cancelled: it had ended the booklet already). resolved: no longer found. reopened: came "
    "back at least once after that. Under clerical review: not counted.",
)
