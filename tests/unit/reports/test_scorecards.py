"""Scorecards of feeds over nights: figures, days without a delivery, and deliveries that are not in use."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.storage import write_json
from reports.scorecards import Scorecard, late_hours, scorecards, write_scorecards
from schemas.contracts import load_feeds
from tests.unit.reports.conftest import Night

NAMES = ("ihio_gov", "oil", "sso_members")


@pytest.fixture
def cards(told: Night) -> dict[str, Scorecard]:
    feeds = [feed for feed in load_feeds(told.settings.contracts) if feed.name in NAMES]
    return {card.feed: card for card in scorecards(told.settings, told.run, feeds)}


def page(night: Night, name: str) -> str:
    return (night.settings.pages / name).read_text(encoding="utf-8")


def test_figures_of_the_newest_delivery(cards: dict[str, Scorecard]) -> None:
    newest = cards["sso_members"].newest
    assert (newest.received, newest.fill_percent, newest.valid_percent, newest.quarantined_percent) == (1234, 98, 99.5, 2.75)
    assert cards["sso_members"].linked_percent == 98.15
    assert newest.late_hours == 1.5  # due at 22:30 in Tehran, which is 19:00 UTC


def test_D03_a_late_delivery_is_shown_and_marked(told: Night, cards: dict[str, Scorecard]) -> None:
    late = cards["sso_members"].deliveries[0]
    assert (late.business_date, late.state_code) == (date(2026, 11, 18), "late")
    assert [point.is_marked for point in cards["sso_members"].series("received")] == [True, False]
    assert "دیررسیده" in page(told, "scorecards/sso_members.html")
    assert 'class="unused"' in page(told, "scorecards/sso_members.html")


def test_D12_a_night_without_a_new_delivery_is_counted(told: Night, cards: dict[str, Scorecard]) -> None:
    assert cards["ihio_gov"].missed_nights == 1
    assert "۱ شب بی‌تحویل تازه" in page(told, "scorecards/ihio_gov.html")
    assert "1 nights without a new delivery" in page(told, "scorecards/ihio_gov.en.html")


def test_D07_what_is_held_is_told_with_its_reason(told: Night) -> None:
    assert "31 % of rows in quarantine" in page(told, "scorecards/oil.html")


def test_D13_a_retracted_delivery_is_shown_as_such(night: Night) -> None:
    night.world.given(
        "ops.delivery",
        """
        delivery_id            | feed        | business_date | file_name | state_code | reason
        sso_members-2026-11-20 | sso_members | 2026-11-20    | a.csv     | retracted  | numbers of other people
        """,
    )
    write_scorecards(night.settings, night.run, load_feeds(night.settings.contracts))
    shown = page(night, "scorecards/sso_members.html")
    assert "پس‌گرفته" in shown
    assert "numbers of other people" in shown


def test_earlier_nights_are_read_from_the_runs_below(night: Night, tmp_path: Path) -> None:
    """A run's folder names the run that it built on; of two runs of one date the later counts."""
    for run_id, base, day, ratio in (("r1", None, "2026-11-18", 0.5), ("r2", "r1", "2026-11-19", 0.75)):
        folder = night.settings.runs / run_id
        folder.mkdir(parents=True)
        write_json(
            folder / "manifest.json",
            {"run_id": run_id, "business_date": day, "inputs_hash": "", "base_run_id": base, "inputs": {}},
        )
        night.world.con.execute(
            f"copy (select 'sso_members' as feed, {ratio} as linked_ratio, 0 as as_of_days, date '{day}' as as_of_date) "
            f"to '{folder / 'mart.feed_quality.parquet'}' (format parquet)"
        )
    run = replace(night.run, base_run_id="r2")
    feeds = [feed for feed in load_feeds(night.settings.contracts) if feed.name == "sso_members"]
    [card] = scorecards(night.settings, run, feeds)
    assert [(str(point.day), point.value) for point in card.links] == [
        ("2026-11-18", 50.0),
        ("2026-11-19", 75.0),
        ("2026-11-20", 98.15),
    ]


def test_pages_need_no_network_and_every_link_leads_somewhere(told: Night) -> None:
    for path in (told.settings.pages / "scorecards").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
        for target in re.findall(r'href="([^"#]+)"', text):
            assert (path.parent / target).exists(), target


def test_lateness_is_counted_from_the_time_of_day_that_is_agreed() -> None:
    landed = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert late_hours(date(2026, 11, 20), landed, "22:30+03:30") == 6.0
    assert late_hours(date(2026, 11, 21), landed, "22:30+03:30") == -18.0
    assert late_hours(date(2026, 11, 20), landed, None) is None
