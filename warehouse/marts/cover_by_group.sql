-- Grain: month, insurer, benefit kind, province, age band, sex. Persons covered on the month's counting day: its last day,
-- in the current month the business date. Ages are those of that day; province and sex are today's.
with month as (
    select date_trunc('month', $business_date::date - to_months(n))::date                             as month_date,
           least($business_date::date, last_day(($business_date::date - to_months(n))::date))         as counting_date
    from range($month_count) as m(n)
),
cover as (
    select distinct month.month_date, month.counting_date, p.person_id, p.insurer_code, p.benefit_kind_code
    from cover.period as p
    join month on p.from_date <= month.counting_date and p.to_date > month.counting_date
),
delivered as (
    select p.insurer_code, p.benefit_kind_code,
           string_agg(d.feed || '@' || d.business_date, ' ' order by d.feed) as as_of_feeds
    from (select distinct insurer_code, benefit_kind_code, feed from cover.period) as p
    join staging.current_delivery as d using (feed)
    group by p.insurer_code, p.benefit_kind_code
)
select cover.month_date,
       cover.insurer_code,
       cover.benefit_kind_code,
       coalesce(g.province_code, 'unknown')                as province_code,
       age_band(g.birth_date, cover.counting_date)         as age_band,
       coalesce(g.sex_code, 'unknown')                     as sex_code,
       count(*)                                            as person_count,
       $business_date::date                                as as_of_date,
       coalesce(any_value(delivered.as_of_feeds), '')      as as_of_feeds
from cover
join person.golden as g using (person_id)
left join delivered using (insurer_code, benefit_kind_code)
group by cover.month_date, cover.insurer_code, cover.benefit_kind_code, coalesce(g.province_code, 'unknown'),
         age_band(g.birth_date, cover.counting_date), coalesce(g.sex_code, 'unknown')
