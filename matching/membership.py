"""The Steps of identity, in order: who was where, who keeps which id, what changed, what is carried to the next night."""

from __future__ import annotations

from hub.runs import Run
from hub.steps import Step
from schemas.tables import CROSSWALK, FORMER, IDENTITY_EVENT

STEADY_WEIGHT = 1.0  # a membership's match weight that moved less than this still says the same: odds not yet doubled


def overlap() -> Step:
    """How much of each old person is in each cluster of this night.

    Reads:   identity.clustered, identity.member, person.previous_former
    Grain:   cluster_no, person_id
    Columns: home_rank 1: the cluster where most of the person's records are now. Records that were there yesterday count
             before records that come back; then the cluster where the person is the largest, then that of the registry
             record, then the smallest record key. origin_rank 1: the person that brings most records to the cluster.
    """
    return Step(
        "identity.overlap",
        ("cluster_no", "person_id"),
        """
        with known as (
            select record_key, person_id, 1 as is_current from identity.member
            union all
            select record_key, person_id, 0 as is_current from person.previous_former where reason_code = 'gone'
        ),
        counted as (
            select c.cluster_no, k.person_id, sum(k.is_current) as current_count, count(*) as record_count,
                   sum(case when c.method_code = 'registry' then 1 else 0 end) as registry_count,
                   min(c.record_key) as first_record_key
            from identity.clustered as c join known as k on k.record_key = c.record_key
            group by c.cluster_no, k.person_id
        ),
        sourced as (
            select *, row_number() over (
                partition by cluster_no order by current_count desc, record_count desc, person_id) as origin_rank
            from counted
        )
        select cluster_no, person_id, origin_rank, row_number() over (
                   partition by person_id
                   order by current_count desc, record_count desc, origin_rank, registry_count desc, first_record_key
               ) as home_rank
        from sourced
        """,
    )


def assignment() -> Step:
    """The person of each cluster: the oldest of those whose home it is, else a new one.

    Reads:   identity.clustered, identity.overlap, person.previous_person
    Grain:   cluster_no
    Columns: is_minted; origin_person_id: for a minted one whose records come from somebody, the person that gave most.
             New ids follow the largest ever issued, in order of the clusters' smallest record keys.
    """
    return Step(
        "identity.assignment",
        ("cluster_no",),
        """
        with keeper as (
            select cluster_no, min(person_id) as person_id from identity.overlap where home_rank = 1 group by cluster_no
        ),
        origin as (select cluster_no, person_id from identity.overlap where origin_rank = 1),
        newborn as (
            select c.cluster_no, min(c.record_key) as first_record_key
            from identity.clustered as c left join keeper as k on k.cluster_no = c.cluster_no
            where k.cluster_no is null
            group by c.cluster_no
        ),
        numbered as (
            select row_number() over () as place, * from (select * from newborn order by first_record_key) as ordered
        ),
        last_issued as (select coalesce(max(person_id), 0) as person_id from person.previous_person)
        select cluster_no, person_id, false as is_minted, cast(null as bigint) as origin_person_id from keeper
        union all
        select n.cluster_no, l.person_id + n.place as person_id, true as is_minted, o.person_id as origin_person_id
        from numbered as n cross join last_issued as l left join origin as o on o.cluster_no = n.cluster_no
        """,
    )


def swallowed() -> Step:
    """Persons that met an older one in their home cluster this night.

    Reads:   identity.overlap, identity.assignment
    Grain:   person_id
    """
    return Step(
        "identity.swallowed",
        ("person_id",),
        """
        select o.person_id, a.person_id as survivor_person_id
        from identity.overlap as o join identity.assignment as a on a.cluster_no = o.cluster_no
        where o.home_rank = 1 and a.person_id <> o.person_id
        """,
    )


