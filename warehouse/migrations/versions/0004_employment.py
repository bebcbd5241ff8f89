"""Employment: the months of work of each person, as employers listed them."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.get_bind().exec_driver_sql(EMPLOYMENT)


EMPLOYMENT = """
create schema employment;

create table employment.contribution (
    person_id         bigint,
    work_month        text,
    workshop_no       text,
    insurance_no      text,
    job_title         text,
    contribution_days bigint,
    wage_rials        bigint,
    list_count        bigint,
    as_of_date        date,
    primary key (person_id, work_month, workshop_no)
);
"""
