"""Offline pages of a night, Persian (right to left) and English: what came, who was linked, what conflicts, which returns.

Self-contained HTML without scripts and without anything from a network; figures and codes only, no person's value.
"""

from __future__ import annotations

import os
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.runs import Run
from hub.settings import Settings
from hub.storage import write_text
from reports.figures import NightFigures, night_figures
from reports.persian import jalali_text, number, persian_digits
from reports.quality import DeliveryQuality, delivery_quality
from reports.words import word
from schemas.codes import insurers
from schemas.contracts import load_feeds

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = {"fa": "", "en": ".en"}
PAGES = ("index", "quality")


def write_pages(settings: Settings, run: Run) -> Path:
    """Write the night's pages in both languages; an earlier night's pages are replaced.

    Returns:
        The Persian first page.
    """
    feeds = load_feeds(settings.contracts)
    figures = night_figures(settings, run, feeds)
    quality = delivery_quality(settings, figures.deliveries)
    for language, suffix in LANGUAGES.items():
        for page in PAGES:
            write_text(settings.pages / f"{page}{suffix}.html", _render(settings, run, figures, quality, page, language))
    return settings.pages / "index.html"


def _render(
    settings: Settings, run: Run, figures: NightFigures, quality: list[DeliveryQuality], page: str, language: str
) -> str:
    is_persian = language == "fa"
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        is_persian=is_persian,
        language=language,
        suffix=LANGUAGES[language],
        t=lambda fa, en: fa if is_persian else en,
        word=partial(word, is_persian=is_persian),
        insurer=partial(_insurer, is_persian=is_persian),
        link=partial(_link, settings.pages),
    )
    environment.filters.update(
        number=partial(number, is_persian=is_persian),
        percent=partial(_percent, is_persian=is_persian),
        day=partial(_day, is_persian=is_persian),
        digits=persian_digits if is_persian else str,
    )
    values: dict[str, Any] = {"run": run, "figures": figures, "quality": quality, "page": page}
    return environment.get_template(f"{page}.html").render(values)


def _day(day: date, *, is_persian: bool) -> str:
    return persian_digits(jalali_text(day)) if is_persian else day.isoformat()


def _percent(value: float | None, *, is_persian: bool) -> str:
    if value is None:
        return "–"
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return persian_digits(text.replace(",", "٬").replace(".", "٫")) if is_persian else text


def _insurer(code: str, *, is_persian: bool) -> str:
    known = insurers().get(code)
    return code if known is None else known.name_fa if is_persian else known.name_en


def _link(pages: Path, target: Path) -> str:
    return Path(os.path.relpath(target, pages)).as_posix()
