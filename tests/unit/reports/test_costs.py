"""What overlaps cost and how insurers deal with their conflicts, as pages show it."""

from __future__ import annotations

import re

import pytest

from hub.storage import write_json
from reports.insurer_scores import insurer_cards
from tests.unit.reports.conftest import Night
from tests.unit.reports.test_pages import LINK
from warehouse.scores import insurer_scores


def page(told: Night, name: str) -> str:
    return (told.settings.pages / name).read_text(encoding="utf-8")


def test_costs_are_sums_of_the_marts_rows(told: Night) -> None:
    english, persian = page(told, "costs.en.html"), page(told, "costs.html")
    assert re.search(r"<b>36</b><span>million rials</span><small>in 2 months", english)
    assert re.search(r"<b>14</b><span>million rials</span><small>this month", english)
    assert re.search(r"<b>37</b><span>persons", english)
    assert '<td class="n">۳۳</td>' in persian  # the government fund against social security, both months
    assert "۱۴۰۵/۰۸" in persian
    assert "716,000" in english


def test_P02_what_was_drawn_together_is_named_so_and_comes_last(told: Night) -> None:
    labels = re.findall(r'class="label">([^<]+)<', page(told, "costs.en.html"))
    assert labels[-2:] == ["Tehran", "Other"]


def test_each_insurer_has_a_scorecard(told: Night) -> None:
    listed = page(told, "insurers.html")
    assert "سازمان تأمین اجتماعی" in listed
    assert re.search(r"<b>۲</b><span>باز", page(told, "insurers/SSO.html"))
    assert re.search(r"<b>2</b><span>Open", page(told, "insurers/SSO.en.html"))
    summary = (told.folder("SSO") / "summary.en.html").read_text(encoding="utf-8")
    assert "Your scorecard up to tonight" in summary


def test_scorecards_look_back_over_nights(night: Night) -> None:
    first = night.run
    facts = {"run_id": first.run_id, "business_date": "2026-11-20", "inputs_hash": "", "base_run_id": None, "inputs": {}}
    write_json(first.folder / "manifest.json", facts)
    night.world.next_night()
    night.world.given("cover.conflict_answer", "record_key")
    night.world.given("cover.conflict_kind", "kind_code | told\ntwo_basic | sides")
    night.world.given(
        "cover.conflict",
        "conflict_no | kind_code | insurer_a | insurer_b | status_code | reopened_count\n"
        "1 | two_basic | IHIO-GOV | SSO | resolved | 0",
    )
    night.world.when(insurer_scores(night.world.run.business_date))
    cards = {card.insurer_code: card for card in insurer_cards(night.settings, night.world.run)}
    assert [(point.day.day, point.value) for point in cards["SSO"].series("open")] == [(20, 2), (21, 0)]
    assert [point.value for point in cards["SSO"].series("resolved")] == [0, 1]


@pytest.mark.parametrize("name", ["costs.html", "insurers.html", "insurers/SSO.html", "insurers/SSO.en.html"])
def test_pages_need_no_network_name_nobody_and_lead_somewhere(told: Night, name: str) -> None:
    text, folder = page(told, name), (told.settings.pages / name).parent
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    for target in LINK.findall(text):
        assert (folder / target).exists(), f"{name} leads to {target}"
    for value in ("0012345679", "محمدی", "G-10", "زهرا"):
        assert value not in text
