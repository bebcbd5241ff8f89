"""Conflicts: what insurers must settle, found anew each night and known by the same number from night to night (C11)."""

from __future__ import annotations

from datetime import date

from hub.steps import Step
from schemas.tables import CONFLICT

FOUND_GRAIN = ("kind_code", "record_key_a", "record_key_b", "from_date")

# Sentences for what no rule of the table explains. Those of a rule are in the rule table.
PAIR_REASONS = {
    "under_review": "هویت این شخص در دست بررسی است و تا پایان آن هیچ دفترچه‌ای خودکار مسدود نمی‌شود.",
    "same_insurer": "این شخص در یک بیمه‌گر، هم‌زمان دو دفترچه دارد و همان بیمه‌گر باید یکی را نگه دارد.",
    "settled": "این هم‌پوشانی با مسدود شدن یکی از دو دفترچه به‌سبب دفترچهٔ دیگری از همین شخص پایان می‌یابد.",
    "circle": "قاعده‌های چند دفترچهٔ این شخص یکدیگر را نقض می‌کنند و کارشناس باید تصمیم بگیرد.",
    "no_rule": "برای هم‌پوشانی این دو بیمه‌گر قاعده‌ای ثبت نشده است و کارشناس باید تصمیم بگیرد.",
    "two_pensions": "عضویت هم‌زمان در دو صندوق بازنشستگی لزوماً تعارض نیست و تنها برای آگاهی اعلام می‌شود.",
}
LISTING_REASONS = {
    "deceased": "درگذشت این شخص در ثبت احوال ثبت شده است، ولی پوشش او پس از آن ادامه دارد.",
    "unknown_to_registry": "کد ملی اعلام‌شده برای این شخص در ثبت احوال یافت نشد.",
    "code_of_other": "کد ملی اعلام‌شده در ثبت احوال از آنِ شخص دیگری است.",
}


def found_pairs() -> Step:
    """This night's conflicts of two covers, in the longest stretches with one rule and one outcome.

    Reads:   cover.pair, cover.standing, cover.period, cover.under_review
    Grain:   kind_code, record_key_a, record_key_b, from_date
    """
    return Step(
        "cover.found_pair",
        FOUND_GRAIN,
        """
        with basic as (
            select if(p.insurer_a = p.insurer_b, 'same_insurer', 'two_basic') as kind_code, p.*,
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
                        when kind_code = 'same_insurer' then 'same_insurer'
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
            select 'two_pensions', a.person_id, a.insurer_code, a.booklet_no, b.insurer_code, b.booklet_no,
                   a.record_key, b.record_key, a.principal_person_id, b.principal_person_id,
                   greatest(a.from_date, b.from_date), least(a.to_date, b.to_date), null, u.person_id is not null,
                   'inform', null, $two_pensions
            from cover.period as a
            join cover.period as b
              on b.person_id = a.person_id and b.insurer_code > a.insurer_code
             and b.from_date < a.to_date and a.from_date < b.to_date
            left join cover.under_review as u on u.person_id = a.person_id
            where a.benefit_kind_code = 'pension' and b.benefit_kind_code = 'pension'
              and a.is_listed is not false and b.is_listed is not false
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
        PAIR_REASONS,
    )


def found_listings() -> Step:
    """This night's conflicts of one listed cover: of the dead, of codes unknown to civil registration or of someone else.

    Reads:   cover.record, linkage.person_record, person.golden, person.crosswalk, person.death_query, cover.under_review
    Grain:   kind_code, record_key_a
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
            select l.*, p.national_code
            from listed as l join linkage.person_record as p using (record_key)
            where not p.is_registry and p.national_code is not null
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
        LISTING_REASONS,
    )


