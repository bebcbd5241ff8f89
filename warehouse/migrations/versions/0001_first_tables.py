"""First tables: persons, cover, operations, marts, and the ban on a second active basic booklet."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create schemas, tables, the resolver and the overlap ban."""
    for part in (PERSON, RESOLVE, COVER, OPERATIONS, MARTS):
        op.get_bind().exec_driver_sql(part.replace("%", "%%"))


PERSON = """
create schema person;

create table person.golden (
    person_id                 bigint primary key,
    national_code             text,
    national_code_status_code text,
    foreign_id                text,
    given_name                text,
    surname                   text,
    father_name               text,
    sex_code                  text,
    birth_date                date,
    birth_year                integer,
    death_date                date,
    vital_status_code         text,
    nationality_code          text,
    birth_certificate_no      text,
    province_code             text,
    address                   text,
    postal_code               text,
    mobile_no                 text,
    identity_source           text,
    address_source            text,
    mobile_source             text,
    provenance                text,
    record_count              integer
);
create index golden_national_code on person.golden (national_code);

create table person.crosswalk (
    record_key   text primary key,
    feed         text,
    person_id    bigint not null,
    method_code  text,
    match_weight double precision,
    since_run    text
);
create index crosswalk_person_id on person.crosswalk (person_id);

create table person.person (
    person_id          bigint primary key,
    state_code         text not null,
    survivor_person_id bigint,
    minted_run         text,
    changed_run        text,
    last_event_no      bigint
);

create table person.identity_event (
    event_no        bigint primary key,
    run_id          text not null,
    event_code      text not null,
    person_id       bigint,
    other_person_id bigint,
    record_key      text,
    method_code     text,
    business_date   date,
    committed_at    timestamptz not null default clock_timestamp()
);
create index identity_event_person_id on person.identity_event (person_id);

create table person.review_pair (
    record_key_a text,
    record_key_b text,
    match_weight double precision,
    reason_code  text,
    primary key (record_key_a, record_key_b)
);

create table person.disagreement (
    person_id   bigint,
    record_key  text,
    feed        text,
    attribute   text,
    reason_code text,
    primary key (record_key, attribute)
);

create table person.death_query (
    person_id   bigint,
    record_key  text primary key,
    reason_code text
);

create table person.judgement (
    judgement_id bigint generated always as identity primary key,
    record_key_a text not null,
    record_key_b text not null,
    is_same      boolean not null,
    judged_by    text not null default current_user,
    reason       text not null check (reason <> ''),
    judged_at    timestamptz not null default clock_timestamp(),
    undone_by    text,
    undo_reason  text check (undo_reason <> ''),
    undone_at    timestamptz,
    check (record_key_a < record_key_b),
    check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null))
);
create unique index judgement_one_in_force on person.judgement (record_key_a, record_key_b) where undone_at is null;
"""

# An id stands for itself until a merge redirects it; a later split of the same id ends the redirect.
RESOLVE = """
create function person.resolve(person_id bigint, known_at timestamptz default clock_timestamp()) returns bigint
language sql stable parallel safe
as $$
    with recursive hop as (
        select e.person_id, 0 as depth
        from person.identity_event as e
        where e.person_id = resolve.person_id
          and e.event_code in ('mint', 'split') and e.committed_at <= resolve.known_at
        union
        select redirect.other_person_id, hop.depth + 1
        from hop
        cross join lateral (
            select e.event_code, e.other_person_id
            from person.identity_event as e
            where e.person_id = hop.person_id
              and e.event_code in ('merge', 'split') and e.committed_at <= resolve.known_at
            order by e.event_no desc
            limit 1
        ) as redirect
        where redirect.event_code = 'merge'
    ) cycle person_id set is_cycle using path
    select hop.person_id from hop order by hop.depth desc limit 1
$$;
comment on function person.resolve is
    'The person that an id stood for as known at a moment; null for an id not issued by then.';
"""

