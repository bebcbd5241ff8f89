"""Employment: the lists of employers as months of work of persons, and the benefits of those who have no work."""

from __future__ import annotations

from collections.abc import Sequence

from hub.steps import Runner, Step
from schemas.delivery import Delivery
from schemas.employment_tables import BENEFIT, CONTRIBUTION
from schemas.feed import Feed
from warehouse.role_rows import role_rows
from warehouse.rules import OPEN_END

ROLE, BENEFIT_ROLE = "employment", "benefit"
#: Columns of a list's row that contributions need; a feed that lacks one gives nothing in its place.
NEEDED = {
    "record_key": "varchar", "insurance_no": "varchar", "work_month": "varchar", "workshop_no": "varchar",
    "list_no": "varchar", "job_title": "varchar", "contribution_days": "bigint", "wage_rials": "bigint",
}  # fmt: skip
BENEFIT_NEEDED = {
    "record_key": "varchar", "national_code": "varchar", "birth_date": "date", "benefit_from_date": "date",
    "benefit_to_date": "date",
}  # fmt: skip


def build(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> None:
    """Make the employment tables of one night from the current deliveries of employers' lists and of benefits."""
    runner.run(contribution(role_rows(runner, feeds, deliveries, ROLE, NEEDED)))
    runner.run(benefit(role_rows(runner, feeds, deliveries, BENEFIT_ROLE, BENEFIT_NEEDED)))


def contribution(rows: str) -> Step:
    """Days and wages of each person, month and workshop.

    Reads:   ``rows`` of the current deliveries of role employment, person.crosswalk
    Grain:   person_id, work_month, workshop_no
    Units:   contribution_days in days, wage_rials in rials; a month that two lists give counts with both
    """
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


def benefit(rows: str) -> Step:
    """Unemployment benefits with their persons.

    A benefit is paid to a national code whose birth date was looked at, so it belongs to whom the registry gave that code,
    where the birth date is not another one. Rows that fit nobody stay without a person.

    Reads:   ``rows`` of the current deliveries of role benefit, person.golden
    Grain:   record_key
    """
    return Step(
        BENEFIT.name,
        BENEFIT.grain,
        f"""
        with paid as ({rows}),
        holder as (
            select national_code, min(person_id) as person_id, arg_min(birth_date, person_id) as birth_date
            from person.golden
            where national_code_status_code = 'registry' and national_code in (select national_code from paid)
            group by national_code
        )
        select p.record_key, h.person_id, p.benefit_from_date as from_date,
               coalesce(p.benefit_to_date, date '{OPEN_END}') as to_date
        from paid as p
        left join holder as h
          on h.national_code = p.national_code and coalesce(h.birth_date = p.birth_date, true)
        """,
    )
