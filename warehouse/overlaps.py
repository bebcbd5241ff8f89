"""Overlaps: which covers of one kind a person holds on the same days, and which of the basic booklets stands.

A slice is a stretch of days on which nothing changes for a person: no cover begins or ends, no rule comes or goes. In
each slice the covers in force are compared in pairs, and a booklet is blocked only when one that beats it is itself
beaten by none. So somebody always stays (C09), also where rules run in a circle, and the keeper is in force (C10).
"""

from __future__ import annotations

from hub.steps import Step
from schemas.codes import ANY_OTHER, DEPENDANT
from warehouse.rules import NO_AGE, OPEN_END

OVERLAP_GRAIN = ("person_id", "benefit_kind_code", "insurer_a", "booklet_no_a", "insurer_b", "booklet_no_b", "from_date")
SLICE_GRAIN = ("person_id", "from_date", "insurer_code", "booklet_no")
PAIR_GRAIN = ("person_id", "from_date", "insurer_a", "booklet_no_a", "insurer_b", "booklet_no_b")


def overlap() -> Step:
    """Every two covers of one benefit kind that a person holds on the same days, dependants with their principals' persons.

    Reads:   cover.period
    Grain:   person_id, benefit_kind_code, the two booklets, from_date; (insurer, booklet) a < b
    Columns: half-open days; overlap_days is null while both go on. is_listed: both are still listed by their feeds.
    """
    return Step(
        "cover.overlap",
        OVERLAP_GRAIN,
        f"""
        with held as (
            select *, coalesce(is_listed, true) as listed from cover.period
            semi join (select person_id, benefit_kind_code from cover.period group by all having count(*) > 1)
            using (person_id, benefit_kind_code)
        )
        select a.person_id, a.benefit_kind_code, a.insurer_code as insurer_a, a.booklet_no as booklet_no_a,
               b.insurer_code as insurer_b, b.booklet_no as booklet_no_b,
               greatest(a.from_date, b.from_date) as from_date, least(a.to_date, b.to_date) as to_date,
               nullif(least(a.to_date, b.to_date), date '{OPEN_END}') - greatest(a.from_date, b.from_date) as overlap_days,
               a.relation_code as relation_a, b.relation_code as relation_b,
               a.principal_person_id as principal_person_id_a, b.principal_person_id as principal_person_id_b,
               a.record_key as record_key_a, b.record_key as record_key_b, a.listed and b.listed as is_listed
        from held as a
        join held as b
          on b.person_id = a.person_id and b.benefit_kind_code = a.benefit_kind_code
         and (b.insurer_code, b.booklet_no) > (a.insurer_code, a.booklet_no)
         and b.from_date < a.to_date and a.from_date < b.to_date
        """,
    )


def slices() -> Step:
    """Basic covers in force by person and slice, for persons who hold two on any day.

    Reads:   cover.period, cover.overlap, cover.rule_bound, person.golden
    Grain:   person_id, from_date, insurer_code, booklet_no
    Columns: since_date: first day of the cover period; cover_count: covers in force.
    """
    return Step(
        "cover.slice",
        SLICE_GRAIN,
        """
        with period as (
            select p.* from cover.period as p
            semi join (select person_id from cover.overlap where benefit_kind_code = 'basic') as o using (person_id)
            where p.benefit_kind_code = 'basic'
        ),
        life as (
            select person_id, min(from_date) as from_date, max(to_date) as to_date from period group by person_id
        ),
        bound as (
            select person_id, from_date as bound_date from period
            union
            select person_id, to_date from period
            union
            select life.person_id, e.era_date
            from life join cover.rule_bound as e on e.era_date > life.from_date and e.era_date < life.to_date
            where e.age = $no_age
            union
            select person_id, birthday
            from (select life.*, cast(g.birth_date + to_years(e.age) as date) as birthday
                  from life join person.golden as g using (person_id)
                  cross join cover.rule_bound as e where e.age > $no_age)
            where birthday > from_date and birthday < to_date
        ),
        span as (
            select person_id, bound_date as from_date,
                   lead(bound_date) over (partition by person_id order by bound_date) as to_date
            from bound
        ),
        held as (
            select s.person_id, s.from_date, s.to_date, p.insurer_code, p.booklet_no, p.member_kind_code,
                   p.relation_code, p.from_date as since_date, p.record_key, p.principal_person_id,
                   coalesce(p.is_listed, true) as is_listed
            from span as s
            join period as p
              on p.person_id = s.person_id and p.from_date <= s.from_date and p.to_date >= s.to_date
        )
        select *, count(*) over (partition by person_id, from_date) as cover_count from held
        """,
        {"no_age": NO_AGE},
    )


