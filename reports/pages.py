"""Offline pages of a night, Persian (right to left) and English: what came, who was linked, what conflicts, which returns.

Self-contained HTML without scripts and without anything from a network; figures and codes only, no person's value.
"""

from __future__ import annotations

from pathlib import Path

from hub.runs import Run
from hub.settings import Settings
from hub.storage import write_text
from reports.costs import write_costs
from reports.figures import night_figures
from reports.insurer_scores import write_insurer_scores
from reports.quality import delivery_quality
from reports.rendering import LANGUAGES, render
from reports.scorecards import write_scorecards
from schemas.contracts import load_feeds

PAGES = ("index", "quality")


def write_pages(settings: Settings, run: Run) -> Path:
    """Write the night's pages and the scorecards of feeds and insurers, in both languages; earlier ones are replaced.

    Returns:
        The Persian first page.
    """
    feeds = load_feeds(settings.contracts)
    figures = night_figures(settings, run, feeds)
    values = {"run": run, "figures": figures, "quality": delivery_quality(settings, figures.deliveries)}
    for language, suffix in LANGUAGES.items():
        for page in PAGES:
            text = render(page, language, settings.pages, {**values, "page": page})
            write_text(settings.pages / f"{page}{suffix}.html", text)
    write_scorecards(settings, run, feeds)
    write_insurer_scores(settings, run)
    write_costs(settings, run)
    return settings.pages / "index.html"
