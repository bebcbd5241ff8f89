"""Roles: who may see what, declared here and brought into the database after each migration.

Five group logins and one login per insurer. An insurer sees rows of ``cover.conflict`` only where it is a side: the policy
is tied to ``current_user``, which a client cannot set. ``person_id`` and record keys stay inside. What special patients
have is read through functions that write down who read it and why, and only by the role of that purpose (C15).
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass

from psycopg import sql

from hub.settings import Settings
from hub.storage import exclusive, read_json, write_json
from schemas.codes import basic_insurers
from schemas.conflict_kinds import sensitive_kinds
from schemas.contracts import load_feeds
from warehouse.database import Postgres, connect

ETL, PLANNER, STEWARD, AUDITOR = "databank_etl", "databank_planner", "databank_steward", "databank_auditor"
INSURER = "databank_insurer"
"""Group of all insurers' logins; nobody logs in with it."""

SPECIAL = "databank_special"
"""Whoever settles marks and drugs of special patients; reads them through functions that keep account, and nothing else."""

LOGINS = (ETL, PLANNER, STEWARD, AUDITOR, SPECIAL)
SCHEMAS = ("person", "cover", "employment", "ops", "mart")
PASSWORD_BYTES = 24
PLANNER_TIMEOUT = "5min"
INSURER_IDLE = "30s"
"""So long may an insurer's program leave a transaction open: a night that goes live waits for it."""


@dataclass(frozen=True)
class Grant:
    """What a role may do with every table of a schema, now and later."""

    role: str
    schema: str
    rights: str


GRANTS = (
    *(Grant(ETL, schema, "select, insert, update, delete") for schema in SCHEMAS),
    Grant(ETL, "special", "select, insert, update, delete"),
    Grant(PLANNER, "mart", "select"),
    *(Grant(STEWARD, schema, "select") for schema in SCHEMAS),
    *(Grant(AUDITOR, schema, "select") for schema in SCHEMAS),
)

# Decisions are added and undone, never rewritten: a steward may not touch who judged, when and why.
FINE_GRANTS = (
    f"grant insert (record_key_a, record_key_b, is_same, reason) on person.judgement to {STEWARD}",
    f"grant update (undone_by, undo_reason, undone_at) on person.judgement to {STEWARD}",
    f"grant execute on function person.resolve to {ETL}, {STEWARD}, {AUDITOR}",
    f"grant execute on function cover.at to {ETL}, {STEWARD}, {AUDITOR}",
    f"grant execute on function cover.moment to {ETL}",
    f"grant usage on schema cover to {INSURER}",
    f"grant execute on function cover.check_booklet, cover.issue_booklet, cover.end_booklet to {ETL}, {INSURER}",
    "grant select (conflict_no, kind_code, insurer_a, insurer_b, from_date, to_date, "
    "overlap_days, rule_code, outcome_code, keeper_insurer_code, reason_fa, status_code, opened_date, changed_date, "
    f"reopened_count, stage_code, reported_date, due_date, is_overdue) on cover.conflict to {INSURER}",
    f"grant select on cover.conflict_kind, cover.conflict_event to {INSURER}",
    "grant select (conflict_no, insurer_code, answer_code, told_date, reason, verdict_code, answered_date) "
    f"on cover.conflict_answer to {INSURER}",
    f"grant usage on schema special to {SPECIAL}, {AUDITOR}",
    f"grant execute on function special.of_person, special.conflicts to {SPECIAL}",
    f"grant select on special.reading to {AUDITOR}",
)
_SENSITIVE = ", ".join(f"'{code}'" for code in sensitive_kinds())

# An insurer's own booklet numbers are in its return; here they would show the other insurer's too.
# C07: two booklets at one insurer have it on both sides. C13: what is under clerical review is not yet shown to insurers.
POLICIES = (
    "alter table cover.conflict enable row level security",
    "drop policy if exists own_side on cover.conflict",
    "drop policy if exists inside on cover.conflict",
    f"create policy own_side on cover.conflict for select to {INSURER} using ("
    "is_under_review is not true and current_user in (ops.insurer_login(insurer_a), ops.insurer_login(insurer_b)))",
    "drop policy if exists without_health on cover.conflict",
    f"create policy inside on cover.conflict to {ETL} using (true) with check (true)",
    f"create policy without_health on cover.conflict for select to {STEWARD}, {AUDITOR} "
    f"using (kind_code not in ({_SENSITIVE}))",
    # Answers and history are seen with the conflict that they are about: the reader's own policy decides.
    *(
        statement
        for table, also in (
            ("conflict_event", ""),
            (
                "conflict_answer",
                f" and (current_user = ops.insurer_login(insurer_code) or not pg_has_role('{INSURER}', 'member'))",
            ),
        )
        for statement in (
            f"alter table cover.{table} enable row level security",
            f"drop policy if exists inside on cover.{table}",
            f"drop policy if exists with_its_conflict on cover.{table}",
            f"create policy inside on cover.{table} to {ETL} using (true) with check (true)",
            f"create policy with_its_conflict on cover.{table} for select to {INSURER}, {STEWARD}, {AUDITOR} using "
            f"(exists (select from cover.conflict as c where c.conflict_no = {table}.conflict_no){also})",
        )
    ),
)