def crosswalk(run: Run) -> Step:
    """Membership after this night.

    Reads:   identity.clustered, identity.assignment, identity.member
    Grain:   record_key
    Columns: since_run: the run in which the record came to this person. match_weight: that of the night before as long as
             the record stays by the same method and its weight moves less than STEADY_WEIGHT: frequencies shift a little
             every night, and what people read should change when something has happened.
    """
    return Step(
        CROSSWALK.name,
        CROSSWALK.grain,
        """
        select c.record_key, split_part(c.record_key, ':', 1) as feed, a.person_id, c.method_code,
               case when p.person_id = a.person_id and p.method_code = c.method_code
                         and abs(c.match_weight - p.match_weight) < $steady_weight then p.match_weight
                    else c.match_weight end as match_weight,
               case when p.person_id = a.person_id then p.since_run else $run_id end as since_run
        from identity.clustered as c
        join identity.assignment as a on a.cluster_no = c.cluster_no
        left join identity.member as p on p.record_key = c.record_key
        """,
        {"run_id": run.run_id, "steady_weight": STEADY_WEIGHT},
    )


def former(run: Run) -> Step:
    """Memberships that ended but still tell something: where a gone record belongs when it comes back, what a
    swallowed person held.

    Reads:   identity.member, identity.clustered, person.previous_former, identity.swallowed
    Grain:   record_key, person_id
    """
    return Step(
        FORMER.name,
        FORMER.grain,
        """
        with known as (
            select record_key, person_id, $run_id as since_run from identity.member
            union all
            select record_key, person_id, since_run from person.previous_former where reason_code = 'gone'
        )
        select k.record_key, coalesce(s.survivor_person_id, k.person_id) as person_id, 'gone' as reason_code, k.since_run
        from known as k
        left join identity.clustered as c on c.record_key = k.record_key
        left join identity.swallowed as s on s.person_id = k.person_id
        where c.record_key is null
        union all
        select k.record_key, k.person_id, 'merged', $run_id
        from known as k join identity.swallowed as s on s.person_id = k.person_id
        union all
        select record_key, person_id, reason_code, since_run from person.previous_former where reason_code = 'merged'
        """,
        {"run_id": run.run_id},
    )


def repointed() -> Step:
    """Swallowed ids whose records are at another person than the id leads to.

    A merge proven wrong gives the records that came by it a new person. The swallowed id follows its records, first those
    that it did not itself get by a merge, so that it never leads to a stranger; an id whose path would change with
    another's is fastened where its own records are.

    Reads:   person.crosswalk, person.former, person.previous_person, identity.swallowed
    Grain:   person_id
    """
    return Step(
        "identity.repointed",
        ("person_id",),
        """
        with recursive hop as (
            select person_id, survivor_person_id from person.previous_person where state_code = 'merged'
            union all
            select person_id, survivor_person_id from identity.swallowed
        ),
        path as (
            select person_id, survivor_person_id as at_person_id from hop
            union all
            select p.person_id, h.survivor_person_id from path as p join hop as h on h.person_id = p.at_person_id
        ),
        led as (
            select p.person_id, p.at_person_id
            from path as p left join hop as h on h.person_id = p.at_person_id
            where h.person_id is null
        ),
        held as (
            select record_key, person_id, since_run = min(since_run) over (partition by record_key) as is_own
            from person.former where reason_code = 'merged'
        ),
        vote as (
            select h.person_id, x.person_id as at_person_id, count(*) as record_count,
                   sum(case when h.is_own then 1 else 0 end) as own_count
            from held as h join person.crosswalk as x on x.record_key = h.record_key
            group by h.person_id, x.person_id
        ),
        ranked as (
            select v.person_id, v.at_person_id, v.at_person_id <> l.at_person_id as is_elsewhere, row_number() over (
                       partition by v.person_id
                       order by v.own_count desc, v.record_count desc, v.at_person_id <> l.at_person_id, v.at_person_id
                   ) as vote_rank
            from vote as v join led as l on l.person_id = v.person_id
        ),
        elsewhere as (select person_id from ranked where vote_rank = 1 and is_elsewhere),
        behind as (
            select distinct p.person_id from path as p join elsewhere as e on e.person_id = p.at_person_id
        )
        select r.person_id, r.at_person_id as survivor_person_id
        from ranked as r left join behind as b on b.person_id = r.person_id
        where r.vote_rank = 1 and (r.is_elsewhere or b.person_id is not null)
        """,
    )


