-- Grain: feed. The delivery it stands on, where that delivery's rows went, and how many records share a person with a record
-- of another feed.
with fate as (
    select delivery_id,
           sum(row_count) filter (where fate_code = 'received')    as received_count,
           sum(row_count) filter (where fate_code = 'accepted')    as accepted_count,
           sum(row_count) filter (where fate_code = 'quarantined') as quarantined_count,
           sum(row_count) filter (where fate_code = 'unchanged')   as unchanged_count,
           sum(row_count) filter (where fate_code = 'superseded')  as superseded_count
    from ops.ledger
    group by delivery_id
),
person_feed as (
    select person_id, min(feed) <> max(feed) as is_linked
    from person.crosswalk
    group by person_id
),
record as (
    select c.feed, count(*) as record_count, count(*) filter (where p.is_linked) as linked_count
    from person.crosswalk as c
    join person_feed as p using (person_id)
    group by c.feed
)
select d.feed,
       d.delivery_id,
       d.business_date                                                 as delivery_date,
       d.as_of_days,
       coalesce(fate.received_count, 0)                                as received_count,
       coalesce(fate.accepted_count, 0)                                as accepted_count,
       coalesce(fate.quarantined_count, 0)                             as quarantined_count,
       coalesce(fate.unchanged_count, 0)                               as unchanged_count,
       coalesce(fate.superseded_count, 0)                              as superseded_count,
       coalesce(record.record_count, 0)                                as record_count,
       coalesce(record.linked_count, 0)                                as linked_count,
       round(record.linked_count / record.record_count, 4)             as linked_ratio,
       $business_date::date                                            as as_of_date,
       d.feed || '@' || d.business_date                                as as_of_feeds
from staging.current_delivery as d
left join fate using (delivery_id)
left join record using (feed)
