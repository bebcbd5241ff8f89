"""Profiles: what is left after the codes, each distinct evidence once, and the known persons that it is compared with."""

from __future__ import annotations

from hub.duck import Connection
from matching.blocking import Cap, block_profiles, blocked_fields, candidate_pairs, hashed
from matching.comparisons import LISTS, compared_columns, list_columns
from matching.told import told

# By these, other records of a known person lead to it; what its registry record lacks, they tell.
CONTACT_FIELDS = (
    "mobile_no_key", "email_key", "postal_code_key", "address_key", "given_name_phonetic", "surname_phonetic", "birth_year",
)  # fmt: skip
TOLD_BY_OTHERS = ("foreign_id", "passport_no")


def make_profiles(con: Connection) -> None:
    """Group undecided records with equal evidence.

    A code that belongs to somebody else is evidence against itself: it is left out. Judged records stay alone.

    Leaves:  temp table profile_member (record_no, profile_no), and what ``fill_profiles`` leaves
    """
    con.execute(
        """create or replace temp table profile_member as
           select r.record_no, min(r.record_no) over (
                      partition by r.record_hash, x.record_no is not null,
                                   case when j.record_no is not null then r.record_no end
                  ) as profile_no
           from link_record as r
           left join (select distinct record_no from code_refused) as x using (record_no)
           left join judged_record as j using (record_no)
           anti join code_link using (record_no)
           anti join (select record_no from spine) as s using (record_no)"""
    )
    fill_profiles(con)


def fill_profiles(con: Connection) -> None:
    """The evidence of each profile: what its records tell, and those that a code the registry does not know links to them.

    Reads:   temp tables profile_member, code_link
    Leaves:  temp table profile (record_no of the first record, the compared columns, is_verified, record_count, feed where
             all its records are of one)
    """
    con.execute(
        f"""create or replace temp table speaking_row as
            select m.node_no, r.record_no, {", ".join(f"r.{name}" for name in compared_columns())}
            from (
                select record_no, node_no from code_link where not is_known
                union select node_no, node_no from code_link where not is_known
            ) as m
            join (select distinct profile_no from profile_member) as p on p.profile_no = m.node_no
            join numbered_record as r on r.record_no = m.record_no"""
    )
    con.execute(f"create or replace temp table told_row as {told('speaking_row')}")
    columns = ", ".join(
        f"case when t.node_no is null then p.{name} else t.{name} end as {name}"
        for name in compared_columns()
        if name != "national_code"
    )
    con.execute(
        f"""create or replace temp table profile as
            select m.record_no, case when x.record_no is null then p.national_code end as national_code, {columns},
                   r.is_verified, r.is_registry, m.record_count, m.feed
            from (
                select m.profile_no as record_no, count(*) as record_count,
                       case when min(r.feed) = max(r.feed) then min(r.feed) end as feed
                from profile_member as m join numbered_record as r using (record_no) group by m.profile_no
            ) as m
            join link_record as r using (record_no)
            join numbered_record as p using (record_no)
            left join told_row as t on t.node_no = m.record_no
            left join (select distinct record_no from code_refused) as x using (record_no)"""
    )
    con.execute("drop table speaking_row; drop table told_row")


def attach_coded(con: Connection) -> None:
    """Begin the list of records that tell about a known person with those linked by code.

    Leaves:  temp tables attached (record_no, node_no, feed) and newly_attached (the same, of this round)
    """
    con.execute(
        """create or replace temp table attached as
           select c.record_no, c.node_no, r.feed from code_link as c join numbered_record as r using (record_no)
           where c.is_known"""
    )
    con.execute("create or replace temp view newly_attached as from attached")


def attach_linked(con: Connection) -> None:
    """Let the records of newly linked profiles tell about their person too, and take those profiles off the open ones."""
    con.execute(
        """create or replace temp table linked_now as
           select m.record_no, d.record_no_r as node_no, r.feed from profile_member as m
           join decision as d on d.record_no_l = m.profile_no join profile as p on p.record_no = m.profile_no
           join numbered_record as r on r.record_no = m.record_no"""
    )
    con.execute("create or replace temp view newly_attached as from linked_now")
    con.execute("insert into attached from linked_now")
    con.execute("delete from profile where record_no in (select record_no_l from decision)")


def first_candidates(con: Connection, cap: Cap, population: str) -> None:
    """Block profiles with the persons of the registry, with what linked records tell about them, and with each other.

    Args:
        population: as ``matching.blocking.hear_names`` takes it.

    Leaves:  temp tables of ``candidate_pairs`` (see ``matching.blocking``)
    """
    con.execute(f"create or replace temp table known_person as {hashed(known_persons('spine'))}")
    block_profiles(con, "profile", population)
    candidate_pairs(con, "known_person", cap)
    con.execute("drop table known_person; drop table mirrored_block")


