"""A database that was changed by hand: the next night refuses to build on it; `--whole` brings back what nights wrote."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta

import pytest

from hub.errors import PublishError
from hub.runs import Run
from hub.settings import Settings
from tests.integration.tiny import Night, TinyNation
from warehouse.changes import published_tables
from warehouse.database import connect
from warehouse.identity_log import LogMending
from warehouse.publish import Manner, PublishCounts, publish
from warehouse.runs import live_run_id

WHOLE = Manner(is_whole=True)
TABLES = (*(table.name for table in published_tables()), "ops.step")


@dataclass
class Published:
    """Nights that went live one after the other, and hands on the database."""

    settings: Settings
    nation: TinyNation
    runs: list[Run]

    def next(self, **changed: frozenset[int]) -> Run:
        """The folder of a further night."""
        return self.nation.make(Night(**changed), self.runs[-1] if self.runs else None)

    def publish(self, run: Run) -> None:
        publish(self.settings, run)
        self.runs.append(run)

    def whole(self) -> PublishCounts:
        return publish(self.settings, self.runs[-1], manner=WHOLE)

    def by_hand(self, *statements: str) -> None:
        with connect(self.settings) as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount, statement

    def hashes(self) -> dict[str, str]:
        """One hash a table, over every row and column, the moments of the log included.

        Since when a period is known is left out: one that was gone meanwhile is believed anew.
        """
        with connect(self.settings) as connection:
            return {
                table: connection.execute(
                    f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) "
                    f"from (select to_jsonb(t) - 'known_from' as t from {table} as t) as told"
                ).fetchall()[0][0]
                for table in TABLES
            }


@pytest.fixture
def published(settings: Settings, nation: TinyNation) -> Published:
    """A first night and a second one, in which two persons were renamed."""
    published = Published(settings, nation, [])
    published.publish(published.next())
    published.publish(published.next(renamed=frozenset({4, 9})))
    return published


def test_tables_changed_by_hand_are_as_before(published: Published) -> None:
    before = published.hashes()
    published.by_hand(
        "delete from person.golden where person_id in (4, 5)",
        "update person.golden set surname = 'x' where person_id = 6",
        "update person.crosswalk set person_id = 7 where record_key = 'sso_members:8'",
        "delete from cover.period",
        "delete from cover.booklet where status_code = 'active' and person_id = 3",
        "insert into cover.conflict (conflict_no, kind_code) values (999, 'two_basic')",
        "update mart.night set person_count = 1",
        "delete from ops.ledger",
        f"delete from ops.step where run_id = '{published.runs[-1].run_id}'",
    )
    following = published.next(renamed=frozenset({4}))
    with pytest.raises(PublishError, match="in the database is not what the live run left") as refused:
        publish(published.settings, following)
    assert "--whole" in refused.value.hint
    done = published.whole()
    assert (done.is_repeat, done.log) == (False, LogMending())
    assert published.hashes() == before


def test_the_next_night_publishes_ordinarily_after_a_repair(published: Published) -> None:
    published.by_hand("delete from person.golden where person_id = 5")
    following = published.next(renamed=frozenset({5}))
    with pytest.raises(PublishError):
        publish(published.settings, following)
    published.whole()
    assert publish(published.settings, following).tables["person.golden"].removed == 3
    assert live_run_id(published.settings) == following.run_id


def test_rows_in_the_way_of_the_next_night_are_named_as_changed_by_hand(published: Published) -> None:
    published.by_hand("insert into person.review_pair values ('a:1', 'b:2', 1, 'margin')")
    published.by_hand("insert into person.identity_event (event_no, run_id, event_code) values (100000, 'nobody', 'mint')")
    published.nation.known, published.nation.events = 60, 99_900
    following = published.nation.make(Night(persons=100), published.runs[-1])
    with pytest.raises(PublishError, match=r"person\.identity_event in the database is not .* in the way") as refused:
        publish(published.settings, following)
    assert "--whole" in refused.value.hint


@pytest.mark.parametrize("nights", [1, 2])
def test_the_log_is_left_alone_where_it_is_sound(nights: int, settings: Settings, nation: TinyNation) -> None:
    """Also when the live run is the first one: each row keeps its moment and is not even written again."""
    published = Published(settings, nation, [])
    for number in range(nights):
        published.publish(published.next(renamed=frozenset({number})))
    said = "select event_no, committed_at, xmin::text from person.identity_event order by 1"
    with connect(settings) as connection:
        before = connection.execute(said).fetchall()
    assert published.whole().log == LogMending()
    with connect(settings) as connection:
        assert connection.execute(said).fetchall() == before
    assert len(before) == 180


def test_rows_of_the_log_come_back_with_the_moment_of_their_night(published: Published) -> None:
    before = published.hashes()["person.identity_event"]
    published.by_hand(
        "delete from person.identity_event where event_no in (3, 60, 61)",
        "update person.identity_event set person_id = 1 where event_no = 8",
        "update person.identity_event set committed_at = now() where event_no = 9",
        "insert into person.identity_event (event_no, run_id, event_code) values (5000, 'nobody', 'mint')",
    )
    assert published.whole().log == LogMending(restored=3, rewritten=2, removed=1)
    assert published.hashes()["person.identity_event"] == before
    assert published.whole().log == LogMending()


def test_rows_of_nights_whose_folders_are_gone_are_left_and_counted(published: Published) -> None:
    published.publish(published.next(renamed=frozenset({1})))
    before = published.hashes()["person.identity_event"]
    shutil.rmtree(published.runs[0].folder)
    published.by_hand("insert into person.identity_event (event_no, run_id, event_code) values (5000, 'nobody', 'mint')")
    assert published.whole().log == LogMending(removed=1, unproven=180)
    assert published.hashes()["person.identity_event"] == before


def test_an_altered_run_folder_repairs_nothing(published: Published) -> None:
    """The audit holds for repairs too: what is wrong in the folder does not reach the database."""
    before = published.hashes()
    published.runs[-1].table("cover.booklet").unlink()
    with pytest.raises(PublishError, match=r"lacks cover\.booklet"):
        published.whole()
    assert published.hashes() == before


def test_a_night_written_whole_mends_the_log_of_the_nights_before(published: Published) -> None:
    published.by_hand("delete from person.identity_event where event_no = 3")
    following = published.next(renamed=frozenset({2}))
    done = publish(published.settings, following, manner=WHOLE)
    assert done.log == LogMending(restored=1)
    assert live_run_id(published.settings) == following.run_id
    assert following.business_date - published.runs[0].business_date == timedelta(days=2)
