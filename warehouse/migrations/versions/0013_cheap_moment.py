"""The moment of a night costs nothing a row: the database writes the function's text in its place, and reads it once."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Say of the function what PostgreSQL must know to put its text in its place; ask it once a statement."""
    for part in (MOMENT, REMEMBER):
        op.get_bind().exec_driver_sql(part)


MOMENT = """
create or replace function cover.moment() returns timestamptz
language sql volatile parallel safe
return coalesce(nullif(current_setting('databank.moment', true), '')::timestamptz, clock_timestamp());
"""

REMEMBER = """
create or replace function cover.remember_period() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    moment timestamptz := cover.moment();
begin
    insert into cover.former_period
        (person_id, insurer_code, benefit_kind_code, booklet_no, relation_code, member_kind_code, principal_person_id,
         from_date, to_date, feed, record_key, is_listed, known_from, known_to)
    select o.person_id, o.insurer_code, o.benefit_kind_code, o.booklet_no, o.relation_code, o.member_kind_code,
           o.principal_person_id, o.from_date, o.to_date, o.feed, o.record_key, o.is_listed, o.known_from, moment
    from gone as o
    where o.known_from < moment;
    return null;
end
$$;
"""