def insurer_login(insurer_code: str) -> str:
    """The login of an insurer: ``IHIO-GOV`` logs in as ``insurer_ihio_gov``. The database has the same rule."""
    return "insurer_" + insurer_code.lower().replace("-", "_")


INSURER_LOGIN_SQL = """
create or replace function ops.insurer_login(insurer_code text) returns name
language sql immutable strict parallel safe
return ('insurer_' || replace(lower(insurer_code), '-', '_'))::name
"""
BASIC_INSURERS_SQL = """
create or replace function cover.gives_basic_cover(insurer_code text) returns boolean
language sql immutable parallel safe
return coalesce(insurer_code = any ({}), false)
"""


def grant_roles(connection: Postgres) -> None:
    """Make the declared roles and give them exactly their rights. Changes no password."""
    for role in (*LOGINS, INSURER):
        _create(connection, role)
    connection.execute(INSURER_LOGIN_SQL)
    connection.execute(sql.SQL(BASIC_INSURERS_SQL).format(sql.Literal(sorted(basic_insurers()))))
    connection.execute(f"grant usage on schema ops to {INSURER}")
    connection.execute("revoke all on schema public from public")
    connection.execute(sql.SQL("revoke temporary on database {} from public").format(sql.Identifier(connection.info.dbname)))
    connection.execute("revoke execute on function person.resolve from public")
    for grant in GRANTS:
        for statement in (
            "grant usage on schema {schema} to {role}",
            f"grant {grant.rights} on all tables in schema {{schema}} to {{role}}",
            f"alter default privileges in schema {{schema}} grant {grant.rights} on tables to {{role}}",
        ):
            connection.execute(
                sql.SQL(statement).format(schema=sql.Identifier(grant.schema), role=sql.Identifier(grant.role))
            )
    for statement in (*FINE_GRANTS, *POLICIES):
        connection.execute(statement)


def password_of(settings: Settings, role: str) -> str | None:
    """The password of a login made from this home."""
    return _passwords(settings).get(role)


def ensure_logins(settings: Settings) -> None:
    """Give a password to each group login, and to a login per insurer of the contracts, that has none under this home.

    Passwords lie in ``postgres/logins.json``, readable by the owner only; the server gets a SCRAM verifier.
    """
    path = settings.postgres / "logins.json"
    with exclusive(settings.postgres / "logins.lock", "the logins", is_waiting=True):
        known = _passwords(settings)
        insurers = {feed.insurer_code for feed in load_feeds(settings.contracts) if feed.insurer_code}
        wanted = dict.fromkeys(LOGINS) | {insurer_login(code): INSURER for code in sorted(insurers)}
        new = {role: secrets.token_urlsafe(PASSWORD_BYTES) for role in wanted if role not in known}
        if not new:
            return
        with connect(settings) as connection, connection.transaction():
            for role, password in new.items():
                _create(connection, role)
                _allow_login(connection, role, password, wanted[role])
        mask = os.umask(0o077)
        try:
            write_json(path, known | new)
        finally:
            os.umask(mask)


def _passwords(settings: Settings) -> dict[str, str]:
    path = settings.postgres / "logins.json"
    return dict(read_json(path)) if path.exists() else {}


def _create(connection: Postgres, role: str) -> None:
    # Roles belong to the server, not to one database: somebody else may make them at the same time.
    connection.execute(
        sql.SQL("do $$ begin create role {}; exception when duplicate_object or unique_violation then null; end $$").format(
            sql.Identifier(role)
        )
    )


def _allow_login(connection: Postgres, role: str, password: str, group: str | None) -> None:
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(role)
    connection.execute(sql.SQL("alter role {} login password {}").format(name, sql.Literal(verifier)))
    if group:
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), name))
        connection.execute(
            sql.SQL("alter role {} set idle_in_transaction_session_timeout = {}").format(name, sql.Literal(INSURER_IDLE))
        )
    if role == PLANNER:
        connection.execute(sql.SQL("alter role {} set default_transaction_read_only = on").format(name))
        connection.execute(sql.SQL("alter role {} set statement_timeout = {}").format(name, sql.Literal(PLANNER_TIMEOUT)))
