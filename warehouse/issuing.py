"""Booklets between two nights: asked for, issued and ended online, and taken over by the next night.

The database decides (``cover.check_booklet``, ``cover.issue_booklet``, ``cover.end_booklet``), whoever asks. What was
granted or ended stands in ``cover.booklet_act``; ``cover.booklet`` stays what the last night made of it. Each night reads
the acts, makes cover of them until their insurer's deliveries tell the same, and takes them over when it goes live.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import sql
from psycopg.rows import class_row

from hub.duck import DuckConnection
from hub.errors import SettingsError
from hub.layers import rows_of
from hub.runs import Run
from hub.settings import Settings
from hub.steps import Step
from schemas.codes import basic_insurers
from schemas.tables import BOOKLET_ACT
from warehouse.database import LOCK_WAIT, Postgres, connect
from warehouse.unload import write_log

OPEN_END = date(9999, 12, 31)
CONFIRMED_WITHIN_DAYS = 14
"""An insurer's deliveries have so many days to tell what it did online; after that they count alone."""

_TOLD_TO_NIGHTS = """
    select act_no, act_code, person_id, insurer_code, booklet_no, from_date, to_date, acted_at::date as acted_date,
           record_key, held_from_date
    from cover.booklet_act where act_code in ('issue', 'end') and state_code <> 'ended' order by act_no
"""


@dataclass(frozen=True)
class Asked:
    """Who asks for whom: the insurer, and the person's national or foreign code with the birth date that bears it out."""

    insurer_code: str
    identifier: str
    birth_date: date


@dataclass(frozen=True)
class Answer:
    """What the database said.

    Args:
        answer_code: free, granted, ended, refused.
        kind_code: why it is refused; a kind of conflict, or no_such_booklet.
        keeper_insurer_code: who holds the person's booklet on these days.
        conflict_no: the conflict about it, where there is one already.
        act_no: the number under which this act is kept; None for a question.
    """

    answer_code: str
    kind_code: str | None
    keeper_insurer_code: str | None
    conflict_no: int | None
    act_no: int | None


def check_booklet(settings: Settings, asked: Asked, from_date: date, to_date: date = OPEN_END) -> Answer:
    """Whether a basic booklet could be issued for these days (half-open). Changes nothing."""
    _require_days(from_date, to_date)
    return _answer(settings, asked, "check_booklet(%s, %s, %s, %s, %s)", (asked.insurer_code, from_date, to_date))


def issue_booklet(
    settings: Settings, asked: Asked, booklet_no: str, from_date: date, to_date: date = OPEN_END, *, acted_by: str
) -> Answer:
    """Issue a basic booklet, or refuse it. Either is kept in ``cover.booklet_act``."""
    _require_days(from_date, to_date)
    return _answer(
        settings,
        asked,
        "issue_booklet(%s, %s, %s, %s, %s, %s, %s)",
        (asked.insurer_code, booklet_no, from_date, to_date, acted_by),
    )


def end_booklet(settings: Settings, asked: Asked, booklet_no: str, end_date: date, *, reason: str, acted_by: str) -> Answer:
    """End an insurer's own booklet from a day on; kept in ``cover.booklet_act`` with its reason and conflict."""
    return _answer(
        settings,
        asked,
        "end_booklet(%s, %s, %s, %s, %s, %s, %s)",
        (asked.insurer_code, booklet_no, end_date, reason, acted_by),
    )


def acts_version(settings: Settings) -> int:
    """Number of the last act that nights must know of; part of what makes a run the run it is."""
    with connect(settings) as connection:
        row = connection.execute(f"select coalesce(max(act_no), 0) from ({_TOLD_TO_NIGHTS}) as told").fetchone()
    return int(row[0]) if row else 0


def export_acts(settings: Settings, run: Run) -> int:
    """Write the acts to ``cover.booklet_act`` in the run folder; returns how many there are.

    The log is locked meanwhile: an act under way has its number already, and would be missed below the last one told.
    """
    with connect(settings) as connection, connection.transaction():
        connection.execute("lock table cover.booklet_act in share mode")
        rows = connection.execute(_TOLD_TO_NIGHTS).fetchall()
    write_log(settings, run, BOOKLET_ACT, rows, max((row[0] for row in rows), default=0))
    return len(rows)


