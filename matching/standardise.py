"""Standardising: rows of every current delivery become person records with match keys.

Distinct names are normalised once (``matching.names``) and joined back, so the cost grows with names, not with records.
What does not depend on other records is a function of the row alone: idempotent, and independent of order (S03). After a
first night only rows that are not as the night before saw them are standardised anew, and those whose value has become
generic since (decision 0008).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from hub.duck import Connection
from hub.steps import Amendment, Runner, Step
from matching import generic
from matching.answers import refused_code
from matching.evidence import (
    address_text,
    certificate_key,
    code_number,
    document_key,
    email_key,
    telephone_key,
    valid_national_code,
)
from matching.names import FATHERS_SHARE, NameCounts, name_dictionary
from matching.reference import has_drifted
from matching.sources import find_changed_rows, is_made_alike, keep_sources, source_rows
from matching.together import Together, heard
from schemas.answer_tables import REFUSED_CODE
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.jalali import jalali_table
from schemas.standardising_tables import GENERIC_VALUE, NAME_DICTIONARY
from schemas.tables import PERSON_RECORD

# Sorting takes about 1.1 KB a record, and DuckDB does not spill all of it; more are written on one thread, as they come.
MOST_SORTED = 3_000_000
EVIDENCE = (
    "is_registry", "national_code", "foreign_id", "passport_no", "given_name_key", "surname_key", "father_name_key",
    "sex_code", "birth_date", "birth_year", "birth_month", "birth_day", "birth_certificate_key", "nationality_code",
    "vital_status_code", "postal_code_key", "address_key", "province_code", "city_key", "mobile_no_key", "email_key",
)  # fmt: skip


def standardise(
    runner: Runner,
    feeds: Sequence[Feed],
    deliveries: Iterable[Delivery],
    base_folder: Path | None = None,
    *,
    is_full: bool = False,
    together: Together | None = None,
) -> None:
    """Make ``linkage.person_record`` from the rows of the current deliveries.

    Args:
        base_folder: folder of the live run, whose person records are taken over but for what has changed; None in a new
            nation.
        is_full: standardise every row all the same, with the dictionary that the night carries.
        together: names that go together, as the model in force learnt them.

    Reads:   staging.<feed> rows by path
    Leaves:  linkage.source, linkage.name_dictionary (one row per written name), linkage.generic_value,
             linkage.refused_code, linkage.person_record (one row per record)
    """
    listing = {feed.name for feed in feeds if feed.lists_persons}
    used = [delivery for delivery in deliveries if delivery.feed in listing]
    rows, con = source_rows(feeds, used), runner.con
    keep_sources(runner, feeds, used, person_record("", together).sql)
    count = int(con.execute(f"select count(*) from ({rows})").fetchall()[0][0])
    base = base_folder
    if base and (not is_made_alike(runner, base) or has_drifted(con, base, count)):
        base = None
    con.register("jalali_day", jalali_table())
    runner.run(refused_code(feeds, used))
    if base:
        for table in (NAME_DICTIONARY, GENERIC_VALUE, REFUSED_CODE, PERSON_RECORD):
            runner.attach(f"base.{table.name.partition('.')[2]}", _file(base, table.name))
    if base and not is_full and find_changed_rows(con):
        _standardise_changed(runner, base, rows, together)
    else:
        _keep_names(runner, base, rows)
        runner.run(generic.generic_value(rows))
        runner.run(person_record(rows, together, is_large=count > MOST_SORTED))
    con.unregister("jalali_day")


def _standardise_changed(runner: Runner, base: Path, rows: str, together: Together | None) -> None:
    con = runner.con
    _read_changed(con, rows)
    generic.find_touched_values(con, "changed_source")
    runner.run(generic.generic_value_since(rows))
    if generic.reveal_turned(con, rows):
        _read_changed(con, rows)
    _keep_names(runner, base, "from changed_source")
    changed = person_record("from changed_source", together)
    runner.amend(Amendment(changed, _file(base, PERSON_RECORD.name), out_keys="from changed_row"))
    for name in ("changed_row", "changed_source", "touched_value"):
        con.execute(f"drop table {name}")


def _read_changed(con: Connection, rows: str) -> None:
    con.execute(
        f"create or replace temp table changed_source as select * from ({rows}) where record_key in (from changed_row)"
    )


def _keep_names(runner: Runner, base: Path | None, rows: str) -> None:
    """The dictionary of the night before and names that it does not hold; how common a name is stays as it was counted."""
    written = written_names(rows)
    if base is None:
        runner.keep(NAME_DICTIONARY.name, NAME_DICTIONARY.grain, name_dictionary(runner.con.execute(written).fetchall()))
        return
    new = f"""
        select n.* from ({written}) as n
        anti join base.name_dictionary as b on b.written_kind = n.kind and b.written = n.written
        order by all
    """
    found = name_dictionary(
        runner.con.execute(new).fetchall(), _counted_names(runner.con), has_fathers=_names_tell_fathers(runner.con)
    )
    runner.con.register("new_name", found)
    made = Step(NAME_DICTIONARY.name, NAME_DICTIONARY.grain, "from new_name")
    runner.amend(Amendment(made, _file(base, NAME_DICTIONARY.name), "false"))
    runner.con.unregister("new_name")


def _counted_names(con: Connection) -> dict[str, NameCounts]:
    counted: dict[str, NameCounts] = defaultdict(NameCounts)
    for kind, key, written, count in con.execute(
        """select written_kind, key, written, record_count from base.name_dictionary
           where key is not null and written_kind <> 'full' and record_count > 0"""
    ).fetchall():
        counted[kind].add(key, written, count)
    return counted


def _names_tell_fathers(con: Connection) -> bool:
    """As the first night found it: those who say whose children they are tell their fathers in either case."""
    share = "sum(record_count) filter (where father_key is not null) / nullif(sum(record_count), 0)::double"
    sql = f"select coalesce({share} >= {FATHERS_SHARE}, false) from base.name_dictionary where written_kind = 'full'"
    return bool(con.execute(sql).fetchall()[0][0])


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"


def written_names(rows: str) -> str:
    """SQL of every distinct written name: kind, text, number of records."""
    columns = (("given", "given_name"), ("father", "father_name"), ("surname", "surname"), ("full", "full_name"))
    counted = " union all ".join(
        f"select '{kind}' as kind, {column} as written, count(*) as record_count from ({rows}) "
        f"where {column} is not null group by {column}"
        for kind, column in columns
    )
    return f"select kind, written, sum(record_count)::bigint from ({counted}) group by kind, written order by kind, written"


def person_record(rows: str, together: Together | None, *, is_large: bool = False) -> Step:
    """Every record with its match keys.

    Args:
        together: as ``standardise`` takes it.
        is_large: there are too many to sort them; the rows come in order of their keys.

    Reads:   ``rows`` of the current deliveries, linkage.name_dictionary, linkage.generic_value, linkage.refused_code,
             jalali_day
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
                   {code_number("r.birth_certificate_no")} as certificate_number,
                   {address_text("r.address")} as address_text
            from ({rows}) as r
            left join (select feed, cast(value as date) as birth_date from {GENERIC_VALUE.name}
                       where column_name = '{generic.BIRTH_DATE}') as b
              on b.feed = r.feed and b.birth_date = r.birth_date
        ),
        keyed as (
            select s.record_key, s.since_delivery_id, s.feed, s.is_registry,
                   coalesce({valid_national_code("s.national_code", "s.code_number")},
                            {valid_national_code("s.birth_certificate_no", "s.certificate_number")}) as national_code,
                   s.national_code as national_code_claimed,
                   {document_key("s.foreign_id")} as foreign_id, {document_key("s.passport_no")} as passport_no,
                   coalesce(g.display, w.display) as given_name, coalesce(n.display, w.surname_display) as surname,
                   coalesce(f.display, w.father_display) as father_name,
                   coalesce(g.key, w.key) as given_name_key, coalesce(n.key, w.surname_key) as surname_key,
                   coalesce(f.key, w.father_key) as father_name_key, coalesce(g.honorific, w.honorific) as honorific,
                   coalesce(g.phonetic, w.phonetic) as given_name_phonetic,
                   coalesce(n.phonetic, w.surname_phonetic) as surname_phonetic,
                   coalesce(f.phonetic, w.father_phonetic) as father_name_phonetic,
                   coalesce(g.letters, w.letters) as given_name_letters,
                   coalesce(n.letters, w.surname_letters) as surname_letters,
                   coalesce(f.letters, w.father_letters) as father_name_letters,
                   s.sex_code, s.birth_date,
                   case when {is_dated} then j.jalali_year
                        when s.birth_date is not null then cast(extract(year from s.birth_date) - 621 as integer)
                        else nullif({part.format(1)}, 0) end as birth_year,
                   case when {is_dated} then j.jalali_month else nullif({part.format(2)}, 0) end as birth_month,
                   case when {is_dated} then j.jalali_day else nullif({part.format(3)}, 0) end as birth_day,
                   s.birth_certificate_no, {certificate_key("s.birth_certificate_no")} as birth_certificate_key,
                   s.nationality_code, s.vital_status_code, s.death_date,
                   s.postal_code, case when generic_postal_code.value is null then s.postal_code end as postal_code_key,
                   s.address, case when generic_address.value is null then nullif(s.address_text, '') end as address_key,
                   s.province_code, nullif({address_text("s.city_name")}, '') as city_key,
                   s.mobile_no,
                   case when generic_mobile_no.value is null then {telephone_key("s.mobile_no")} end as mobile_no_key,
                   s.email, case when generic_email.value is null then {email_key("s.email")} end as email_key
            from source as s
            left join ({names} 'given') as g on g.written = s.given_name
            left join ({names} 'surname') as n on n.written = s.surname
            left join ({names} 'father') as f on f.written = s.father_name
            left join (select * from linkage.name_dictionary where written_kind = 'full') as w on w.written = s.full_name
            left join jalali_day as j on j.iso_date = s.birth_date
            {" ".join(generic.generic_join(column, "s") for column in generic.MOST_PEOPLE)}
        ),
        valid as (
            select k.* replace (case when c.national_code is null then k.national_code end as national_code)
            from keyed as k left join {REFUSED_CODE.name} as c on c.national_code = k.national_code
        )
        select {columns} from ({heard("select * from valid", together or {})})
        """,
        comes_in_order=is_large,
        is_one_by_one=is_large,
    )
