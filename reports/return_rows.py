"""Rows of conflict returns: what each insurer is told tonight, of its own members and from its own side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from hub.duck import Connection
from hub.steps import Runner
from reports.insurer_scores import score_of
from reports.persian import jalali_text
from reports.return_columns import KINDS_FA, OUTCOMES_FA
from schemas.codes import insurers


@dataclass(frozen=True)
class InsurerRows:
    """One insurer's part of a night.

    Args:
        rows: one a conflict, with the columns of the machine file.
        as_of: the insurer's feeds that the night used, and their business dates.
        open_by_kind: its conflicts that are open and were told of, most frequent kind first.
        score: its scorecard tonight.
    """

    insurer_code: str
    rows: pa.Table
    as_of: Mapping[str, str]
    open_by_kind: Mapping[str, int]
    score: Mapping[str, int]


def prepare(con: Connection, business_date: date) -> list[str]:
    """Gather the rows of all insurers on a runner's connection.

    Returns: codes of the insurers that deliver cover, or are told of something.
    """
    con.execute(_SIDES, {"business_date": business_date})
    days = [row[0] for row in con.execute(_DAYS).fetchall()]
    con.register("jalali_day", pa.table({"day": pa.array(days, pa.date32()), "text": [jalali_text(day) for day in days]}))
    con.register("kind_name", pa.table({"kind_code": list(KINDS_FA), "name_fa": list(KINDS_FA.values())}))
    con.register("outcome_name", pa.table({"outcome_code": list(OUTCOMES_FA), "name_fa": list(OUTCOMES_FA.values())}))
    known = insurers()
    con.register("insurer_name", pa.table({"insurer_code": list(known), "name_fa": [known[code].name_fa for code in known]}))
    con.execute(_ROWS)
    return [row[0] for row in con.execute(_INSURERS).fetchall()]


def rows_of_insurer(runner: Runner, insurer_code: str) -> InsurerRows:
    """What one insurer is told; after ``prepare``."""
    params = {"insurer_code": insurer_code}
    return InsurerRows(
        insurer_code,
        runner.files.sql(_OF_INSURER, params=params).to_arrow_table(),
        {feed: str(day) for feed, day in runner.con.execute(_AS_OF, params).fetchall()},
        dict(runner.con.execute(_STANDING, params).fetchall()),
        score_of(runner.con, insurer_code),
    )


_INSURERS = "select insurer_code from cover.record union select insurer_code from return_side order by 1"

# One row per conflict and insurer that tonight's returns tell of it; two booklets at one insurer are one row.
_SIDES = """
    create or replace temp table return_side as
    with happened as (
        select conflict_no, arg_max(event_code, event_no) as event_code
        from cover.conflict_event
        where business_date = $business_date and event_code in ('opened', 'changed', 'reopened', 'resolved')
        group by conflict_no
    ),
    told as (
        select c.*, s.insurer_code, s.insurer_code = c.insurer_a as is_a, s.insurer_code = c.insurer_b as is_b,
               if(s.is_awaited, c.due_date, null) as answer_due_date,
               case when c.status_code = 'resolved' then 'resolved' when c.opened_date = $business_date then 'opened'
                    when h.event_code = 'reopened' then 'reopened' else 'changed' end as change_code
        from cover.conflict as c
        join cover.conflict_side as s using (conflict_no)
        left join happened as h using (conflict_no)
        where c.reported_date = $business_date and not coalesce(c.is_under_review, false)
    )
    select conflict_no, insurer_code, kind_code, person_id, change_code, answer_due_date,
           if(is_a, insurer_b, insurer_a) as other_insurer_code,
           case when is_a then booklet_no_a when is_b then booklet_no_b end as booklet_no,
           if(is_a and is_b, booklet_no_b, null) as other_booklet_no,
           case when is_a then record_key_a when is_b then record_key_b end as record_key,
           case when is_a then principal_person_id_a when is_b then principal_person_id_b end as principal_person_id,
           case when kind_code = 'two_principals' then if(is_a, principal_person_id_b, principal_person_id_a) end
               as other_principal_person_id,
           from_date, nullif(to_date, date '9999-12-31') as to_date, overlap_days, outcome_code, keeper_insurer_code,
           rule_code, reason_fa
    from told
