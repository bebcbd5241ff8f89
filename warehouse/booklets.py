"""Booklets: basic cover by day segment, with at most one active booklet for a person on any day."""

from __future__ import annotations

from hub.steps import Step
from schemas.tables import BOOKLET
from warehouse.conflicts import BOOKLET_KINDS


def booklets() -> Step:
    """Basic booklets by day segment; neighbouring segments of equal status are one.

    Reads:   cover.period, cover.standing, cover.conflict
    Grain:   person_id, insurer_code, booklet_no, from_date
    Columns: status: active, contested, blocked; conflict_no: the conflict with the keeper of a blocked booklet, with the
             active one beside a contested booklet; it stays when the conflict is resolved because one of them has ended.
    """
    return Step(
        BOOKLET.name,
        BOOKLET.grain,
        """
        with basic as (
            select person_id, insurer_code, booklet_no, from_date, to_date
            from cover.period where benefit_kind_code = 'basic'
        ),
        several as (select person_id from basic group by person_id having count(*) > 1),
        quiet as (
            select *, 'active' as status_code, cast(null as bigint) as conflict_no
            from basic
            semi join several using (person_id)
            anti join cover.standing using (person_id)
        ),
        pair_conflict as (
            select * from cover.conflict where kind_code in (select unnest($booklet_kinds))
        ),
        judged as (
            select s.person_id, s.insurer_code, s.booklet_no, s.from_date, s.to_date, s.status_code,
                   arg_min(c.conflict_no, (c.status_code <> 'open', -c.conflict_no)) as conflict_no
            from cover.standing as s
            left join pair_conflict as c
              on c.person_id = s.person_id
             and c.insurer_a = least((s.insurer_code, s.booklet_no), (s.other_insurer_code, s.other_booklet_no))[1]
             and c.booklet_no_a = least((s.insurer_code, s.booklet_no), (s.other_insurer_code, s.other_booklet_no))[2]
             and c.insurer_b = greatest((s.insurer_code, s.booklet_no), (s.other_insurer_code, s.other_booklet_no))[1]
             and c.booklet_no_b = greatest((s.insurer_code, s.booklet_no), (s.other_insurer_code, s.other_booklet_no))[2]
             and c.from_date <= s.from_date and c.to_date >= s.to_date
             and s.status_code <> 'active'
            group by s.person_id, s.insurer_code, s.booklet_no, s.from_date, s.to_date, s.status_code
        ),
        segment as (
            select person_id, insurer_code, booklet_no, from_date, to_date, status_code, conflict_no from quiet
            union all
            select person_id, insurer_code, booklet_no, from_date, to_date, status_code, conflict_no from judged
        ),
        marked as (
            select *, from_date is distinct from lag(to_date) over booklet
                      or status_code is distinct from lag(status_code) over booklet
                      or conflict_no is distinct from lag(conflict_no) over booklet as is_start
            from segment
            window booklet as (partition by person_id, insurer_code, booklet_no order by from_date)
        ),
        numbered as (
            select *, sum(is_start::int) over (
                       partition by person_id, insurer_code, booklet_no order by from_date) as part_no
            from marked
        )
        select person_id, insurer_code, booklet_no, from_date, to_date, 'active' as status_code,
               cast(null as bigint) as conflict_no
        from basic
        anti join several using (person_id)
        union all
        select person_id, insurer_code, booklet_no, min(from_date), max(to_date), any_value(status_code),
               any_value(conflict_no)
        from numbered
        group by person_id, insurer_code, booklet_no, part_no
        """,
        {"booklet_kinds": list(BOOKLET_KINDS)},
    )
