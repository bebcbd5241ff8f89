"""Conflicts live: kinds, stages, answers, history; benefits of those without work; special patients apart from all else."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables, the ban on rewriting history, and the only way to read what special patients have."""
    for part in (LIFE, HISTORY, BENEFIT, SPECIAL, READING):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


LIFE = """
alter table cover.conflict
    add column stage_code text,
    add column reported_date date,
    add column due_date date,
    add column is_overdue boolean,
    add column event_count integer;

create table cover.conflict_kind (
    kind_code     text primary key,
    name_fa       text not null,
    name_en       text not null,
    told          text not null,
    deadline_days integer not null,
    severity      text not null,
    is_sensitive  boolean not null
);

create table cover.conflict_answer (
    record_key    text primary key,
    feed          text,
    line_no       bigint,
    delivery_id   text,
    conflict_no   bigint,
    insurer_code  text,
    answer_code   text,
    told_date     date,
    reason        text,
    verdict_code  text not null,
    answered_date date not null
);
create index conflict_answer_conflict_no on cover.conflict_answer (conflict_no);

create table cover.conflict_event (
    conflict_no   bigint,
    event_no      integer,
    event_code    text not null,
    cause_code    text not null,
    insurer_code  text,
    answer_code   text,
    business_date date not null,
    run_id        text not null,
    primary key (conflict_no, event_no)
);
"""

# A night only adds; writing a whole night anew empties the table and fills it from the run folder.
HISTORY = """
create function cover.refuse_rewriting() returns trigger
language plpgsql
as $$
begin
    raise restrict_violation using message = 'the history of conflicts is added to, never rewritten';
end
$$;
create trigger append_only before update or delete on cover.conflict_event
for each row execute function cover.refuse_rewriting();
"""

BENEFIT = """
create table employment.benefit (
    record_key text primary key,
    person_id  bigint,
    from_date  date,
    to_date    date
);
create index benefit_person_id on employment.benefit (person_id);
"""

SPECIAL = """
create schema special;

create table special.mark (
    record_key   text primary key,
    person_id    bigint,
    insurer_code text,
    disease_code text,
    from_date    date,
    to_date      date
);
create index mark_person_id on special.mark (person_id);

create table special.claim (
    record_key   text primary key,
    person_id    bigint,
    insurer_code text,
    drug_code    text,
    from_date    date,
    to_date      date
);
create index claim_person_id on special.claim (person_id);

create table special.reading (
    reading_no  bigint generated always as identity primary key,
    person_id   bigint,
    purpose     text not null check (purpose <> ''),
    row_count   bigint not null,
    read_by     text not null default session_user,
    read_at     timestamptz not null default clock_timestamp()
);
create trigger append_only before update or delete on special.reading
for each row execute function cover.refuse_rewriting();
"""

# Whoever reads is written down first. A caller that rolls back has read nothing: rows come after the account of them.
READING = """
create function special.of_person(asked_person_id bigint, purpose text) returns table (
    fact_code text, insurer_code text, code text, from_date date, to_date date
)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into special.reading (person_id, purpose, row_count)
    select asked_person_id, of_person.purpose,
           (select count(*) from special.mark where person_id = asked_person_id)
           + (select count(*) from special.claim where person_id = asked_person_id);
    return query
        select 'mark', m.insurer_code, m.disease_code, m.from_date, m.to_date
        from special.mark as m where m.person_id = asked_person_id
        union all
        select 'claim', c.insurer_code, c.drug_code, c.from_date, c.to_date
        from special.claim as c where c.person_id = asked_person_id
        order by 1, 4, 2, 3;
end
$$;

create function special.conflicts(purpose text) returns setof cover.conflict
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    found_count bigint;
begin
    select count(*) into found_count
    from cover.conflict as c join cover.conflict_kind as k using (kind_code) where k.is_sensitive;
    insert into special.reading (purpose, row_count) values (conflicts.purpose, found_count);
    return query
        select c.* from cover.conflict as c join cover.conflict_kind as k using (kind_code)
        where k.is_sensitive order by c.conflict_no;
end
$$;
revoke execute on all functions in schema special from public;
"""
