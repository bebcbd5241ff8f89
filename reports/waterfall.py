"""A waterfall of match weights as one offline page: inline SVG, Persian and English beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

BAR, GAP, WIDTH, LABELS, MARGIN = 22, 10, 420, 330, 20
UP, DOWN, TOTAL = "#2f7d4f", "#b3402f", "#34495e"


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall. Units of ``weight``: bits."""

    label_fa: str
    label_en: str
    weight: float
    is_total: bool = False


def waterfall_page(title_fa: str, title_en: str, bars: Sequence[Bar], facts: Sequence[tuple[str, str, str]]) -> str:
    """The page.

    Args:
        facts: Persian label, English label, value.
    """
    rows = "".join(
        f'<tr><td lang="fa" dir="rtl">{escape(fa)}</td><td lang="en" dir="ltr">{escape(en)}</td>'
        f'<td dir="ltr">{escape(value)}</td></tr>'
        for fa, en, value in facts
    )
    return f"""<!doctype html>
<html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>{escape(title_fa)}</title>
<style>body{{font-family:Vazirmatn,Tahoma,"DejaVu Sans",sans-serif;margin:2rem;max-width:60rem}}
td{{padding:.2rem .8rem;vertical-align:top}}svg{{max-width:100%;height:auto}}</style></head>
<body><h1>{escape(title_fa)}</h1><p lang="en" dir="ltr">{escape(title_en)}</p>
{_svg(bars)}
<table>{rows}</table></body></html>
"""


def _svg(bars: Sequence[Bar]) -> str:
    ends: list[tuple[float, float]] = []
    level = 0.0
    for bar in bars:
        start = 0.0 if bar.is_total else level
        level = bar.weight if bar.is_total else level + bar.weight
        ends.append((start, level))
    low = min(0.0, *(min(pair) for pair in ends))
    high = max(1.0, *(max(pair) for pair in ends))

    def x(value: float) -> float:
        return LABELS + (value - low) / (high - low) * WIDTH

    height = MARGIN * 2 + len(bars) * (BAR + GAP)
    parts = [
        f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{MARGIN}" y2="{height - MARGIN}" stroke="#999" stroke-dasharray="3 3"/>'
    ]
    for number, (bar, (start, end)) in enumerate(zip(bars, ends, strict=True)):
        y = MARGIN + number * (BAR + GAP)
        colour = TOTAL if bar.is_total else UP if bar.weight >= 0 else DOWN
        left, wide = min(x(start), x(end)), max(1.0, abs(x(end) - x(start)))
        parts.append(f'<rect x="{left:.1f}" y="{y}" width="{wide:.1f}" height="{BAR}" fill="{colour}"/>')
        middle = y + BAR / 2 + 4
        label = f"{bar.label_fa} · {bar.label_en}"
        parts.append(f'<text x="{LABELS - 10}" y="{middle}" text-anchor="end" direction="ltr">{escape(label)}</text>')
        parts.append(f'<text x="{left + wide + 6:.1f}" y="{middle}" direction="ltr">{bar.weight:+.2f}</text>')
    wide = LABELS + WIDTH + 90
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height}" width="{wide}" height="{height}" '
        f'font-size="12" direction="ltr" role="img">{"".join(parts)}</svg>'
    )
