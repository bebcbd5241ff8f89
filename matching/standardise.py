"""Standardising: rows of every current delivery become person records with match keys.

Distinct names are normalised once (``matching.names``) and joined back, so the cost grows with names, not with records.
What does not depend on other records is a function of the row alone: idempotent, and independent of order (S03).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.duck import literal, quote
from hub.steps import Runner, Step
from matching.evidence import address_key, certificate_key, code_number, document_key, valid_national_code
from matching.names import name_dictionary
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.jalali import jalali_table
from schemas.tables import PERSON_RECORD

# A value shared by more people than this is a call centre's mobile, an office's postal code: no evidence (S06).
MOST_PEOPLE = {"mobile_no": 12, "postal_code": 60, "address": 60}
# A day on which more of a feed's people are born than this is what its clerks type for "unknown". One day's natural share of
# all living is below 0.0001.
MOST_BORN_ON_A_DAY, LEAST_BORN_ON_A_DAY = 0.002, 8

SOURCE_COLUMNS = {
    "national_code": "varchar", "foreign_id": "varchar", "passport_no": "varchar", "given_name": "varchar",
    "surname": "varchar", "full_name": "varchar", "father_name": "varchar", "sex_code": "varchar", "birth_date": "date",
    "birth_date_partial": "varchar", "birth_certificate_no": "varchar", "nationality_code": "varchar",
    "vital_status_code": "varchar", "death_date": "date", "province_code": "varchar", "address": "varchar",
    "postal_code": "varchar", "mobile_no": "varchar",
}  # fmt: skip
EVIDENCE = (
    "is_registry", "national_code", "foreign_id", "passport_no", "given_name_key", "surname_key", "father_name_key",
    "sex_code", "birth_date", "birth_year", "birth_month", "birth_day", "birth_certificate_key", "nationality_code",
    "vital_status_code", "postal_code_key", "address_key", "province_code", "mobile_no_key",
)  # fmt: skip


def standardise(runner: Runner, feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> None:
    """Make ``linkage.person_record`` from the rows of the current deliveries.

    Reads:   staging.<feed> rows by path
    Leaves:  linkage.name_dictionary (one row per written name), linkage.person_record (one row per record)
    """
    rows = source_rows(feeds, deliveries)
    con = runner.con
    written = con.execute(written_names(rows)).fetchall()
    runner.keep("linkage.name_dictionary", ("written_kind", "written"), name_dictionary(written))
    con.register("jalali_day", jalali_table())
    con.execute(f"create or replace temp table placeholder_birth as {placeholder_births(rows)}")
    for column in MOST_PEOPLE:
        con.execute(f"create or replace temp table generic_{column} as {generic_values(rows, column)}")
    runner.run(person_record(rows))
    for column in MOST_PEOPLE:
        con.execute(f"drop table generic_{column}")
    con.execute("drop table placeholder_birth")
    con.unregister("jalali_day")


def source_rows(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> str:
    """SQL of all rows of all current deliveries by record_key, with one set of columns; what a feed lacks is null."""
    declared = {feed.name: feed for feed in feeds}
    selects = []
    for delivery in sorted(deliveries, key=lambda d: f"{d.feed}:"):  # as record keys begin, so that they come in order
        feed = declared[delivery.feed]
        staged = feed.staging_table.columns
        columns = [
            f"cast({quote(name) if name in staged else 'null'} as {kind}) as {name}" for name, kind in SOURCE_COLUMNS.items()
        ]
        selects.append(
            f"select record_key, since_delivery_id, {literal(feed.name)} as feed, "
            f"{str(feed.is_registry).lower()} as is_registry, {', '.join(columns)} "
            f"from read_parquet({literal(str(delivery.rows_path))})"
        )
    if not selects:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in SOURCE_COLUMNS.items())
        return f"select '' as record_key, '' as since_delivery_id, '' as feed, false as is_registry, {nothing} where false"
    return " union all ".join(selects)


def written_names(rows: str) -> str:
    """SQL of every distinct written name: kind, text, number of records."""
    columns = (("given", "given_name"), ("given", "father_name"), ("surname", "surname"), ("full", "full_name"))
    counted = " union all ".join(
        f"select '{kind}' as kind, {column} as written, count(*) as record_count from ({rows}) "
        f"where {column} is not null group by {column}"
        for kind, column in columns
    )
    return f"select kind, written, sum(record_count)::bigint from ({counted}) group by kind, written order by kind, written"


def generic_values(rows: str, column: str) -> str:
    """SQL of the values of a column that too many people share; people are told apart by birth date, else by name."""
    limit = MOST_PEOPLE[column]
    return f"""
        with holder as (
            select {column}, coalesce(cast(birth_date as varchar), concat_ws(' ', given_name, surname, full_name)) as person
            from ({rows}) where {column} is not null
        ),
        frequent as (select {column} from holder group by {column} having count(*) > {limit})
        select {column} from holder semi join frequent using ({column})
        group by {column} having count(distinct person) > {limit}
    """


def placeholder_births(rows: str) -> str:
    """SQL of the birth dates that a feed gives to far more people than can be born on one day: feed, birth_date."""
    return f"""
        with born as (
            select feed, birth_date, concat_ws(' ', given_name, surname, full_name) as person
            from ({rows}) where birth_date is not null
        ),
        size as (select feed, count(*) as row_count from born group by feed),
        frequent as (
            select feed, birth_date, row_count from born join size using (feed)
            group by all having count(*) >= {LEAST_BORN_ON_A_DAY} and count(*) > {MOST_BORN_ON_A_DAY} * row_count
        )
        select feed, birth_date from born join frequent using (feed, birth_date)
        group by feed, birth_date
        having count(distinct person) >= greatest({LEAST_BORN_ON_A_DAY}, {MOST_BORN_ON_A_DAY} * any_value(row_count))
    """


def person_record(rows: str) -> Step:
    """Every record with its match keys.

    Reads:   rows of the current deliveries, linkage.name_dictionary, generic_* and placeholder_birth (values that are no
             evidence), jalali_day
    Grain:   record_key
    """
    names = "select written, display, key, phonetic, letters, honorific from linkage.name_dictionary where written_kind = "
    part = "try_cast(split_part(s.birth_date_partial, '-', {}) as integer)"
    is_dated = "j.jalali_year is not null"
    hashed = f"hash({', '.join(EVIDENCE)}) as record_hash"
    columns = ", ".join(hashed if name == "record_hash" else name for name in PERSON_RECORD.columns)
    return Step(
        PERSON_RECORD.name,
        PERSON_RECORD.grain,
        f"""
        with source as (
            select r.* replace (case when b.feed is null then r.birth_date end as birth_date),
                   {code_number("r.national_code")} as code_number,
                   {code_number("r.birth_certificate_no")} as certificate_number
            from ({rows}) as r
            left join placeholder_birth as b on b.feed = r.feed and b.birth_date = r.birth_date
        ),
        keyed as (
            select s.record_key, s.since_delivery_id, s.feed, s.is_registry,
                   coalesce({valid_national_code("s.national_code", "s.code_number")},
                            {valid_national_code("s.birth_certificate_no", "s.certificate_number")}) as national_code,
                   s.national_code as national_code_claimed,
                   {document_key("s.foreign_id")} as foreign_id, {document_key("s.passport_no")} as passport_no,
                   coalesce(g.display, w.display) as given_name, coalesce(n.display, w.surname_display) as surname,
                   f.display as father_name,
                   coalesce(g.key, w.key) as given_name_key, coalesce(n.key, w.surname_key) as surname_key,
                   f.key as father_name_key, coalesce(g.honorific, w.honorific) as honorific,
                   coalesce(g.phonetic, w.phonetic) as given_name_phonetic,
                   coalesce(n.phonetic, w.surname_phonetic) as surname_phonetic, f.phonetic as father_name_phonetic,
                   coalesce(g.letters, w.letters) as given_name_letters,
                   coalesce(n.letters, w.surname_letters) as surname_letters, f.letters as father_name_letters,
                   s.sex_code, s.birth_date,
                   case when {is_dated} then j.jalali_year
                        when s.birth_date is not null then cast(extract(year from s.birth_date) - 621 as integer)
                        else nullif({part.format(1)}, 0) end as birth_year,
                   case when {is_dated} then j.jalali_month else nullif({part.format(2)}, 0) end as birth_month,
                   case when {is_dated} then j.jalali_day else nullif({part.format(3)}, 0) end as birth_day,
                   s.birth_certificate_no, {certificate_key("s.birth_certificate_no")} as birth_certificate_key,
                   s.nationality_code, s.vital_status_code, s.death_date,
                   s.postal_code, case when gp.postal_code is null then s.postal_code end as postal_code_key,
                   s.address, case when ga.address is null then {address_key("s.address")} end as address_key,
                   s.province_code, s.mobile_no, case when gm.mobile_no is null then s.mobile_no end as mobile_no_key
            from source as s
            left join ({names} 'given') as g on g.written = s.given_name
            left join ({names} 'surname') as n on n.written = s.surname
            left join ({names} 'given') as f on f.written = s.father_name
            left join (select * from linkage.name_dictionary where written_kind = 'full') as w on w.written = s.full_name
            left join jalali_day as j on j.iso_date = s.birth_date
            left join generic_mobile_no as gm on gm.mobile_no = s.mobile_no
            left join generic_postal_code as gp on gp.postal_code = s.postal_code
            left join generic_address as ga on ga.address = s.address
        )
        select {columns} from keyed
        """,
        comes_in_order=True,
    )
