"""The life of conflicts: opened, reported, answered, resolved, reopened; what insurers answered, and all that ever happened.

A night moves each conflict on from where the night before left it. What it reports is what its returns hold: whatever
opened, changed, ended or came back tonight, unless people are deciding who the person is (C13). An answer counts for what
was told last: once the conflict has changed, it must be given again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hub.duck import literal
from hub.runs import Run
from hub.steps import Amendment, Runner, Step
from schemas.conflict_kinds import NOBODY, SIDES
from schemas.conflict_tables import ANSWER, CONFLICT, EVENT
from schemas.delivery import Delivery
from schemas.feed import ANSWERS_ROLE, Feed
from warehouse.conflicts import BOOKLET_KINDS
from warehouse.role_rows import role_rows

NEEDED = {
    "record_key": "varchar", "line_no": "bigint", "since_delivery_id": "varchar", "conflict_no": "bigint",
    "insurer_code": "varchar", "answer_code": "varchar", "told_date": "date", "dispute_reason": "varchar",
}  # fmt: skip
AGREEING = ("agree", "already_cancelled")
# A run of before conflicts had stages told of what had changed, on that day.
_LAST_TOLD = "if(stage_code is null and is_under_review is not true, changed_date, reported_date)"


def answers(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery], business_date: date) -> Step:
    """Insurers' answers with the verdict of each (C12).

    An agency answers for the insurers whose covers it delivers, so whose answer it is never rests on what a row says.

    Reads:   rows of the current deliveries of role answers, base.conflict, base.conflict_answer
    Grain:   record_key
    """
    own = sorted({(feed.agency, feed.insurer_code) for feed in feeds if feed.insurer_code})
    return answer(role_rows(runner, feeds, deliveries, ANSWERS_ROLE, NEEDED), own, business_date)


def answer(rows: str, own: Sequence[tuple[str, str]], business_date: date) -> Step:
    """The same of given rows; ``own``: which agency answers for which insurer."""
    return Step(
        ANSWER.name,
        ANSWER.grain,
        f"""
        with told as ({rows}),
        own as (select unnest(cast($own as struct(agency varchar, insurer_code varchar)[]), recursive := true)),
        conflict as (select *, {_LAST_TOLD} as last_told_date from base.conflict),
        judged as (
            select t.*, split_part(t.record_key, ':', 1) as feed, k.verdict_code as known_verdict_code,
                   k.line_no as known_line_no, k.answered_date as known_answered_date,
                   case when o.insurer_code is null then 'not_yours'
                        when b.last_told_date is null then 'unknown_number'
                        when t.insurer_code not in (b.insurer_a, coalesce(b.insurer_b, '')) then 'not_yours'
                        when b.status_code = 'resolved' then 'stale'
                        when t.told_date is distinct from b.last_told_date then 'stale'
                        when t.answer_code = 'dispute' and t.dispute_reason is null then 'no_reason'
                        else 'taken' end as verdict_code
            from told as t
            left join own as o on o.agency = t.agency and o.insurer_code = t.insurer_code
            left join conflict as b on b.conflict_no = t.conflict_no
            left join base.conflict_answer as k
              on k.record_key = t.record_key and (k.conflict_no, k.insurer_code, k.answer_code, k.told_date)
                 is not distinct from (t.conflict_no, t.insurer_code, t.answer_code, t.told_date)
        )
        select record_key, feed, coalesce(known_line_no, line_no) as line_no, since_delivery_id as delivery_id, conflict_no,
               insurer_code, answer_code, told_date, dispute_reason as reason,
               coalesce(known_verdict_code, verdict_code) as verdict_code,
               coalesce(known_answered_date, $business_date) as answered_date
        from judged
        """,
        {"business_date": business_date, "own": [{"agency": a, "insurer_code": code} for a, code in own]},
    )


def sides() -> Step:
    """Insurers that are told of each conflict, and whether an answer of each is awaited.

    Of a booklet that is blocked by rule, its insurer must act; where nothing is decided, all must.

    Reads:   cover.numbered_conflict, cover.conflict_kind
    Grain:   conflict_no, insurer_code
    """
    return Step(
        "cover.conflict_side",
        ("conflict_no", "insurer_code"),
        """
        with side as (
            select n.*, unnest(if(k.told = $sides, list_distinct([n.insurer_a, n.insurer_b]), [k.told])) as insurer_code
            from cover.numbered_conflict as n join cover.conflict_kind as k using (kind_code)
            where k.told <> $nobody
        )
        select conflict_no, insurer_code,
               status_code = 'open'
                   and not (outcome_code = 'block' and keeper_insurer_code = insurer_code and insurer_a <> insurer_b)
                   and not (outcome_code = 'inform' and kind_code in (select unnest($booklet_kinds))) as is_awaited
        from side where insurer_code is not null
        """,
        {"sides": SIDES, "nobody": NOBODY, "booklet_kinds": list(BOOKLET_KINDS)},
    )


def moved(business_date: date) -> Step:
    """Where each conflict stands after tonight.

    Reads:   cover.numbered_conflict, cover.conflict_side, cover.conflict_kind, cover.conflict_answer, base.conflict
    Grain:   conflict_no
    Columns: those of cover.conflict but event_count; is_told: tonight's returns tell of it; was_overdue.
    """
    return Step(
        "cover.moved_conflict",
        ("conflict_no",),
        f"""
        with known as (
            select conflict_no, stage_code, due_date, coalesce(is_overdue, false) as was_overdue,
                   coalesce(event_count, 0) as known_event_count,
                   {_LAST_TOLD} as reported_date
            from base.conflict
        ),
        answered as (
            select a.conflict_no, a.insurer_code,
                   arg_max((a.answer_code, a.answered_date), (a.answered_date, a.record_key)) as last
            from cover.conflict_answer as a join known as k using (conflict_no)
            where a.verdict_code = 'taken' and a.told_date = k.reported_date
            group by a.conflict_no, a.insurer_code
        ),
        waiting as (
            select s.conflict_no, count(*) as awaited_count, count(a.last) as answered_count,
                   bool_and(a.last[1] in ({", ".join(map(literal, AGREEING))})) as is_agreed, max(a.last[2]) as answered_date
            from cover.conflict_side as s left join answered as a using (conflict_no, insurer_code)
            where s.is_awaited
            group by s.conflict_no
        ),
        said as (
            select n.*, k.deadline_days, b.stage_code as known_stage_code, b.reported_date as known_reported_date,
                   b.due_date as known_due_date, coalesce(b.was_overdue, false) as was_overdue,
                   coalesce(b.known_event_count, 0) as known_event_count,
                   k.told <> $nobody and n.change_code is not null and n.is_under_review is not true
                       and (n.status_code = 'open' or b.reported_date is not null) as is_told,
                   w.awaited_count > 0 as is_awaited, coalesce(w.answered_count = w.awaited_count, false) as is_answered,
                   w.is_agreed, w.answered_date
            from cover.numbered_conflict as n
            join cover.conflict_kind as k using (kind_code)
            left join known as b using (conflict_no)
            left join waiting as w using (conflict_no)
        ),
        due as (
            select *,
                   case when status_code = 'resolved' then 'resolved'
                        when is_told then 'reported'
                        when change_code in ('opened', 'reopened') then change_code
                        when is_answered then 'answered'
                        when known_reported_date is not null then 'reported'
                        else coalesce(known_stage_code, 'opened') end as stage_code,
                   if(is_told, $business_date, known_reported_date) as reported_date,
                   case when status_code = 'resolved' or is_awaited is not true then null
                        when is_told then $business_date + deadline_days
                        when is_answered then if(is_agreed, answered_date + deadline_days, null)
                        else coalesce(known_due_date, known_reported_date + deadline_days) end as due_date
            from said
        )
        select *, coalesce(due_date <= $business_date, false) as is_overdue from due
        """,
        {"business_date": business_date, "nobody": NOBODY},
    )


def new_events(run: Run) -> Step:
    """What happened to conflicts tonight, numbered on from each one's history.

    Reads:   cover.moved_conflict, cover.conflict_answer, base.conflict_answer
    Grain:   conflict_no, event_no
    """
    return Step(
        "cover.new_conflict_event",
        EVENT.grain,
        f"""
        with given as (
            select a.conflict_no, a.insurer_code, a.answer_code
            from cover.conflict_answer as a
            anti join base.conflict_answer as k
              on (k.record_key, k.conflict_no, k.insurer_code, k.answer_code, k.told_date)
               = (a.record_key, a.conflict_no, a.insurer_code, a.answer_code, a.told_date)
            where a.verdict_code = 'taken'
        ),
        agreed as (
            select a.conflict_no
            from cover.conflict_answer as a
            join (select conflict_no, {_LAST_TOLD} as told_date from base.conflict) as b using (conflict_no, told_date)
            where a.verdict_code = 'taken' and a.answer_code in ({", ".join(map(literal, AGREEING))})
        ),
        happened as (
            select conflict_no, 1 as place, 'answered' as event_code, answer_code as cause_code, insurer_code, answer_code
            from given
            union all by name
            select m.conflict_no, 2 as place, m.change_code as event_code,
                   case when m.change_code = 'resolved' and m.conflict_no in (select conflict_no from agreed) then 'agreed'
                        else m.cause_code end as cause_code
            from cover.moved_conflict as m where m.change_code is not null
            union all by name
            select conflict_no, 3 as place, 'reported' as event_code, 'return' as cause_code
            from cover.moved_conflict where is_told
            union all by name
            select conflict_no, 4 as place, 'overdue' as event_code, 'deadline' as cause_code
            from cover.moved_conflict where is_overdue and not was_overdue
        )
        select h.conflict_no,
               cast(m.known_event_count + row_number() over (
                   partition by h.conflict_no order by h.place, h.insurer_code, h.answer_code) as integer) as event_no,
               h.event_code, h.cause_code, h.insurer_code, h.answer_code, $business_date as business_date, $run_id as run_id
        from happened as h join cover.moved_conflict as m using (conflict_no)
        """,
        {"business_date": run.business_date, "run_id": run.run_id},
    )


def conflict() -> Step:
    """Conflicts as the night leaves them.

    Reads:   cover.moved_conflict, cover.new_conflict_event
    Grain:   conflict_no
    """
    columns = ", ".join(f"m.{name}" for name in CONFLICT.columns if name != "event_count")
    return Step(
        CONFLICT.name,
        CONFLICT.grain,
        f"""
        with new as (select conflict_no, count(*) as new_count from cover.new_conflict_event group by conflict_no)
        select {columns}, cast(m.known_event_count + coalesce(new.new_count, 0) as integer) as event_count
        from cover.moved_conflict as m left join new using (conflict_no)
        """,
    )


def keep_history(runner: Runner, base_folder: Path | None) -> None:
    """``cover.conflict_event``: the history of the night before, and what was added tonight."""
    added = Step(EVENT.name, EVENT.grain, "select * from cover.new_conflict_event")
    before = base_folder / f"{EVENT.name}.parquet" if base_folder else None
    if before and before.exists():
        runner.amend(Amendment(added, before, "false"))
    else:
        runner.run(added)
