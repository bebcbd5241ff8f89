"""Person ids that were ever issued, and what became of them."""

from __future__ import annotations

from hub.runs import Run
from hub.steps import Step
from schemas.tables import PERSON


def person(run: Run, issued: str) -> Step:
    """Ids that were ever issued, with their state after this night.

    Args:
        issued: table of the earlier ones in question, as person.previous_person.

    Reads:   identity.member, identity.overlap, person.identity_event, identity.assignment, identity.swallowed,
             identity.repointed
    Grain:   person_id
    """
    return Step(
        PERSON.name,
        PERSON.grain,
        f"""
        with named as (
            select person_id, max(event_no) as event_no
            from (select person_id, event_no from person.identity_event
                  union all
                  select other_person_id, event_no from person.identity_event where other_person_id is not null)
            group by person_id
        ),
        seen as (select person_id from identity.member union select person_id from identity.overlap),
        issued as (
            select i.person_id, i.survivor_person_id, i.minted_run, i.changed_run, i.last_event_no,
                   i.state_code = 'live' and s.person_id is null as is_left_alone
            from {issued} as i left join seen as s on s.person_id = i.person_id
            union all
            select person_id, null, $run_id, $run_id, null, false from identity.assignment where is_minted
        ),
        placed as (
            select i.person_id,
                   coalesce(r.survivor_person_id, s.survivor_person_id, i.survivor_person_id) as survivor_person_id,
                   a.person_id is not null or i.is_left_alone as has_record, i.minted_run,
                   case when n.event_no is null then i.changed_run else $run_id end as changed_run,
                   coalesce(n.event_no, i.last_event_no) as last_event_no
            from issued as i
            left join identity.swallowed as s on s.person_id = i.person_id
            left join identity.repointed as r on r.person_id = i.person_id
            left join identity.assignment as a on a.person_id = i.person_id
            left join named as n on n.person_id = i.person_id
        )
        select person_id,
               case when survivor_person_id is not null then 'merged' when has_record then 'live' else 'dormant' end
                   as state_code,
               survivor_person_id, minted_run, changed_run, last_event_no
        from placed
        """,
        {"run_id": run.run_id},
    )
