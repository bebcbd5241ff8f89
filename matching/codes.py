"""Linking by national code: an equal valid code links only where other evidence bears it out.

Leaves temp tables:
link_record  every record: record_no (in order of record_key), what corroboration and constraints read
spine        one record per person of the registry: per verified code, and per codeless registry record whose names, father
             and birth no other has
code_link    record_no -> node_no (the spine record), rule
code_refused record_no, node_no: the code is somebody's, but nothing else says that the record is that person's
"""

from __future__ import annotations

from hub.duck import Connection
from matching.scorer import corroboration
from matching.spark import keeps_order

CANCELLED = "cancelled"
# Codeless registry records that agree on all of these are one person.
REGISTERED = "given_name_key, surname_key, father_name_key, birth_date"
# Between these, coverage is believed as seen; without enough codes to see it, it is assumed.
LEAST_COVERAGE, ASSUMED_COVERAGE, MOST_COVERAGE = 0.5, 0.9, 0.95
LEAST_CLAIMED_CODES = 100
READ = (
    "record_hash", "given_name_key", "given_name_phonetic", "surname_key", "surname_phonetic", "father_name_key",
    "father_name_phonetic", "given_name_letters", "surname_letters", "father_name_letters", "sex_code", "birth_date",
    "birth_year", "birth_month", "birth_day",
)  # fmt: skip


def number_records(con: Connection) -> None:
    """Give every record a number in order of its key, and find the records whose national code the registry verifies.

    Reads:   linkage.person_record, in order of record_key where the engine keeps order
    """
    in_order = "" if keeps_order(con) else "order by record_key"  # sorting millions of rows again costs seconds
    con.execute(
        f"""create or replace temp table link_record as
            select row_number() over () - 1 as record_no, * from (
                select record_key, is_registry, national_code,
                       coalesce(is_registry and national_code is not null
                                and vital_status_code is distinct from '{CANCELLED}', false) as is_verified,
                       {", ".join(READ)}
                from linkage.person_record {in_order}
            ) as ordered"""
    )


def link_codes(con: Connection) -> None:
    """Link records to the verified holder of their code, then records that share a code the registry does not know."""
    con.execute(
        f"""create or replace temp table spine as
           with holder as (
               select min(record_no) as record_no from link_record where is_verified group by national_code
               union all
               select min(record_no) from link_record where is_registry and national_code is null
               group by {REGISTERED},
                        case when ({" or ".join(f"{name} is null" for name in REGISTERED.split(", "))}) then record_no end
           )
           select r.* from link_record as r semi join holder using (record_no)"""
    )
    con.execute(
        f"""create or replace temp table code_pair as
            select l.record_no, r.record_no as node_no, {corroboration()} as rule
            from link_record as l join spine as r on r.national_code = l.national_code and r.record_no <> l.record_no
            anti join judged_apart as j on j.record_no_l = l.record_no and j.record_no_r = r.record_no"""
    )
    con.execute("create or replace temp table code_link as select * from code_pair where rule is not null")
    con.execute("create or replace temp table code_refused as select record_no, node_no from code_pair where rule is null")
    _link_unknown_codes(con)
    con.execute("drop table code_pair")


def registry_coverage(con: Connection) -> float:
    """Share of people that the registry holds, told by how many of the codes that others claim are its own."""
    claimed, held = con.execute(
        """select count(*), count(s.national_code)
           from link_record as r left join (select distinct national_code from spine) as s using (national_code)
           where not r.is_registry and r.national_code is not null"""
    ).fetchall()[0]
    seen = held / claimed if claimed >= LEAST_CLAIMED_CODES else ASSUMED_COVERAGE
    return float(min(MOST_COVERAGE, max(LEAST_COVERAGE, seen)))


def _link_unknown_codes(con: Connection) -> None:
    # The fullest record speaks for the code; which of equals does not matter, so the first.
    filled = " + ".join(f"({name} is not null)::int" for name in READ)
    con.execute(
        f"""create or replace temp table sharing as
            with claiming as (
                select *, row_number() over (partition by national_code order by {filled} desc, record_no) as place,
                       count(*) over (partition by national_code) as claim_count
                from link_record
                where national_code is not null
                  and national_code not in (select national_code from spine where national_code is not null)
                  and record_no not in (select record_no from code_link)
            )
            select * from claiming where claim_count > 1"""
    )
    con.execute(
        f"""insert into code_link
            select * from (
                select l.record_no, r.record_no as node_no, {corroboration()} as rule
                from sharing as l join sharing as r on r.national_code = l.national_code and r.place = 1 and l.place > 1
                anti join judged_apart as j on j.record_no_l = l.record_no and j.record_no_r = r.record_no
            ) where rule is not null"""
    )
    con.execute("drop table sharing")