# Boxes (person, days) of two booklets meet when person and a day are equal; one index entry a booklet, no extension needed.
# Half-open days: the box ends half a day before to_date. float8 holds whole numbers below 2^53 exactly.
COVER = """
create schema cover;

create table cover.period (
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
    primary key (person_id, insurer_code, benefit_kind_code, booklet_no, from_date)
);

create table cover.conflict (
    conflict_no           bigint primary key,
    kind_code             text not null,
    person_id             bigint,
    insurer_a             text,
    insurer_b             text,
    booklet_no_a          text,
    booklet_no_b          text,
    record_key_a          text,
    record_key_b          text,
    principal_person_id_a bigint,
    principal_person_id_b bigint,
    from_date             date,
    to_date               date,
    overlap_days          integer,
    rule_code             text,
    outcome_code          text,
    keeper_insurer_code   text,
    reason_fa             text,
    is_under_review       boolean,
    status_code           text,
    opened_date           date,
    changed_date          date,
    reopened_count        integer
);
create index conflict_person_id on cover.conflict (person_id);
create index conflict_insurer_a on cover.conflict (insurer_a);
create index conflict_insurer_b on cover.conflict (insurer_b);

create table cover.booklet (
    person_id    bigint check (person_id < 9007199254740992),
    insurer_code text,
    booklet_no   text,
    from_date    date,
    to_date      date not null check (to_date > from_date),
    status_code  text not null check (status_code in ('active', 'contested', 'blocked')),
    conflict_no  bigint,
    valid_during daterange generated always as (daterange(from_date, to_date)) stored,
    primary key (person_id, insurer_code, booklet_no, from_date),
    constraint one_active_booklet exclude using gist (
        box(point(person_id, from_date - date '2000-01-01'), point(person_id, to_date - date '2000-01-01' - 0.5)) with &&
    ) where (status_code = 'active')
);
"""

OPERATIONS = """
create schema ops;

create table ops.run (
    run_id        text primary key,
    business_date date not null,
    base_run_id   text,
    inputs_hash   text not null,
    state_code    text not null check (state_code in ('running', 'published', 'failed', 'held')),
    is_live       boolean not null default false check (not is_live or state_code = 'published'),
    started_at    timestamptz not null default clock_timestamp(),
    published_at  timestamptz,
    reason        text,
    counts        jsonb
);
create unique index run_only_one_live on ops.run (is_live) where is_live;

create table ops.step (
    run_id      text references ops.run on delete cascade,
    step_no     integer,
    table_name  text not null,
    row_count   bigint not null,
    seconds     double precision not null,
    finished_at timestamptz not null,
    primary key (run_id, step_no)
);

create table ops.delivery (
    delivery_id            text primary key,
    feed                   text,
    business_date          date,
    file_name              text,
    sha256                 text,
    landed_at              timestamptz,
    state_code             text,
    supersedes_delivery_id text,
    reason                 text,
    repeat_count           integer
);

create table ops.ledger (
    delivery_id text,
    feed        text,
    file_name   text,
    fate_code   text,
    row_count   bigint not null,
    primary key (delivery_id, file_name, fate_code)
);

create table ops.quarantine (
    delivery_id text,
    feed        text,
    file_name   text,
    line_no     bigint,
    column_name text,
    reason_code text,
    primary key (delivery_id, line_no)
);
"""

MARTS = """
create schema mart;

create table mart.cover_by_group (
    month_date        date,
    insurer_code      text,
    benefit_kind_code text,
    province_code     text,
    age_band          text,
    sex_code          text,
    person_count      bigint not null,
    as_of_date        date not null,
    as_of_feeds       text not null,
    primary key (month_date, insurer_code, benefit_kind_code, province_code, age_band, sex_code)
);

create table mart.overlap_by_pair (
    insurer_a      text,
    insurer_b      text,
    kind_code      text,
    person_count   bigint not null,
    conflict_count bigint not null,
    open_count     bigint not null,
    overlap_days   bigint not null,
    as_of_date     date not null,
    as_of_feeds    text not null,
    primary key (insurer_a, insurer_b, kind_code)
);

create table mart.uninsured (
    province_code   text,
    age_band        text,
    sex_code        text,
    living_count    bigint not null,
    uninsured_count bigint not null,
    as_of_date      date not null,
    as_of_feeds     text not null,
    primary key (province_code, age_band, sex_code)
);

create table mart.feed_quality (
    feed              text primary key,
    delivery_id       text not null,
    delivery_date     date not null,
    as_of_days        integer not null,
    received_count    bigint not null,
    accepted_count    bigint not null,
    quarantined_count bigint not null,
    unchanged_count   bigint not null,
    superseded_count  bigint not null,
    record_count      bigint not null,
    linked_count      bigint not null,
    linked_ratio      double precision,
    as_of_date        date not null,
    as_of_feeds       text not null
);

create table mart.night (
    as_of_date           date primary key,
    as_of_feeds          text not null,
    feed_count           bigint not null,
    late_feed_count      bigint not null,
    record_count         bigint not null,
    person_count         bigint not null,
    living_count         bigint not null,
    insured_count        bigint not null,
    uninsured_count      bigint not null,
    minted_count         bigint not null,
    merged_count         bigint not null,
    split_count          bigint not null,
    review_pair_count    bigint not null,
    active_booklet_count bigint not null,
    open_conflict_count  bigint not null,
    new_conflict_count   bigint not null
);
"""
