"""Overlaps of basic cover: which booklets one person holds on the same days, and which of them stands.

A slice is a stretch of days on which nothing changes for a person: no cover begins or ends, no rule comes or goes. In
each slice the covers in force are compared in pairs, and a booklet is blocked only when one that beats it is itself
beaten by none. So somebody always stays (C09), also where rules run in a circle, and the keeper is in force (C10).
"""

from __future__ import annotations

from hub.steps import Step

SLICE_GRAIN = ("person_id", "from_date", "insurer_code", "booklet_no")
PAIR_GRAIN = ("person_id", "from_date", "insurer_a", "booklet_no_a", "insurer_b", "booklet_no_b")


def slices() -> Step:
    """Basic covers in force by person and slice, for persons who hold two on any day.

    Reads:   cover.period, cover.rule_era
    Grain:   person_id, from_date, insurer_code, booklet_no
    Columns: since_date: first day of the cover period; era_date: which rules hold; cover_count: covers in force.
    """
    return Step(
        "cover.slice",
        SLICE_GRAIN,
        """
        with several as (
            select person_id from cover.period where benefit_kind_code = 'basic' group by person_id having count(*) > 1
        ),
        candidate as (
            select p.*, p.from_date < max(p.to_date) over (
                       partition by p.person_id order by p.from_date, p.to_date
                       rows between unbounded preceding and 1 preceding) as is_overlapping
            from cover.period as p
            semi join several using (person_id)
            where p.benefit_kind_code = 'basic'
        ),
        overlapping as (select distinct person_id from candidate where is_overlapping),
        period as (select * from candidate semi join overlapping using (person_id)),
        life as (
            select person_id, min(from_date) as from_date, max(to_date) as to_date from period group by person_id
        ),
        bound as (
            select person_id, from_date as bound_date from period
            union
            select person_id, to_date from period
            union
            select life.person_id, e.era_date
            from life join cover.rule_era as e on e.era_date > life.from_date and e.era_date < life.to_date
        ),
        span as (
            select person_id, bound_date as from_date,
                   lead(bound_date) over (partition by person_id order by bound_date) as to_date
            from bound
        ),
        held as (
            select s.person_id, s.from_date, s.to_date, p.insurer_code, p.booklet_no, p.member_kind_code,
                   p.from_date as since_date, p.record_key, p.principal_person_id,
                   coalesce(p.is_listed, true) as is_listed
            from span as s
            join period as p
              on p.person_id = s.person_id and p.from_date <= s.from_date and p.to_date >= s.to_date
        )
        select h.*, e.era_date, count(*) over (partition by h.person_id, h.from_date) as cover_count
        from held as h
        asof join cover.rule_era as e on h.from_date >= e.era_date
        """,
    )


def pairs() -> Step:
    """Every two basic covers of a slice, with the rule that decides between them.

    Reads:   cover.slice, cover.pair_rule, cover.under_review
    Grain:   person_id, from_date, the two booklets; (insurer, booklet) a < b
    Columns: same_insurer pairs and pairs without a rule have no rule_code and the outcome case. While people decide who a
             person is, no pair blocks anything: the outcome is case.
    """
    return Step(
        "cover.pair",
        PAIR_GRAIN,
        """
        select a.person_id, a.from_date, a.to_date,
               a.insurer_code as insurer_a, a.booklet_no as booklet_no_a,
               b.insurer_code as insurer_b, b.booklet_no as booklet_no_b,
               a.record_key as record_key_a, b.record_key as record_key_b,
               a.principal_person_id as principal_person_id_a, b.principal_person_id as principal_person_id_b,
               a.is_listed and b.is_listed as is_listed, u.person_id is not null as is_under_review,
               r.rule_code, r.priority,
               case when u.person_id is not null then 'case' else coalesce(r.outcome_code, 'case') end as outcome_code,
               r.reason_fa
        from cover.slice as a
        join cover.slice as b
          on b.person_id = a.person_id and b.from_date = a.from_date
         and (b.insurer_code, b.booklet_no) > (a.insurer_code, a.booklet_no)
        left join cover.pair_rule as r
          on r.era_date = a.era_date
         and r.insurer_a = a.insurer_code and r.member_kind_a = coalesce(a.member_kind_code, '')
         and r.insurer_b = b.insurer_code and r.member_kind_b = coalesce(b.member_kind_code, '')
        left join cover.under_review as u on u.person_id = a.person_id
        where a.cover_count > 1
        """,
    )


def standing() -> Step:
    """What becomes of each booklet in each slice.

    Reads:   cover.slice, cover.pair
    Grain:   person_id, from_date, insurer_code, booklet_no
    Columns: status: active (one a slice), contested, blocked; is_top: beaten by none; other_insurer_code,
             other_booklet_no: the keeper of a blocked booklet, the active one beside a contested booklet.
    """
    return Step(
        "cover.standing",
        SLICE_GRAIN,
        """
        with beat as (
            select person_id, from_date, priority, rule_code,
                   if(outcome_code = 'block_a', insurer_a, insurer_b)       as insurer_code,
                   if(outcome_code = 'block_a', booklet_no_a, booklet_no_b) as booklet_no,
                   if(outcome_code = 'block_a', insurer_b, insurer_a)       as keeper_insurer_code,
                   if(outcome_code = 'block_a', booklet_no_b, booklet_no_a) as keeper_booklet_no
            from cover.pair
            where outcome_code in ('block_a', 'block_b')
        ),
        beaten as (select distinct person_id, from_date, insurer_code, booklet_no from beat),
        blocked as (
            select person_id, from_date, insurer_code, booklet_no,
                   min((priority, rule_code, keeper_insurer_code, keeper_booklet_no)) as best
            from beat
            where not exists (
                select 1 from beaten
                where beaten.person_id = beat.person_id and beaten.from_date = beat.from_date
                  and beaten.insurer_code = beat.keeper_insurer_code and beaten.booklet_no = beat.keeper_booklet_no)
            group by person_id, from_date, insurer_code, booklet_no
        ),
        ranked as (
            select s.person_id, s.from_date, s.to_date, s.insurer_code, s.booklet_no,
                   b.best is not null as is_blocked, n.person_id is null as is_top,
                   b.best[3] as keeper_insurer_code, b.best[4] as keeper_booklet_no,
                   row_number() over (partition by s.person_id, s.from_date
                       order by b.best is not null, s.since_date, s.insurer_code, s.booklet_no) as place
            from cover.slice as s
            left join blocked as b using (person_id, from_date, insurer_code, booklet_no)
            left join beaten as n using (person_id, from_date, insurer_code, booklet_no)
        )
        select r.person_id, r.from_date, r.to_date, r.insurer_code, r.booklet_no, r.is_top,
               case when r.is_blocked then 'blocked' when r.place = 1 then 'active' else 'contested' end as status_code,
               case when r.is_blocked then r.keeper_insurer_code when r.place > 1 then h.insurer_code end
                   as other_insurer_code,
               case when r.is_blocked then r.keeper_booklet_no when r.place > 1 then h.booklet_no end as other_booklet_no
        from ranked as r
        join ranked as h on h.person_id = r.person_id and h.from_date = r.from_date and h.place = 1
        """,
    )
