"""Cover in two times: what a night said stays known after a later night says otherwise, on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from hub import postgres
from hub.errors import InquiryError, PublishError
from hub.runs import Run
from hub.settings import Settings
from tests.integration.conftest import fresh_database
from tests.integration.tiny import Night, TinyNation
from tests.nation import DATABANK
from warehouse.database import connect
from warehouse.history import cover_at
from warehouse.publish import Manner, publish

DAY = date(2026, 11, 20)
ENDED = "select * replace (if(person_id = 4, date '2026-11-01', to_date) as to_date) from made"
GONE = "select * from made where person_id <> 4"
Told = list[tuple[str, date, date]]


@dataclass
class Nights:
    """Nights of a tiny nation that go live one after the other, each with the moment just after it."""

    settings: Settings
    nation: TinyNation
    runs: list[Run] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    def go(self, period: str = "select * from made", merged: tuple[tuple[int, int], ...] = ()) -> None:
        """A further night whose cover periods are these."""
        run = self.nation.make(Night(merged=merged, spoil={"cover.period": period}), self.runs[-1] if self.runs else None)
        publish(self.settings, run)
        self.runs.append(run)
        self.moments.append(datetime.now(UTC))

    def told(self, person: int | str, night: int | None = None, day: date = DAY) -> Told:
        """Insurer and days of a person's cover on a day, as known after a night; now without one."""
        moment = None if night is None else self.moments[night]
        found = cover_at(self.settings, str(person), day, moment)
        return [(each.insurer_code, each.from_date, each.to_date) for each in found]

    def history(self) -> list[tuple[object, ...]]:
        """Every belief about person 4, oldest first."""
        with connect(self.settings) as connection:
            return connection.execute(
                "select to_date, known_from, known_to from cover.former_period where person_id = 4 union all "
                "select to_date, known_from, null from cover.period where person_id = 4 order by known_from"
            ).fetchall()


OPEN: Told = [("SSO", date(2020, 1, 1), date(9999, 12, 31))]
ENDED_DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def nights(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Six nights: person 4 is covered, its cover ended long ago, once more so, is gone, is back; then 5 becomes 4."""
    with fresh_database(server, tmp_path_factory.mktemp("history")) as settings:
        found = Nights(settings, TinyNation(settings))
        for period in ("select * from made", ENDED, ENDED, GONE, "select * from made"):
            found.go(period)
        found.go("select * replace (if(person_id = 4, 'B5', booklet_no) as booklet_no) from made", merged=((5, 4),))
        yield found


def test_a_late_correction_does_not_change_what_was_believed(nights: Nights) -> None:
    assert nights.told(4, 0) == OPEN
    assert nights.told(4, 1) == []
    assert nights.told(4, 1, date(2026, 10, 31)) == [("SSO", date(2020, 1, 1), ENDED_DAY)]
    assert nights.told(4, 3, date(2026, 10, 31)) == []
    assert nights.told(4, 4) == nights.told(4) == OPEN


def test_beliefs_bear_the_moments_at_which_nights_went_live(nights: Nights) -> None:
    with connect(nights.settings) as connection:
        lived = [row[0] for row in connection.execute("select published_at from ops.run order by published_at").fetchall()]
    assert nights.history() == [
        (date(9999, 12, 31), lived[0], lived[1]),
        (ENDED_DAY, lived[1], lived[3]),
        (date(9999, 12, 31), lived[4], lived[5]),
        (date(9999, 12, 31), lived[5], None),
    ]


def test_nothing_is_known_of_who_was_not_minted_yet(nights: Nights) -> None:
    for person, moment in (
        ("4", datetime(2026, 1, 1, tzinfo=UTC)),
        ("9999", None),
        ("9" * 30, None),
        ("sso_members:9999", None),
    ):
        with pytest.raises(InquiryError):
            cover_at(nights.settings, person, DAY, moment)


def test_a_merged_person_is_followed_and_was_another_one_before(nights: Nights) -> None:
    def booklets(moment: datetime | None) -> list[tuple[int, str]]:
        return [(each.held_by_person_id, each.booklet_no) for each in cover_at(nights.settings, "5", DAY, moment)]

    assert booklets(None) == [(4, "B5")]
    assert booklets(nights.moments[4]) == [(5, "B5")]


def test_a_record_key_stands_for_its_person(nights: Nights) -> None:
    assert nights.told("sso_members:5") == nights.told(4)


def test_the_shell_says_who_covered_on_a_day_as_known_then(nights: Nights) -> None:
    env = os.environ | {
        "DATABANK_HOME": str(nights.settings.home),
        "DATABANK_DATABASE_URL": str(nights.settings.database_url),
    }
    asked = [DATABANK, "cover", "4", "--day", "1405/08/29", "--known-at", nights.moments[0].isoformat(), "--json"]
    found = json.loads(subprocess.run(asked, env=env, capture_output=True, text=True, check=True).stdout)
    assert [(each["insurer_code"], each["from_date"]) for each in found] == [("SSO", "2020-01-01")]
    assert found[0]["known_to"] > found[0]["known_from"]


def test_whole_keeps_beliefs_and_remembers_what_was_changed_by_hand(nights: Nights) -> None:
    before = nights.history()
    with connect(nights.settings) as connection:
        connection.execute("update cover.period set insurer_code = 'OIL' where person_id = 7")
        connection.execute("delete from cover.period where person_id = 8")
    publish(nights.settings, nights.runs[-1], manner=Manner(is_whole=True))
    assert nights.history() == before
    assert nights.told(7) == nights.told(8) == OPEN
    with connect(nights.settings) as connection:
        former = connection.execute(
            "select person_id, insurer_code from cover.former_period where person_id > 6 order by person_id, known_from"
        ).fetchall()
    assert former == [(7, "SSO"), (7, "OIL"), (8, "SSO")]


def test_a_night_that_breaks_off_leaves_no_belief(nights: Nights) -> None:
    before = nights.history()
    run = nights.nation.make(Night(merged=((5, 4),), spoil={"cover.period": GONE}), nights.runs[-1])
    with connect(nights.settings) as connection:
        connection.execute("delete from mart.night")  # written after the periods: the publish breaks off there
    with pytest.raises(PublishError):
        publish(nights.settings, run)
    assert nights.history() == before
