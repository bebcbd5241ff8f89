"""Booklets issued and ended online, on a real PostgreSQL and by the logins of insurers, and how nights take them over."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hub.errors import SettingsError
from hub.settings import Settings
from schemas.codes import basic_insurers, insurers
from tests.integration.tiny import FIRST, Night, TinyNation
from tests.nation import DATABANK
from warehouse.database import connect
from warehouse.issuing import Answer, Asked, check_booklet, end_booklet, export_acts, issue_booklet
from warehouse.publish import publish
from warehouse.roles import ensure_logins, insurer_login, password_of

TODAY = FIRST + timedelta(days=1)
PUBLISHED = (
    "insert into person.golden (person_id, national_code, national_code_status_code, birth_date) "
    "select i, lpad(i::text, 10, '0'), 'registry', date '1980-01-01' + i from generate_series(1, 20) as i",
    "insert into cover.booklet select i, 'SSO', 'B' || i, '2020-01-01', '9999-12-31', "
    "case when i = 3 then 'blocked' else 'active' end from generate_series(1, 20) as i where i not in (9, 19)",
    "insert into cover.booklet values (3, 'IHIO-GOV', 'B3', '2020-01-01', '9999-12-31', 'active')",
    "insert into cover.conflict (conflict_no, kind_code, person_id, insurer_a, insurer_b, status_code) "
    "values (3, 'two_basic', 3, 'IHIO-GOV', 'SSO', 'open')",
)


def person(number: int, insurer_code: str) -> Asked:
    """Of persons 1 to 20, 9 and 19 hold no booklet, all others one of SSO; that of person 3 is blocked by IHIO-GOV."""
    return Asked(insurer_code, f"{number:010}", date(1980, 1, 1) + timedelta(days=number))


@pytest.fixture
def live(settings: Settings) -> Settings:
    """A database as a night leaves it."""
    with connect(settings) as connection:
        for statement in PUBLISHED:
            connection.execute(statement)
    return settings


def issue(settings: Settings, asked: Asked, booklet_no: str = "N1", from_date: date = TODAY) -> Answer:
    return issue_booklet(settings, asked, booklet_no, from_date, acted_by="test")


def end(settings: Settings, asked: Asked, booklet_no: str, end_date: date = TODAY) -> Answer:
    return end_booklet(settings, asked, booklet_no, end_date, reason="left the job", acted_by="test")


def acts(settings: Settings) -> list[tuple[Any, ...]]:
    with connect(settings) as connection:
        return connection.execute(
            "select act_code, state_code, person_id, insurer_code from cover.booklet_act order by act_no"
        ).fetchall()


def test_who_holds_none_is_granted_one_and_nobody_else_can_give_a_second(live: Settings) -> None:
    assert check_booklet(live, person(9, "SSO"), TODAY) == Answer("free", None, None, None, None)
    assert issue(live, person(9, "SSO")) == Answer("granted", None, None, None, 1)
    refused = Answer("refused", "two_basic", "SSO", None, None)
    assert check_booklet(live, person(9, "OIL"), TODAY) == refused
    assert issue(live, person(9, "OIL")) == replace(refused, act_no=2)
    assert issue(live, person(9, "SSO"), "N2").kind_code == "same_insurer"
    assert acts(live) == [
        ("issue", "in_force", 9, "SSO"),
        ("refuse", "refused", 9, "OIL"),
        ("refuse", "refused", 9, "SSO"),
    ]


def test_a_refusal_names_the_keeper_and_the_conflict(live: Settings) -> None:
    assert issue(live, person(3, "SSO")) == Answer("refused", "two_basic", "IHIO-GOV", 3, 1)
    assert issue(live, person(4, "OIL")) == Answer("refused", "two_basic", "SSO", None, 2)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (Asked("SSO", "9999999999", date(1980, 1, 1)), "unknown_to_registry"),
        (Asked("SSO", f"{9:010}", date(1980, 1, 1)), "code_of_other"),
    ],
    ids=["nobody", "other birth date"],
)
def test_C08_a_code_of_nobody_or_of_somebody_else_gets_none(live: Settings, asked: Asked, kind: str) -> None:
    assert issue(live, asked) == Answer("refused", kind, None, None, 1)


def test_C08_the_dead_get_none_unless_the_death_is_in_question(live: Settings) -> None:
    with connect(live) as connection:
        connection.execute("update person.golden set vital_status_code = 'dead' where person_id in (9, 19)")
        connection.execute("insert into person.death_query values (19, 'sso_members:19', 'work_after_death')")
    assert issue(live, person(9, "SSO")).kind_code == "deceased"
    assert issue(live, person(19, "SSO")).answer_code == "granted"


def test_a_booklet_that_ends_makes_room_from_its_day_on(live: Settings) -> None:
    later = TODAY + timedelta(days=30)
    assert end(live, person(4, "SSO"), "B4", later) == Answer("ended", None, None, None, 1)
    assert issue(live, person(4, "OIL"), from_date=later - timedelta(days=1)).kind_code == "two_basic"
    assert issue(live, person(4, "OIL"), from_date=later).answer_code == "granted"
    assert end(live, person(4, "SSO"), "B4", later).kind_code == "no_such_booklet"


def test_an_issued_booklet_can_be_ended_before_a_night_knows_it(live: Settings) -> None:
    issue(live, person(9, "SSO"))
    assert end(live, person(9, "SSO"), "N1").answer_code == "ended"
    assert issue(live, person(9, "OIL")).answer_code == "granted"


def test_a_booklet_issued_again_under_its_number_holds_its_person_and_can_end_again(live: Settings) -> None:
    end(live, person(4, "SSO"), "B4")
    issue(live, person(9, "SSO"))
    end(live, person(9, "SSO"), "N1")
    for number, booklet_no in ((4, "B4"), (9, "N1")):
        assert issue(live, person(number, "SSO"), booklet_no).answer_code == "granted"
        assert check_booklet(live, person(number, "OIL"), TODAY).keeper_insurer_code == "SSO"
        assert issue(live, person(number, "OIL")).kind_code == "two_basic"
        assert end(live, person(number, "SSO"), booklet_no).answer_code == "ended"
        assert check_booklet(live, person(number, "OIL"), TODAY).answer_code == "free"


@pytest.mark.parametrize("change", ["is_under_review = true", "insurer_b = 'BANKS'"], ids=["under review", "of others"])
def test_C13_a_refusal_names_no_conflict_that_is_under_review_or_of_others(live: Settings, change: str) -> None:
    with connect(live) as connection:
        connection.execute("update cover.booklet set conflict_no = 3 where person_id = 3")
        connection.execute(f"update cover.conflict set {change}")
    assert issue(live, person(3, "SSO")) == Answer("refused", "two_basic", "IHIO-GOV", None, 1)


def test_C10_the_end_of_the_keeper_lets_the_blocked_booklet_hold_again(live: Settings) -> None:
    assert end(live, person(3, "IHIO-GOV"), "B3").answer_code == "ended"
    assert issue(live, person(3, "OIL")) == Answer("refused", "two_basic", "SSO", None, 2)


def test_refused_ends_are_kept_with_their_reason(live: Settings) -> None:
    assert end(live, person(4, "OIL"), "B4") == Answer("refused", "no_such_booklet", None, None, 1)
    assert end(live, Asked("SSO", "9999999999", date(1980, 1, 1)), "B4").kind_code == "unknown_to_registry"
    with connect(live) as connection:
        kept = connection.execute(
            "select act_code, state_code, person_id, kind_code, reason from cover.booklet_act"
        ).fetchall()
    assert kept == [
        ("refuse_end", "refused", 4, "no_such_booklet", "left the job"),
        ("refuse_end", "refused", None, "unknown_to_registry", "left the job"),
    ]


def test_an_act_knows_the_record_of_its_person_and_what_it_ends(live: Settings) -> None:
    told = """{"identity": {"feed": "sabt_persons", "record_key": "sabt_persons:4"}}"""
    with connect(live) as connection:
        connection.execute("update person.golden set provenance = %s where person_id = 4", (told,))
        connection.execute("insert into cover.booklet values (4, 'SSO', 'B4', '9999-01-01', '9999-12-31', 'contested')")
    end(live, person(4, "SSO"), "B4")
    issue(live, person(4, "OIL"))
    with connect(live) as connection:
        kept = connection.execute("select record_key, held_from_date from cover.booklet_act order by act_no").fetchall()
    assert kept == [("sabt_persons:4", date(9999, 1, 1)), ("sabt_persons:4", None)]


def test_only_insurers_of_basic_cover_are_asked_for(live: Settings) -> None:
    with pytest.raises(SettingsError):
        issue(live, person(9, "SUPP"))


def test_a_booklet_ends_after_it_begins(live: Settings) -> None:
    with pytest.raises(SettingsError):
        check_booklet(live, person(9, "SSO"), TODAY, TODAY)
    with pytest.raises(SettingsError):
        issue_booklet(live, person(9, "SSO"), "N1", TODAY, TODAY, acted_by="test")
    assert acts(live) == []


def test_an_insurer_acts_for_itself_only_and_sees_no_log(live: Settings) -> None:
    ensure_logins(live)
    with login(live, "OIL") as connection:
        for statement in (
            "select cover.issue_booklet('0000000009', '1980-01-10', 'SSO', 'N1', '2026-12-01')",
            "select cover.end_booklet('0000000004', '1980-01-05', 'SSO', 'B4', '2026-12-01', 'why')",
            "select cover.check_booklet('0000000009', '1980-01-10', 'SSO', '2026-12-01')",
            "select * from cover.booklet_act",
            "select cover.holding(9, '2026-12-01', '2026-12-02')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        for statement in (
            "select cover.check_booklet('0000000009', '1980-01-10', 'oil', '2026-12-01')",
            "select cover.check_booklet('0000000009', '1980-01-10', null, '2026-12-01')",
            "select cover.check_booklet('0000000009', null, 'OIL', '2026-12-01')",
            "select cover.check_booklet('0000000009', '1980-01-10', 'OIL', '2026-12-01', '2026-12-01')",
            "select cover.issue_booklet('0000000009', '1980-01-10', 'OIL', '', '2026-12-01')",
        ):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                connection.execute(statement)
        granted = connection.execute(
            "select * from cover.issue_booklet('0000000009', '1980-01-10', 'OIL', 'N1', '2026-12-01')"
        )
        assert granted.fetchall() == [("granted", None, None, None, 1)]


def test_C14_a_thousand_attempts_by_all_17_insurers_at_once_get_one_booklet(live: Settings) -> None:
    ensure_logins(live)
    codes = [code for code in sorted(insurers()) if password_of(live, insurer_login(code))]
    attempts = [codes[number % len(codes)] for number in range(1000)]
    for_nobody = sum(code not in basic_insurers() for code in attempts)
    assert (len(codes), for_nobody > 0) == (17, True)  # four give pensions or supplementary cover only

    def try_all(insurer_code: str) -> list[str]:
        with login(live, insurer_code) as connection:
            return [_tried(connection, insurer_code, number) for number in range(attempts.count(insurer_code))]

    with ThreadPoolExecutor(len(codes)) as pool:
        answers = Counter(answer for each in pool.map(try_all, codes) for answer in each)
    assert answers == {"granted": 1, "refused": 999 - for_nobody, "no basic insurer": for_nobody}


def _tried(connection: psycopg.Connection[tuple[Any, ...]], insurer_code: str, number: int) -> str:
    try:
        return str(connection.execute(ISSUE, (insurer_code, f"N{number}")).fetchall()[0][0])
    except psycopg.errors.InvalidParameterValue:
        return "no basic insurer"


def test_C14_no_night_and_nobody_else_puts_an_active_booklet_beside_an_issued_one(live: Settings) -> None:
    issue(live, person(9, "SSO"))
    statement = "insert into cover.booklet values (9, %s, %s, '2026-01-01', '9999-12-31', 'active')"
    with connect(live) as connection:
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute(statement, ("OIL", "X1"))
        connection.execute(statement, ("SSO", "N1"))


def test_a_night_takes_over_the_acts_that_it_knew_and_contests_later_ones_that_it_contradicts(
    settings: Settings, nation: TinyNation
) -> None:
    first = nation.make(Night())
    publish(settings, first)
    issue(settings, person(9, "SSO"))
    known = Night(spoil={"cover.booklet_act": "select * from made union all by name select 1 as act_no"})
    second = nation.make(known, first)
    issue(settings, person(19, "OIL"), "late")
    with connect(settings) as connection:
        connection.execute("update cover.booklet_act set person_id = 7 where booklet_no = 'late'")
    issue(settings, person(29, "OIL"), "free")
    publish(settings, second)
    assert acts(settings) == [
        ("issue", "taken_over", 9, "SSO"),
        ("issue", "contested", 7, "OIL"),
        ("issue", "in_force", 29, "OIL"),
    ]
    assert issue(settings, person(7, "BANKS")).kind_code == "two_basic"


def test_numbers_of_acts_that_a_night_knew_are_not_given_again_when_the_log_was_lost(
    settings: Settings, nation: TinyNation
) -> None:
    publish(
        settings, nation.make(Night(spoil={"cover.booklet_act": "select * from made union all by name select 7 as act_no"}))
    )
    assert issue(settings, person(9, "SSO")).act_no == 8


def test_a_night_is_told_of_acts_that_were_under_way_when_it_looked(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night())
    publish(settings, run)
    with connect(settings) as connection, ThreadPoolExecutor(1) as pool:
        with connection.transaction():
            connection.execute("select cover.issue_booklet('0000000009', '1980-01-10', 'SSO', 'N1', '2026-12-01')")
            issue(settings, person(19, "OIL"))
            told = pool.submit(export_acts, settings, run)
            with pytest.raises(TimeoutError):
                told.result(timeout=0.5)
        assert told.result(timeout=30) == 2


def test_an_act_goes_with_its_person_when_a_night_makes_two_persons_one(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    issue(settings, person(9, "SSO"))
    issue(settings, person(19, "OIL"))
    publish(settings, nation.make(Night(merged=((19, 9),)), first))
    assert acts(settings) == [("issue", "in_force", 9, "SSO"), ("issue", "contested", 9, "OIL")]


def test_the_shell_says_who_keeps_and_exits_by_the_answer(live: Settings) -> None:
    env = os.environ | {"DATABANK_HOME": str(live.home), "DATABANK_DATABASE_URL": str(live.database_url)}

    def shell(*arguments: str) -> tuple[int, str]:
        found = subprocess.run(
            [DATABANK, "booklet", *arguments],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout

    who: tuple[str, ...] = ("0000000003", "--birth-date", "1358/10/14", "--insurer", "SSO")
    code, said = shell("check", *who)
    assert (code, "Keeper: IHIO-GOV" in said, "Conflict number: 3" in said) == (1, True, True)
    who = ("0000000009", "--birth-date", "1980-01-10", "--insurer", "SSO", "--from", "1405/09/10")
    assert shell("issue", *who, "--booklet-no", "N1")[0] == 0
    assert shell("end", *who, "--booklet-no", "N1", "--reason", "left the job")[0] == 0
    assert [act[:2] for act in acts(live)] == [("issue", "ended"), ("end", "in_force")]


ISSUE = "select (cover.issue_booklet('0000000009', '1980-01-10', %s, %s, '2026-12-01')).answer_code"


def login(settings: Settings, insurer_code: str) -> psycopg.Connection[tuple[Any, ...]]:
    role = insurer_login(insurer_code)
    password = password_of(settings, role)
    assert password
    assert settings.database_url
    return psycopg.connect(make_conninfo(settings.database_url, user=role, password=password), autocommit=True)
