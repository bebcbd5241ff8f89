-- Grain: one row, the business date. The live night in totals. Kinds that nobody is told of are information, not
-- conflicts; those that tell of health are not for planners.
with living as (
    select person_id
    from person.golden
    where coalesce(vital_status_code, 'alive') = 'alive' and (death_date is null or death_date > $business_date)
),
insured as (
    select distinct person_id
    from cover.period
    where benefit_kind_code = 'basic' and from_date <= $business_date and to_date > $business_date
),
event as (
    select count(*) filter (where event_code = 'mint')  as minted_count,
           count(*) filter (where event_code = 'merge') as merged_count,
           count(*) filter (where event_code = 'split') as split_count
    from person.identity_event
),
conflict as (
    select * from cover.conflict
    where kind_code in (select kind_code from cover.conflict_kind where told <> 'nobody' and not is_sensitive)
),
delivered as (
    select coalesce(string_agg(feed || '@' || business_date, ' ' order by feed), '') as as_of_feeds,
           count(*)                               as feed_count,
           count(*) filter (where as_of_days > 0) as late_feed_count
    from staging.current_delivery
)
select $business_date::date                                                            as as_of_date,
       delivered.as_of_feeds,
       delivered.feed_count,
       delivered.late_feed_count,
       (select count(*) from person.crosswalk)                                         as record_count,
       (select count(*) from person.golden)                                            as person_count,
       (select count(*) from living)                                                   as living_count,
       (select count(*) from living semi join insured using (person_id))               as insured_count,
       (select count(*) from living anti join insured using (person_id))               as uninsured_count,
       event.minted_count,
       event.merged_count,
       event.split_count,
       (select count(*) from person.review_pair)                                       as review_pair_count,
       (select count(*) from cover.booklet where status_code = 'active'
           and from_date <= $business_date and to_date > $business_date)               as active_booklet_count,
       (select count(*) from conflict where status_code <> 'resolved')                 as open_conflict_count,
       (select count(*) from conflict where opened_date = $business_date)              as new_conflict_count
from delivered
cross join event
