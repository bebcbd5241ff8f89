"""Questions about conflicts: which there are, and everything that is known of one.

What tells of somebody's health is left out, unless a purpose is given; then the reading is written down first (C15).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.rows import dict_row

from hub.errors import InquiryError
from hub.settings import Settings
from schemas.codes import insurers
from schemas.conflict_kinds import conflict_kinds, sensitive_kinds
from schemas.conflict_tables import STAGES
from warehouse.database import Postgres, connect

LISTED = (
    "conflict_no", "kind_code", "insurer_a", "insurer_b", "from_date", "to_date", "outcome_code", "keeper_insurer_code",
    "stage_code", "opened_date", "reported_date", "due_date", "is_overdue",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which conflicts are asked for; what is None is not asked about. Without a stage those that are open."""

    insurer_code: str | None = None
    kind_code: str | None = None
    stage_code: str | None = None
    is_overdue: bool = False
    limit: int = 50


@dataclass(frozen=True)
class Conflict:
    """One conflict with its answers and its history, oldest first."""

    facts: Row
    answers: list[Row]
    events: list[Row]


def list_conflicts(settings: Settings, wanted: Wanted, purpose: str | None = None) -> list[Row]:
    """Conflicts by number, at most as many as wanted.

    Raises:
        InquiryError: there is no such kind, stage or insurer, or no purpose for a kind that tells of somebody's health.
    """
    for what, code, known in (
        ("kind of conflict", wanted.kind_code, conflict_kinds()),
        ("stage of conflicts", wanted.stage_code, STAGES),
        ("insurer", wanted.insurer_code, insurers()),
    ):
        if code is not None and code not in known:
            raise InquiryError(f"There is no {what} {code}; nothing was listed.", hint=f"Use one of: {', '.join(known)}.")
    if wanted.kind_code in sensitive_kinds() and purpose is None:
        raise _needs_purpose(f"Conflicts of the kind {wanted.kind_code} tell", "listed")
    conditions = {
        "%(insurer_code)s in (insurer_a, insurer_b)": wanted.insurer_code is not None,
        "kind_code = %(kind_code)s": wanted.kind_code is not None,
        "stage_code = %(stage_code)s": wanted.stage_code is not None,
        "status_code = 'open'": wanted.stage_code is None,
        "is_overdue": wanted.is_overdue,
        "kind_code <> all(%(sensitive)s)": purpose is None,
    }
    told = " and ".join(condition for condition, is_asked in conditions.items() if is_asked) or "true"
    values = vars(wanted) | {"sensitive": list(sensitive_kinds())}
    with connect(settings) as connection, connection.transaction():
        query = f"select {', '.join(LISTED)} from cover.conflict where {told} order by conflict_no limit %(limit)s"
        found = _rows(connection, query, values)
        if purpose is not None:
            _write_down(connection, None, purpose, sum(row["kind_code"] in sensitive_kinds() for row in found))
    return found


def show_conflict(settings: Settings, conflict_no: int, purpose: str | None = None) -> Conflict:
    """One conflict.

    Raises:
        InquiryError: there is none of that number, or it tells of somebody's health and no purpose is given.
    """
    with connect(settings) as connection, connection.transaction():
        number = {"conflict_no": conflict_no}
        found = _rows(connection, "select * from cover.conflict where conflict_no = %(conflict_no)s", number)
        if not found:
            raise InquiryError(
                f"There is no conflict {conflict_no}; nothing was shown.",
                hint="`databank conflicts` lists those that are open.",
            )
        if found[0]["kind_code"] in sensitive_kinds():
            if purpose is None:
                raise _needs_purpose(f"Conflict {conflict_no} tells", "shown")
            _write_down(connection, found[0]["person_id"], purpose, 1)
        history = "where conflict_no = %(conflict_no)s order by"
        return Conflict(
            found[0],
            _rows(connection, f"select * from cover.conflict_answer {history} answered_date, record_key", number),
            _rows(connection, f"select * from cover.conflict_event {history} event_no", number),
        )


def _needs_purpose(what_tells: str, done: str) -> InquiryError:
    return InquiryError(
        f"{what_tells} of somebody's health; nothing was {done}.",
        hint='Say what it is read for with --purpose "…"; the reading is written down.',
    )


def _rows(connection: Postgres, query: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [{name: _plain(value) for name, value in row.items()} for row in cursor.execute(query, values).fetchall()]


def _plain(value: Any) -> Any:
    return None if isinstance(value, date) and value == date.max else value


def _write_down(connection: Postgres, person_id: int | None, purpose: str, row_count: int) -> None:
    connection.execute(
        "insert into special.reading (person_id, purpose, row_count) values (%s, %s, %s)", (person_id, purpose, row_count)
    )
