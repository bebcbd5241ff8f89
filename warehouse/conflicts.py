"""Conflicts: what insurers must settle, known by the same number from night to night (C11)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

from hub.duck import literal, quote
from hub.layers import rows_of
from hub.steps import Runner, Step
from schemas.conflict_kinds import ConflictKind, conflict_kinds
from schemas.conflict_tables import ANSWER, CONFLICT, EVENT, KIND
from schemas.employment_tables import BENEFIT
from schemas.jalali import jalali_table
from schemas.special_tables import CLAIM, MARK
from schemas.table import Table
from schemas.tables import COVER_RECORD
from warehouse.rules import OPEN_END

FOUND = (
    "cover.found_pair", "cover.found_listing", "cover.found_foreign_code", "cover.found_benefit", "cover.found_mark",
    "cover.found_claim",
)  # fmt: skip
#: Kinds of one family are one conflict whose kind may change: two booklets of one person on the same days.
BOOKLET_KINDS = ("two_basic", "same_insurer", "two_principals")
FACTS = {
    "is_under_review": "review", "kind_code": "kind", "from_date": "days", "to_date": "days", "rule_code": "rule",
    "outcome_code": "outcome", "keeper_insurer_code": "keeper", "reason_fa": "reason",
}  # fmt: skip
"""What an insurer reads of a conflict, and what its change is called; when any of it changes, the conflict has changed."""
SAID = (
    "conflict_no", "kind_code", "person_id", "insurer_a", "insurer_b", "booklet_no_a", "booklet_no_b", "record_key_a",
    "record_key_b", "principal_person_id_a", "principal_person_id_b", "from_date", "to_date", "rule_code", "outcome_code",
    "keeper_insurer_code", "reason_fa", "is_under_review",
)  # fmt: skip
#: Where the records of conflicts are told of.
TOLD = (COVER_RECORD.name, BENEFIT.name, MARK.name, CLAIM.name)


def prepare(runner: Runner, base_folder: Path | None) -> None:
    """Make the live run's conflicts, their history and their answers readable in ``base``; empty in a new nation.

    A run of before a column was declared has nulls there.

    Leaves:  base.conflict, base.conflict_event, base.conflict_answer; jalali_day
    """
    runner.con.register("jalali_day", jalali_table())
    runner.con.execute("create schema if not exists base")
    for table in (CONFLICT, EVENT, ANSWER):
        path = base_folder / f"{table.name}.parquet" if base_folder else None
        rows = rows_of(path) if path and path.exists() else None
        name = f"base.{table.name.partition('.')[2]}"
        runner.con.execute(f"create or replace view {quote(name)} as {_padded(runner, table, rows)}")


def _padded(runner: Runner, table: Table, rows: str | None) -> str:
    known = {row[0] for row in runner.con.execute(f"describe select * from {rows}").fetchall()} if rows else set()
    cells = [
        f"cast({quote(name) if name in known else 'null'} as {kind}) as {quote(name)}"
        for name, kind in table.columns.items()
    ]
    return f"select {', '.join(cells)} {f'from {rows}' if rows else 'where false'}"


def kinds() -> Step:
    """The declared kinds as a table.

    Grain:   kind_code
    """
    rows = [asdict(kind) for kind in conflict_kinds().values()]
    struct = ", ".join(f"{name} {_TYPES[name]}" for name in ConflictKind.__dataclass_fields__)
    return Step(
        KIND.name,
        KIND.grain,
        f"select {', '.join(KIND.columns)} from (select unnest(cast($kinds as struct({struct})[]), recursive := true))",
        {"kinds": rows},
    )


_TYPES = KIND.columns | {"reason_fa": "varchar", "reason_en": "varchar"}


def numbered(business_date: date) -> Step:
    """Conflicts with their lasting numbers, life and history.

    A conflict is known again by its family of kinds, its records and its first day; an open one whose first day moved is
    known by its family and records alone. What is known keeps its number; what is new gets the next; what is gone is
    resolved and stays, and opens again under its number when it comes back. A booklet that was issued online is known again
    by the record with which its insurer lists it.

    Reads:   ``FOUND``, ``TOLD``, base.conflict (the live run's), person.crosswalk, cover.act, cover.period
    Grain:   conflict_no
    Columns: change_code: opened, changed, reopened, resolved, null where nothing has; cause_code: why (cover.conflict_event)
    """
    return Step(
        "cover.numbered_conflict",
        ("conflict_no",),
        f"""
        with found as (
            select *, {_family("kind_code")} as family_code
            from ({" union all by name ".join(f"select * from {name}" for name in FOUND)})
        ),
        seen as (select family_code, record_key_a, coalesce(record_key_b, '') as record_key_b, from_date from found),
        issued as (
            select 'booklet_act:' || a.act_no as act_key, arg_min(p.record_key, p.from_date) as record_key
            from cover.act as a join cover.period as p using (person_id, insurer_code, booklet_no)
            where a.act_code = 'issue' and p.benefit_kind_code = 'basic' and p.to_date > a.from_date
            group by a.act_no
        ),
        before as (
            select c.conflict_no, c.status_code, {_family("c.kind_code")} as family_code, c.from_date,
                   coalesce(a.record_key, c.record_key_a) as record_key_a,
                   coalesce(b.record_key, c.record_key_b, '') as record_key_b
            from base.conflict as c
            left join issued as a on a.act_key = c.record_key_a
            left join issued as b on b.act_key = c.record_key_b
        ),
        same_start as (
            select family_code, record_key_a, record_key_b, from_date, min(conflict_no) as conflict_no
            from seen join before using (family_code, record_key_a, record_key_b, from_date)
            group by all
        ),
        seen_left as (
            select *, row_number() over (partition by family_code, record_key_a, record_key_b order by from_date) as turn
            from seen anti join same_start using (family_code, record_key_a, record_key_b, from_date)
        ),
        before_left as (
            select *, row_number() over (
                       partition by family_code, record_key_a, record_key_b order by from_date, conflict_no) as turn
            from before anti join same_start using (conflict_no)
            where status_code = 'open'
        ),
        moved as (
            select s.*, b.conflict_no
            from seen_left as s left join before_left as b using (family_code, record_key_a, record_key_b, turn)
        ),
        known as (
            select family_code, record_key_a, record_key_b, from_date, conflict_no from same_start
            union all
            select family_code, record_key_a, record_key_b, from_date, conflict_no from moved where conflict_no is not null
            union all
            select family_code, record_key_a, record_key_b, from_date,
                   row_number() over (order by family_code, record_key_a, record_key_b, from_date)
                       + (select coalesce(max(conflict_no), 0) from base.conflict)
            from moved where conflict_no is null
        ),
        given as (
            select f.*, k.conflict_no
            from found as f
            join known as k
              on k.family_code = f.family_code and k.record_key_a = f.record_key_a
             and k.record_key_b = coalesce(f.record_key_b, '') and k.from_date = f.from_date
        ),
        current as (
            select g.*, b.conflict_no is not null as is_known, b.opened_date as known_opened_date,
                   b.changed_date as known_changed_date, coalesce(b.reopened_count, 0) as known_reopened_count,
                   case when b.conflict_no is null then 'opened'
                        when b.status_code = 'resolved' then 'reopened'
                        when ({_facts("g")}) is distinct from ({_facts("b")}) then 'changed' end as change_code,
                   case when b.conflict_no is null then 'found'
                        when b.status_code = 'resolved' then 'found_again' {_causes("g", "b")} end as cause_code
            from given as g left join base.conflict as b using (conflict_no)
        ),
        gone as (select * from base.conflict anti join given using (conflict_no)),
        gone_holder as (
            select record_key, person_id from person.crosswalk
            where record_key in (select record_key_a from gone union all select record_key_b from gone)
        ),
        told as ({" union all ".join(f"select record_key from {name}" for name in TOLD)}),
        ended as (
            select conflict_no
            from (select conflict_no, unnest([record_key_a, record_key_b]) as record_key from gone)
            anti join told using (record_key)
            where record_key is not null
            group by conflict_no
        )
        select {", ".join(SAID)}, 'open' as status_code,
               case when record_key_b is not null and to_date < date '{OPEN_END}' then to_date - from_date end
                   as overlap_days,
               coalesce(known_opened_date, $business_date) as opened_date,
               if(change_code is null, known_changed_date, $business_date) as changed_date,
               known_reopened_count + coalesce(change_code = 'reopened', false)::integer as reopened_count,
               change_code, cause_code
        from current
        union all by name
        select {", ".join(f"g.{name}" for name in SAID if name not in ("person_id", "is_under_review"))},
               coalesce(a.person_id, g.person_id) as person_id,
               g.is_under_review and g.reported_date is null as is_under_review, 'resolved' as status_code, g.overlap_days,
               g.opened_date, if(g.status_code = 'open', $business_date, g.changed_date) as changed_date, g.reopened_count,
               if(g.status_code = 'open', 'resolved', null) as change_code,
               case when g.status_code <> 'open' then null when e.conflict_no is not null then 'record_ended'
                    when a.person_id <> b.person_id then 'identity' else 'days' end as cause_code
        from gone as g
        left join gone_holder as a on a.record_key = g.record_key_a
        left join gone_holder as b on b.record_key = g.record_key_b
        left join ended as e using (conflict_no)
        """,
        {"business_date": business_date},
    )


def _family(kind: str) -> str:
    kinds_of_booklets = ", ".join(map(literal, BOOKLET_KINDS))
    return f"if({kind} in ({kinds_of_booklets}), {literal(BOOKLET_KINDS[0])}, {kind})"


def _facts(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in FACTS)


def _causes(new: str, old: str) -> str:
    """Branches of a case: which fact has changed, the first in their order."""
    return " ".join(
        f"when {new}.{name} is distinct from {old}.{name} then {literal(cause)}" for name, cause in FACTS.items()
    )
