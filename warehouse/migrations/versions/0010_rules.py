"""Rules of who keeps: those by which the live night judged, and what officials proposed and decided."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of rules, the proposals, and what keeps a decision as it is."""
    for part in (RULE, PROPOSAL, KEPT):
        op.get_bind().exec_driver_sql(part)


RULE = """
create table cover.rule (
    rule_code     text,
    priority      integer not null,
    insurer_a     text,
    member_kind_a text,
    relation_a    text,
    sex_code_a    text,
    from_age_a    integer,
    to_age_a      integer,
    insurer_b     text,
    relation_b    text,
    outcome_code  text not null,
    from_date     date,
    to_date       date not null check (to_date > from_date),
    basis         text,
    source        text,
    confidence    text,
    reason_fa     text,
    reason_en     text,
    primary key (rule_code, insurer_a, insurer_b, from_date)
);
"""

# Two persons, a reason and a source; a rule of null ends its code on these days.
PROPOSAL = """
create table cover.rule_proposal (
    proposal_no     bigint generated always as identity primary key,
    rule_code       text not null,
    from_date       date not null,
    to_date         date not null check (to_date > from_date),
    rule            jsonb,
    source          text not null check (btrim(source) <> ''),
    reason          text not null check (btrim(reason) <> ''),
    proposed_by     text not null check (btrim(proposed_by) <> ''),
    proposed_at     timestamptz not null default clock_timestamp(),
    decision_code   text check (decision_code in ('approved', 'rejected')),
    decided_by      text,
    decided_at      timestamptz,
    decision_reason text check (btrim(decision_reason) <> ''),
    constraint two_persons check (lower(btrim(decided_by)) <> lower(btrim(proposed_by))),
    check (num_nulls(decision_code, decided_by, decided_at, decision_reason) in (0, 4))
);
"""

KEPT = """
create function cover.keep_rule_decision() returns trigger
language plpgsql
as $$
begin
    if tg_op = 'DELETE' or old.decision_code is not null or row(
        new.proposal_no, new.rule_code, new.from_date, new.to_date, new.rule, new.source, new.reason, new.proposed_by,
        new.proposed_at
    ) is distinct from row(
        old.proposal_no, old.rule_code, old.from_date, old.to_date, old.rule, old.source, old.reason, old.proposed_by,
        old.proposed_at
    ) then
        raise exception 'proposals and decisions stay as they were made' using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger keep_rule_decision before update or delete on cover.rule_proposal
for each row execute function cover.keep_rule_decision();
"""
