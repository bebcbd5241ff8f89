"""Rules under review: officials propose a change, others decide; the tree's rules and all approved changes are in force.

A change gives a rule other words for its days, or ends it on them; on all other days the rule stays as it was. So a case is
judged by the rule in force on its days, and what was proposed and decided, by whom and why, stays for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from hub.errors import SettingsError
from hub.runs import Run
from hub.settings import Settings
from schemas.codes import OverlapRule, overlap_rule, overlap_rules
from warehouse.database import connect
from warehouse.rules import rule

APPROVED, REJECTED = "approved", "rejected"


@dataclass(frozen=True)
class Proposal:
    """What an official proposed, and what another decided.

    Args:
        rule: texts of the rule's columns; None: the rule of this code ends on these days.
        decision_code: approved, rejected; None while it waits.
    """

    proposal_no: int
    rule_code: str
    from_date: date
    to_date: date
    rule: dict[str, str] | None
    source: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decision_code: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


def proposals(settings: Settings) -> list[Proposal]:
    """All that was ever proposed; what was decided first, in the order of decisions, then what waits."""
    with connect(settings) as connection, connection.cursor(row_factory=class_row(Proposal)) as cursor:
        return cursor.execute("select * from cover.rule_proposal order by decided_at nulls last, proposal_no").fetchall()


def find_proposal(settings: Settings, proposal_no: int) -> Proposal:
    """One of them.

    Raises:
        SettingsError: there is none of this number.
    """
    found = [each for each in proposals(settings) if each.proposal_no == proposal_no]
    if not found:
        raise SettingsError(
            f"There is no proposal {proposal_no}; nothing was changed.", hint="`databank rules history` lists all of them."
        )
    return found[0]


def rules_in_force(settings: Settings) -> tuple[OverlapRule, ...]:
    """The rules of the tree with every approved change."""
    approved = [each for each in proposals(settings) if each.decision_code == APPROVED]
    return amended(overlap_rules(), approved)


def amended(rules: Iterable[OverlapRule], changes: Iterable[Proposal]) -> tuple[OverlapRule, ...]:
    """Rules after changes in their order: of one code, a later change counts on its days, an earlier one on the others."""
    current = list(rules)
    for change in changes:
        kept = [part for each in current for part in _outside(each, change)]
        current = kept if change.rule is None else [*kept, overlap_rule(change.rule)]
    return tuple(sorted(current, key=lambda each: (each.priority, each.rule_code, each.from_date)))


def _outside(each: OverlapRule, change: Proposal) -> Iterator[OverlapRule]:
    if each.rule_code != change.rule_code:
        yield each
        return
    if each.from_date < change.from_date:
        yield replace(each, to_date=min(each.to_date, change.from_date))
    if each.to_date > change.to_date:
        yield replace(each, from_date=max(each.from_date, change.to_date))


def propose(settings: Settings, row: Mapping[str, str], *, is_repeal: bool, reason: str, proposed_by: str) -> int:
    """Write a proposal down; nothing is judged by it yet. Returns its number.

    Args:
        row: texts of a rule's columns, all of them; of a repeal only code, days and source count.

    Raises:
        SettingsError: a column cannot be used, or the source is not told.
    """
    try:
        declared = overlap_rule(row)
        if not row["source"].strip():
            raise ValueError("it names no source")
    except (ValueError, KeyError) as error:
        raise SettingsError(
            f"The rule cannot be used: {error}. Nothing was proposed.",
            hint="`databank rules propose --help` explains the columns; `databank rules show CODE` shows an example.",
        ) from error
    content = None if is_repeal else Jsonb({name: row[name] for name in asdict(declared)})
    with connect(settings) as connection:
        found = connection.execute(
            "insert into cover.rule_proposal (rule_code, from_date, to_date, rule, source, reason, proposed_by) "
            "values (%s, %s, %s, %s, %s, %s, %s) returning proposal_no",
            (declared.rule_code, declared.from_date, declared.to_date, content, row["source"], reason, proposed_by),
        ).fetchone()
    assert found is not None
    return int(found[0])


def decide(settings: Settings, proposal_no: int, *, is_approved: bool, reason: str, decided_by: str) -> None:
    """Approve or reject a proposal; the next night judges by what is in force then.

    Raises:
        SettingsError: there is none, it is decided already, or who decides is who proposed it.
    """
    waiting = find_proposal(settings, proposal_no)
    if waiting.decision_code is not None:
        raise _decided_already(proposal_no, waiting.decision_code)
    if _is_same_person(decided_by, waiting.proposed_by):
        raise SettingsError(
            f"Proposal {proposal_no} is decided by somebody other than who proposed it; nothing was changed.",
            hint="Let a second person look at it and decide, with a reason.",
        )
    with connect(settings) as connection:
        decided = connection.execute(
            "update cover.rule_proposal set decision_code = %s, decided_by = %s, decided_at = clock_timestamp(), "
            "decision_reason = %s where proposal_no = %s and decision_code is null",
            (APPROVED if is_approved else REJECTED, decided_by, reason, proposal_no),
        ).rowcount
    if not decided:  # by somebody else, meanwhile
        raise _decided_already(proposal_no, "decided")


def _decided_already(proposal_no: int, how: str) -> SettingsError:
    return SettingsError(
        f"Proposal {proposal_no} was {how} already; nothing was changed.",
        hint="Propose a further change; decisions stay as they were made.",
    )


def _is_same_person(one: str, other: str) -> bool:
    """Names are compared as the database does."""
    return one.strip().lower() == other.strip().lower()


def rules_version(settings: Settings) -> str:
    """A hash of the rules in force: part of what makes a run the run it is."""
    return hashlib.sha256(repr(rules_in_force(settings)).encode()).hexdigest()


def export_rules(settings: Settings, run: Run) -> int:
    """Write the rules in force to ``cover.rule`` in the run folder; returns how many there are."""
    found = rules_in_force(settings)
    with run.runner(settings) as runner:
        runner.run(rule(found))
    return len(found)
