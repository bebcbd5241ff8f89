"""No person's value leaves through a failure: marked values go in, every way out is searched for them."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from connectors.deliveries import accept
from connectors.ledger import collect
from hub import postgres
from hub.duck import connection
from hub.errors import GrainError, HubError, ResourceError
from hub.privacy import told
from hub.runs import open_run
from hub.settings import Settings
from hub.steps import Runner, Step
from tests.integration.staging_world import DAY, Agency, Row, lines_of, national_code, people, person
from warehouse.database import connect

NAME, FAMILY, LATIN = "زرین‌نشان", "نشان‌دارپور", "Zarrinmarked"
CODE, MOBILE, WAGE = national_code(77_001_234), "09127770123", "77012345"
MARKS = (NAME, "زرین", FAMILY, "نشان‌دار", LATIN, LATIN.lower(), CODE, CODE.lstrip("0"), MOBILE, MOBILE[1:], WAGE)
EVIDENCE = (".parquet", ".csv")  # what holds the rows themselves; everything else that lies about is searched
NEXT_DAY = DAY + timedelta(days=1)


def marked(number: int, **changed: str) -> Row:
    """A row in which every value of the person is marked."""
    values = {"CODE": CODE, "NAME": NAME, "FAMILY": FAMILY, "WAGE": WAGE, "MOBILE": MOBILE}
    return person(number, **(values | changed))


def nation(count: int = 40, **changed: str) -> list[Row]:
    """Rows of which one is marked."""
    return [*people(count - 1), marked(count, **changed)]


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency.at(tmp_path)
    agency.stage(agency.send(lines_of(people(40))))
    return agency


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Everything that was printed and logged so far, by us and by libraries, at any level that a run shows."""
    caplog.set_level(logging.INFO)

    def read() -> str:
        printed = capfd.readouterr()
        return "\n".join((caplog.text, printed.out, printed.err))

    return read


def told_to_all(error: BaseException) -> str:
    """An error as a scheduler would log it: with every error that led to it, and with its facts."""
    facts = json.dumps(error.facts, default=str) if isinstance(error, HubError) else ""
    return "".join(traceback.format_exception(error)) + facts


