"""Who sees what: planners marts only, insurers their own conflicts only, stewards add decisions and rewrite none."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hub.errors import InquiryError
from hub.settings import Settings
from schemas.contracts import load_feeds
from schemas.fields import field_dictionary
from schemas.tables import TABLES
from tests.integration.tiny import Night, TinyNation
from warehouse.conflict_query import Wanted, list_conflicts, show_conflict
from warehouse.database import Postgres, connect
from warehouse.publish import publish
from warehouse.query import connection_text, run_query
from warehouse.roles import AUDITOR, PLANNER, SPECIAL, STEWARD, ensure_logins, insurer_login, password_of

INSIDE = [
    name
    for name in TABLES
    if name.split(".")[0] in ("person", "cover", "employment", "special", "ops")
    and name not in ("cover.conflict_kind", "cover.conflict_event")  # of which an insurer sees what is about its own
]


@pytest.fixture
def published(settings: Settings, nation: TinyNation) -> Settings:
    """A live night, and logins."""
    publish(settings, nation.make(Night()))
    ensure_logins(settings)
    return settings


@contextmanager
def login(settings: Settings, role: str) -> Iterator[Postgres]:
    password = password_of(settings, role)
    assert password
    assert settings.database_url
    with psycopg.connect(make_conninfo(settings.database_url, user=role, password=password), autocommit=True) as connection:
        yield connection


def test_P01_a_planner_reads_every_mart(published: Settings) -> None:
    for table in (name for name in TABLES if name.startswith("mart.")):
        assert run_query(published, f"select * from {table}").rows, table


def test_P01_a_planner_reads_nothing_else(published: Settings) -> None:
    with login(published, PLANNER) as connection:
        for schema, table in connection.execute(
            "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
            "where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not in ('mart', 'pg_catalog', 'information_schema') "
            "and n.nspname not like 'pg_toast%'"
        ).fetchall():
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {schema}.{table} limit 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select person.resolve(1)")


def test_P01_statistics_of_hidden_tables_show_no_values(published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("analyze")
    assert run_query(published, "select * from pg_stats where schemaname in ('person', 'cover', 'ops')").rows == []


def test_P01_a_planner_changes_nothing(published: Settings) -> None:
    for statement in ("delete from mart.night", "create table mart.mine (a int)", "create temp table mine (a int)"):
        with pytest.raises(InquiryError, match=r"reads mart\.\* only"):
            run_query(published, statement)


def test_P01_no_mart_has_a_column_that_identifies() -> None:
    restricted = {name for name, field in field_dictionary().items() if field.sensitivity in ("restricted", "secret")}
    allowed_groups = {"sex_code"}
    for table in (table for name, table in TABLES.items() if name.startswith("mart.")):
        columns = set(table.columns)
        assert not columns & (restricted - allowed_groups), table.name
        assert not {name for name in columns if name.endswith(("person_id", "record_key", "_no"))}, table.name


def test_P04_every_mart_row_says_as_of_which_night_and_feeds(published: Settings) -> None:
    for table in (name for name in TABLES if name.startswith("mart.")):
        rows = run_query(published, f"select distinct as_of_date::text, as_of_feeds like '%@2026-11-19%' from {table}").rows
        assert rows == [("2026-11-19", True)], table


def test_a_question_that_is_no_sql_says_what_is_wrong(published: Settings) -> None:
    with pytest.raises(InquiryError, match='column "wages" does not exist'):
        run_query(published, "select wages from mart.night")


def test_an_answer_says_when_there_are_more_rows(published: Settings) -> None:
    assert run_query(published, "select 1 from generate_series(1, 3)", 3).has_more is False
    cut = run_query(published, "select generate_series(1, 1000000000) as n, '100 %s' as t", 3)
    assert (cut.columns, cut.rows, cut.has_more) == (["n", "t"], [(1, "100 %s"), (2, "100 %s"), (3, "100 %s")], True)


@pytest.mark.parametrize("several", ["select 1; select 2", "select 1; delete from mart.night", "begin; select 1"])
def test_several_statements_are_refused(several: str, published: Settings) -> None:
    with pytest.raises(InquiryError, match="one is answered at a time"):
        run_query(published, several)
    assert run_query(published, "select 1;").rows == [(1,)]


@pytest.mark.parametrize("nothing", ["", " ", "set work_mem = '1MB'", "copy mart.night to stdout", "-- nothing"])
def test_what_is_no_query_is_refused(nothing: str, published: Settings) -> None:
    with pytest.raises(InquiryError, match="no query"):
        run_query(published, nothing)


def test_an_insurer_sees_only_conflicts_where_it_is_a_side(published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("update cover.conflict set insurer_a = 'OIL', insurer_b = 'TMUN' where conflict_no = 3")
        connection.execute("update cover.conflict set insurer_b = insurer_a where conflict_no = 6")
        total = connection.execute("select count(*) from cover.conflict").fetchone()
    with login(published, insurer_login("SSO")) as connection:
        seen = connection.execute("select conflict_no, insurer_a, insurer_b from cover.conflict").fetchall()
    assert total
    assert len(seen) == total[0] - 2
    assert all("SSO" in sides for _, *sides in seen)
    with login(published, insurer_login("OIL")) as connection:
        assert connection.execute("select conflict_no from cover.conflict").fetchall() == [(3,)]


def test_C13_an_insurer_does_not_see_conflicts_under_review(published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("update cover.conflict set is_under_review = (conflict_no <> 3)")
    with login(published, insurer_login("SSO")) as connection:
        assert connection.execute("select conflict_no from cover.conflict").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "trick",
    [
        "set role databank_admin",
        "set role insurer_oil",
        "set session authorization insurer_oil",
        "set row_security = off",
        "create function ops.insurer_login(text, int) returns name language sql return 'x'::name",
    ],
)
def test_an_insurer_cannot_widen_its_view(trick: str, published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("update cover.conflict set insurer_a = 'OIL', insurer_b = 'TMUN'")
    with login(published, insurer_login("SSO")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):  # noqa: PT012 - row_security = off fails one statement later
            connection.execute(trick)
            connection.execute("select conflict_no from cover.conflict")
        connection.execute("reset all")
        assert connection.execute("select conflict_no from cover.conflict").fetchall() == []


def test_C12_history_and_answers_are_seen_with_the_own_conflict_only(published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("update cover.conflict set insurer_a = 'OIL', insurer_b = 'TMUN' where conflict_no <> 3")
    asked = "select (select count(*) from cover.conflict_event), (select count(insurer_code) from cover.conflict_answer)"
    for code, seen in (("SSO", (1, 1)), ("IHIO-GOV", (1, 0)), ("BANKS", (0, 0))):
        with login(published, insurer_login(code)) as connection:
            assert connection.execute(asked).fetchone() == seen, code


def test_C15_what_special_patients_have_is_read_for_a_purpose_and_written_down(published: Settings) -> None:
    with login(published, SPECIAL) as connection:
        for table in ("special.mark", "special.claim", "special.reading", "cover.conflict", "person.golden", "mart.night"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}")
        with pytest.raises(psycopg.errors.NotNullViolation):
            connection.execute("select * from special.of_person(1, null)")
        found = connection.execute("select fact_code, code from special.of_person(1, 'settle conflict 3')").fetchall()
    assert found == [("claim", "D1"), ("mark", "ms")]
    with login(published, AUDITOR) as connection:
        told = connection.execute("select person_id, purpose, row_count, read_by from special.reading").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from special.mark")
    assert told == [(1, "settle conflict 3", 2, SPECIAL)]


def test_C15_conflicts_that_tell_of_health_are_hidden_but_from_their_purpose_and_their_insurers(published: Settings) -> None:
    with connect(published) as connection:
        connection.execute("update cover.conflict set kind_code = 'special_drug_twice' where conflict_no = 3")
        total = connection.execute("select count(*) from cover.conflict").fetchone()
    assert total
    for role in (STEWARD, AUDITOR):
        with login(published, role) as connection:
            seen = connection.execute("select conflict_no from cover.conflict").fetchall()
            history = connection.execute("select conflict_no from cover.conflict_event").fetchall()
        assert len(seen) == total[0] - 1
        assert (3,) not in (*seen, *history)
    with login(published, SPECIAL) as connection:
        assert connection.execute("select conflict_no from special.conflicts('settle')").fetchall() == [(3,)]
    with login(published, insurer_login("SSO")) as connection:
        assert connection.execute("select conflict_no from cover.conflict where conflict_no = 3").fetchall() == [(3,)]
    assert 3 not in [row["conflict_no"] for row in list_conflicts(published, Wanted())]
    asked = Wanted(kind_code="special_drug_twice")
    for refused in (lambda: list_conflicts(published, asked), lambda: show_conflict(published, 3)):
        with pytest.raises(InquiryError, match="health"):
            refused()
    assert [row["conflict_no"] for row in list_conflicts(published, asked, "settle")] == [3]
    assert show_conflict(published, 3, "settle").facts["kind_code"] == "special_drug_twice"
    with connect(published) as connection:
        read = connection.execute("select purpose, row_count from special.reading order by 1, 2").fetchall()
    assert read.count(("settle", 1)) == 3


def test_conflicts_are_listed_by_insurer_and_stage_and_wrong_words_are_told(published: Settings) -> None:
    found = list_conflicts(published, Wanted())
    assert len({row["insurer_a"] for row in found} | {row["insurer_b"] for row in found}) > 1
    of_one = [row["conflict_no"] for row in found if "SSO" in (row["insurer_a"], row["insurer_b"])]
    assert [row["conflict_no"] for row in list_conflicts(published, Wanted(insurer_code="SSO"))] == of_one
    assert list_conflicts(published, Wanted(stage_code="resolved")) == []
    for wrong in (Wanted(kind_code="two"), Wanted(stage_code="closed"), Wanted(insurer_code="SS0")):
        with pytest.raises(InquiryError, match="There is no"):
            list_conflicts(published, wrong)


def test_an_insurer_gets_no_person_id_and_no_other_table(published: Settings) -> None:
    with login(published, insurer_login("SSO")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select person_id from cover.conflict")
        for table in INSIDE:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from {table}" if table != "cover.record" else "select * from ops.run")


def test_every_insurer_of_the_contracts_has_a_login(published: Settings) -> None:
    for code in {feed.insurer_code for feed in load_feeds(published.contracts) if feed.insurer_code}:
        with login(published, insurer_login(code)) as connection:
            shared = connection.execute("select ops.insurer_login(%s) = current_user", (code,)).fetchone()
        assert shared == (True,)


def test_a_steward_adds_and_undoes_decisions_but_rewrites_none(published: Settings) -> None:
    insert = (
        "insert into person.judgement (record_key_a, record_key_b, is_same, reason) values ('a', 'b', true, 'seen papers')"
    )
    with login(published, STEWARD) as connection:
        connection.execute(insert)
        assert connection.execute("select judged_by from person.judgement").fetchall() == [(STEWARD,)]
        for statement in (
            "update person.judgement set is_same = false",
            "update person.judgement set judged_by = 'another'",
            "delete from person.judgement",
            "update person.golden set surname = 'x'",
            insert.replace("reason)", "reason, judged_by)").replace("papers')", "papers', 'another')"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        connection.execute(
            "update person.judgement set undone_at = now(), undone_by = current_user, undo_reason = 'forged papers'"
        )


def test_an_auditor_reads_all_and_writes_nothing(published: Settings) -> None:
    with login(published, AUDITOR) as connection:
        assert connection.execute("select count(*) > 0 from cover.conflict").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update ops.run set is_live = false")


def test_passwords_lie_in_one_file_for_the_owner_and_stay_the_same(published: Settings) -> None:
    path = published.postgres / "logins.json"
    before = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ensure_logins(published)
    assert path.read_text() == before
    password = password_of(published, PLANNER)
    assert password
    text = connection_text(published)
    assert password not in text
    assert str(path) in text
