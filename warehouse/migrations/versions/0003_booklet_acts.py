"""Booklets issued and ended online: the log of these acts, and the functions that insurers and the shell call alike."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the log, its functions, and the refusal of a published booklet beside one issued online."""
    for part in (ACTS, WHO, HOLDING, CHECK, ISSUE, END, REFUSAL):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


# Rows of cover.booklet belong to the nights; what happens between two nights stands here until a night has taken it over.
ACTS = """
create table cover.booklet_act (
    act_no              bigint generated always as identity primary key,
    act_code            text not null check (act_code in ('issue', 'end', 'refuse')),
    state_code          text not null check (state_code in ('in_force', 'contested', 'ended', 'taken_over', 'refused')),
    person_id           bigint check (person_id < 9007199254740992),
    insurer_code        text not null,
    booklet_no          text not null,
    from_date           date not null,
    to_date             date not null check (to_date >= from_date),
    kind_code           text,
    keeper_insurer_code text,
    conflict_no         bigint,
    reason              text,
    acted_by            text not null,
    acted_at            timestamptz not null default clock_timestamp(),
    taken_over_run      text,
    constraint one_issued_booklet exclude using gist (
        box(point(person_id, from_date - date '2000-01-01'), point(person_id, to_date - date '2000-01-01' - 0.5)) with &&
    ) where (act_code = 'issue' and state_code = 'in_force')
);
create index booklet_act_person_id on cover.booklet_act (person_id) where state_code = 'in_force';
create index golden_foreign_id on person.golden (foreign_id) where foreign_id is not null;

create type cover.booklet_answer as (
    answer_code         text,
    kind_code           text,
    keeper_insurer_code text,
    conflict_no         bigint,
    act_no              bigint
);
"""

WHO = """
create function cover.acting_insurer(insurer_code text) returns void
language plpgsql stable
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'booklets are issued under read committed only' using errcode = 'feature_not_supported';
    end if;
    if not cover.gives_basic_cover(insurer_code) then
        raise exception 'no insurer of basic cover has this code' using errcode = 'invalid_parameter_value';
    end if;
    if ops.insurer_login(insurer_code) <> session_user and exists (
        select 1 from pg_auth_members as m join pg_roles as r on r.oid = m.roleid join pg_roles as u on u.oid = m.member
        where r.rolname = 'databank_insurer' and u.rolname = session_user
    ) then
        raise exception 'an insurer acts for itself only' using errcode = 'insufficient_privilege';
    end if;
end
$$;

create function cover.person_asked(identifier text, birth_date date, out person_id bigint, out kind_code text)
language plpgsql stable
as $$
declare
    found record;
begin
    if person_asked.birth_date is null then
        raise exception 'a birth date bears the code out' using errcode = 'invalid_parameter_value';
    end if;
    select g.person_id, g.birth_date, g.birth_year, g.vital_status_code into found
    from person.golden as g
    where (g.national_code = person_asked.identifier and g.national_code_status_code = 'registry')
       or g.foreign_id = person_asked.identifier
    order by g.national_code is not distinct from person_asked.identifier desc, g.person_id
    limit 1;
    if found.person_id is null then
        kind_code := 'unknown_to_registry';
    elsif coalesce(found.birth_date <> person_asked.birth_date,
                   found.birth_year <> extract(year from person_asked.birth_date), false) then
        kind_code := 'code_of_other';
    else
        person_id := found.person_id;
        if found.vital_status_code = 'dead'
           and not exists (select 1 from person.death_query as q where q.person_id = found.person_id) then
            kind_code := 'deceased';
        end if;
    end if;
end
$$;
"""

