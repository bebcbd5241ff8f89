"""Linking by national code: an equal valid code links only where other evidence bears it out.

Leaves temp tables:
link_record  every record: record_no (in order of record_key), and in place of texts what tells quickly of equal evidence;
             of that ``KEPT`` when codes are through
spine        one record per person of the registry: per verified code, and per codeless registry record whose names, father
             and birth no other has
code_link    record_no -> node_no (the spine record; where not is_known, the record that speaks for a code)
code_refused record_no, node_no: the code is somebody's, in the registry or by other records that bear each other out, but
             nothing else says that the record is that person's
unknown_code records whose code no person of the registry holds
and numbered_record, a view of all columns by record_no, and keyed_record, one of the keys alone.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.engine import keeps_order
from matching.facts import facts
from matching.scorer import code_rule, names_corroborate
from matching.twins import refuse_twins
from schemas.tables import PERSON_RECORD

CANCELLED, DEAD = "cancelled", "dead"
# Codeless registry records that agree on all of these are one person.
REGISTERED = "given_name_key, surname_key, father_name_key, birth_date"
# Between these, coverage is believed as seen; without enough codes to see it, it is assumed.
LEAST_COVERAGE, ASSUMED_COVERAGE, MOST_COVERAGE = 0.5, 0.9, 0.95
LEAST_CLAIMED_CODES = 100
# In place of long texts: hashes that tell whether two records say the same. That two codes have one hash is as good as
# impossible in a nation, and then only namesakes of one age would be taken for each other.
HASHED = {
    "code_hash": "case when national_code is not null then hash(national_code) end",
    "names_hash": "case when not (given_name_key is null or surname_key is null) then hash(given_name_key, surname_key) end",
    "father_hash": "case when father_name_key is not null then hash(father_name_key) end",
}
# What is asked for when codes are through.
KEPT = {
    "link_record": "record_no, is_registry, is_verified, is_dead, record_hash, code_hash",
    "spine": "record_no, is_dead, birth_year",
}
# What corroboration reads.
READ = (
    "record_hash", "given_name_key", "given_name_phonetic", "surname_key", "surname_phonetic", "father_name_key",
    "father_name_phonetic", "given_name_letters", "surname_letters", "father_name_letters", "sex_code", "birth_date",
    "birth_year", "birth_month", "birth_day",
)  # fmt: skip

# Whose code is somebody else's. Where the registry does not know it, one record's word stands against another's, but not
# against that of two who call one person so.
REFUSED = """
    select record_no, node_no from weighed_code
    where rule_code is null and (is_held or node_no in (select node_no from code_link where not is_known))
