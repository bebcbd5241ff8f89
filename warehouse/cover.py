"""Cover as time: who is covered by whom, on which days, and the stage that makes cover, conflicts and booklets of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hub.duck import has_table, literal, quote
from hub.runs import Run
from hub.steps import Runner, Step
from schemas.answer_tables import REFUSED_CODE
from schemas.codes import overlap_rules
from schemas.conflict_tables import ANSWER
from schemas.delivery import Delivery, former_rows
from schemas.employment_tables import EMPLOYMENT
from schemas.feed import Feed
from schemas.special_tables import SPECIAL
from schemas.tables import BOOKLET_ACT, COVER_RECORD, DEATH_QUERY, FORMER, PERIOD, REVIEW_PAIR, RULE
from warehouse import booklets, conflicts, found, life, planner, rules, special
from warehouse.issuing import CONFIRMED_WITHIN_DAYS, act
from warehouse.rules import OPEN_END

OPTIONAL_TABLES = (REVIEW_PAIR, DEATH_QUERY, BOOKLET_ACT, FORMER, *EMPLOYMENT, *SPECIAL, ANSWER, REFUSED_CODE)


def build(runner: Runner, run: Run, feeds: Sequence[Feed], deliveries: Sequence[Delivery], base_folder: Path | None) -> None:
    """Make ``cover.record``, ``cover.period``, ``cover.conflict`` and ``cover.booklet`` of one night.

    Args:
        deliveries: the current delivery of each feed; only those of insurers are read.
        base_folder: folder of the live run, whose conflict numbers go on; None in a new nation.
    """
    prepare(runner, base_folder)
    runner.run(act())
    runner.run(record(runner, feeds, deliveries))
    special.build(runner, feeds, deliveries)
    runner.run(life.answers(runner, feeds, deliveries, run.business_date))
    if not has_table(runner.con, RULE.name):
        runner.run(rules.rule(overlap_rules()))
    for step in steps(run):
        runner.run(step)
    life.keep_history(runner, base_folder)


def prepare(runner: Runner, base_folder: Path | None) -> None:
    """Make the live run's conflicts readable as ``base.conflict``, and tables that no earlier stage left, empty."""
    for table in OPTIONAL_TABLES:
        if not has_table(runner.con, table.name):
            runner.attach_empty(table.name, table.columns)
    conflicts.prepare(runner, base_folder)


def steps(run: Run) -> list[Step]:
    """All Steps after ``cover.record`` and ``cover.rule``, in order."""
    return [
        period(),
        *found.judging(),
        found.found_listings(),
        found.found_foreign_codes(),
        found.found_benefits(),
        special.found_marks(),
        special.found_claims(),
        conflicts.kinds(),
        conflicts.numbered(run.business_date),
        life.sides(),
        life.moved(run.business_date),
        life.new_events(run),
        life.conflict(),
        planner.proposals(),
        booklets.booklets(),
    ]


