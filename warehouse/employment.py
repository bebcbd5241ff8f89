"""Employment: the lists of employers as months of work of persons."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hub.duck import literal, quote
from hub.steps import Runner, Step
from schemas.delivery import Delivery
from schemas.employment_tables import CONTRIBUTION
from schemas.feed import Feed

ROLE = "employment"
#: Columns of a list's row that contributions need; a feed that lacks one gives nothing in its place.
NEEDED = {
    "record_key": "varchar", "insurance_no": "varchar", "work_month": "varchar", "workshop_no": "varchar",
    "list_no": "varchar", "job_title": "varchar", "contribution_days": "bigint", "wage_rials": "bigint",
}  # fmt: skip


def build(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> None:
    """Make ``employment.contribution`` of one night from the current deliveries of employers' lists."""
    delivered = {delivery.feed: delivery for delivery in deliveries}
    lists = [
        (feed, delivered[feed.name])
        for feed in sorted(feeds, key=lambda feed: feed.name)
        if feed.role == ROLE and feed.name in delivered
    ]
    for feed, delivery in lists:
        runner.attach(feed.staging_table.name, delivery.rows_path)
    runner.run(contribution(lists))


def contribution(lists: Sequence[tuple[Feed, Delivery]]) -> Step:
    """Days and wages of each person, month and workshop.

    Reads:   rows of the current deliveries of role employment, person.crosswalk
    Grain:   person_id, work_month, workshop_no
    Units:   contribution_days in days, wage_rials in rials; a month that two lists give counts with both
    """
    rows = "\nunion all\n".join(_rows_of(feed, delivery) for feed, delivery in lists) or _no_rows()
    return Step(
        CONTRIBUTION.name,
        CONTRIBUTION.grain,
        f"""
        with listed as ({rows})
        select x.person_id, l.work_month, coalesce(l.workshop_no, '') as workshop_no,
               arg_max(l.insurance_no, (coalesce(l.contribution_days, 0), l.record_key)) as insurance_no,
               arg_max(l.job_title, (coalesce(l.contribution_days, 0), l.record_key)) as job_title,
               cast(sum(l.contribution_days) as bigint) as contribution_days,
               cast(sum(l.wage_rials) as bigint) as wage_rials,
               count(distinct l.list_no) as list_count,
               max(l.as_of_date) as as_of_date
        from listed as l join person.crosswalk as x using (record_key)
        where l.work_month is not null
        group by all
        order by 1, 2, 3
        """,
    )


def _rows_of(feed: Feed, delivery: Delivery) -> str:
    known, table = feed.staging_table.columns, quote(feed.staging_table.name)
    return (
        f"select {_columns(known)}, cast({literal(delivery.business_date.isoformat())} as date) as as_of_date from {table}"
    )


def _no_rows() -> str:
    return f"select {_columns(())}, cast(null as date) as as_of_date where false"


def _columns(known: Collection[str]) -> str:
    values = ((name, kind, quote(name) if name in known else "null") for name, kind in NEEDED.items())
    return ", ".join(f"cast({value} as {kind}) as {quote(name)}" for name, kind, value in values)
