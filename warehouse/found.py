"""What insurers must settle, found anew each night: one finder a family of kinds; ``warehouse.conflicts`` numbers it.

Kinds are declared in ``schemas/codes/conflict_kinds.csv``; ``docs/conflicts/`` has a page of each. Those of special patients
are found in ``warehouse.special``.
"""

from __future__ import annotations

from hub.steps import Step
from schemas.conflict_kinds import conflict_kinds
from warehouse import overlaps, rules
from warehouse.rules import OPEN_END

FOUND_GRAIN = ("kind_code", "record_key_a", "record_key_b", "from_date")

# Sentences for what neither a rule of the table nor the kind explains.
PAIR_REASONS = {
    "under_review": "هویت این شخص در دست بررسی است و تا پایان آن هیچ دفترچه‌ای خودکار مسدود نمی‌شود.",
    "settled": "این هم‌پوشانی با مسدود شدن یکی از دو دفترچه به‌سبب دفترچهٔ دیگری از همین شخص پایان می‌یابد.",
    "circle": "قاعده‌های چند دفترچهٔ این شخص یکدیگر را نقض می‌کنند و کارشناس باید تصمیم بگیرد.",
    "no_rule": "برای هم‌پوشانی این دو بیمه‌گر قاعده‌ای ثبت نشده است و کارشناس باید تصمیم بگیرد.",
}


def judging() -> list[Step]:
    """All Steps from ``cover.period`` and ``cover.rule`` to the night's conflicts of two covers, in order."""
    return [
        rules.under_review(),
        rules.rule_bound(),
        overlaps.overlap(),
        overlaps.slices(),
        overlaps.pairs(),
        overlaps.standing(),
        found_pairs(),
    ]


def found_pairs() -> Step:
    """This night's conflicts of two covers, in the longest stretches with one rule and one outcome.

    Reads:   cover.pair, cover.standing, cover.overlap, cover.under_review
    Grain:   kind_code, record_key_a, record_key_b, from_date
    """
    return Step(
        "cover.found_pair",
        FOUND_GRAIN,
        """
        with basic as (
            select case when p.principal_person_id_a <> p.principal_person_id_b then 'two_principals'
                        when p.insurer_a = p.insurer_b then 'same_insurer' else 'two_basic' end as kind_code, p.*,
                   a.status_code as status_a, b.status_code as status_b,
                   coalesce(p.outcome_code = 'block_a' and b.is_top, false) as is_a_blocked,
                   coalesce(p.outcome_code = 'block_b' and a.is_top, false) as is_b_blocked
            from cover.pair as p
            join cover.standing as a
              on a.person_id = p.person_id and a.from_date = p.from_date
             and a.insurer_code = p.insurer_a and a.booklet_no = p.booklet_no_a
            join cover.standing as b
              on b.person_id = p.person_id and b.from_date = p.from_date
             and b.insurer_code = p.insurer_b and b.booklet_no = p.booklet_no_b
            where p.is_listed
        ),
        judged as (
            select *,
                   case when is_under_review then 'under_review'
                        when insurer_a = insurer_b then 'same_insurer'
                        when is_a_blocked or is_b_blocked then 'rule'
                        when status_a = 'blocked' or status_b = 'blocked' then 'settled'
                        when outcome_code in ('block_a', 'block_b') then 'circle'
                        when rule_code is null then 'no_rule'
                        else 'rule' end as ground
            from basic
        ),
        decided as (
            select kind_code, person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b, record_key_a, record_key_b,
                   principal_person_id_a, principal_person_id_b, from_date, to_date, rule_code, is_under_review,
                   case when ground = 'settled' then 'inform'
                        when ground <> 'rule' then 'case'
                        when is_a_blocked or is_b_blocked then 'block'
                        else outcome_code end as outcome_code,
                   case when is_a_blocked then insurer_b when is_b_blocked then insurer_a end as keeper_insurer_code,
                   case ground when 'rule' then reason_fa when 'under_review' then $under_review
                               when 'same_insurer' then $same_insurer when 'settled' then $settled
                               when 'circle' then $circle else $no_rule end as reason_fa
            from judged
            union all
            select 'two_pensions', o.person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b, record_key_a, record_key_b,
                   principal_person_id_a, principal_person_id_b, from_date, to_date, null, u.person_id is not null,
                   'inform', null, $two_pensions
            from cover.overlap as o
            left join cover.under_review as u using (person_id)
            where benefit_kind_code = 'pension' and insurer_a < insurer_b and is_listed
        ),
        marked as (
            select *, from_date is distinct from lag(to_date) over pair
                      or (rule_code, outcome_code, keeper_insurer_code, reason_fa)
                         is distinct from lag((rule_code, outcome_code, keeper_insurer_code, reason_fa)) over pair
                      as is_start
            from decided
            window pair as (partition by kind_code, person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b
                            order by from_date)
        ),
        numbered as (
            select *, sum(is_start::int) over (
                       partition by kind_code, person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b
                       order by from_date) as part_no
            from marked
        )
        select kind_code, person_id, insurer_a, insurer_b, booklet_no_a, booklet_no_b,
               arg_min(record_key_a, from_date) as record_key_a, arg_min(record_key_b, from_date) as record_key_b,
               arg_min((principal_person_id_a, principal_person_id_b), from_date)[1] as principal_person_id_a,
               arg_min((principal_person_id_a, principal_person_id_b), from_date)[2] as principal_person_id_b,
               min(from_date) as from_date, max(to_date) as to_date, any_value(rule_code) as rule_code,
               any_value(outcome_code) as outcome_code, any_value(keeper_insurer_code) as keeper_insurer_code,
               any_value(reason_fa) as reason_fa, any_value(is_under_review) as is_under_review
        from numbered
        group by kind_code, person_id, insurer_a, booklet_no_a, insurer_b, booklet_no_b, part_no
        """,
        PAIR_REASONS | _reasons("same_insurer", "two_pensions"),
    )


