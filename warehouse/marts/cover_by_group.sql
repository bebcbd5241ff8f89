-- Grain: month, insurer, benefit kind, province, age band, sex. Persons covered on the month's counting day: its last day,
-- in the current month the business date. Ages are those of that day; province and sex are today's.
with month as (
    select date_trunc('month', $business_date::date - to_months(n))::date                             as month_date,
           least($business_date::date, last_day(($business_date::date - to_months(n))::date))         as counting_date
    from range($month_count) as m(n)
),
held as (
    select p.person_id, p.insurer_code, p.benefit_kind_code, p.from_date, p.to_date,
           coalesce(g.province_code, 'unknown')            as province_code,
           coalesce(g.sex_code, 'unknown')                 as sex_code,
           g.birth_date,
           count(*) over (partition by p.person_id, p.insurer_code, p.benefit_kind_code) > 1 as is_several
    from cover.period as p
    join person.golden as g using (person_id)
),
listed as (
    select * from held join month on from_date <= counting_date and to_date > counting_date
),
-- Who has several covers of one kind at one insurer counts once; of the many others nothing need be compared.
covered as (
    select * from listed where not is_several
    union all
    select distinct on (month_date, person_id, insurer_code, benefit_kind_code) * from listed where is_several
),
counted as (
    select month_date, insurer_code, benefit_kind_code, province_code, band_age(birth_date, counting_date) as age, sex_code,
           count(*)                                        as person_count
    from covered
    group by all
),
delivered as (
    select p.insurer_code, p.benefit_kind_code,
           string_agg(d.feed || '@' || d.business_date, ' ' order by d.feed) as as_of_feeds
    from (select distinct insurer_code, benefit_kind_code, feed from cover.period) as p
    join staging.current_delivery as d using (feed)
    group by p.insurer_code, p.benefit_kind_code
)
select month_date, insurer_code, benefit_kind_code, province_code,
       age_band(age)                                       as age_band,
       sex_code, person_count,
       $business_date::date                                as as_of_date,
       coalesce(as_of_feeds, '')                           as as_of_feeds
from counted
left join delivered using (insurer_code, benefit_kind_code)