# A blocked booklet holds its person again as soon as an act ends the one that kept it off (C10). An issued one has its own
# last day: it may have been issued again under a number that was ended.
HOLDING = """
create function cover.holding(person_id bigint, from_date date, to_date date)
returns table (insurer_code text, booklet_no text, held_from date)
language sql stable
as $$
    with ended as (
        select a.insurer_code, a.booklet_no, min(a.from_date) as from_date
        from cover.booklet_act as a
        where a.person_id = holding.person_id and a.act_code = 'end' and a.state_code = 'in_force'
        group by a.insurer_code, a.booklet_no
    ),
    held as (
        select b.insurer_code, b.booklet_no, b.from_date, least(b.to_date, e.from_date) as to_date,
               b.status_code = 'blocked' as is_blocked
        from cover.booklet as b left join ended as e using (insurer_code, booklet_no)
        where b.person_id = holding.person_id
        union all
        select a.insurer_code, a.booklet_no, a.from_date, a.to_date, false
        from cover.booklet_act as a
        where a.person_id = holding.person_id and a.act_code = 'issue' and a.state_code in ('in_force', 'contested')
    )
    select h.insurer_code, h.booklet_no, h.from_date
    from held as h
    where greatest(h.from_date, holding.from_date) < least(h.to_date, holding.to_date)
      and (not h.is_blocked or exists (select 1 from ended where ended.from_date < least(h.to_date, holding.to_date)))
$$;
"""

# An insurer is told of conflicts only where it is a side, and of none under review (C13).
CHECK = """
create function cover.check_booklet(
    identifier text, birth_date date, insurer_code text, from_date date, to_date date default '9999-12-31'
) returns cover.booklet_answer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    asked  record;
    holder record;
    answer cover.booklet_answer;
begin
    if (to_date > from_date) is not true then
        raise exception 'a booklet ends after it begins' using errcode = 'invalid_parameter_value';
    end if;
    perform cover.acting_insurer(insurer_code);
    asked := cover.person_asked(identifier, birth_date);
    if asked.kind_code is not null then
        return ('refused', asked.kind_code, null, null, null)::cover.booklet_answer;
    end if;
    select h.* into holder from cover.holding(asked.person_id, from_date, to_date) as h
    order by h.insurer_code <> check_booklet.insurer_code, h.held_from, h.insurer_code, h.booklet_no limit 1;
    if holder.insurer_code is null then
        return ('free', null, null, null, null)::cover.booklet_answer;
    end if;
    answer := ('refused', case when holder.insurer_code = insurer_code then 'same_insurer' else 'two_basic' end,
               holder.insurer_code, null, null)::cover.booklet_answer;
    select min(c.conflict_no) into answer.conflict_no from cover.conflict as c
    where c.person_id = asked.person_id and c.status_code = 'open' and c.kind_code in ('two_basic', 'same_insurer')
      and c.is_under_review is not true
      and holder.insurer_code in (c.insurer_a, c.insurer_b)
      and check_booklet.insurer_code in (c.insurer_a, c.insurer_b);
    return answer;
end
$$;
"""

# The table's lock waits for a night that is going live, the person's lock for others who ask for the same person; the
# constraint would refuse what slipped past both.
ISSUE = """
create function cover.issue_booklet(
    identifier text, birth_date date, insurer_code text, booklet_no text, from_date date,
    to_date date default '9999-12-31', acted_by text default session_user
) returns cover.booklet_answer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    asked  record;
    answer cover.booklet_answer;
begin
    if coalesce(booklet_no, '') = '' then
        raise exception 'a booklet has a number' using errcode = 'invalid_parameter_value';
    end if;
    perform cover.acting_insurer(insurer_code);
    lock table cover.booklet_act in row exclusive mode;
    asked := cover.person_asked(identifier, birth_date);
    perform pg_advisory_xact_lock(hashtextextended('booklet of ' || asked.person_id, 0))
    where asked.person_id is not null;
    answer := cover.check_booklet(identifier, birth_date, insurer_code, from_date, to_date);
    if answer.answer_code = 'free' then
        begin
            insert into cover.booklet_act as a
                (act_code, state_code, person_id, insurer_code, booklet_no, from_date, to_date, acted_by)
            values ('issue', 'in_force', asked.person_id, insurer_code, booklet_no, from_date, to_date, acted_by)
            returning a.act_no into answer.act_no;
            answer.answer_code := 'granted';
            return answer;
        exception when exclusion_violation then
            answer := cover.check_booklet(identifier, birth_date, insurer_code, from_date, to_date);
        end;
    end if;
    insert into cover.booklet_act as a (act_code, state_code, person_id, insurer_code, booklet_no, from_date, to_date,
                                        kind_code, keeper_insurer_code, conflict_no, acted_by)
    values ('refuse', 'refused', asked.person_id, insurer_code, booklet_no, from_date, to_date, answer.kind_code,
            answer.keeper_insurer_code, answer.conflict_no, acted_by)
    returning a.act_no into answer.act_no;
    return answer;
end
$$;
"""

