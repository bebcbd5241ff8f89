"""The night's pages: right to left, self-contained, the right figures, as a browser shows them."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from reports.pages import write_pages
from reports.persian import jalali_text, number
from tests.unit.reports.conftest import Night

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LINK = re.compile(r'(?:href|src)="([^"]+)"')


@pytest.fixture
def pages(told: Night) -> Path:
    """The pages' folder of the small night."""
    return told.settings.pages


def as_shown(page: Path) -> str:
    """The page's document after a browser has read it."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_browser_shows_the_figures_in_persian(pages: Path) -> None:
    shown = as_shown(pages / "index.html")
    assert 'lang="fa" dir="rtl"' in shown
    assert "۱۴۰۵/۰۸/۲۹" in shown
    assert "۱٬۲۳۴" in shown  # rows received from social security
    assert "۵٬۵۵۵" in shown  # of all deliveries
    assert "۲ روز پیش" in shown  # the government fund's delivery is two days old
    assert re.search(r"<b>۴</b><span>تعارض باز", shown)  # two_basic (2), same_insurer, deceased; not two_pensions
    assert "پوشش پس از درگذشت" in shown


def test_the_english_page_has_the_same_figures(pages: Path) -> None:
    text = (pages / "index.en.html").read_text(encoding="utf-8")
    assert 'lang="en" dir="ltr"' in text
    assert "2026-11-20" in text
    assert "5,555" in text
    assert re.search(r"<b>4</b><span>open conflicts", text)
    assert "Two booklets at one insurer" in text


def test_quality_shows_checks_outside_their_limits_and_what_waits(pages: Path) -> None:
    text = (pages / "quality.en.html").read_text(encoding="utf-8")
    assert "✕ 1 outside, of 3" in text
    assert "4.25" in text
    assert "31 % of rows in quarantine" in text
    assert "۴٫۲۵" in (pages / "quality.html").read_text(encoding="utf-8")
    assert "no results" in text  # the government fund's results are not on disk


def test_quality_says_limits_in_words(pages: Path) -> None:
    limits = [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'<td class="n">(.*?)</td>', row)][1]
        for row in re.findall(r"<tr[^>]*>.*?</tr>", (pages / "quality.en.html").read_text(encoding="utf-8"), re.DOTALL)
        if row.count('<td class="n">') == 2
    ]
    assert limits == ["below 3", "below 5", "at least 1"]
    persian = (pages / "quality.html").read_text(encoding="utf-8")
    assert "دست‌کم ۱<" in persian
    assert "زیر ۳<" in persian


def test_pages_need_no_network_and_every_link_leads_somewhere(pages: Path) -> None:
    for page in sorted(pages.glob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert "http://" not in text
        assert "https://" not in text
        assert "<script" not in text
        for target in LINK.findall(text):
            assert (page.parent / target).exists(), f"{page.name} leads to {target}"


def test_pages_hold_no_persons_value(pages: Path) -> None:
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        for value in ("0012345679", "۰۰۱۲۳۴۵۶۷۹", "محمدی", "G-10", "زهرا"):
            assert value not in text


def test_equal_nights_give_equal_pages(told: Night, pages: Path) -> None:
    before = {page.name: page.read_bytes() for page in pages.glob("*.html")}
    assert write_pages(told.settings, told.run) == pages / "index.html"
    assert {page.name: page.read_bytes() for page in pages.glob("*.html")} == before


def test_numbers_and_days_as_people_read_them() -> None:
    assert number(1234567, is_persian=True) == "۱٬۲۳۴٬۵۶۷"
    assert number(1234567, is_persian=False) == "1,234,567"
    assert jalali_text(date(2025, 3, 20)) == "1403/12/30"
    assert jalali_text(date(1, 1, 1)) == ""
