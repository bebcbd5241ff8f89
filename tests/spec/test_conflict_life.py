"""The life of a conflict: opened, reported once per change, answered, overdue, resolved, reopened; its history stays."""

from __future__ import annotations

from datetime import timedelta

from tests.spec.cover_world import given_cover, judge
from tests.tables import World
from warehouse import life

HEADER = "record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date | to_date"
BOTH = f"""
    {HEADER}
    gov:1 | P1 | IHIO-GOV | basic | G1 | 2026-01-01 | 9999-12-31
    sso:1 | P1 | SSO      | basic | S1 | 2020-01-01 | 9999-12-31
"""
ONE = f"""
    {HEADER}
    gov:1 | P1 | IHIO-GOV | basic | G1 | 2026-01-01 | 9999-12-31
"""
CHOICE = BOTH.replace("sso:1", "afm:1").replace("SSO     ", "AFMSIO  ")
ANSWERS = "record_key | line_no | conflict_no | insurer_code | answer_code | told_date | dispute_reason | agency"
STAGE = "stage_code | reported_date | due_date | is_overdue | event_count"
OWN = [("afmsio", "AFMSIO"), ("ihio", "IHIO-GOV"), ("ihio", "IHIO-RUR"), ("sso", "SSO")]


def night(world: World, covers: str = BOTH, *answers: str, is_reviewed: bool = False) -> None:
    """A night; ``answers``: all that insurers' deliveries tell by now."""
    reviewed = "record_key_a | record_key_b | reason_code\nhome:9 | sso:1 | margin"
    review = {"person__review_pair": reviewed} if is_reviewed else {}
    given_cover(world, covers, person__crosswalk="record_key | person_id\ngov:1 | P1\nsso:1 | P1\nafm:1 | P1", **review)
    world.given("staging.answers", "\n".join((ANSWERS, *answers)))
    rows = "select *, 'd' as since_delivery_id from staging.answers"
    judge(world, None, life.answer(rows, OWN, world.run.business_date))


def test_C11_a_conflict_is_opened_and_reported_once(world: World) -> None:
    night(world)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-20 | 2026-12-20 | false | 2")
    world.next_night()
    night(world)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-20 | 2026-12-20 | false | 2")
    world.then(
        "cover.conflict_event",
        """
        conflict_no | event_no | event_code | cause_code | business_date | run_id
        1           | 1        | opened     | found      | 2026-11-20    | 2026-11-20-spec
        1           | 2        | reported   | return     | 2026-11-20    | 2026-11-20-spec
        """,
    )


def test_C11_each_change_is_reported_and_the_history_tells_why(world: World) -> None:
    night(world)
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"))
    world.next_night()
    night(world, ONE)
    world.then("cover.conflict", f"{STAGE}\nresolved | 2026-11-22 | | false | 6")
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"))
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-23 | 2026-12-23 | false | 8")
    world.then(
        "cover.conflict_event",
        """
        event_no | event_code | cause_code   | business_date
        1        | opened     | found        | 2026-11-20
        2        | reported   | return       | 2026-11-20
        3        | changed    | days         | 2026-11-21
        4        | reported   | return       | 2026-11-21
        5        | resolved   | record_ended | 2026-11-22
        6        | reported   | return       | 2026-11-22
        7        | reopened   | found_again  | 2026-11-23
        8        | reported   | return       | 2026-11-23
        """,
    )


def test_C13_what_is_under_review_is_opened_and_reported_only_when_people_have_decided(world: World) -> None:
    night(world, is_reviewed=True)
    world.then("cover.conflict", f"{STAGE}\nopened | | | false | 1")
    world.next_night()
    night(world)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-21 | 2026-12-21 | false | 3")
    world.then(
        "cover.conflict_event",
        "event_no | event_code | cause_code\n1 | opened | found\n2 | changed | review\n3 | reported | return",
    )


def test_C13_a_conflict_that_was_never_reported_ends_unreported(world: World) -> None:
    night(world, is_reviewed=True)
    world.next_night()
    night(world, ONE)
    world.then("cover.conflict", f"{STAGE}\nresolved | | | false | 2")


