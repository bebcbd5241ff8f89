-- Grain: province, age band, sex. Living persons, and those of them without basic cover on the business date.
with living as (
    select person_id,
           coalesce(province_code, 'unknown') as province_code,
           sex_code,
           birth_date
    from person.golden
    where coalesce(vital_status_code, 'alive') = 'alive' and (death_date is null or death_date > $business_date)
),
insured as (
    select distinct person_id, true as is_insured
    from cover.period
    where benefit_kind_code = 'basic' and from_date <= $business_date and to_date > $business_date
),
delivered as (
    select coalesce(string_agg(feed || '@' || business_date, ' ' order by feed), '') as as_of_feeds
    from staging.current_delivery
)
select living.province_code,
       age_band(band_age(living.birth_date, $business_date)) as age_band,
       coalesce(living.sex_code, 'unknown')                as sex_code,
       count(*)                                            as living_count,
       count(*) filter (where insured.is_insured is null)  as uninsured_count,
       $business_date::date                                as as_of_date,
       any_value(delivered.as_of_feeds)                    as as_of_feeds
from living
left join insured using (person_id)
cross join delivered
group by living.province_code, band_age(living.birth_date, $business_date), coalesce(living.sex_code, 'unknown')