def pairs() -> Step:
    """Every two basic covers of a slice, with the rule that decides between them.

    Reads:   cover.slice, cover.rule, cover.under_review, person.golden
    Grain:   person_id, from_date, the two booklets; (insurer, booklet) a < b
    Columns: same_insurer pairs and pairs without a rule have no rule_code and the outcome case. While people decide who a
             person is, no pair blocks anything: the outcome is case. is_listed: both are still listed by their feeds.
    """
    return Step(
        "cover.pair",
        PAIR_GRAIN,
        f"""
        with two as (
            select a.person_id, a.from_date, a.to_date,
                   a.insurer_code as insurer_a, a.booklet_no as booklet_no_a, a.member_kind_code as member_kind_a,
                   a.relation_code as relation_a, a.record_key as record_key_a,
                   a.principal_person_id as principal_person_id_a,
                   b.insurer_code as insurer_b, b.booklet_no as booklet_no_b, b.member_kind_code as member_kind_b,
                   b.relation_code as relation_b, b.record_key as record_key_b,
                   b.principal_person_id as principal_person_id_b, a.is_listed and b.is_listed as is_listed
            from cover.slice as a
            join cover.slice as b
              on b.person_id = a.person_id and b.from_date = a.from_date
             and (b.insurer_code, b.booklet_no) > (a.insurer_code, a.booklet_no)
            where a.cover_count > 1
        ),
        known as (
            select two.*, g.sex_code, cast(date_part('year', age(two.from_date, g.birth_date)) as integer) as age
            from two left join person.golden as g using (person_id)
        ),
        fitting as ({_fitting("a", "b")} union all {_fitting("b", "a")}),
        decided as (
            select person_id, from_date, insurer_a, booklet_no_a, insurer_b, booklet_no_b,
                   arg_min((rule_code, priority, outcome_code, reason_fa), (priority, rule_code, outcome_code)) as rule
            from fitting
            group by all
        )
        select two.* exclude (member_kind_a, member_kind_b, relation_a, relation_b),
               u.person_id is not null as is_under_review, d.rule[1] as rule_code, d.rule[2] as priority,
               case when u.person_id is not null then 'case' else coalesce(d.rule[3], 'case') end as outcome_code,
               d.rule[4] as reason_fa
        from two
        left join decided as d using (person_id, from_date, insurer_a, booklet_no_a, insurer_b, booklet_no_b)
        left join cover.under_review as u using (person_id)
        """,
        {"any_other": ANY_OTHER, "dependant": DEPENDANT},
    )


def _fitting(one: str, other: str) -> str:
    """SELECT of the rules whose side a is the pair's side ``one``; outcomes as seen from the pair."""
    outcome = (
        "r.outcome_code"
        if one == "a"
        else ("case r.outcome_code when 'block_a' then 'block_b' when 'block_b' then 'block_a' else r.outcome_code end")
    )
    relations = " and ".join(
        f"(r.relation_{side} is null or r.relation_{side} = k.relation_{own}"
        f" or (r.relation_{side} = $dependant and k.relation_{own} <> 'principal'))"
        for side, own in (("a", one), ("b", other))
    )
    return f"""
            select k.person_id, k.from_date, k.insurer_a, k.booklet_no_a, k.insurer_b, k.booklet_no_b,
                   r.rule_code, r.priority, {outcome} as outcome_code, r.reason_fa
            from known as k
            join cover.rule as r
              on r.insurer_a = k.insurer_{one} and r.insurer_b in ($any_other, k.insurer_{other})
             and k.insurer_a <> k.insurer_b and k.from_date >= r.from_date and k.from_date < r.to_date
             and coalesce(r.member_kind_a = k.member_kind_{one}, r.member_kind_a is null)
             and coalesce(r.sex_code_a = k.sex_code, r.sex_code_a is null)
             and coalesce(k.age >= r.from_age_a, r.from_age_a is null)
             and coalesce(k.age < r.to_age_a, r.to_age_a is null)
             and {relations}
    """


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