def found_listings() -> Step:
    """This night's conflicts of one listed cover: of the dead, of codes unknown to civil registration or of someone else.

    Reads:   cover.record, linkage.person_record, linkage.refused_code, person.golden, person.crosswalk, person.death_query,
             cover.under_review
    Grain:   kind_code, record_key_a
    Columns: a code that civil registration, asked about it, does not know counts as told. Where it delivers nothing, only
             such a code is unknown to it.
    Source:  cases C08 and G03; a foreigner is not unknown, a death put in question by later activity waits for review.
    """
    return Step(
        "cover.found_listing",
        ("kind_code", "record_key_a"),
        """
        with listed as (
            select r.*, g.death_date, g.national_code as golden_code,
                   coalesce(g.national_code_status_code = 'registry', false) as is_registered,
                   coalesce(g.nationality_code, 'IRN') as nationality_code, g.foreign_id
            from cover.record as r left join person.golden as g using (person_id)
            where r.from_date < r.to_date and r.is_listed is not false
        ),
        claimed as (
            select l.*, coalesce(p.national_code, n.national_code) as national_code,
                   n.national_code is not null as is_refused
            from listed as l join linkage.person_record as p using (record_key)
            left join linkage.refused_code as n on n.national_code = p.national_code_claimed
            where not p.is_registry and coalesce(p.national_code, n.national_code) is not null
              and not (l.is_registered and p.national_code is not distinct from l.golden_code)
        ),
        registered as (
            select p.national_code, p.record_key
            from linkage.person_record as p semi join claimed using (national_code)
            where p.is_registry
        ),
        holder as (
            select distinct r.national_code, x.person_id
            from person.crosswalk as x join registered as r using (record_key)
        ),
        found as (
            select 'deceased' as kind_code, record_key, person_id, insurer_code, booklet_no, principal_person_id,
                   greatest(from_date, death_date + 1) as from_date, to_date, 'inform' as outcome_code,
                   $deceased as reason_fa
            from listed where to_date > death_date + 1
            union all
            select 'unknown_to_registry', record_key, person_id, insurer_code, booklet_no, principal_person_id, from_date,
                   to_date, 'case', $unknown_to_registry
            from claimed anti join holder using (national_code)
            where not is_registered and nationality_code = 'IRN' and foreign_id is null
              and (is_refused or exists (select 1 from linkage.person_record where is_registry))
            union all
            select 'code_of_other', record_key, person_id, insurer_code, booklet_no, principal_person_id, from_date, to_date,
                   'case', $code_of_other
            from claimed semi join holder using (national_code)
            where not exists (select 1 from holder as h
                              where h.national_code = claimed.national_code and h.person_id = claimed.person_id)
        )
        select f.kind_code, f.record_key as record_key_a, f.person_id, f.insurer_code as insurer_a,
               f.booklet_no as booklet_no_a, f.principal_person_id as principal_person_id_a, f.from_date, f.to_date,
               f.outcome_code, f.reason_fa,
               u.person_id is not null or (f.kind_code = 'deceased' and q.person_id is not null) as is_under_review
        from found as f
        left join cover.under_review as u on u.person_id = f.person_id
        left join (select distinct person_id from person.death_query) as q on q.person_id = f.person_id
        """,
        _reasons("deceased", "unknown_to_registry", "code_of_other"),
    )