def test_C12_the_answer_of_whose_booklet_is_blocked_moves_the_conflict(world: World) -> None:
    night(world)
    world.next_night()
    agreed = "sso_answers:1 | 2 | 1 | SSO | agree | 2026-11-20 | | sso"
    night(world, BOTH, agreed)
    world.then(
        "cover.conflict_answer", "feed | line_no | verdict_code | answered_date\nsso_answers | 2 | taken | 2026-11-21"
    )
    world.then("cover.conflict", f"{STAGE}\nanswered | 2026-11-20 | 2026-12-21 | false | 3")
    world.next_night()
    night(world, BOTH, agreed)
    world.then("cover.conflict", f"{STAGE}\nanswered | 2026-11-20 | 2026-12-21 | false | 3")
    world.next_night()
    night(world, ONE, agreed)
    world.then(
        "cover.conflict_event",
        """
        event_no | event_code | cause_code | insurer_code | answer_code
        1        | opened     | found      |              |
        2        | reported   | return     |              |
        3        | answered   | agree      | SSO          | agree
        4        | resolved   | agreed     |              |
        5        | reported   | return     |              |
        """,
    )


def test_C12_where_both_insurers_must_act_both_answer_and_a_dispute_waits_for_people(world: World) -> None:
    night(world, CHOICE)
    world.next_night()
    one = "afmsio_answers:1 | 2 | 1 | AFMSIO | already_cancelled | 2026-11-20 | | afmsio"
    night(world, CHOICE, one)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-20 | 2026-12-20 | false | 3")
    world.next_night()
    night(world, CHOICE, one, "ihio_answers:1 | 2 | 1 | IHIO-GOV | dispute | 2026-11-20 | by decree | ihio")
    world.then("cover.conflict", f"{STAGE}\nanswered | 2026-11-20 | | false | 4")


def test_C12_answers_that_do_not_count_are_refused_with_a_reason(world: World) -> None:
    night(world)
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"))
    world.next_night()
    night(
        world,
        BOTH.replace("2026-01-01", "2026-02-01"),
        "oil_answers:1 | 2 | 1  | IHIO-RUR | agree   | 2026-11-21 | | ihio",
        "oil_answers:2 | 3 | 1  | SSO      | agree   | 2026-11-21 | | ihio",
        "sso_answers:1 | 2 | 99 | SSO      | agree   | 2026-11-21 | | sso",
        "sso_answers:2 | 3 | 1  | SSO      | agree   | 2026-11-20 | | sso",
        "sso_answers:3 | 4 | 1  | SSO      | dispute | 2026-11-21 | | sso",
    )
    world.then(
        "cover.conflict_answer",
        """
        record_key    | verdict_code
        oil_answers:1 | not_yours
        oil_answers:2 | not_yours
        sso_answers:1 | unknown_number
        sso_answers:2 | stale
        sso_answers:3 | no_reason
        """,
    )
    world.then("cover.conflict", "stage_code | event_count\nreported | 4")


def test_C12_an_answer_counts_until_the_conflict_changes_and_is_gone_with_its_delivery(world: World) -> None:
    agreed = "sso_answers:1 | 2 | 1 | SSO | agree | 2026-11-20 | | sso"
    night(world)
    world.next_night()
    night(world, BOTH, agreed)
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"), agreed)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-22 | 2026-12-22 | false | 5")
    world.then("cover.conflict_answer", "verdict_code | answered_date\ntaken | 2026-11-21")
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"))
    world.then("cover.conflict_answer", "record_key")
    world.then("cover.conflict", "stage_code\nreported")


def test_C12_what_was_agreed_to_before_the_conflict_changed_does_not_explain_its_end(world: World) -> None:
    agreed = "sso_answers:1 | 2 | 1 | SSO | agree | 2026-11-20 | | sso"
    night(world)
    world.next_night()
    night(world, BOTH.replace("2026-01-01", "2026-02-01"), agreed)
    world.next_night()
    night(world, ONE, agreed)
    world.then(
        "cover.conflict_event",
        """
        event_no | event_code | cause_code
        1        | opened     | found
        2        | reported   | return
        3        | answered   | agree
        4        | changed    | days
        5        | reported   | return
        6        | resolved   | record_ended
        7        | reported   | return
        """,
    )


def test_C11_a_conflict_that_nobody_answers_is_overdue_once(world: World) -> None:
    night(world)
    world.next_night(timedelta(days=30))
    night(world)
    world.then("cover.conflict", f"{STAGE}\nreported | 2026-11-20 | 2026-12-20 | true | 3")
    world.next_night()
    night(world)
    world.then("cover.conflict", "stage_code | is_overdue | event_count\nreported | true | 3")
    world.then(
        "cover.conflict_event",
        """
        event_no | event_code | cause_code | business_date
        1        | opened     | found      | 2026-11-20
        2        | reported   | return     | 2026-11-20
        3        | overdue    | deadline   | 2026-12-20
        """,
    )
