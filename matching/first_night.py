"""Identity of a nation's first night: every cluster is a new person, so nobody has to be looked up.

The Steps leave what those of ``matching.membership`` would, where clusters are numbered in order of their keys.
"""

from __future__ import annotations

from hub.duck import Connection
from hub.runs import Run
from hub.steps import Step
from matching.engine import keeps_order
from matching.membership import judged_now
from schemas.tables import CROSSWALK, IDENTITY_EVENT, PERSON


def is_counted(con: Connection) -> bool:
    """Whether clusters are numbered as ``matching.link`` does where all was scored: from 0, by their smallest record key.

    Reads:   linkage.cluster, in the order in which it lies on disk
    """
    return keeps_order(con) and bool(
        con.execute(
            """with walked as (
                   select record_key, cluster_no,
                          max(cluster_no) over (rows between unbounded preceding and current row) as largest_no
                   from linkage.cluster
               )
               select count(*) = 0 from (
                   select record_key < lag(record_key) over () as is_late,
                          cluster_no > coalesce(lag(largest_no) over (), -1) + 1 as is_ahead
                   from walked
               ) where is_late or is_ahead"""
        ).fetchall()[0][0]
    )


def assignment() -> Step:
    """The person of each cluster, in order of the smallest record keys.

    Reads:   linkage.cluster
    Grain:   cluster_no
    """
    return Step(
        "identity.assignment",
        ("cluster_no",),
        """
        select cluster_no, cluster_no + 1 as person_id, true as is_minted, cast(null as bigint) as origin_person_id
        from range((select coalesce(max(cluster_no) + 1, 0) from linkage.cluster)) as counted(cluster_no)
        """,
        comes_in_order=True,
    )


def crosswalk(run: Run) -> Step:
    """Membership after this night.

    Reads:   linkage.cluster
    Grain:   record_key
    """
    return Step(
        CROSSWALK.name,
        CROSSWALK.grain,
        """
        select record_key, split_part(record_key, ':', 1) as feed, cluster_no + 1 as person_id, method_code, match_weight,
               $run_id as since_run
        from linkage.cluster
        """,
        {"run_id": run.run_id},
        comes_in_order=True,
    )


def identity_event(run: Run, judgements: str, placed_crosswalk: str) -> Step:
    """All persons minted, then all records joined in order of their keys, then judgements: no event has to be sorted.

    Args:
        judgements: SQL of the judgements in force.
        placed_crosswalk: SQL of person.crosswalk with each row's place in order of record_key, from 0.

    Reads:   person.crosswalk, identity.assignment
    Grain:   event_no
    """
    minted, joined = "(select count(*) from identity.assignment)", f"(select count(*) from {CROSSWALK.name})"
    return Step(
        IDENTITY_EVENT.name,
        IDENTITY_EVENT.grain,
        f"""
        with judged as ({judged_now(judgements)}),
        happened as (
            select person_id as event_no, 'mint' as event_code, person_id, null as other_person_id, null as record_key,
                   null as method_code
            from identity.assignment
            union all
            select {minted} + 1 + place, 'join', person_id, null, record_key, method_code from ({placed_crosswalk}) as placed
            union all
            select {minted} + {joined} + row_number() over (order by record_key, judgement_id), 'judge', person_id,
                   other_person_id, record_key, method_code
            from judged
        )
        select event_no, $run_id as run_id, event_code, person_id, cast(other_person_id as bigint) as other_person_id,
               record_key, method_code, cast($business_date as date) as business_date
        from happened
        """,
        {"run_id": run.run_id, "business_date": run.business_date},
        comes_in_order=True,
    )


def person(run: Run) -> Step:
    """Every id issued: all live.

    Reads:   person.identity_event
    Grain:   person_id
    """
    return Step(
        PERSON.name,
        PERSON.grain,
        """
        select person_id, 'live' as state_code, cast(null as bigint) as survivor_person_id, $run_id as minted_run,
               $run_id as changed_run, max(event_no) as last_event_no
        from (
            select person_id, event_no from person.identity_event
            union all
            select other_person_id, event_no from person.identity_event where other_person_id is not null
        )
        group by person_id
        """,
        {"run_id": run.run_id},
    )
