"""The audit before a night goes live: each check counts offending rows of the run folder, and none may be left.

Grain is proved elsewhere, twice: by the runner when a table is written and by the primary keys when it is published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.duck import DuckConnection
from hub.errors import NightHeld, PublishError
from hub.layers import rows_of
from hub.runs import Run


@dataclass(frozen=True)
class Check:
    """A promise about a night, and the SQL that counts where it is broken."""

    name: str
    promise: str
    sql: str


CHECKS = (
    Check(
        "every_record_has_one_person",
        "each current person record is in the crosswalk, and nothing else is",
        """
        select count(*) from (select record_key from linkage.person_record) as r
        full join person.crosswalk as c using (record_key)
        where r.record_key is null or c.record_key is null
        """,
    ),
    Check(
        "crosswalk_persons_are_live",
        "each person of the crosswalk was issued and is live",
        "select count(*) from person.crosswalk anti join (select person_id from person.person where state_code = 'live') "
        "using (person_id)",
    ),
    Check(
        "golden_persons_have_records",
        "each golden row rests on a record, and each person with a record has a golden row",
        """
        select count(*) from person.golden as g
        full join (select distinct person_id from person.crosswalk) as c using (person_id)
        where g.person_id is null or c.person_id is null
        """,
    ),
    Check(
        "redirects_end",
        "a merged person has a survivor that was issued, and no other person has one",
        """
        select count(*) from person.person as p
        left join person.person as s on s.person_id = p.survivor_person_id
        where (p.state_code = 'merged') <> (s.person_id is not null) or p.survivor_person_id = p.person_id
        """,
    ),
    Check(
        "cover_belongs_to_persons",
        "each cover period belongs to a person that was issued and not merged, with a golden row while it is listed, "
        "and ends after it begins",
        "select count(*) from cover.period as p left join person.golden as g using (person_id) "
        "left join (select person_id from person.person where state_code <> 'merged') as i using (person_id) "
        "where i.person_id is null or (g.person_id is null and p.is_listed is not false) or p.to_date <= p.from_date",
    ),
    Check(
        "one_active_booklet_a_day",
        "nobody holds two active basic booklets on one day",
        """
        select count(*) from (
            select from_date < max(to_date) over (
                       partition by person_id order by from_date, to_date, insurer_code, booklet_no
                       rows between unbounded preceding and 1 preceding) as is_overlap
            from cover.booklet where status_code = 'active')
        where is_overlap
        """,
    ),
    Check(
        "blocked_days_have_a_keeper",
        "a blocked booklet leaves no day without an active one (C09)",
        """
        select count(*) from (
            select b.person_id, b.insurer_code, b.booklet_no, b.from_date
            from cover.booklet as b
            left join cover.booklet as a
              on a.person_id = b.person_id and a.status_code = 'active'
             and a.from_date < b.to_date and a.to_date > b.from_date
            where b.status_code = 'blocked'
            group by all
            having coalesce(sum(date_diff('day', greatest(a.from_date, b.from_date), least(a.to_date, b.to_date)))
                                filter (where a.person_id is not null), 0)
                   < any_value(date_diff('day', b.from_date, b.to_date)))
        """,
    ),
    Check(
        "ledger_adds_up",
        "of each delivered file, received rows are accepted, quarantined, unchanged or superseded (D08)",
        """
        select count(*) from (
            select delivery_id, file_name from ops.ledger group by delivery_id, file_name
            having coalesce(sum(row_count) filter (where fate_code = 'received'), 0)
                <> coalesce(sum(row_count) filter (where fate_code <> 'received'), 0))
        """,
    ),
    Check(
        "marts_add_up",
        "the planners' totals are those of the golden table (P03)",
        "select count(*) from mart.night where person_count <> (select count(*) from person.golden) "
        "or living_count "
        "<> (select case when count(*) = count(living_count) then sum(living_count) end from mart.uninsured)",
    ),
)


BOOKLET_CHECKS = tuple(check for check in CHECKS if "cover.booklet" in check.sql)


def audit(con: DuckConnection) -> None:
    """Check a night's tables on a runner's connection.

    Raises:
        PublishError: names each broken check and how many rows break it.
    """
    prove(con, CHECKS)


def prove(con: DuckConnection, checks: Iterable[Check]) -> None:
    """The same of some checks."""
    broken = {check: int(con.execute(check.sql).fetchall()[0][0]) for check in checks}
    broken = {check: count for check, count in broken.items() if count}
    if broken:
        said = "; ".join(f"{check.name}: {count} rows, though {check.promise}" for check, count in broken.items())
        raise PublishError(
            f"The audit failed ({said}). Nothing was published; the last good night stays live.",
            hint="Mend the stage that made these rows and run the night again.",
            **{check.name: count for check, count in broken.items()},
        )


@dataclass(frozen=True)
class Limit:
    """How much of one kind of change a night may bring unasked: a share of the live persons, and never less than a floor."""

    name: str
    sql: str
    max_ratio: float
    floor_count: int = 200


LIMITS = (
    Limit("merged_persons", "select count(*) from person.identity_event where event_code = 'merge'", 0.02),
    Limit("split_persons", "select count(*) from person.identity_event where event_code = 'split'", 0.02),
    Limit(
        "ended_cover",
        "select count(*) from (select distinct person_id, insurer_code from base_period where to_date > $business_date) "
        "anti join (select person_id, insurer_code from cover.period where to_date > $business_date) "
        "using (person_id, insurer_code)",
        0.10,
    ),
)


def hold_unusual(con: DuckConnection, run: Run, base: Run | None) -> None:
    """Stop a night that merges, splits or ends far more than usual (O04). A first night has nothing to compare with.

    Raises:
        NightHeld: names each limit that was passed, with counts.
    """
    if base is None:
        return
    con.execute(f"create or replace view base_period as select * from {rows_of(base.table('cover.period'))}")
    persons = int(con.execute("select count(*) from person.person where state_code = 'live'").fetchall()[0][0])
    passed: dict[str, int] = {}
    for limit in LIMITS:
        params = {"business_date": run.business_date} if "$business_date" in limit.sql else {}
        count = int(con.execute(limit.sql, params).fetchall()[0][0])
        if count > max(limit.floor_count, limit.max_ratio * persons):
            passed[limit.name] = count
    if passed:
        said = ", ".join(f"{name}: {count}" for name, count in passed.items())
        raise NightHeld(
            f"The night would change far more than usual ({said}, of {persons} live persons) and is held; "
            "the last good night stays live.",
            hint=f'Look at the run\'s folder; `databank publish {run.run_id} --release "why"` publishes it all the same.',
            **passed,
        )
