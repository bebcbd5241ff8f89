"""A code under another given name: of its holder, whom somebody calls otherwise, or of a twin (decision 0027).

Few persons have a twin and few codes are another's, so it is the holder where nothing tells of a twin. A twin is told by a
record of that surname, father and birth under another code, or in the registry without one. Where the registry does not know
the code, two twins may be known by that code alone: then its own records must not look like two persons. Where it knows the
code but not the father, it may know a twin without one too.
"""

from __future__ import annotations

from hub.duck import Connection
from matching.scorer import FAMILY_BIRTH

# Where a feed holds so many of its records' persons twice, two of its records under one code are no sign of two persons.
OFTEN_TWICE = 0.05
# Who can tell of a twin, and whom a twin concerns, have equal numbers; where no father is told, the second.
_TELLS = "surname_key is not null and birth_date is not null and (is_registry or national_code is not null)"
TWINS = f"case when {_TELLS} then hash(surname_key, birth_date, father_name_key) end"
TWINS_WITHOUT_FATHER = f"case when {_TELLS} then hash(surname_key, birth_date, cast(null as varchar)) end"


def refuse_twins(con: Connection, nation: str, reference: str) -> None:
    """Take the rule ``FAMILY_BIRTH`` from records that may be a twin's: the given name tells then, or people do.

    Args:
        nation: table of all person records, also those that are not linked here.
        reference: table of the person records of which habits are learned.

    Reads:   temp tables weighed_code, said_record
    Leaves:  temp table weighed_code, without the rule of these
    """
    con.execute(
        f"""create or replace temp table called_otherwise as
            select w.record_no, w.node_no, w.is_held, s.feed, s.given_name_key,
                   n.father_name_key is not null as is_family_known
            from weighed_code as w join said_record as s using (record_no) join said_record as n on n.record_no = w.node_no
            where w.rule_code = '{FAMILY_BIRTH}'"""
    )
    if con.execute("select count(*) from called_otherwise").fetchall()[0][0]:
        con.execute(
            f"""create or replace temp table twin_record as
                {_with_a_twin(nation)}
                union all select record_no from called_otherwise where is_held and not is_family_known"""
        )
        con.execute(
            f"""create or replace temp table called_rightly as
                select w.node_no, s.feed
                from (select record_no, node_no from weighed_code where not is_held and rule_code <> '{FAMILY_BIRTH}'
                      union select node_no as record_no, node_no from called_otherwise where not is_held) as w
                join said_record as s using (record_no)"""
        )
        con.execute(f"insert into twin_record {_as_often_so()}")
        con.execute(f"insert into twin_record {_beside_another(reference)}")
        con.execute("update weighed_code set rule_code = null where record_no in (select record_no from twin_record)")
        con.execute("drop table twin_record; drop table called_rightly")
    con.execute("drop table called_otherwise")


def _with_a_twin(nation: str) -> str:
    """Whose surname, father and birth, as the record or its node tells them, somebody else bears; where neither tells the
    father, whose surname and birth."""
    return f"""
        with side as (
            select record_no, record_no as told_no from called_otherwise
            union all
            select record_no, node_no from called_otherwise
        ),
        told as (
            select d.record_no, s.national_code, s.surname_key, s.birth_date, s.father_name_key,
                   count(s.father_name_key) over (partition by d.record_no) as father_count
            from side as d join said_record as s on s.record_no = d.told_no
        )
        select t.record_no from (select * from told where father_name_key is not null or father_count = 0) as t
        join (
            select surname_key, birth_date, father_name_key, national_code from {nation}
            where is_registry or national_code is not null
        ) as n on n.birth_date = t.birth_date and n.surname_key = t.surname_key
        where n.national_code is distinct from t.national_code
          and (t.father_name_key is null or n.father_name_key = t.father_name_key)
    """


def _as_often_so() -> str:
    """Whom several records call so, and no more call the code's person as its node does."""
    return """
        select o.record_no from (
            select record_no, node_no, count(*) over (partition by node_no, given_name_key) as record_count
            from called_otherwise where not is_held
        ) as o
        join (select node_no, count(*) as record_count from called_rightly group by node_no) as r on r.node_no = o.node_no
        where o.record_count > 1 and o.record_count >= r.record_count
    """


def _beside_another(reference: str) -> str:
    """Beside whom the same feed, which seldom holds anybody twice, calls the code's person as the node does."""
    return f"""
        with beside as (
            select record_no, feed from called_otherwise as o
            semi join called_rightly as r on r.node_no = o.node_no and r.feed = o.feed
            where not is_held
        ),
        held as (
            select feed, count(*) as record_count from {reference}
            where national_code is not null and feed in (select feed from beside)
            group by feed, national_code, given_name_key
        )
        select record_no from beside where feed not in (
            select feed from held group by feed
            having sum(case when record_count > 1 then record_count else 0 end) >= {OFTEN_TWICE} * sum(record_count))
    """