def identity_event(run: Run, judgements: str) -> Step:
    """This night's events, numbered on from the log's last.

    A judgement that came into force since, on two current records, is an event after all others; it moves nobody by itself,
    so replaying the log needs it not.

    A merge carries the records that its person holds, so they get no event of their own; hence leaves come before merges
    and joins after. A redirect that follows its records is a later merge of the same person.

    Args:
        judgements: SQL of the judgements in force.

    Reads:   identity.member, identity.clustered, person.previous_judgement, person.crosswalk, identity.assignment,
             identity.swallowed, identity.repointed
    Grain:   event_no
    """
    return Step(
        IDENTITY_EVENT.name,
        IDENTITY_EVENT.grain,
        f"""
        with carried as (
            select p.record_key, p.person_id as old_person_id, coalesce(s.survivor_person_id, p.person_id) as person_id
            from identity.member as p left join identity.swallowed as s on s.person_id = p.person_id
        ),
        placed as (
            select c.record_key, a.person_id
            from identity.clustered as c join identity.assignment as a on a.cluster_no = c.cluster_no
        ),
        arrived as (
            select record_key, person_id, method_code from person.crosswalk where since_run = $run_id
        ),
        judged as ({judged_now(judgements)}),
        happened as (
            select 1 as phase, 'leave' as event_code, c.old_person_id as person_id, null as other_person_id, c.record_key,
                   null as method_code, null as judgement_id
            from carried as c left join placed as x on x.record_key = c.record_key
            where x.person_id is distinct from c.person_id
            union all
            select 2, 'merge', person_id, survivor_person_id, null, null, null from identity.swallowed
            union all
            select 3, 'mint', person_id, null, null, null, null from identity.assignment where is_minted
            union all
            select 4, 'split', person_id, origin_person_id, null, null, null
            from identity.assignment where origin_person_id is not null
            union all
            select 5, 'join', a.person_id, null, a.record_key, a.method_code, null
            from arrived as a left join carried as c on c.record_key = a.record_key
            where c.person_id is distinct from a.person_id
            union all
            select 6, 'merge', person_id, survivor_person_id, null, null, null from identity.repointed
            union all
            select 7, 'judge', person_id, other_person_id, record_key, method_code, judgement_id from judged
        ),
        numbered as (
            select row_number() over () as place, *
            from (select * from happened order by phase, record_key, person_id, judgement_id) as ordered
        ),
        last_logged as (select coalesce(max(last_event_no), 0) as event_no from person.previous_person)
        select l.event_no + h.place as event_no, $run_id as run_id, h.event_code, h.person_id,
               cast(h.other_person_id as bigint) as other_person_id, h.record_key, h.method_code,
               cast($business_date as date) as business_date
        from numbered as h cross join last_logged as l
        """,
        {"run_id": run.run_id, "business_date": run.business_date},
        comes_in_order=True,
    )


def judged_now(judgements: str) -> str:
    """SQL of the judgements on current records that came into force since the night before.

    Args:
        judgements: SQL of the judgements in force.

    Reads:   person.crosswalk, person.previous_judgement
    """
    return f"""
        select j.judgement_id, a.person_id, b.person_id as other_person_id, j.record_key_a as record_key,
               case when j.is_same then 'same' else 'different' end as method_code
        from {judgements} as j
        join person.crosswalk as a on a.record_key = j.record_key_a
        join person.crosswalk as b on b.record_key = j.record_key_b
        anti join person.previous_judgement as p on p.judgement_id = j.judgement_id
    """
