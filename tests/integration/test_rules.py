"""Rules under review on a real PostgreSQL: two persons, dated, effect shown before; nights judge by what was approved."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date

import psycopg
import pytest

from hub.errors import SettingsError
from hub.settings import Settings
from hub.steps import Step
from schemas.codes import OverlapRule, overlap_rules
from tests.integration.locks import until_somebody_waits
from tests.integration.tiny import Night, TinyNation
from tests.nation import DATABANK
from warehouse.database import connect
from warehouse.publish import publish
from warehouse.rule_effect import effect
from warehouse.rule_review import (
    amended,
    decide,
    export_rules,
    find_proposal,
    proposals,
    propose,
    rules_in_force,
    rules_version,
)

R2 = next(each for each in overlap_rules() if each.rule_code == "R2")
BEGINNING, END = date(1, 1, 1), date(9999, 12, 31)


def row(rule: OverlapRule, **changed: str) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in asdict(rule).items()} | changed


def proposed(settings: Settings, *, is_repeal: bool = False, **changed: str) -> int:
    return propose(settings, row(R2, **changed), is_repeal=is_repeal, reason="a new circular", proposed_by="A. Rad")


def approve(settings: Settings, number: int, decided_by: str = "S. Karimi") -> None:
    decide(settings, number, is_approved=True, reason="as the circular says", decided_by=decided_by)


def versions(settings: Settings) -> list[tuple[date, date, str]]:
    found = [each for each in rules_in_force(settings) if each.rule_code == "R2"]
    return [(each.from_date, each.to_date, each.outcome_code) for each in sorted(found, key=lambda each: each.from_date)]


def test_C05_a_change_counts_on_its_days_and_only_after_a_second_person_approved(settings: Settings) -> None:
    before = rules_version(settings)
    number = proposed(settings, outcome_code="choose", from_date="2026-03-21", to_date="2027-03-21")
    assert versions(settings) == [(BEGINNING, END, "block_b")]
    with pytest.raises(SettingsError, match="somebody other"):
        approve(settings, number, " a. rad")
    approve(settings, number)
    assert versions(settings) == [
        (BEGINNING, date(2026, 3, 21), "block_b"),
        (date(2026, 3, 21), date(2027, 3, 21), "choose"),
        (date(2027, 3, 21), END, "block_b"),
    ]
    assert rules_version(settings) != before
    repeal = proposed(settings, is_repeal=True, from_date="2026-09-01")
    approve(settings, repeal)
    assert versions(settings)[1:] == [(date(2026, 3, 21), date(2026, 9, 1), "choose")]
    assert [each.decided_by for each in proposals(settings)] == ["S. Karimi", "S. Karimi"]


def test_a_rejected_proposal_stays_on_record_and_out_of_force(settings: Settings) -> None:
    number = proposed(settings, outcome_code="choose")
    decide(settings, number, is_approved=False, reason="withdrawn", decided_by="S. Karimi")
    assert rules_in_force(settings) == overlap_rules()
    assert find_proposal(settings, number).decision_reason == "withdrawn"
    with pytest.raises(SettingsError, match="rejected already"):
        approve(settings, number)


def test_who_decides_a_moment_later_than_another_is_told(settings: Settings) -> None:
    number = proposed(settings, outcome_code="choose")
    rejecting = (
        "update cover.rule_proposal set decision_code = 'rejected', decided_by = 'B. Rad', decided_at = clock_timestamp(), "
        "decision_reason = 'withdrawn' where proposal_no = %s"
    )
    with connect(settings) as other, ThreadPoolExecutor(1) as pool:
        with other.transaction():
            other.execute(rejecting, (number,))
            later = pool.submit(approve, settings, number)
            until_somebody_waits(settings)
        with pytest.raises(SettingsError, match="already"):
            later.result()
    assert find_proposal(settings, number).decision_code == "rejected"


@pytest.mark.parametrize(
    "wrong", [{"insurer_a": "NOBODY"}, {"source": " "}, {"from_age_a": "old"}, {"to_date": "0001-01-01"}]
)
def test_a_wrong_rule_and_one_without_source_is_not_even_proposed(settings: Settings, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="Nothing was proposed"):
        proposed(settings, **wrong)
    assert proposals(settings) == []


def test_decisions_cannot_be_rewritten(settings: Settings) -> None:
    approve(settings, proposed(settings, outcome_code="choose"))
    for statement in (
        "update cover.rule_proposal set reason = 'another'",
        "update cover.rule_proposal set decided_by = 'A. Rad'",
        "delete from cover.rule_proposal",
    ):
        with connect(settings) as connection, pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement)


def test_the_effect_names_the_conflicts_that_would_be_judged_otherwise(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night())
    publish(settings, run)
    with run.runner(settings) as runner:
        both = [row[0] for row in runner.con.execute("select conflict_no from cover.conflict order by 1").fetchall()]
        runner.run(
            Step("person.review_pair", ("record_key_a",), "select '' as record_key_a, '' as record_key_b where false")
        )
    now = rules_in_force(settings)
    assert effect(settings, now, now) == []
    changed = replace(R2, outcome_code="choose", from_date=date(2026, 1, 1))
    moved = effect(
        settings, now, [*(each for each in now if each is not R2), replace(R2, to_date=date(2026, 1, 1)), changed]
    )
    assert [(each.insurer_a, each.insurer_b, each.before, each.after, each.conflict_nos) for each in moved] == [
        ("IHIO-GOV", "SSO", "block → IHIO-GOV", "choose", both)
    ]
    assert amended(now, []) == now


def test_a_night_judges_by_the_rules_that_were_in_force_when_it_opened(settings: Settings, nation: TinyNation) -> None:
    approve(settings, proposed(settings, outcome_code="choose"))
    run = nation.make(Night())
    (run.folder / "cover.rule.parquet").unlink()
    export_rules(settings, run)
    with run.runner(settings) as runner:
        told = runner.con.execute("select outcome_code, source from cover.rule where rule_code = 'R2'").fetchall()
    assert told == [("choose", R2.source)]


def test_the_shell_proposes_shows_and_approves(settings: Settings) -> None:
    env = os.environ | {"DATABANK_HOME": str(settings.home), "DATABANK_DATABASE_URL": str(settings.database_url)}

    def shell(*arguments: str) -> str:
        done = subprocess.run([DATABANK, "rules", *arguments], env=env, capture_output=True, text=True, check=True)
        return done.stdout

    who = ("--reason", "new age", "--by")
    shell("propose", "R7", "--set", "from_age_a=25", "--from", "1406/01/01", "--source", "circular 12", *who, "A. Rad")
    assert "R7" in shell("history", "--waiting")
    shell("approve", "1", "--yes", *who, "S. Karimi")
    sons = [each for each in json.loads(shell("list", "--json")) if each["rule_code"] == "R7"]
    assert [(each["from_age_a"], each["from_date"]) for each in sons] == [(22, "0001-01-01"), (25, "2027-03-21")]
    assert "circular 12" in shell("show", "R7")
