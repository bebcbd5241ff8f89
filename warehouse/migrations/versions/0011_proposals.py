"""What the planner of outcomes proposes for each side of an open conflict."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.get_bind().exec_driver_sql(PROPOSAL)


PROPOSAL = """
create table cover.proposal (
    conflict_no         bigint,
    insurer_code        text,
    booklet_no          text,
    person_id           bigint,
    kind_code           text not null,
    proposal_code       text not null check (proposal_code in ('keep', 'block', 'choose', 'case', 'inform')),
    keeper_insurer_code text,
    rule_code           text,
    from_date           date,
    to_date             date,
    reason_fa           text not null,
    reason_en           text not null,
    source              text,
    confidence          text,
    is_under_review     boolean,
    primary key (conflict_no, insurer_code, booklet_no),
    check (proposal_code <> 'block' or keeper_insurer_code <> insurer_code)
);
"""