"""
# Which of the insurer's own feeds the night used, and as of when; other agencies' lateness is not its business.
_AS_OF = """
    select feed, business_date from staging.current_delivery
    semi join (select distinct feed from cover.record where insurer_code = $insurer_code) using (feed) order by feed
"""
_STANDING = """
    select kind_code, count(*) from cover.conflict join cover.conflict_side using (conflict_no)
    where status_code <> 'resolved' and reported_date is not null and insurer_code = $insurer_code
    group by kind_code order by count(*) desc, kind_code
"""
_DAYS = """
    select from_date from return_side union select to_date from return_side where to_date is not null
    union select answer_due_date from return_side where answer_due_date is not null order by 1
"""

# What spreadsheets take for a formula, also behind blanks and with full-width signs.
_FORMULA = r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]"


def _safe(expression: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"if(regexp_matches({expression}, '{_FORMULA}'), '''' || {expression}, {expression})"


def _told(golden: str, own: str, attribute: str) -> str:
    """What civil registration says of a person, else what the insurer itself does: nothing that others delivered."""
    return f"if({golden}.national_code_status_code = 'registry', {golden}.{attribute}, {own}.{attribute})"


_ROWS = f"""
    create or replace temp table return_row as
    with judged as (
        select s.*, case when outcome_code <> 'block' then outcome_code
                         when keeper_insurer_code = insurer_code then 'keep' else 'block' end as own_outcome_code
        from return_side as s
    ),
    own_principal as (
        select c.person_id, c.insurer_code, arg_min(n.given_name, record_key) as given_name,
               arg_min(n.surname, record_key) as surname
        from cover.record as c join linkage.person_record as n using (record_key)
        semi join judged on judged.principal_person_id = c.person_id and judged.insurer_code = c.insurer_code
        group by c.person_id, c.insurer_code
    )
    select j.insurer_code, j.conflict_no, j.change_code, j.kind_code, k.name_fa as kind_fa,
           {_safe("substr(j.record_key, strpos(j.record_key, ':') + 1)")} as record_no,
           {_safe("r.member_no")} as member_no, {_safe("j.booklet_no")} as booklet_no,
           {_told("g", "l", "national_code")} as national_code, {_safe(_told("g", "l", "given_name"))} as given_name,
           {_safe(_told("g", "l", "surname"))} as surname,
           {_safe(f"nullif(concat_ws(' ', {_told('p', 'o', 'given_name')}, {_told('p', 'o', 'surname')}), '')")}
               as principal_name,
           {_safe("nullif(concat_ws(' ', q.given_name, q.surname), '')")} as other_principal_name,
           cast(j.from_date as varchar) as from_date, cast(j.to_date as varchar) as to_date,
           f.text as from_jalali, t.text as to_jalali, cast(j.overlap_days as bigint) as overlap_days,
           j.other_insurer_code, i.name_fa as other_insurer_fa, {_safe("j.other_booklet_no")} as other_booklet_no,
           j.own_outcome_code as outcome_code, w.name_fa as outcome_fa, j.rule_code, j.reason_fa,
           a.reason_en, a.source as rule_source,
           cast(j.answer_due_date as varchar) as due_date, d.text as due_jalali
    from judged as j
    left join cover.record as r using (record_key)
    left join person.golden as g on g.person_id = j.person_id
    left join linkage.person_record as l on l.record_key = j.record_key
    left join person.golden as p on p.person_id = j.principal_person_id
    left join person.golden as q
      on q.person_id = j.other_principal_person_id and q.national_code_status_code = 'registry'
    left join own_principal as o on o.person_id = j.principal_person_id and o.insurer_code = j.insurer_code
    left join kind_name as k on k.kind_code = j.kind_code
    left join outcome_name as w on w.outcome_code = j.own_outcome_code
    left join insurer_name as i on i.insurer_code = j.other_insurer_code
    left join cover.proposal as a
      on a.conflict_no = j.conflict_no and a.insurer_code = j.insurer_code and a.booklet_no = coalesce(j.booklet_no, '')
    left join jalali_day as f on f.day = j.from_date
    left join jalali_day as t on t.day = j.to_date
    left join jalali_day as d on d.day = j.answer_due_date
"""
_OF_INSURER = """
    select * exclude (insurer_code) from return_row where insurer_code = $insurer_code order by conflict_no
"""
