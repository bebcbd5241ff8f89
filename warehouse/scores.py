"""Scores of insurers: how many of their conflicts are open, overdue, agreed to, disputed, and came back."""

from __future__ import annotations

from datetime import date

from hub.steps import Step
from schemas.score_tables import INSURER_SCORE


def insurer_scores(business_date: date) -> Step:
    """One row an insurer that was ever told of a conflict.

    Reads:   cover.conflict, cover.conflict_kind, cover.conflict_answer
    Grain:   insurer_code
    """
    return Step(
        INSURER_SCORE.name,
        INSURER_SCORE.grain,
        """
        with side as (
            select conflict_no, insurer_a as insurer_code, kind_code, status_code, reported_date, is_overdue, reopened_count
            from cover.conflict where not coalesce(is_under_review, false)
            union all
            select conflict_no, insurer_b, kind_code, status_code, reported_date, is_overdue, reopened_count
            from cover.conflict where not coalesce(is_under_review, false) and insurer_b <> insurer_a
        ),
        told as (
            select s.* from side as s join cover.conflict_kind as k using (kind_code)
            where k.told = 'sides' or k.told = s.insurer_code
        ),
        answer as (
            select conflict_no, insurer_code, answer_code, told_date
            from cover.conflict_answer where verdict_code = 'taken'
            qualify row_number() over (
                partition by conflict_no, insurer_code order by told_date desc, answered_date desc, record_key desc) = 1
        )
        select t.insurer_code,
               count(*) filter (where t.status_code <> 'resolved')                         as open_count,
               count(*) filter (where t.status_code <> 'resolved' and t.is_overdue
                                  and (a.told_date is null or a.told_date < t.reported_date)) as overdue_count,
               count(*) filter (where a.answer_code = 'agree')                             as agreed_count,
               count(*) filter (where a.answer_code = 'dispute')                           as disputed_count,
               count(*) filter (where a.answer_code = 'already_cancelled')                 as cancelled_count,
               count(*) filter (where t.status_code = 'resolved')                          as resolved_count,
               count(*) filter (where t.reopened_count > 0)                                as reopened_count,
               $business_date::date                                                        as as_of_date
        from told as t
        left join answer as a on a.conflict_no = t.conflict_no and a.insurer_code = t.insurer_code
        group by t.insurer_code
        """,
        {"business_date": business_date},
    )