def documents(home: Path) -> str:
    """Receipts, validations, counts, refusals, manifests, logs: all that lies about and is no evidence."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix not in EVIDENCE and "contracts" not in path.parts and "data" not in path.parts
    ]
    return "\n".join(texts)


def clean(text: str) -> None:
    """Fail when a marked value is in the text; say which, and where."""
    assert text.strip(), "nothing was searched"
    for mark in MARKS:
        place = text.find(mark)
        assert place < 0, f"{mark} in …{text[max(0, place - 200) : place + 60]}"


SPOILT: dict[str, Callable[[], bytes]] = {
    "a bad date": lambda: as_file(nation(BORN=f"1399/13/{LATIN}")),
    "a bad code": lambda: as_file(nation(CODE=f"{CODE}{CODE}", SEX=LATIN)),
    "a cut line": lambda: as_file(nation())[:-40],
    "an illegal byte": lambda: as_file(nation()).replace(FAMILY.encode()[-2:], b"\xff\xfe"),
    "a key given twice": lambda: as_file([*nation(), marked(40, NAME=LATIN)]),
    "too many cells": lambda: as_file(nation()) + f"K9,{CODE},{NAME},{LATIN},1,2,3,4,5,6,{MOBILE}\n".encode(),
    "an open quote": lambda: as_file(nation()) + f'K9,{CODE},"{NAME},{LATIN}\n'.encode(),
    "another encoding": lambda: as_file(nation(), "utf-16"),
    "another old encoding": lambda: "\n".join(lines_of(nation())).replace("‌", "").encode("cp1256", "replace"),
    "swapped columns": lambda: as_file([row | {"NAME": row["BORN"], "BORN": row["NAME"]} for row in nation()]),
    "a header of values": lambda: as_file(nation()).replace(b"CASE,CODE", f"{LATIN},{CODE}".encode(), 1),
    "no header": lambda: "\n".join(lines_of(nation())[1:]).encode(),
    "rows missing": lambda: as_file(nation(5)),
    "half the rows bad": lambda: as_file([marked(n, BORN=LATIN) for n in range(1, 41)]),
    "a key of values": lambda: as_file(nation(CASE="")),
}
FREE_OF_HEADER = ("a header of values", "no header")


def as_file(rows: list[Row], encoding: str = "utf-8") -> bytes:
    return ("\n".join(lines_of(rows)) + "\n").encode(encoding)


@pytest.mark.parametrize("fault", [name for name in SPOILT if name not in FREE_OF_HEADER])
def test_a_spoilt_delivery_tells_nothing_of_its_rows(agency: Agency, fault: str, said: Callable[[], str]) -> None:
    told_of = ""
    try:
        delivery = agency.send_file(f"clients_{NEXT_DAY}.csv", SPOILT[fault]())
        agency.stage(delivery)
    except HubError as error:
        told_of = told_to_all(error)
    clean(documents(agency.settings.home) + told_of + said())


@pytest.mark.parametrize("totals", [{"WAGE": 1}, {"wage_rials": 1}])
def test_a_wrong_control_total_tells_sums_not_rows(agency: Agency, totals: dict[str, int]) -> None:
    delivery = agency.send(lines_of(nation()), day=NEXT_DAY, manifest={"control_totals": totals})
    with pytest.raises(HubError) as refusal:
        agency.stage(delivery)
    clean(documents(agency.settings.home) + told_to_all(refusal.value))


def test_a_held_delivery_stays_silent_when_it_is_released(agency: Agency, said: Callable[[], str]) -> None:
    delivery = agency.send_file(f"clients_{NEXT_DAY}.csv", SPOILT["half the rows bad"]())
    with pytest.raises(HubError) as held:
        agency.stage(delivery)
    if agency.state(delivery) == "held":
        accept(agency.settings, delivery, "the fund closed")
        agency.stage(delivery)
    clean(documents(agency.settings.home) + told_to_all(held.value) + said())


def test_quarantine_keeps_the_row_as_evidence_and_the_ledger_only_counts_it(agency: Agency) -> None:
    delivery = agency.send_file(f"clients_{NEXT_DAY}.csv", SPOILT["a bad date"]())
    agency.stage(delivery)
    raw = agency.read(delivery, "quarantine")
    assert any(NAME in str(value) for row in raw for value in row), "the evidence itself has the value"
    run = open_run(agency.settings, NEXT_DAY, {}, None)
    with run.runner(agency.settings) as runner:
        collect(agency.settings, runner)
        rows = runner.con.execute("select columns(*)::varchar from ops.delivery").fetchall()
        rows += runner.con.execute("select columns(*)::varchar from ops.ledger").fetchall()
    clean(str(rows) + (run.folder / "steps.jsonl").read_text())


def test_a_grain_error_counts_rows_and_names_none(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, memory="500MB", threads=1)
    with connection(settings) as con, pytest.raises(GrainError) as error:
        Runner(con, tmp_path).run(Step("person.golden", ("surname",), f"select '{LATIN}' as surname from range(2)"))
    clean(told_to_all(error.value).replace(f"select '{LATIN}'", ""))


def test_memory_that_runs_out_tells_the_limit_only(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, memory="40MB", threads=1)

    def devour() -> None:
        with connection(settings) as con:
            con.execute("set max_temp_directory_size = '1MB'")
            con.execute("select list(? || i order by i desc) from range(9000000) as t(i)", [LATIN]).fetchall()

    with pytest.raises(ResourceError) as error:
        devour()
    assert "memory" in error.value.summary or "disk" in error.value.summary
    clean("".join(traceback.format_exception_only(error.value)))


CONSTRAINTS = {
    "a key that is there": (
        "create temp table t (code text primary key); insert into t values (%(code)s), (%(code)s)", "23505",
    ),
    "a check": ("create temp table t (name text check (length(name) < 3)); insert into t values (%(name)s)", "23514"),
    "a wrong type": ("create temp table t (d date); insert into t values (%(name)s::date)", "22007"),
    "a number too large": ("create temp table t (n int); insert into t values (%(code)s::bigint * 10)", "22003"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CONSTRAINTS)
def test_a_row_that_the_database_refuses_is_not_quoted(settings: Settings, kind: str) -> None:
    sql, code = CONSTRAINTS[kind]
    first, _, second = sql.partition("; ")

    def write() -> None:
        with connect(settings) as database:
            database.execute(first.encode())
            database.execute(second.encode(), {"code": CODE, "name": LATIN})

    with pytest.raises(HubError) as refusal:
        write()
    assert code in refusal.value.summary
    clean(told_to_all(refusal.value))


def test_the_servers_own_log_keeps_no_statement_and_no_row(own_server: Settings) -> None:
    server = postgres.start(own_server)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url.replace(server.password, "wrong"))
    stumbling = f"select '{LATIN}'::date", f"select '{CODE}'::int2", f"do $$begin raise '{NAME}'; end$$"
    for sql in stumbling:
        with pytest.raises(HubError), connect(own_server) as database:
            database.execute(sql.encode())
    log = (own_server.postgres / "data" / "server.log").read_text(encoding="utf-8", errors="replace")
    assert "password authentication failed" in log, "what an operator needs is there"
    clean(log)


def test_a_database_that_is_away_is_not_told_with_its_password() -> None:
    settings = Settings(home=Path("nowhere"), database_url=f"postgresql://{LATIN}:{LATIN}@127.0.0.1:9/{LATIN}")
    with pytest.raises(HubError) as error, connect(settings):
        pytest.fail("there is no server")
    clean(told_to_all(error.value))


def crash_in_duckdb() -> None:
    with connection(Settings(home=Path(), memory="200MB", threads=1)) as con:
        con.execute("select cast(? as date)", [LATIN]).fetchall()


def crash_in_psycopg() -> None:
    raise psycopg.errors.UniqueViolation(f"Key (national_code)=({CODE}) for {LATIN} already exists.")


def crash_in_a_library() -> None:
    raise KeyError(LATIN) from ValueError(NAME)


@pytest.mark.parametrize("crash", [crash_in_duckdb, crash_in_psycopg, crash_in_a_library])
def test_a_crash_that_nobody_expected_reaches_shell_and_scheduler_as_kind_and_place(
    crash: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: Callable[[], str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABANK_DEBUG", raising=False)
    with pytest.raises(Exception, match=r".*") as crashed:
        crash()
    assert crashed.typename in told(crashed.value)
    clean(told(crashed.value))
    airflow = pytest.importorskip("airflow.sdk.exceptions")
    from dags.databank import call

    with pytest.raises(airflow.AirflowException) as failure:
        call(lambda settings: crash())
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None
    clean("".join(traceback.format_exception_only(failure.value)) + str(vars(failure.value)))
