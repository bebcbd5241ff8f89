"""Conflicts: what insurers must settle, what they answered, and everything that ever happened to each."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

KIND = Table(
    "cover.conflict_kind",
    ("kind_code",),
    _columns("""
    kind_code varchar, name_fa varchar, name_en varchar, told varchar, deadline_days integer, severity varchar,
    is_sensitive boolean
"""),
    "Kinds of conflicts, as schemas/codes/conflict_kinds.csv declares them. told: sides, nobody, or the one insurer that is "
    "told. deadline_days: to answer, and to deliver what was agreed. is_sensitive: tells of somebody's health.",
)

CONFLICT = Table(
    "cover.conflict",
    ("conflict_no",),
    _columns("""
    conflict_no bigint, kind_code varchar, person_id bigint, insurer_a varchar, insurer_b varchar, booklet_no_a varchar,
    booklet_no_b varchar, record_key_a varchar, record_key_b varchar, principal_person_id_a bigint,
    principal_person_id_b bigint, from_date date, to_date date, overlap_days integer, rule_code varchar,
    outcome_code varchar, keeper_insurer_code varchar, reason_fa varchar, is_under_review boolean, status_code varchar,
    opened_date date, changed_date date, reopened_count integer, stage_code varchar, reported_date date, due_date date,
    is_overdue boolean, event_count integer
"""),
    "One row per conflict, for ever. kind: see cover.conflict_kind. outcome: block (the other is blocked), choose (the "
    "person), case (people decide), inform (nothing to decide). Side b and overlap_days are empty for kinds with one side, "
    "overlap_days also while the overlap is open-ended. status: open, resolved (it is no longer found). stage: opened, "
    "reported, answered (all whose answer is awaited gave one), resolved, reopened. reported_date: of the return that last "
    "told of it. due_date: until when an answer, or what was agreed, is awaited; null: nobody's turn.",
)

STAGES = ("opened", "reported", "answered", "resolved", "reopened")
TAKEN = "taken"
"""Verdict on an answer that counts."""

ANSWER = Table(
    "cover.conflict_answer",
    ("record_key",),
    _columns("""
    record_key varchar, feed varchar, line_no bigint, delivery_id varchar, conflict_no bigint, insurer_code varchar,
    answer_code varchar, told_date date, reason varchar, verdict_code varchar, answered_date date
"""),
    "Insurers' answers as their deliveries tell them now. answer: agree, dispute (with a reason), already_cancelled. "
    "told_date: business date of the return that it answers. verdict: taken; refused as not_yours, unknown_number, stale "
    "(the conflict has changed since, or is resolved), no_reason. answered_date: the night that judged it.",
)

EVENT = Table(
    "cover.conflict_event",
    ("conflict_no", "event_no"),
    _columns("""
    conflict_no bigint, event_no integer, event_code varchar, cause_code varchar, insurer_code varchar,
    answer_code varchar, business_date date, run_id varchar
"""),
    "Append-only history of conflicts. event: opened, changed, reported, answered (insurer, answer), overdue, resolved, "
    "reopened. cause: found, found_again; of a change kind, days, rule, outcome, keeper, reason, review; return; the "
    "answer; deadline; of an end agreed (after an answer), record_ended, identity (its records are of two persons), days.",
)

CONFLICTS = (KIND, CONFLICT, ANSWER, EVENT)
