"""Cover that its feed lists no more: it ends on that day, and says so."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Tell listed cover from former, in what is believed and in what was."""
    op.get_bind().exec_driver_sql(LISTED)


LISTED = """
alter table cover.period add column is_listed boolean;
alter table cover.former_period add column is_listed boolean;

create or replace function cover.remember_period() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into cover.former_period
        (person_id, insurer_code, benefit_kind_code, booklet_no, relation_code, member_kind_code, principal_person_id,
         from_date, to_date, feed, record_key, is_listed, known_from, known_to)
    select o.person_id, o.insurer_code, o.benefit_kind_code, o.booklet_no, o.relation_code, o.member_kind_code,
           o.principal_person_id, o.from_date, o.to_date, o.feed, o.record_key, o.is_listed, o.known_from, cover.moment()
    from gone as o
    where o.known_from < cover.moment();
    return null;
end
$$;

create or replace function cover.at(
    person_id bigint, day date default current_date, known_at timestamptz default clock_timestamp()
) returns table (
    held_by_person_id bigint, insurer_code text, benefit_kind_code text, booklet_no text, relation_code text,
    member_kind_code text, principal_person_id bigint, from_date date, to_date date, feed text,
    known_from timestamptz, known_to timestamptz
)
language sql stable parallel safe rows 4
as $$
    select b.person_id, b.insurer_code, b.benefit_kind_code, b.booklet_no, b.relation_code, b.member_kind_code,
           b.principal_person_id, b.from_date, b.to_date, b.feed, b.known_from, b.known_to
    from (
        select p.person_id, p.insurer_code, p.benefit_kind_code, p.booklet_no, p.relation_code, p.member_kind_code,
               p.principal_person_id, p.from_date, p.to_date, p.feed, p.known_from, null::timestamptz as known_to
        from cover.period as p
        union all
        select f.person_id, f.insurer_code, f.benefit_kind_code, f.booklet_no, f.relation_code, f.member_kind_code,
               f.principal_person_id, f.from_date, f.to_date, f.feed, f.known_from, f.known_to
        from cover.former_period as f
    ) as b
    where b.person_id = person.resolve(at.person_id, at.known_at)
      and b.known_from <= at.known_at and (b.known_to is null or b.known_to > at.known_at)
      and b.from_date <= at.day and b.to_date > at.day
    order by b.benefit_kind_code, b.insurer_code, b.booklet_no, b.from_date
$$;
"""