END = """
create function cover.end_booklet(
    identifier text, birth_date date, insurer_code text, booklet_no text, end_date date, reason text,
    acted_by text default session_user
) returns cover.booklet_answer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    asked  record;
    held   record;
    answer cover.booklet_answer;
begin
    if coalesce(reason, '') = '' then
        raise exception 'say why the booklet ends' using errcode = 'invalid_parameter_value';
    end if;
    perform cover.acting_insurer(insurer_code);
    lock table cover.booklet_act in row exclusive mode;
    asked := cover.person_asked(identifier, birth_date);
    if asked.person_id is null then
        return ('refused', asked.kind_code, null, null, null)::cover.booklet_answer;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('booklet of ' || asked.person_id, 0));
    select max(b.to_date) as to_date, max(b.conflict_no) as conflict_no into held
    from (
        select b.to_date, b.conflict_no from cover.booklet as b
        where b.person_id = asked.person_id and b.insurer_code = end_booklet.insurer_code
          and b.booklet_no = end_booklet.booklet_no and b.to_date > end_date
          and not exists (
              select 1 from cover.booklet_act as e
              where e.person_id = asked.person_id and e.insurer_code = end_booklet.insurer_code
                and e.booklet_no = end_booklet.booklet_no and e.act_code = 'end' and e.state_code = 'in_force'
                and e.from_date <= end_date
          )
        union all
        select a.to_date, a.conflict_no from cover.booklet_act as a
        where a.person_id = asked.person_id and a.insurer_code = end_booklet.insurer_code
          and a.booklet_no = end_booklet.booklet_no and a.to_date > end_date
          and a.act_code = 'issue' and a.state_code in ('in_force', 'contested')
    ) as b;
    if held.to_date is null then
        return ('refused', 'no_such_booklet', null, null, null)::cover.booklet_answer;
    end if;
    insert into cover.booklet_act as a (act_code, state_code, person_id, insurer_code, booklet_no, from_date, to_date,
                                        conflict_no, reason, acted_by)
    values ('end', 'in_force', asked.person_id, insurer_code, booklet_no, end_date, held.to_date, held.conflict_no, reason,
            acted_by)
    returning a.act_no into answer.act_no;
    update cover.booklet_act as a
    set to_date = greatest(a.from_date, end_date),
        state_code = case when a.from_date >= end_date then 'ended' else a.state_code end
    where a.person_id = asked.person_id and a.insurer_code = end_booklet.insurer_code
      and a.booklet_no = end_booklet.booklet_no and a.act_code = 'issue' and a.state_code in ('in_force', 'contested')
      and a.to_date > end_date;
    return ('ended', null, null, held.conflict_no, answer.act_no)::cover.booklet_answer;
end
$$;

revoke execute on all functions in schema cover from public;
"""

# C14, whoever writes: an active booklet of cover.booklet does not stand beside another one that was issued online.
REFUSAL = """
create function cover.refuse_second_booklet() returns trigger
language plpgsql
as $$
begin
    if not exists (select 1 from cover.booklet_act where act_code = 'issue' and state_code = 'in_force') then
        return null;
    end if;
    if exists (
        select 1
        from cover.booklet_act as a
        join cover.booklet as b on b.person_id = a.person_id and b.status_code = 'active'
        where a.act_code = 'issue' and a.state_code = 'in_force'
          and (a.insurer_code, a.booklet_no) <> (b.insurer_code, b.booklet_no)
          and greatest(a.from_date, b.from_date) < least(a.to_date, b.to_date, (
                  select min(e.from_date) from cover.booklet_act as e
                  where e.person_id = b.person_id and e.insurer_code = b.insurer_code and e.booklet_no = b.booklet_no
                    and e.act_code = 'end' and e.state_code = 'in_force'))
    ) then
        raise exclusion_violation
            using message = 'a booklet of this person was issued online for the same days',
                  table = 'booklet', constraint = 'one_active_booklet';
    end if;
    return null;
end
$$;
create trigger no_second_booklet after insert or update on cover.booklet
for each statement execute function cover.refuse_second_booklet();
"""