def numbered(business_date: date) -> Step:
    """Conflicts with their lasting numbers, life and history.

    A conflict is known again by its kind, its records and its first day; an open one whose first day moved is known by its
    kind and records alone. What is known keeps its number; what is new gets the next; what is gone is resolved and stays,
    and opens again under its number when it comes back. A booklet that was issued online is known again by the record with
    which its insurer lists it.

    Reads:   cover.found_pair, cover.found_listing, base.conflict (the live run's), person.crosswalk, cover.act, cover.period
    Grain:   conflict_no
    """
    return Step(
        CONFLICT.name,
        CONFLICT.grain,
        f"""
        with found as (
            select * from cover.found_pair union all by name select * from cover.found_listing
        ),
        seen as (select kind_code, record_key_a, coalesce(record_key_b, '') as record_key_b, from_date from found),
        issued as (
            select 'booklet_act:' || a.act_no as act_key, arg_min(p.record_key, p.from_date) as record_key
            from cover.act as a join cover.period as p using (person_id, insurer_code, booklet_no)
            where a.act_code = 'issue' and p.benefit_kind_code = 'basic' and p.to_date > a.from_date
            group by a.act_no
        ),
        before as (
            select c.conflict_no, c.status_code, c.kind_code, c.from_date,
                   coalesce(a.record_key, c.record_key_a) as record_key_a,
                   coalesce(b.record_key, c.record_key_b, '') as record_key_b
            from base.conflict as c
            left join issued as a on a.act_key = c.record_key_a
            left join issued as b on b.act_key = c.record_key_b
        ),
        same_start as (
            select kind_code, record_key_a, record_key_b, from_date, min(conflict_no) as conflict_no
            from seen join before using (kind_code, record_key_a, record_key_b, from_date)
            group by all
        ),
        seen_left as (
            select *, row_number() over (partition by kind_code, record_key_a, record_key_b order by from_date) as turn
            from seen anti join same_start using (kind_code, record_key_a, record_key_b, from_date)
        ),
        before_left as (
            select *, row_number() over (
                       partition by kind_code, record_key_a, record_key_b order by from_date, conflict_no) as turn
            from before anti join same_start using (conflict_no)
            where status_code = 'open'
        ),
        moved as (
            select s.*, b.conflict_no
            from seen_left as s left join before_left as b using (kind_code, record_key_a, record_key_b, turn)
        ),
        known as (
            select kind_code, record_key_a, record_key_b, from_date, conflict_no from same_start
            union all
            select kind_code, record_key_a, record_key_b, from_date, conflict_no from moved where conflict_no is not null
            union all
            select kind_code, record_key_a, record_key_b, from_date,
                   row_number() over (order by kind_code, record_key_a, record_key_b, from_date)
                       + (select coalesce(max(conflict_no), 0) from base.conflict)
            from moved where conflict_no is null
        ),
        given as (
            select f.*, k.conflict_no
            from found as f
            join known as k
              on k.kind_code = f.kind_code and k.record_key_a = f.record_key_a
             and k.record_key_b = coalesce(f.record_key_b, '') and k.from_date = f.from_date
        ),
        current as (
            select g.*, b.conflict_no is not null as is_known, b.opened_date as known_opened_date,
                   b.changed_date as known_changed_date,
                   coalesce(b.status_code = 'resolved', false) as is_reopened,
                   coalesce(b.reopened_count, 0) as known_reopened_count,
                   ({_facts("g")}) is distinct from ({_facts("b")}) as is_changed
            from given as g left join base.conflict as b using (conflict_no)
        ),
        gone as (select * from base.conflict anti join given using (conflict_no)),
        gone_holder as (
            select x.record_key as record_key_a, x.person_id
            from person.crosswalk as x
            semi join gone on gone.record_key_a = x.record_key
        )
        select conflict_no, kind_code, person_id, insurer_a, insurer_b, booklet_no_a, booklet_no_b, record_key_a,
               record_key_b, principal_person_id_a, principal_person_id_b, from_date, to_date,
               case when record_key_b is not null and to_date < date '9999-12-31' then to_date - from_date end
                   as overlap_days,
               rule_code, outcome_code, keeper_insurer_code, reason_fa, is_under_review, 'open' as status_code,
               coalesce(known_opened_date, $business_date) as opened_date,
               case when is_known and not is_changed and not is_reopened then known_changed_date
                    else $business_date end as changed_date,
               known_reopened_count + is_reopened::integer as reopened_count
        from current
        union all by name
        select g.* exclude (person_id, status_code, changed_date),
               coalesce(h.person_id, g.person_id) as person_id, 'resolved' as status_code,
               if(g.status_code = 'open', $business_date, g.changed_date) as changed_date
        from gone as g left join gone_holder as h using (record_key_a)
        """,
        {"business_date": business_date},
    )


def _facts(alias: str) -> str:
    """What an insurer reads of a conflict; when any of it changes, the conflict has changed."""
    names = ("from_date", "to_date", "rule_code", "outcome_code", "keeper_insurer_code", "reason_fa", "is_under_review")
    return ", ".join(f"{alias}.{name}" for name in names)
