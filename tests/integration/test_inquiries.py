"""Inquiries at civil registration: a real SOAP server answers, refuses, tires and closes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.fetching import look
from connectors.inquiries import CLOSED, QUOTA_USED, Inquiries, inquire
from connectors.landing import land
from connectors.staging import stage
from hub.errors import WireDown, WireError, WireRefused
from hub.settings import Settings
from schemas.contracts import load_feed
from schemas.feed import Feed
from schemas.inquiries import CONTRACT, UNREADABLE, Question, class_of, error_classes
from schemas.jalali import TEHRAN
from tests.integration.oil import NIGHT
from tests.integration.staging_world import national_code as code
from tests.integration.wire_world import QUICK
from tests.servers.soap import SoapServer, soap_server

NOON = datetime(2026, 11, 20, 12, tzinfo=TEHRAN)
ALI: dict[str, Any] = {
    "nin": 13542419, "birthDate": 13520315, "name": "علی", "family": "احمدی", "fatherName": "رضا", "gender": 1,
    "shenasnameNo": 412, "shenasnameSeri": "الف۲۱", "deathStatus": 0, "deathDate": "0",
}  # fmt: skip
ASKED = [Question("0013542419", "13520315"), Question("0084575948", "13600101"), Question("0499370899", "13400509")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoapServer]:
    with soap_server(tmp_path_factory.mktemp("sabt")) as running:
        yield running


@dataclass
class Desk:
    """The databank's side."""

    settings: Settings
    feed: Feed
    server: SoapServer
    moment: datetime = NOON

    def ask(self, questions: list[Question] = ASKED) -> Inquiries:
        return inquire(self.settings, self.feed, questions, NIGHT, patience=QUICK, now=lambda: self.moment)

    def limited(self, **limits: object) -> None:
        assert self.feed.wire is not None
        self.feed = replace(self.feed, wire=replace(self.feed.wire, **limits))  # type: ignore[arg-type]

    def asked(self) -> list[str]:
        return [question["nin"] for question in self.server.questions()]