def found_foreign_codes() -> Step:
    """This night's foreigners for whom insurers tell several foreigner's codes; a person's codes in pairs, in order.

    Reads:   cover.record, linkage.person_record, cover.under_review
    Grain:   kind_code, record_key_a, record_key_b, from_date
    """
    return Step(
        "cover.found_foreign_code",
        FOUND_GRAIN,
        f"""
        with bearing as (
            select r.person_id, p.foreign_id,
                   arg_min((r.insurer_code, r.booklet_no, r.record_key, r.from_date), r.record_key) as first
            from cover.record as r join linkage.person_record as p using (record_key)
            where p.foreign_id is not null and r.from_date < r.to_date
            group by r.person_id, p.foreign_id
        ),
        paired as (
            select person_id, first, lag(first) over (partition by person_id order by foreign_id) as other
            from bearing
        ),
        ordered as (
            select person_id, least(first, other) as a, greatest(first, other) as b from paired where other is not null
        )
        select 'foreign_codes' as kind_code, o.person_id, a[1] as insurer_a, b[1] as insurer_b, a[2] as booklet_no_a,
               b[2] as booklet_no_b, a[3] as record_key_a, b[3] as record_key_b, greatest(a[4], b[4]) as from_date,
               date '{OPEN_END}' as to_date, 'case' as outcome_code, $foreign_codes as reason_fa,
               u.person_id is not null as is_under_review
        from ordered as o left join cover.under_review as u using (person_id)
        """,
        _reasons("foreign_codes"),
    )


def found_benefits() -> Step:
    """This night's unemployment benefits in months of work: days of both that cannot have been different days.

    A list tells days of a month, not which; work and benefit meet for certain where the days worked are more than the days
    of the month without benefit.

    Reads:   employment.benefit, employment.contribution, jalali_day, cover.under_review
    Grain:   kind_code, record_key_a, from_date
    Source:  unemployment insurance act of 1369/06/26: the benefit ends with re-employment.
    """
    return Step(
        "cover.found_benefit",
        ("kind_code", "record_key_a", "from_date"),
        """
        with month as (
            select printf('%d-%02d', jalali_year, jalali_month) as work_month, min(iso_date) as from_date,
                   max(iso_date) + 1 as to_date
            from jalali_day group by jalali_year, jalali_month
        ),
        worked as (
            select c.person_id, m.from_date, m.to_date,
                   least(sum(c.contribution_days), m.to_date - m.from_date) as worked_days
            from employment.contribution as c
            semi join employment.benefit using (person_id)
            join month as m using (work_month)
            where c.contribution_days > 0
            group by c.person_id, m.from_date, m.to_date
        ),
        met as (
            select b.record_key, b.person_id, w.worked_days, w.to_date - w.from_date as month_days,
                   greatest(b.from_date, w.from_date) as from_date, least(b.to_date, w.to_date) as to_date
            from employment.benefit as b
            join worked as w on w.person_id = b.person_id and b.from_date < w.to_date and w.from_date < b.to_date
        )
        select 'benefit_while_employed' as kind_code, m.record_key as record_key_a, m.person_id, $told as insurer_a,
               m.from_date, m.to_date, 'case' as outcome_code, $benefit_while_employed as reason_fa,
               u.person_id is not null as is_under_review
        from met as m left join cover.under_review as u using (person_id)
        where m.worked_days > m.month_days - (m.to_date - m.from_date)
        """,
        {"told": conflict_kinds()["benefit_while_employed"].told} | _reasons("benefit_while_employed"),
    )


def _reasons(*kind_codes: str) -> dict[str, str]:
    return {code: conflict_kinds()[code].reason_fa for code in kind_codes}
