"""What the identity log alone answers: who holds which record, and where each id ever issued leads on each day.

Both Steps read ``person.identity_log``: all events of all nights, one after the other. The crosswalk of a run must equal
``replayed()``, and the warehouse's ``person.resolve(person_id, known_at)`` must answer as ``resolution()`` does.
"""

from __future__ import annotations

from hub.steps import Step

BEGINNING = "0001-01-01"
END = "9999-12-31"


def replayed() -> Step:
    """Membership rebuilt from nothing but the log.

    A record is where it last joined and did not leave since, moved on by each merge of the person that held it then.

    Reads:   person.identity_log
    Grain:   record_key
    """
    return Step(
        "person.replayed",
        ("record_key",),
        """
        with recursive last_move as (
            select record_key, max(event_no) as event_no
            from person.identity_log where event_code in ('join', 'leave')
            group by record_key
        ),
        joined as (
            select e.record_key, e.person_id, e.event_no
            from person.identity_log as e join last_move as l on l.event_no = e.event_no
            where e.event_code = 'join'
        ),
        merge as (
            select person_id, other_person_id, event_no,
                   lag(event_no, 1, 0) over (partition by person_id order by event_no) as after_event_no
            from person.identity_log where event_code = 'merge'
        ),
        moved as (
            select record_key, person_id, event_no from joined
            union all
            select m.record_key, g.other_person_id, g.event_no
            from moved as m
            join merge as g on g.person_id = m.person_id and g.after_event_no < m.event_no and g.event_no > m.event_no
        ),
        settled as (select record_key, max(event_no) as event_no from moved group by record_key)
        select m.record_key, m.person_id
        from moved as m join settled as s on s.record_key = m.record_key and s.event_no = m.event_no
        """,
    )


def resolution() -> Step:
    """Where every id ever issued leads, on every day (I06).

    An id leads to itself until its first merge, then where its latest merge points, and on from there. On days before it was
    minted, it leads where its records were known: to the oldest id that follows its records to it in the run of its mint (a
    merge proven wrong), else to the person it was split from, else to itself.

    Reads:   person.identity_log
    Grain:   person_id, from_date
    Columns: [from_date, to_date) are business dates; of several merges of one id on one day the last holds.
    """
    return Step(
        "person.resolution",
        ("person_id", "from_date"),
        """
        with recursive stated as (
            select person_id, coalesce(other_person_id, person_id) as at_person_id, event_no, business_date as from_date
            from person.identity_log where event_code in ('mint', 'merge')
            union all
            select m.person_id, coalesce(min(g.person_id), min(s.other_person_id), m.person_id), -1, cast($beginning as date)
            from person.identity_log as m
            left join person.identity_log as g
              on g.other_person_id = m.person_id and g.run_id = m.run_id and g.event_code = 'merge'
            left join person.identity_log as s on s.person_id = m.person_id and s.event_code = 'split'
            where m.event_code = 'mint'
            group by m.person_id
        ),
        latest as (
            select *, row_number() over (partition by person_id, from_date order by event_no desc) as day_rank from stated
        ),
        hop as (
            select person_id, at_person_id, from_date,
                   lead(from_date, 1, cast($end as date)) over (partition by person_id order by from_date) as to_date
            from latest where day_rank = 1
        ),
        path as (
            select person_id, at_person_id, from_date, to_date, at_person_id = person_id as is_there from hop
            union all
            select p.person_id, h.at_person_id, greatest(p.from_date, h.from_date), least(p.to_date, h.to_date),
                   h.at_person_id = h.person_id
            from path as p
            join hop as h
              on h.person_id = p.at_person_id and h.from_date < p.to_date and h.to_date > p.from_date
            where not p.is_there
        ),
        turned as (
            select person_id, at_person_id, from_date,
                   at_person_id is distinct from lag(at_person_id) over (partition by person_id order by from_date)
                       as is_turn
            from path where is_there
        )
        select person_id, at_person_id as survivor_person_id, from_date,
               lead(from_date, 1, cast($end as date)) over (partition by person_id order by from_date) as to_date
        from turned where is_turn
        """,
        {"beginning": BEGINNING, "end": END},
    )