@pytest.fixture
def desk(server: SoapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("DATABANK_CONNECTION_SABT", json.dumps(server.access))
    server.knows({"0013542419": ALI})
    return Desk(Settings(home=tmp_path, memory="500MB", threads=1), load_feed(CONTRACT), server)


def rows_of(desk: Desk, done: Inquiries) -> dict[str, dict[str, Any]]:
    """The rows of the file that was delivered, by code."""
    assert done.delivery is not None
    text = (desk.settings.inbox / "sabt_inquiries" / done.delivery.file_name).read_text(encoding="utf-8")
    return {row["nin"]: row for row in map(json.loads, text.splitlines())}


def test_who_is_found_becomes_a_delivery_like_any_other(desk: Desk) -> None:
    done = desk.ask()
    assert done.answers == {"err.record.not.found": 2, "found": 1}
    assert (done.left, done.stopped) == (0, None)
    (landed,) = land(desk.settings, desk.feed, NIGHT)
    counts = stage(desk.settings, desk.feed, landed.delivery_id)
    assert (counts.received, counts.accepted) == (3, 3)


def test_names_are_words_and_codes_keep_their_zeros(desk: Desk) -> None:
    done = desk.ask()
    line = rows_of(desk, done)["0013542419"]
    assert (line["nin"], line["name"], line["family"], line["birthDate"]) == ("0013542419", "علی", "احمدی", "13520315")
    assert line["deathDate"] is None


def test_no_question_is_asked_twice(desk: Desk) -> None:
    desk.ask()
    desk.server.knows({"0013542419": ALI})
    assert desk.ask().answers == {}
    assert desk.asked() == []


@pytest.mark.parametrize("key", [key for key in error_classes() if class_of(key).startswith("business")])
def test_an_answer_about_the_code_is_kept_and_the_next_one_asked(desk: Desk, key: str) -> None:
    desk.server.knows({}, [key])
    done = desk.ask(ASKED[:2])
    assert done.answers[key] >= 1
    assert len(desk.asked()) == 2
    assert done.left == 0


@pytest.mark.parametrize("key", [key for key in error_classes() if class_of(key) == "quota_or_time_retry_later"])
def test_quota_and_closed_hours_stop_for_now_and_what_was_answered_is_delivered(desk: Desk, key: str) -> None:
    desk.server.knows({"0013542419": ALI, "0084575948": key})
    done = desk.ask()
    assert (done.stopped, done.left) == (key, 2)
    assert done.delivery is not None
    assert len(desk.asked()) == 2
    desk.server.knows({})
    assert desk.ask().left == 0, "the next time the rest is asked"


@pytest.mark.parametrize("key", [key for key in error_classes() if class_of(key) == "auth"])
def test_a_locked_or_unknown_user_stops_at_once(desk: Desk, key: str) -> None:
    desk.server.knows({}, [key])
    with pytest.raises(WireRefused, match=key):
        desk.ask()
    assert len(desk.asked()) == 1, "asking again would lock the user"


@pytest.mark.parametrize("key", [*(key for key in error_classes() if class_of(key) == "technical"), "something new"])
def test_trouble_of_the_service_is_worth_asking_again(desk: Desk, key: str) -> None:
    desk.server.knows({"0013542419": ALI}, [key])
    done = desk.ask(ASKED[:1])
    assert done.answers["found"] == 1
    assert len(desk.asked()) == 2


def test_an_error_key_in_a_fault_is_read_as_well(desk: Desk) -> None:
    desk.server.knows({}, ["fault:est.Exception: login.lock.user for علی"])
    with pytest.raises(WireRefused, match=r"login\.lock\.user") as caught:
        desk.ask()
    assert "علی" not in str(caught.value)


def test_a_service_that_keeps_failing_is_left_alone(desk: Desk) -> None:
    desk.server.knows({}, ["Error inPersonInfoReading"] * 99)
    with pytest.raises(WireDown, match="Error inPersonInfoReading"):
        desk.ask([Question(f"{number:010d}", "13600101") for number in range(1, 20)])
    assert len(desk.asked()) < 19


def test_our_own_quota_is_kept_over_several_sittings_of_a_day(desk: Desk) -> None:
    desk.limited(daily_quota=2)
    done = desk.ask()
    assert (done.stopped, done.left) == (QUOTA_USED, 1)
    assert desk.ask().answers == {}
    desk.moment = NOON.replace(day=21)
    assert desk.ask().left == 0


def test_asking_again_counts_against_our_quota_too(desk: Desk) -> None:
    desk.limited(daily_quota=2)
    desk.server.knows({}, ["Error inPersonInfoReading"] * 9)
    assert desk.ask().stopped == QUOTA_USED
    assert len(desk.asked()) == 2


def test_a_question_that_always_stops_the_service_does_not_keep_others_from_being_asked(desk: Desk) -> None:
    desk.server.knows({"0013542419": "inquiry.time.finished"})
    assert desk.ask().left == 3
    assert desk.ask().left == 1


@pytest.mark.parametrize("said", ["inquiry.unknown.search", "inquiry.inquiry.required", "fault:inquiry.required"])
def test_a_question_that_the_service_does_not_take_waits_for_people_and_the_next_is_asked(desk: Desk, said: str) -> None:
    desk.server.knows({}, [said])
    done = desk.ask()
    assert (done.left, done.stopped) == (0, None)
    assert rows_of(desk, done)["0013542419"]["answer"] == "not_asked"
    desk.moment = NOON + timedelta(days=31)
    desk.server.knows({"0013542419": ALI})
    assert desk.ask().answers == {"found": 1}, "after a month it is asked again"


def test_a_service_that_takes_none_of_our_questions_is_left_alone(desk: Desk) -> None:
    desk.server.knows({}, ["inquiry.unknown.search"] * 99)
    with pytest.raises(WireRefused, match="takes none of our questions"):
        desk.ask([Question(f"{number:010d}", "13600101") for number in range(1, 20)])
    assert len(desk.asked()) == 5


def test_what_is_wrong_with_a_code_is_delivered_beside_those_who_were_found(desk: Desk) -> None:
    desk.server.knows({"0013542419": ALI, "0084575948": "err.cancellation.nin", "0499370899": "result.rec.review"})
    done = desk.ask()
    rows = rows_of(desk, done)
    assert {code: row["answer"] for code, row in rows.items()} == {
        "0013542419": "found", "0084575948": "cancelled", "0499370899": "review",
    }  # fmt: skip
    assert (rows["0084575948"]["birthDate"], rows["0084575948"]["name"]) == ("13600101", None)
    (landed,) = land(desk.settings, desk.feed, NIGHT)
    assert stage(desk.settings, desk.feed, landed.delivery_id).accepted == 3


def test_D07_answers_that_grow_fast_and_find_nobody_are_not_held(desk: Desk) -> None:
    for count in (1, 40):
        desk.ask([ASKED[0], *(Question(code(number), "13600101") for number in range(1, count))])
        (landed,) = land(desk.settings, desk.feed, NIGHT)
        assert stage(desk.settings, desk.feed, landed.delivery_id).received == count


def test_fields_that_the_service_added_since_are_left_aside(desk: Desk) -> None:
    desk.server.knows({"0013542419": ALI | {"zipcode": "1234567890", "orphan": 1}})
    done = desk.ask(ASKED[:1])
    assert done.answers == {"found": 1}
    assert "zipcode" not in rows_of(desk, done)["0013542419"]


def test_an_answer_that_broke_off_is_no_answer(desk: Desk) -> None:
    desk.server.knows({"0013542419": ALI}, ["cut"])
    assert desk.ask(ASKED[:1]).answers == {"found": 1}
    assert len(desk.asked()) == 2


def test_outside_its_hours_the_service_is_not_asked(desk: Desk) -> None:
    desk.moment = NOON.replace(hour=23)
    done = desk.ask()
    assert (done.stopped, done.left, desk.asked()) == (CLOSED, 3, [])


def test_a_torn_last_line_of_the_log_is_asked_again(desk: Desk) -> None:
    desk.ask()
    log = desk.settings.home / "wires" / "sabt_inquiries" / "answers.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    desk.server.knows({"0013542419": ALI})
    assert desk.ask().left == 0
    assert desk.asked() == ["499370899"]
    assert len(log.read_text().splitlines()) == 3


def test_a_wrong_password_at_the_bus_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABANK_CONNECTION_SABT", json.dumps(desk.server.access | {"password": "wrong"}))
    with pytest.raises(WireRefused, match="401"):
        desk.ask()


@pytest.mark.parametrize(
    "wrong", [{"url": "no url"}, {"url": "http://sabt.example"}, {"url": "https://["}, {"ca": "nowhere"}]
)
def test_a_connection_that_cannot_be_right_is_told_as_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    monkeypatch.setenv("DATABANK_CONNECTION_SABT", json.dumps(desk.server.access | wrong))
    with pytest.raises(WireError):
        desk.ask()


def test_a_look_asks_about_nobody(desk: Desk) -> None:
    assert desk.feed.wire is not None
    assert look(desk.settings, desk.feed.wire) == "it answers (status 405)"
    assert desk.asked() == []


def test_a_look_tells_who_is_not_let_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.feed.wire is not None
    monkeypatch.setenv("DATABANK_CONNECTION_SABT", json.dumps(desk.server.access | {"password": "wrong"}))
    with pytest.raises(WireRefused, match="401"):
        look(desk.settings, desk.feed.wire)


def test_a_value_that_cannot_be_read_is_neither_left_out_nor_told(
    desk: Desk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    desk.server.knows({"0013542419": ALI | {"shenasnameNo": "41a"}})
    done = desk.ask(ASKED[:1])
    assert (done.answers, done.left, done.delivery) == ({UNREADABLE: QUICK.attempts}, 1, None)
    assert "41a" not in "".join(capfd.readouterr()) + caplog.text


def test_all_twenty_error_classes_are_known() -> None:
    assert len(error_classes()) == 20
    assert {class_of(key) for key in error_classes()} == {
        "business_final", "business_review", "question", "quota_or_time_retry_later", "auth", "technical",
    }  # fmt: skip
