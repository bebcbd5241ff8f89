"""What overlaps cost by month, and how insurers deal with their conflicts."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    for part in (COST, SCORE, UNTOLD):
        op.get_bind().exec_driver_sql(part)


COST = """
create table mart.overlap_cost (
    jalali_month  text,
    kind_code     text,
    insurer_a     text,
    insurer_b     text,
    province_code text,
    person_count  bigint,
    overlap_days  bigint,
    cost_rials    bigint,
    as_of_date    date,
    as_of_feeds   text,
    primary key (jalali_month, kind_code, insurer_a, insurer_b, province_code)
);
"""

SCORE = """
create table cover.insurer_score (
    insurer_code    text primary key,
    open_count      bigint,
    overdue_count   bigint,
    agreed_count    bigint,
    disputed_count  bigint,
    cancelled_count bigint,
    resolved_count  bigint,
    reopened_count  bigint,
    as_of_date      date
);
"""

# Where all that there is to count is below the threshold, its one row has empty counts (P02).
UNTOLD = """
alter table mart.cover_by_group alter column person_count drop not null;
alter table mart.overlap_by_pair
    alter column person_count drop not null,
    alter column conflict_count drop not null,
    alter column open_count drop not null,
    alter column overlap_days drop not null;
alter table mart.uninsured
    alter column living_count drop not null,
    alter column uninsured_count drop not null;
"""