def further_candidates(con: Connection, cap: Cap) -> None:
    """Keep the candidates of what is still open, and add those to whom newly linked records lead.

    Leaves:  temp table candidate_pair
    """
    con.execute("create or replace temp table earlier_pair as from candidate_pair")
    con.execute("delete from profile_block where record_no not in (select record_no from profile)")
    con.execute(f"create or replace temp table known_person as {hashed(_told_contacts())}")
    candidate_pairs(con, "known_person", cap, is_further=True)
    con.execute(
        """insert into candidate_pair
           select * from earlier_pair as e anti join candidate_pair as c
             on c.record_no_l = e.record_no_l and c.record_no_r = e.record_no_r
           where e.record_no_l in (select record_no from profile)
             and e.record_no_r not in (select record_no_l from decision)"""
    )
    con.execute("drop table known_person; drop table earlier_pair")


def known_persons(persons: str) -> str:
    """SQL of the fields by which known persons are found: their own, and what newly attached records tell.

    Args:
        persons: table of record_no.
    """
    return f"""
        select s.record_no, {", ".join(f"p.{name}" for name in blocked_fields())}
        from {persons} as s join numbered_record as p using (record_no)
        union all {_told_contacts()}
    """


def _told_contacts() -> str:
    """SQL of what attached records tell of their person: a contact beside one name or the birth year, by which rules with
    contacts find it. Whom a told name leads to without a contact must not depend on who else tells the contact."""
    alone = [name for name in CONTACT_FIELDS if name not in LISTS.values()]
    beside = " union all ".join(f"select '{name}' as told_name" for name in alone)
    told = {name: f"case when b.told_name = '{name}' then p.{name} end" for name in alone} | {
        name: f"p.{name}" for name in LISTS.values()
    }
    contact = ", ".join(f"{told.get(name, 'null')} as {name}" for name in blocked_fields())
    # Only what some open profile tells as well leads anywhere: that is seen first, and quicker than the blocks of all.
    shared = " or ".join(f"{name} in (select {name} from profile)" for name in LISTS.values())
    names = ", ".join(CONTACT_FIELDS)
    return f"""
        select p.node_no as record_no, {contact}
        from (
            select c.node_no, {names}
            from (select record_no, {names} from numbered_record where {shared}) as r
            join newly_attached as c using (record_no)
        ) as p cross join ({beside}) as b
    """


def gather_evidence(con: Connection) -> None:
    """All that the pairs compare: the open profiles, and each known person with what his linked records tell.

    Leaves:  temp table scored_record (record_no, the compared columns, is_verified, is_registry, is_known, and of a profile
             its feed)
    """
    names = ", ".join(compared_columns())
    wanted = "select distinct record_no_r as record_no from candidate_pair anti join profile on record_no = record_no_r"
    con.execute(
        f"""create or replace temp table scored_record as
            select record_no, {names}, {list_columns("profile")}, is_verified, is_registry, false as is_known, feed,
                   false as is_dead
            from profile
            union all {_told_persons(wanted)}"""
    )


def gather_further(con: Connection) -> None:
    """The same for the next round: known persons are asked again only where newly linked records tell something of them.

    Reads:   temp table linked_now
    Leaves:  temp table scored_record
    """
    con.execute("delete from scored_record where is_known and record_no in (select node_no from linked_now)")
    wanted = """
        select distinct record_no_r as record_no from candidate_pair
        where record_no_r not in (select record_no from scored_record)
    """
    con.execute(f"insert into scored_record {_told_persons(wanted)}")


def _told_persons(wanted: str) -> str:
    """SQL of known persons' rows of scored_record.

    Args:
        wanted: SQL of their record_no.
    """
    # What no open profile tells agrees with none: that there is something is enough, and few rows are listed.
    shared = ", ".join(
        f"p.{c} is not null as has_{c}, case when p.{c} in (select {c} from profile) then p.{c} end as {c}"
        for c in LISTS.values()
    )
    has = ", ".join(f"bool_or(has_{c}) as has_{c}" for c in LISTS.values())
    is_rare = " or ".join(f"{name} is not null" for name in (*TOLD_BY_OTHERS, *LISTS.values()))
    rare = ", ".join(
        (
            *(f"max({name}) as {name}" for name in TOLD_BY_OTHERS),
            *(f"list(distinct {c} order by {c}) filter (where {c} is not null) as {name}" for name, c in LISTS.items()),
        )
    )
    enriched = ", ".join(
        f"coalesce(p.{name}, s.{name}) as {name}" if name in TOLD_BY_OTHERS else f"p.{name}" for name in compared_columns()
    )
    lists = ", ".join(f"case when t.has_{c} then coalesce(s.{name}, []) end as {name}" for name, c in LISTS.items())
    return f"""
        select * from (
            with wanted as ({wanted}),
            told_row as (
                select c.node_no as record_no, {", ".join(f"p.{name}" for name in TOLD_BY_OTHERS)}, {shared}
                from (
                    select record_no, node_no from attached where node_no in (select record_no from wanted)
                    union all select record_no, record_no from wanted
                ) as c
                join numbered_record as p using (record_no)
            ),
            told as (select record_no, {has} from told_row group by record_no),
            shared as (select record_no, {rare} from told_row where {is_rare} group by record_no)
            select w.record_no, {enriched}, {lists}, r.is_verified, true as is_registry, true as is_known, null as feed,
                   r.is_dead
            from wanted as w join link_record as r using (record_no) join numbered_record as p using (record_no)
            left join told as t using (record_no) left join shared as s using (record_no)
        )
    """