def record(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> Step:
    """Each current cover row with its person and, for dependants, the principal's person.

    Reads:   rows of the insurers' current deliveries and of records that they list no more, person.crosswalk, person.former,
             person.golden, cover.act
    Grain:   record_key
    Columns: cover of a record that its feed lists no more (is_listed false) ends on the day from which it did not (D09). A
             row without a first day counts from its delivery's business date; one without a booklet number goes by its
             member number. The principal is found by member number within the feed, else by national code. A booklet that
             was issued online is a row of its own (``booklet_act:number``) until its insurer lists it for these days, one
             that was ended online ends there; both only until the insurer's deliveries have had their days to tell it
             themselves.
    """
    delivered = {delivery.feed: delivery for delivery in deliveries}
    selects = [
        select
        for feed in sorted(feeds, key=lambda feed: feed.name)
        if feed.role == "insurer" and feed.name in delivered
        for select in _rows_of(runner, feed, delivered[feed.name])
    ]
    listed = "\nunion all\n".join(selects) or _NO_ROWS
    return Step(
        COVER_RECORD.name,
        COVER_RECORD.grain,
        f"""
        with listed as ({listed}),
        gone as (select record_key, person_id from person.former where reason_code = 'gone'),
        placed as (
            select l.*, x.person_id from listed as l join person.crosswalk as x using (record_key) where l.is_listed
            union all
            select l.*, f.person_id from listed as l join gone as f using (record_key) where not l.is_listed
        ),
        member as (
            select feed, member_no as principal_member_no,
                   arg_min(person_id, (not is_listed, coalesce(relation_code, 'principal') <> 'principal', record_key))
                       as person_id
            from placed where member_no is not null
            group by feed, member_no
        ),
        holder as (
            select national_code as principal_national_code,
                   arg_min(person_id, (national_code_status_code <> 'registry', person_id)) as person_id
            from person.golden where national_code is not null
            group by national_code
        ),
        numbered as (
            select * replace (coalesce(booklet_no, member_no, record_key) as booklet_no) from placed
        ),
        ending as (
            select n.record_key, min(e.from_date) as end_date
            from numbered as n join cover.act as e using (person_id, insurer_code, booklet_no)
            where e.act_code = 'end' and n.benefit_kind_code = 'basic'
              and (e.from_date > n.from_date or e.held_from_date >= n.from_date)
              and n.listed_date <= e.acted_date + $confirmed_within_days
            group by n.record_key
        ),
        listing as (
            select n.* replace (least(n.to_date, e.end_date) as to_date), e.end_date
            from numbered as n left join ending as e using (record_key)
        ),
        issued as (
            select a.act_no, a.person_id, a.insurer_code, a.booklet_no, a.from_date, a.acted_date,
                   least(a.to_date, min(e.from_date)) as to_date
            from cover.act as a
            left join cover.act as e
              on e.act_code = 'end' and e.act_no > a.act_no
             and (e.person_id, e.insurer_code, e.booklet_no) = (a.person_id, a.insurer_code, a.booklet_no)
            where a.act_code = 'issue'
            group by a.act_no, a.person_id, a.insurer_code, a.booklet_no, a.from_date, a.acted_date, a.to_date
        ),
        last_listed as (
            select insurer_code, max(listed_date) as listed_date
            from listed where benefit_kind_code = 'basic'
            group by insurer_code
        )
        select p.record_key, p.feed, p.person_id, p.insurer_code, p.benefit_kind_code, p.relation_code, p.member_kind_code,
               p.member_no, p.booklet_no, p.from_date, p.to_date, p.is_listed,
               nullif(coalesce(m.person_id, h.person_id), p.person_id) as principal_person_id
        from listing as p
        left join member as m
          on m.feed = p.feed and m.principal_member_no = p.principal_member_no
         and coalesce(p.relation_code, '') <> 'principal'
        left join holder as h
          on h.principal_national_code = p.principal_national_code and coalesce(p.relation_code, '') <> 'principal'
        union all by name
        select 'booklet_act:' || a.act_no as record_key, 'booklet_act' as feed, a.person_id, a.insurer_code,
               'basic' as benefit_kind_code, a.booklet_no, a.from_date, a.to_date, true as is_listed
        from issued as a
        left join last_listed as l using (insurer_code)
        anti join listing as n
          on n.person_id = a.person_id and n.insurer_code = a.insurer_code and n.booklet_no = a.booklet_no
         and (n.to_date > a.from_date or (n.from_date >= a.from_date and n.end_date is null))
        where a.from_date < a.to_date and coalesce(l.listed_date <= a.acted_date + $confirmed_within_days, true)
        """,
        {"confirmed_within_days": CONFIRMED_WITHIN_DAYS},
    )


def period() -> Step:
    """Cover per person, insurer, benefit kind and booklet in half-open days.

    Reads:   cover.record, person.golden, person.death_query
    Grain:   person_id, insurer_code, benefit_kind_code, booklet_no, from_date
    Columns: rows of one booklet that overlap are one period, and so are touching rows of equal standing; it is known by the
             first of them that is listed. A registered death ends cover from the day after, unless later signs of life put
             that death in question.
    """
    return Step(
        PERIOD.name,
        PERIOD.grain,
        """
        with dead as (
            select person_id, death_date + 1 as end_date
            from person.golden anti join person.death_query using (person_id)
            where death_date is not null
        ),
        lived as (
            select r.* exclude (to_date), least(r.to_date, coalesce(d.end_date, r.to_date)) as to_date
            from cover.record as r left join dead as d using (person_id)
        ),
        whole as (select * from lived where from_date < to_date),
        repeated as (
            select person_id, insurer_code, benefit_kind_code, booklet_no from whole group by all having count(*) > 1
        ),
        seen as (
            select *, max(to_date) over earlier as end_before,
                   (relation_code, member_kind_code, principal_person_id)
                       is distinct from lag((relation_code, member_kind_code, principal_person_id)) over booklet as is_other
            from whole semi join repeated using (person_id, insurer_code, benefit_kind_code, booklet_no)
            window booklet as (
                       partition by person_id, insurer_code, benefit_kind_code, booklet_no
                       order by from_date, to_date, record_key),
                   earlier as (
                       partition by person_id, insurer_code, benefit_kind_code, booklet_no
                       order by from_date, to_date, record_key rows between unbounded preceding and 1 preceding)
        ),
        parted as (
            select *, sum(if(end_before is null or from_date > end_before or (from_date = end_before and is_other), 1, 0))
                       over (partition by person_id, insurer_code, benefit_kind_code, booklet_no
                             order by from_date, to_date, record_key) as part_no
            from seen
        ),
        joined as (
            select person_id, insurer_code, benefit_kind_code, booklet_no,
                   arg_min((relation_code, member_kind_code, principal_person_id, feed, record_key),
                           (not is_listed, from_date, to_date, record_key)) as first,
                   min(from_date) as from_date, max(to_date) as to_date, bool_or(is_listed) as is_listed
            from parted
            group by person_id, insurer_code, benefit_kind_code, booklet_no, part_no
        )
        select person_id, insurer_code, benefit_kind_code, booklet_no, relation_code, member_kind_code,
               principal_person_id, from_date, to_date, feed, record_key, is_listed
        from whole anti join repeated using (person_id, insurer_code, benefit_kind_code, booklet_no)
        union all
        select person_id, insurer_code, benefit_kind_code, booklet_no, first[1], first[2], first[3], from_date, to_date,
               first[4], first[5], is_listed
        from joined
        """,
    )


# Where nothing says since when a record that is gone was covered: since it came. Ids of deliveries tell their day.
_CAME_ON = r"try_cast(regexp_extract(since_delivery_id, '-(\d{4}-\d\d-\d\d)-[0-9a-f]+$', 1) as date)"
_TEXTS = ("relation_code", "member_kind_code", "member_no", "booklet_no", "principal_member_no", "principal_national_code")
_NO_ROWS = (
    "select cast(null as varchar) as record_key, '' as feed, '' as insurer_code, '' as benefit_kind_code, "
    + ", ".join(f"cast(null as varchar) as {name}" for name in _TEXTS)
    + ", cast(null as date) as from_date, cast(null as date) as to_date, cast(null as date) as listed_date, "
    "cast(null as boolean) as is_listed where false"
)


def _rows_of(runner: Runner, feed: Feed, delivery: Delivery) -> list[str]:
    """SELECTs of what a feed lists, and of what it once listed."""
    listed = f"staging.{feed.name}"
    runner.attach(listed, delivery.rows_path)
    found = [_told(runner, feed, delivery, listed, is_listed=True)]
    if ended := former_rows(delivery):
        former = f"former.{feed.name}"
        runner.attach(former, ended)
        found.append(_told(runner, feed, delivery, former, is_listed=False))
    return found


def _told(runner: Runner, feed: Feed, delivery: Delivery, table: str, *, is_listed: bool) -> str:
    present = {row[0] for row in runner.con.execute(f"describe {quote(table)}").fetchall()}
    texts = ", ".join(f"{quote(name) if name in present else 'cast(null as varchar)'} as {name}" for name in _TEXTS)
    listed_on = f"date {literal(delivery.business_date.isoformat())}"
    first_day = listed_on if is_listed else _CAME_ON
    begins = f"coalesce(cover_from_date, {first_day})" if "cover_from_date" in present else first_day
    ends = f"coalesce(cover_to_date, date '{OPEN_END}')" if "cover_to_date" in present else f"date '{OPEN_END}'"
    return (
        f"select record_key, {literal(feed.name)} as feed, {literal(feed.insurer_code or '')} as insurer_code, "
        f"{literal(feed.benefit_kind_code or '')} as benefit_kind_code, {texts}, {begins} as from_date, "
        f"{ends if is_listed else f'least({ends}, ended_date)'} as to_date, {listed_on} as listed_date, "
        f"{is_listed} as is_listed from {quote(table)}"
    )
