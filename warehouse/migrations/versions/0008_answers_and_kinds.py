"""Which records' codes civil registration answered about, and what kind each delivery is of."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table, add the columns."""
    for part in (CODE_ANSWER, KINDS):
        op.get_bind().exec_driver_sql(part)


CODE_ANSWER = """
create table person.code_answer (
    record_key  text primary key,
    feed        text,
    person_id   bigint,
    inquiry_answer_code text
);
"""

KINDS = """
alter table ops.delivery add column kind_code text, add column sequence_no bigint;
"""
