"""Steward judgements as hard evidence: what people decided outlives models and binds every path of linking."""

from __future__ import annotations

import pyarrow as pa

from hub.duck import Connection, table_or_empty
from hub.engine import insert_rows
from matching.clustering import REFUSED_EDGE, Edge, agglomerate
from schemas.tables import JUDGEMENT

# Stronger than any weight: a judgement outranks a code, a code outranks a score.
JUDGED, CODE = 1e9, 1e6


def resolve(con: Connection) -> None:
    """Judgements in force, by record number; those about records that are gone wait.

    Leaves:  temp tables judged (record_no_l < record_no_r, is_same), judged_apart (both ways), judged_record
    """
    source = table_or_empty(con, JUDGEMENT.name, JUDGEMENT.columns)
    con.execute(
        f"""create or replace temp table judged as
            select least(l.record_no, r.record_no) as record_no_l, greatest(l.record_no, r.record_no) as record_no_r,
                   arg_max(j.is_same, j.judgement_id) as is_same
            from {source} as j
            join keyed_record as l on l.record_key = j.record_key_a join keyed_record as r on r.record_key = j.record_key_b
            where l.record_no <> r.record_no group by 1, 2"""
    )
    con.execute(
        """create or replace temp table judged_apart as
           select record_no_l, record_no_r from judged where not is_same
           union select record_no_r, record_no_l from judged where not is_same"""
    )
    con.execute(
        """create or replace temp table judged_record as
           select record_no_l as record_no from judged union select record_no_r from judged"""
    )


def obey(con: Connection) -> None:
    """Take apart the clusters that a judgement touches and put them together again under it.

    The judgement comes first, then codes, then scores, each as far as no negative judgement and no two verified codes
    forbid. Changes temp table membership.
    """
    con.execute(
        """create or replace temp table touched as
           select m.* from membership as m
           where root_no in (select root_no from membership where record_no in (select record_no from judged_record))"""
    )
    edges = con.execute(
        f"""select record_no_l, record_no_r, {JUDGED}, true from judged where is_same
            union all
            select record_no, root_no, case when method_code = 'code' then {CODE} else coalesce(match_weight, 0) end,
                   method_code = 'code' or h.is_held is not null
            from touched
            left join (
                select distinct l.record_no, r.record_no as root_no, true as is_held
                from person_member as l join person_member as r using (person_id)
                where l.record_no in (select record_no from touched)
            ) as h using (record_no, root_no)
            where record_no <> root_no order by all"""
    ).fetchall()
    foes = con.execute(
        """select record_no_l, record_no_r from judged where not is_same
           union all
           select a.record_no, b.record_no from link_record as a join link_record as b on b.record_no > a.record_no
           where a.is_verified and b.is_verified and a.code_hash <> b.code_hash
             and a.record_no in (select record_no from touched) and b.record_no in (select record_no from touched)
           order by all"""
    ).fetchall()
    clusters = agglomerate((Edge(*edge) for edge in edges), foes)
    rows = con.execute("select record_no, method_code from touched").fetchall()
    if not rows:
        con.execute("drop table touched")
        return
    judged = {record for edge in edges if edge[2] == JUDGED for record in edge[:2]}
    con.register(
        "obeyed",
        pa.table(
            {
                "record_no": [record for record, _ in rows],
                "root_no": [clusters.root.get(record, record) for record, _ in rows],
                "method_code": [
                    "judgement" if record in judged and method != "registry" else method for record, method in rows
                ],
            }
        ),
    )
    con.execute(
        """update membership as m set root_no = o.root_no, method_code = o.method_code
           from obeyed as o where o.record_no = m.record_no"""
    )
    con.unregister("obeyed")
    refused = [(e.record_no_l, e.record_no_r, None, reason) for e, reason in clusters.refused if e.weight == JUDGED]
    insert_rows(con, "refused_edge", REFUSED_EDGE, refused)
    con.execute("drop table touched")
