"""Templates of the offline pages: Persian (right to left) and English, numbers and days as each language reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.persian import jalali_text, number, persian_digits
from reports.words import word
from schemas.codes import Insurer, Province, insurers, provinces

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = {"fa": "", "en": ".en"}
LEAST_IN_PERCENT = 1e-6  # a smaller probability is written with its power of ten


def render(template: str, language: str, folder: Path, values: Mapping[str, Any]) -> str:
    """One page in one language.

    Args:
        folder: where the page will lie; its links are relative to it.
    """
    return _environment(language).get_template(f"{template}.html").render({**values, "link": partial(_link, folder)})


@cache
def _environment(language: str) -> Environment:
    """Templates of one language; making and compiling them takes far longer than filling them in."""
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
        insurer=partial(_named, insurers(), is_persian=is_persian),
        province=partial(_named, provinces(), is_persian=is_persian),
    )
    environment.filters.update(
        number=partial(number, is_persian=is_persian),
        percent=partial(_percent, is_persian=is_persian),
        day=partial(_day, is_persian=is_persian),
        bits=partial(_bits, is_persian=is_persian),
        share=partial(_share, is_persian=is_persian),
        ratio=partial(_ratio, is_persian=is_persian),
        signed=partial(_signed, is_persian=is_persian),
        digits=persian_digits if is_persian else str,
    )
    return environment


def _day(day: date, *, is_persian: bool) -> str:
    return persian_digits(jalali_text(day)) if is_persian else day.isoformat()


def _percent(value: float | None, *, is_persian: bool) -> str:
    return "–" if value is None else _written(f"{value:,.2f}".rstrip("0").rstrip("."), is_persian=is_persian)


def _bits(weight: float, *, is_persian: bool) -> str:
    return _written(f"{weight:+.1f}", is_persian=is_persian)


def _signed(count: int, *, is_persian: bool) -> str:
    """A number whose sign stays before it, whatever the words beside it read like."""
    return _written(f"\u2066{count:+d}\u2069" if count else "0", is_persian=is_persian)


def _ratio(value: float, *, is_persian: bool) -> str:
    return _written(f"{value:.5f}", is_persian=is_persian)


def _share(probability: float, *, is_persian: bool) -> str:
    """A probability as percent with three digits that count, however small."""
    return _written(
        f"{probability * 100:.3g} %" if probability >= LEAST_IN_PERCENT else f"{probability:.1e}", is_persian=is_persian
    )


def _written(text: str, *, is_persian: bool) -> str:
    return persian_digits(text.replace(",", "٬").replace(".", "٫")) if is_persian else text


def _named(known: Mapping[str, Insurer] | Mapping[str, Province], code: str, *, is_persian: bool) -> str:
    found = known.get(code)
    if found is None:
        return word("group", code, is_persian=is_persian)
    return found.name_fa if is_persian else found.name_en


def _link(folder: Path, target: Path) -> str:
    return Path(os.path.relpath(target, folder)).as_posix()
