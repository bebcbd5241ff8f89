"""Habits of feeds: what a record tells about its person by the feed that it comes from.

Whoever is in a feed already is hardly whom another of its records means, where the feed seldom holds anybody twice; and a
record without a birth date hardly means somebody of an age that its feed does not hold, or a dead one. Both are learned
from records that codes and earlier rounds have placed, anew before each round. So is how many of those who are meant by
open records the registry knows: told by the open ones that say enough to be found.

No feed is known by its name here, and one of which little is placed has no habits. Habits belong to the reference that
nights carry (decision 0008); with them, a pair of a profile and a known person weighs more or less.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from hub.duck import Connection
from hub.steps import Step
from matching.codes import DEAD
from schemas.reference_tables import HABIT


@dataclass(frozen=True)
class Learning:
    """Numbers that decide what is learned.

    least_records: of a feed, placed, before anything is learned of it.
    assumed_records: as if so many had been seen with the assumed coverage before the first was.
    assumed_foreigners: coverage assumed of foreigners, most of whom no registry of citizens holds.
    assumed_holders: as if so many of each cohort were in a feed, where it holds every age alike.
    cohort_years: birth years that a feed holds alike; the dead are one cohort, whenever they were born.
    least_coverage, most_coverage: between these, coverage is believed as seen.
    """

    least_records: int = 200
    assumed_records: int = 20
    assumed_foreigners: float = 0.1
    cohort_years: int = 2
    assumed_holders: int = 2
    least_coverage: float = 0.05
    most_coverage: float = 0.99


LEARNING = Learning()
# Foreigners are told by their documents.
_PAPERS = "case when {0}.foreign_id is null and {0}.passport_no is null then 'none' else 'foreign' end"
_TELLING = ("given_name_key", "surname_key", "father_name_key", "birth_date")
_TELLS_ENOUGH = " and ".join(f"p.{name} is not null" for name in _TELLING)


def begin(con: Connection, coverage: float, *, is_carried: bool) -> None:
    """Begin with what is assumed, or take over all that the reference holds.

    Args:
        coverage: share of people that the registry is assumed to hold.

    Leaves:  temp table habit, as linkage.habit
    """
    assumed = " union all ".join(
        f"select 0 as round_no, 'coverage' as habit_code, '' as feed, '{papers}' as cohort, "
        f"cast({log2(share / (1 - share))} as double) as weight"
        for papers, share in _assumed(coverage).items()
    )
    con.execute(f"create or replace temp table habit as {f'select * from {HABIT.name}' if is_carried else assumed}")


def learn_coverage(con: Connection, round_no: int, coverage: float) -> None:
    """Learn how many of the open records' people the registry holds, from what the first round linked; later rounds have
    fewer records that tell enough.

    Reads:   temp tables profile (before what was linked is taken off), decision
    """
    if round_no > 1:
        con.execute(
            f"""insert into habit
                select {round_no}, habit_code, feed, cohort, weight from habit
                where round_no = {round_no - 1} and habit_code = 'coverage'"""
        )
        return
    least, most = (f"cast({number} as double)" for number in (LEARNING.least_coverage, LEARNING.most_coverage))
    assumed = " union all ".join(  # of one type on every engine
        f"select '{papers}' as cohort, cast({LEARNING.assumed_records * share} as double) as assumed_count"
        for papers, share in _assumed(coverage).items()
    )
    seen = f"(linked_count + assumed_count) / (open_count + {LEARNING.assumed_records})"
    believed = f"least({most}, greatest({least}, {seen}))"
    con.execute(
        f"""insert into habit
            select {round_no}, 'coverage', '', cohort, log2({believed} / (1 - {believed}))
            from (
                select k.cohort, k.assumed_count, count(p.record_no) as open_count, count(d.record_no_l) as linked_count
                from ({assumed}) as k
                left join profile as p on {_PAPERS.format("p")} = k.cohort and not p.is_registry and {_TELLS_ENOUGH}
                left join (select distinct record_no_l from decision) as d on d.record_no_l = p.record_no
                group by k.cohort, k.assumed_count
            )"""
    )


def _assumed(coverage: float) -> dict[str, float]:
    """Share of people that the registry is assumed to hold before anything was seen, by their papers."""
    return {"none": coverage, "foreign": min(coverage, LEARNING.assumed_foreigners)}


def learn_feeds(con: Connection, round_no: int) -> None:
    """Learn whom each feed holds, and how often twice.

    Reads:   temp tables attached, spine, waiting_claim (``matching.decisions``; absent before a round that leaves it)
    """
    con.execute(
        """create temp table if not exists waiting_claim as
           select record_no as record_no_l, node_no as record_no_r, feed, cast(1 as bigint) as record_count
           from attached limit 0"""
    )
    con.execute(
        """create or replace temp table held_person as
           select feed, node_no, sum(record_count) as record_count from (
               select feed, node_no, cast(1 as bigint) as record_count from attached
               union all
               select feed, record_no_r, record_count from waiting_claim
           ) group by feed, node_no"""
    )
    con.execute(
        f"""create or replace temp table held_feed as
            select feed, count(*) as holder_count, count(*) / (select cast(count(*) as double) from spine) as presence,
                   greatest(1, coalesce(sum(record_count) filter (where record_count > 1), 0))
                       / cast(sum(record_count) as double) as again
            from held_person group by feed having sum(record_count) >= {LEARNING.least_records}"""
    )
    con.execute(
        f"""insert into habit
            select {round_no}, 'again', feed, '', log2(again / presence) from held_feed where again < 1 and presence < 1
            union all
            select {round_no}, 'first', feed, '', log2((1 - again) / (1 - presence)) from held_feed
            where again < 1 and presence < 1"""
    )
    # Counted as if each cohort had some more, of whom the feed holds as many as usual: few of an age tell little.
    con.execute(
        f"""insert into habit
            with cohort as (select {cohort("s")} as cohort, count(*) as person_count from spine as s group by 1),
            held as (
                select h.feed, {cohort("s")} as cohort, count(*) as holder_count
                from held_person as h join spine as s on s.record_no = h.node_no group by 1, 2
            )
            select {round_no}, 'age', f.feed, c.cohort,
                   log2((coalesce(h.holder_count, 0) + {LEARNING.assumed_holders})
                        / (c.person_count * f.presence + {LEARNING.assumed_holders}))
            from held_feed as f cross join cohort as c left join held as h on h.feed = f.feed and h.cohort = c.cohort"""
    )
    con.execute("drop table held_person; drop table held_feed")


def cohort(alias: str) -> str:
    """SQL of the name of the birth years to which a living person belongs, or of the dead."""
    years = f"cast(floor({alias}.birth_year / {LEARNING.cohort_years}) as integer)"
    return f"case when {alias}.is_dead then '{DEAD}' else coalesce(cast({years} as varchar), '') end"


def most_weight(con: Connection, round_no: int) -> float:
    """The most that habits can add to a pair of this round."""
    found = con.execute(
        f"""select coalesce(sum(most), 0) from (
                select greatest(0, max(weight)) as most from habit where round_no = {round_no}
                group by case when habit_code = 'again' then 'first' else habit_code end
            )"""
    ).fetchall()
    return float(found[0][0])


def add_habits(con: Connection, round_no: int) -> None:
    """Add what habits tell to the weights of pairs with known persons.

    Reads:   temp tables habit, weighed_pair, scored_record, attached
    Leaves:  temp table told_pair (record_no_l, record_no_r, match_weight, registry_weight, feed_weight)
    """
    con.execute(
        """create or replace temp table holder as
           select distinct node_no, feed from attached where node_no in (select record_no_r from weighed_pair)"""
    )
    con.execute(
        f"""create or replace temp table told_pair as
            with said as (select * from habit where round_no = {round_no}),
            told as (
                select w.record_no_l, w.record_no_r, w.match_weight, coalesce(c.weight, 0) as registry_weight,
                       coalesce(f.weight, 0) + case when l.birth_year is null then coalesce(a.weight, 0) else 0 end
                           as feed_weight
                from weighed_pair as w
                join scored_record as l on l.record_no = w.record_no_l
                join scored_record as r on r.record_no = w.record_no_r
                left join said as c on r.is_known and c.habit_code = 'coverage' and c.cohort = {_PAPERS.format("l")}
                left join said as a on r.is_known and a.habit_code = 'age' and a.feed = l.feed and a.cohort = {cohort("r")}
                left join holder as h on h.node_no = w.record_no_r and h.feed = l.feed
                left join said as f on r.is_known and f.feed = l.feed
                    and f.habit_code = case when h.node_no is null then 'first' else 'again' end
            )
            select record_no_l, record_no_r, match_weight + registry_weight + feed_weight as match_weight, registry_weight,
                   feed_weight
            from told"""
    )
    con.execute("drop table holder")


def habit() -> Step:
    """What was learned.

    Reads:   temp table habit
    Grain:   round_no, habit_code, feed, cohort
    """
    return Step(HABIT.name, HABIT.grain, "select round_no, habit_code, feed, cohort, weight from habit")
