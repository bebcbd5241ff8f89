"""Two times of cover: the days on which it holds, and the time during which the databank believed so."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Keep what was believed before, and answer for any moment."""
    for part in (KNOWN, FORMER, REMEMBER, AT):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


# The moment at which a night goes live is set by publish, so that all of the night bears the same one.
KNOWN = """
create function cover.moment() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('databank.moment', true), '')::timestamptz, clock_timestamp());

do $$
begin
    execute format('alter table cover.period add column known_from timestamptz not null default %L',
                   coalesce((select published_at from ops.run where is_live), clock_timestamp()));
end
$$;
alter table cover.period alter column known_from set default cover.moment();
"""

FORMER = """
create table cover.former_period (
    person_id           bigint,
    insurer_code        text,
    benefit_kind_code   text,
    booklet_no          text,
    relation_code       text,
    member_kind_code    text,
    principal_person_id bigint,
    from_date           date,
    to_date             date not null,
    feed                text,
    record_key          text,
    known_from          timestamptz not null,
    known_to            timestamptz not null
);
create index former_period_person_id on cover.former_period (person_id);
comment on table cover.former_period is
    'Cover as it was believed from known_from until known_to; rows are added, never changed.';
"""

# A changed row is taken out and put in again; what is taken out, by whomever, was believed until now.
REMEMBER = """
create function cover.remember_period() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into cover.former_period
    select o.person_id, o.insurer_code, o.benefit_kind_code, o.booklet_no, o.relation_code, o.member_kind_code,
           o.principal_person_id, o.from_date, o.to_date, o.feed, o.record_key, o.known_from, cover.moment()
    from gone as o
    where o.known_from < cover.moment();
    return null;
end
$$;
create trigger remember_period after delete on cover.period
referencing old table as gone for each statement execute function cover.remember_period();
create trigger remember_altered_period after update on cover.period
referencing old table as gone for each statement execute function cover.remember_period();
"""

AT = """
create function cover.at(
    person_id bigint, day date default current_date, known_at timestamptz default clock_timestamp()
) returns table (
    held_by_person_id bigint, insurer_code text, benefit_kind_code text, booklet_no text, relation_code text,
    member_kind_code text, principal_person_id bigint, from_date date, to_date date, feed text,
    known_from timestamptz, known_to timestamptz
)
language sql stable parallel safe rows 4
as $$
    with believed as (
        select p.*, null::timestamptz as known_to from cover.period as p
        where p.person_id = person.resolve(at.person_id, at.known_at) and p.known_from <= at.known_at
        union all
        select f.* from cover.former_period as f
        where f.person_id = person.resolve(at.person_id, at.known_at)
          and f.known_from <= at.known_at and f.known_to > at.known_at
    )
    select b.person_id, b.insurer_code, b.benefit_kind_code, b.booklet_no, b.relation_code, b.member_kind_code,
           b.principal_person_id, b.from_date, b.to_date, b.feed, b.known_from, b.known_to
    from believed as b
    where b.from_date <= at.day and b.to_date > at.day
    order by b.benefit_kind_code, b.insurer_code, b.booklet_no, b.from_date
$$;
comment on function cover.at is
    'Who covered a person on a day, as the databank knew at a moment; a merged person is followed to the one it became.';
revoke execute on function cover.at, cover.moment, cover.remember_period from public;
"""
