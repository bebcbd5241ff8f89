-- Grain: Jalali month, kind, pair of insurers, province. What overlaps that are open tonight cost in the month, as far as it
-- has gone by the business date. The premium counted is that of the cover that yields; undecided, the lower of the two. A
-- person with three covers counts in each pair. Of the dead, the premium is that of the one cover.
with open_conflict as (
    select kind_code, person_id,
           coalesce(insurer_a, 'none')                                                 as insurer_a,
           coalesce(insurer_b, 'none')                                                 as insurer_b,
           case keeper_insurer_code when insurer_a then insurer_b when insurer_b then insurer_a end as yielding_code,
           from_date,
           least(to_date, $business_date::date)                                        as to_date
    from cover.conflict
    where status_code <> 'resolved' and kind_code in ('two_basic', 'same_insurer', 'two_principals', 'deceased')
),
monthly as (
    select m.jalali_month, c.kind_code, c.insurer_a, c.insurer_b, c.person_id,
           coalesce(g.province_code, 'unknown')                                        as province_code,
           date_diff('day', greatest(c.from_date, m.from_date), least(c.to_date, m.to_date)) as overlap_days,
           case when c.yielding_code = c.insurer_a then a.rials_per_month
                when c.yielding_code = c.insurer_b then b.rials_per_month
                else least(a.rials_per_month, b.rials_per_month) end / m.month_days     as rials_per_day
    from open_conflict as c
    join (select distinct jalali_month, from_date, to_date, month_days from premium_month) as m
      on c.from_date < m.to_date and c.to_date > m.from_date
    left join premium_month as a on a.jalali_month = m.jalali_month and a.insurer_code = c.insurer_a
    left join premium_month as b on b.jalali_month = m.jalali_month and b.insurer_code = c.insurer_b
    left join person.golden as g on g.person_id = c.person_id
),
delivered as (
    select coalesce(string_agg(feed || '@' || business_date, ' ' order by feed), '')   as as_of_feeds
    from staging.current_delivery
    semi join cover.period using (feed)
)
select jalali_month, kind_code, insurer_a, insurer_b, province_code,
       count(distinct person_id)                                                       as person_count,
       sum(overlap_days)                                                               as overlap_days,
       round(coalesce(sum(overlap_days * rials_per_day), 0))                           as cost_rials,
       $business_date::date                                                            as as_of_date,
       any_value(delivered.as_of_feeds)                                                as as_of_feeds
from monthly
cross join delivered
group by jalali_month, kind_code, insurer_a, insurer_b, province_code