def take_over(connection: Postgres, con: DuckConnection, run: Run) -> None:
    """In the transaction that makes a run live: what the run knows of is taken over, what came since is weighed against it.

    No act comes in between: the log is locked until the transaction ends. An act that came after the run had read the log
    stays in force, unless the run gives its days to another booklet, or makes its person one with somebody who was issued
    one earlier: then it is contested, and the next night makes a conflict of it. Where acts were lost from the database,
    their numbers are not given again.
    """
    connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
    connection.execute("lock table cover.booklet_act in share row exclusive mode")
    connection.execute("set local lock_timeout = 0")
    told = f"select coalesce(max(act_no), 0) from {rows_of(run.table(BOOKLET_ACT.name))}"
    known = con.execute(told).fetchall()[0][0] if run.table(BOOKLET_ACT.name).exists() else 0
    connection.execute(
        "select setval('cover.booklet_act_act_no_seq', %s) from cover.booklet_act_act_no_seq where last_value < %s",
        (known, known),
    )
    connection.execute(
        "update cover.booklet_act set state_code = 'taken_over', taken_over_run = %s "
        "where act_no <= %s and act_code in ('issue', 'end') and state_code in ('in_force', 'contested')",
        (run.run_id, known),
    )
    later = connection.execute(
        "select act_no, act_code, person_id, insurer_code, booklet_no, from_date, to_date, record_key "
        "from cover.booklet_act where act_code in ('issue', 'end') and state_code in ('in_force', 'contested') "
        "order by act_no"
    ).fetchall()
    if not later:
        return
    con.execute(
        "create or replace temp table later (act_no bigint, act_code varchar, person_id bigint, insurer_code varchar, "
        "booklet_no varchar, from_date date, to_date date, record_key varchar)"
    )
    con.executemany("insert into later values (?, ?, ?, ?, ?, ?, ?, ?)", later)
    for act_no, person_id, is_contested in con.execute(_LATER).fetchall():
        state = "contested" if is_contested else "in_force"
        connection.execute(
            "update cover.booklet_act set person_id = %s, state_code = %s where act_no = %s", (person_id, state, act_no)
        )


def act() -> Step:
    """The acts that a night was told of, with the person of each tonight; those of persons of whom no record is left rest.

    Reads:   cover.booklet_act, person.person, person.crosswalk
    Grain:   act_no
    """
    return Step(
        "cover.act",
        BOOKLET_ACT.grain,
        f"""
        with recursive {_placed("cover.booklet_act")}
        select * from placed anti join (select person_id from person.person where state_code = 'dormant') using (person_id)
        """,
    )


def _placed(acts: str) -> str:
    """CTEs that end in ``placed``: acts with the person of the record by which theirs was found, so also after a split.

    Where that record is gone, with the person that theirs has become by merges.
    """
    return f"""
    hop as (
        select distinct person_id as asked_id, person_id from {acts}
        union all
        select hop.asked_id, p.survivor_person_id
        from hop join person.person as p using (person_id) where p.state_code = 'merged'
    ),
    survivor as (
        select hop.asked_id, hop.person_id
        from hop anti join (select person_id from person.person where state_code = 'merged') using (person_id)
    ),
    placed as (
        select a.* replace (coalesce(x.person_id, s.person_id) as person_id)
        from {acts} as a
        join survivor as s on s.asked_id = a.person_id
        left join person.crosswalk as x using (record_key)
    )
    """


_LATER = f"""
    with recursive {_placed("later")},
    ended as (
        select person_id, insurer_code, booklet_no, min(from_date) as end_date
        from placed where act_code = 'end' group by all
    ),
    held as (
        select 0 as act_no, b.person_id, b.insurer_code, b.booklet_no, b.from_date, least(b.to_date, e.end_date) as to_date
        from cover.booklet as b left join ended as e using (person_id, insurer_code, booklet_no)
        where b.status_code = 'active'
        union all
        select act_no, person_id, insurer_code, booklet_no, from_date, to_date from placed where act_code = 'issue'
    )
    select p.act_no, p.person_id, p.act_code = 'issue' and count(h.person_id) > 0 as is_contested
    from placed as p
    left join held as h
      on h.person_id = p.person_id and h.act_no < p.act_no
     and (h.insurer_code, h.booklet_no) <> (p.insurer_code, p.booklet_no)
     and greatest(h.from_date, p.from_date) < least(h.to_date, p.to_date)
    group by p.act_no, p.person_id, p.act_code
    order by not is_contested, p.act_no
"""


def _require_days(from_date: date, to_date: date) -> None:
    if to_date <= from_date:
        raise SettingsError(
            "The booklet would end before it begins; nothing was asked.",
            hint="The last day is told as the first day without cover: after the first day.",
        )


def _answer(settings: Settings, asked: Asked, call: str, given: tuple[object, ...]) -> Answer:
    if asked.insurer_code not in basic_insurers():
        raise SettingsError(
            f"No insurer of basic cover has the code {asked.insurer_code}; nothing was asked.",
            hint=f"Use one of: {', '.join(sorted(basic_insurers()))}.",
        )
    with connect(settings) as connection, connection.cursor(row_factory=class_row(Answer)) as cursor:
        found = cursor.execute(f"select * from cover.{call}", (asked.identifier, asked.birth_date, *given)).fetchone()
    assert found is not None
    return found
