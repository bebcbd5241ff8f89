-- Grain: pair of insurers, kind of conflict; insurer_b is 'none' for kinds with one side. Days are counted up to the
-- business date, for open conflicts. Kinds that tell of health are not for planners (C15).
with conflict as (
    select coalesce(insurer_a, 'none')                                                       as insurer_a,
           coalesce(insurer_b, 'none')                                                       as insurer_b,
           kind_code,
           person_id,
           status_code <> 'resolved'                                                         as is_open,
           greatest(0, date_diff('day', from_date, least(to_date, $business_date::date)))    as elapsed_days
    from cover.conflict
    where kind_code in (select kind_code from cover.conflict_kind where not is_sensitive)
),
delivered as (
    select coalesce(string_agg(feed || '@' || business_date, ' ' order by feed), '') as as_of_feeds
    from staging.current_delivery
    semi join cover.period using (feed)
)
select conflict.insurer_a,
       conflict.insurer_b,
       conflict.kind_code,
       count(distinct conflict.person_id) filter (where conflict.is_open)            as person_count,
       count(*)                                                                      as conflict_count,
       count(*) filter (where conflict.is_open)                                      as open_count,
       coalesce(sum(conflict.elapsed_days) filter (where conflict.is_open), 0)       as overlap_days,
       $business_date::date                                                          as as_of_date,
       any_value(delivered.as_of_feeds)                                              as as_of_feeds
from conflict
cross join delivered
group by conflict.insurer_a, conflict.insurer_b, conflict.kind_code
