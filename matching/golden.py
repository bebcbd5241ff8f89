"""Golden records: one row per person, each value from the source that knows best, each with its provenance."""

from __future__ import annotations

from collections.abc import Sequence

from hub.duck import literal, no_rows, quote
from hub.steps import Runner, Step
from matching import survivorship
from matching.answers import code_answer
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.jalali import jalali_table
from schemas.tables import DEATH_QUERY, DISAGREEMENT, GOLDEN


def golden(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> None:
    """Choose the golden values of every person, and say who disagrees with them.

    Reads:   linkage.person_record, person.crosswalk; cover and work dates of the current deliveries
    Leaves:  person.golden, person.disagreement, person.code_answer, person.death_query
    """
    for step in (
        survivorship.source(feeds, deliveries),
        survivorship.lead(),
        survivorship.choice(),
        survivorship.identity(),
        golden_record(),
        disagreement(),
        code_answer(feeds, deliveries),
    ):
        runner.run(step)
    runner.con.register("jalali_day", jalali_table())
    runner.run(death_query(feeds, deliveries))
    runner.con.unregister("jalali_day")


def golden_record() -> Step:
    """One row per person: identity, one record's address, one record's mobile.

    Reads:   golden.identity, golden.lead, linkage.person_record
    Grain:   person_id
    Columns: provenance names identity and address once for the family; an attribute that came from another record of the
             person is named apart.
    """
    columns = ", ".join(quote(name) for name in GOLDEN.columns)
    entry = survivorship.source_json
    return Step(
        GOLDEN.name,
        GOLDEN.grain,
        f"""
        with joined as (
            select i.*, l.record_count, a.address, a.postal_code, a.province_code, m.mobile_no,
                   a.feed as address_source, m.feed as mobile_source,
                   concat('{{', i.entries,
                          case when a.feed is not null then concat(', "address": ', {entry("a")}) end,
                          case when m.feed is not null then concat(', "mobile_no": ', {entry("m")}) end,
                          '}}') as provenance
            from golden.identity as i
            join golden.lead as l on l.person_id = i.person_id
            left join linkage.person_record as a on a.record_key = l.address_record_key
            left join linkage.person_record as m on m.record_key = l.mobile_record_key
        )
        select {columns} from joined
        """,
    )


def disagreement() -> Step:
    """Records that say otherwise than the golden record of their person, without the values.

    Reads:   person.crosswalk, linkage.person_record, golden.identity
    Grain:   record_key, attribute
    Columns: attribute: national_code, birth_date, sex_code, surname, given_name; names are compared by match key, a partly
             known birth date by its year. reason_code: code_of_other where the registry gives the code to someone else.
    """
    return Step(
        DISAGREEMENT.name,
        DISAGREEMENT.grain,
        """
        with compared as (
            select x.person_id, x.record_key, r.feed, r.national_code,
                   r.national_code <> g.national_code as is_code, r.sex_code <> g.sex_code as is_sex,
                   case when r.birth_date is not null and g.birth_date is not null then r.birth_date <> g.birth_date
                        else r.birth_year <> g.birth_year end as is_birth,
                   r.surname_key <> g.surname_key as is_surname, r.given_name_key <> g.given_name_key as is_given_name,
                   r.national_code is not null and g.national_code is null as is_code_refused
            from person.crosswalk as x
            join linkage.person_record as r on r.record_key = x.record_key
            join golden.identity as g on g.person_id = x.person_id
        ),
        differing as (
            select *, coalesce(is_code, false) or is_code_refused as is_code_differing from compared
            where is_code or is_sex or is_birth or is_surname or is_given_name or is_code_refused
        ),
        listed as (
            select person_id, record_key, feed, 'national_code' as attribute, national_code
            from differing where is_code_differing
            union all
            select person_id, record_key, feed, 'sex_code', null from differing where is_sex
            union all
            select person_id, record_key, feed, 'birth_date', null from differing where is_birth
            union all
            select person_id, record_key, feed, 'surname', null from differing where is_surname
            union all
            select person_id, record_key, feed, 'given_name', null from differing where is_given_name
        ),
        registered as (
            select distinct r.national_code, x.person_id
            from linkage.person_record as r join person.crosswalk as x on x.record_key = r.record_key
            where r.is_registry and r.national_code is not null
        )
        select l.person_id, l.record_key, l.feed, l.attribute,
               case when max(h.person_id) is null then 'differs' else 'code_of_other' end as reason_code
        from listed as l
        left join registered as h on h.national_code = l.national_code and h.person_id <> l.person_id
        group by l.person_id, l.record_key, l.feed, l.attribute
        """,
    )


def death_query(feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> Step:
    """Signs of life after a person's death date: such a death waits for people and ends no cover by itself (G03).

    Reads:   person.golden, person.crosswalk, jalali_day; cover_from_date and work_month of the current deliveries
    Grain:   record_key
    """
    return Step(
        DEATH_QUERY.name,
        DEATH_QUERY.grain,
        f"""
        with dead as (
            select g.person_id, g.death_date, printf('%04d-%02d', j.jalali_year, j.jalali_month) as death_month
            from person.golden as g left join jalali_day as j on j.iso_date = g.death_date
            where g.death_date is not null
        ),
        held as (
            select x.record_key, x.person_id, d.death_date, d.death_month
            from person.crosswalk as x join dead as d on d.person_id = x.person_id
        ),
        activity as ({_activity(feeds, deliveries)})
        select h.person_id, h.record_key,
               case when a.cover_from_date > h.death_date then 'cover_after_death' else 'work_after_death' end as reason_code
        from held as h join activity as a on a.record_key = h.record_key
        where a.cover_from_date > h.death_date or a.work_month > h.death_month
        """,
    )


# What tells of life, and its type.
_ACTIVITY = {"cover_from_date": "date", "work_month": "varchar"}


def _activity(feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> str:
    declared = {feed.name: feed.staging_table.columns for feed in feeds}
    selects = [no_rows({"record_key": "varchar"} | _ACTIVITY)]
    for delivery in sorted(deliveries, key=lambda each: each.feed):
        staged = declared[delivery.feed]
        if any(name in staged for name in _ACTIVITY):
            columns = [name if name in staged else "null" for name in _ACTIVITY]
            selects.append(f"select record_key, {', '.join(columns)} from read_parquet({literal(delivery.rows_path)})")
    return " union all ".join(selects)
