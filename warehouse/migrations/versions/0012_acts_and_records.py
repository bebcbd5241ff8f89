"""Acts on booklets know the record that bore their person out, the cover that they ended, and refusals of an end."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Tell more in the log of acts, and keep refused ends."""
    for part in (TOLD, KNOWN, END):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


TOLD = """
alter table cover.booklet_act
    add column record_key text,
    add column held_from_date date,
    drop constraint booklet_act_act_code_check,
    add constraint booklet_act_act_code_check check (act_code in ('issue', 'end', 'refuse', 'refuse_end'));
comment on column cover.booklet_act.record_key is
    'the record of civil registration, or else of a feed, by which the person was found; the act stays with its person';
comment on column cover.booklet_act.held_from_date is
    'of an end: the last first day of what was known of the booklet; cover that begins later was listed later';
"""

# Whoever writes an act: by which record the person was found, and how far an end reaches.
KNOWN = """
create function cover.complete_act() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    select g.provenance::jsonb -> 'identity' ->> 'record_key' into new.record_key
    from person.golden as g where g.person_id = new.person_id;
    if new.act_code = 'end' then
        select max(b.from_date) into new.held_from_date
        from cover.booklet as b
        where b.person_id = new.person_id and b.insurer_code = new.insurer_code and b.booklet_no = new.booklet_no
          and b.to_date > new.from_date;
    end if;
    return new;
end
$$;
create trigger complete_act before insert on cover.booklet_act for each row execute function cover.complete_act();
revoke execute on function cover.complete_act from public;
"""

END = """
create or replace function cover.end_booklet(
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
    perform pg_advisory_xact_lock(hashtextextended('booklet of ' || asked.person_id, 0))
    where asked.person_id is not null;
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
        insert into cover.booklet_act as a (act_code, state_code, person_id, insurer_code, booklet_no, from_date, to_date,
                                            kind_code, reason, acted_by)
        values ('refuse_end', 'refused', asked.person_id, insurer_code, booklet_no, end_date, end_date,
                case when asked.person_id is null then asked.kind_code else 'no_such_booklet' end, reason, acted_by)
        returning a.act_no, a.kind_code into answer.act_no, answer.kind_code;
        return ('refused', answer.kind_code, null, null, answer.act_no)::cover.booklet_answer;
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
"""