"""


def number_records(con: Connection, numbered: str = "") -> None:
    """Give every record a number in order of its key, and find the records whose national code the registry verifies.

    Args:
        numbered: SQL of linkage.person_record with record_no (``matching.places``); without it, rows are counted as they
            come, in order of record_key.

    Reads:   linkage.person_record
    Leaves:  numbered_record: all columns by record_no; keyed_record: record_no, record_key; temp table link_record: what all
             records are asked for, as few bytes as do, since it stays in memory
    """
    kind = "view" if keeps_order(con) else "table"  # DuckDB reads a file again in no time
    places = numbered or f"select row_number() over () - 1 as record_no, * from {PERSON_RECORD.name}"
    con.execute(f"create or replace temp {kind} numbered_record as {places}")
    con.execute(f"create or replace temp {kind} keyed_record as select record_no, record_key from numbered_record")
    con.execute(
        f"""create or replace temp table link_record as
            select record_no, is_registry,
                   coalesce(is_registry and national_code is not null
                            and vital_status_code is distinct from '{CANCELLED}', false) as is_verified,
                   coalesce(vital_status_code = '{DEAD}', false) as is_dead, record_hash, birth_year,
                   {", ".join(f"{sql} as {name}" for name, sql in HASHED.items())}
            from numbered_record"""
    )


def link_codes(con: Connection, reference: str, nation: str) -> None:
    """Link records to the verified holder of their code, then records that share a code the registry does not know.

    Most records write their person's names as the registry does, which hashes of them tell; only of the others are the
    names read.

    Args:
        reference: as ``matching.twins.refuse_twins`` takes it.
        nation: table of all person records, also those that are not linked here.
    """
    names = REGISTERED.split(", ")
    con.execute(
        f"""create or replace temp table spine as
            with holder as (
                select min(record_no) as record_no from link_record where is_verified group by code_hash
                union all
                select min(record_no) from numbered_record where is_registry and national_code is null
                group by {REGISTERED}, case when ({" or ".join(f"{name} is null" for name in names)}) then record_no end
            )
            select record_no, is_dead, record_hash, birth_year, {", ".join(HASHED)}
            from (select * from link_record where is_registry) as r semi join holder using (record_no)"""
    )
    con.execute(
        f"""create or replace temp table code_pair as
            select l.record_no, r.record_no as node_no, {names_corroborate()} as is_sure, l.is_registry
            from (select * from link_record where code_hash is not null) as l
            left join spine as r on r.code_hash = l.code_hash
            anti join judged_apart as j on j.record_no_l = l.record_no and j.record_no_r = r.record_no
            where r.record_no is null or r.record_no <> l.record_no"""
    )
    con.execute(
        "create or replace temp table code_link as select record_no, node_no, true as is_known from code_pair where is_sure"
    )
    con.execute(
        """create or replace temp table unknown_code as
           select record_no, is_registry from code_pair where node_no is null"""
    )
    con.execute(
        """create or replace temp table doubtful as
           select record_no, node_no, true as is_held from code_pair where not is_sure and node_no is not null"""
    )
    con.execute(
        f"""create or replace temp table said_record as
            select record_no, national_code, feed, {", ".join(READ)}
            from numbered_record semi join (
                select record_no from doubtful union select node_no from doubtful union select record_no from unknown_code
            ) as doubted using (record_no)"""
    )
    _pair_unknown_codes(con)
    con.execute(
        f"""create or replace temp table weighed_code as
            select record_no, node_no, is_held, {code_rule()} as rule_code
            from (
                select d.record_no, d.node_no, d.is_held, {facts(code_rule())}
                from doubtful as d join said_record as l using (record_no) join said_record as r on r.record_no = d.node_no
            ) as compared"""
    )
    refuse_twins(con, nation, reference)
    con.execute("insert into code_link select record_no, node_no, is_held from weighed_code where rule_code is not null")
    con.execute(f"create or replace temp table code_refused as {REFUSED}")
    con.execute("drop table code_pair; drop table doubtful; drop table weighed_code; drop table said_record")
    # What only codes ask for goes: of a large nation it is a gigabyte.
    for name, kept in KEPT.items():
        con.execute(f"create or replace temp table {name} as select {kept} from {name}")


def registry_coverage(con: Connection) -> float:
    """Share of people that the registry holds, told by how many of the codes that others claim are its own."""
    claimed, unknown = con.execute(
        """select count(*), (select count(*) from unknown_code where not is_registry)
           from link_record where not is_registry and code_hash is not null"""
    ).fetchall()[0]
    seen = (claimed - unknown) / claimed if claimed >= LEAST_CLAIMED_CODES else ASSUMED_COVERAGE
    return float(min(MOST_COVERAGE, max(LEAST_COVERAGE, seen)))


def _pair_unknown_codes(con: Connection) -> None:
    """Pair records that share a code which the registry does not know with the one that speaks for it: of the commonest
    given name the fullest; which of equals does not matter, so the first.

    Reads:   temp tables said_record, unknown_code
    Leaves:  temp table doubtful, longer by these
    """
    filled = " + ".join(f"({name} is not null)::int" for name in READ)
    con.execute(
        f"""insert into doubtful
            with claiming as (
                select record_no, national_code,
                       row_number() over (
                           partition by national_code order by name_count desc, {filled} desc, record_no) as place
                from (
                    select *, count(given_name_key) over (partition by national_code, given_name_key) as name_count
                    from said_record semi join unknown_code using (record_no)
                )
            )
            select l.record_no, r.record_no, false
            from claiming as l join claiming as r on r.national_code = l.national_code and r.place = 1 and l.place > 1
            anti join judged_apart as j on j.record_no_l = l.record_no and j.record_no_r = r.record_no"""
    )
