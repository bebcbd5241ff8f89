"""Profiles of deliveries: their figures by column, for scorecards over time."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.get_bind().exec_driver_sql(PROFILE)


PROFILE = """
create table ops.profile (
    delivery_id text,
    feed        text not null,
    column_name text,
    figure_code text,
    figure      double precision,
    figure_date date,
    primary key (delivery_id, column_name, figure_code)
);
"""
