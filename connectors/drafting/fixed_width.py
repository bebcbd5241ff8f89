"""Where a fixed width line is cut: where padding ends, where digits and letters meet, and where digits pass a check.

Numbers without a check that stand side by side stay one column; where another may begin is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import log2

import numpy as np

from schemas.jalali import FIRST_YEAR, LAST_YEAR

PURE_RATIO = 0.9
"""A character place is of one kind when so many of its characters are."""
BLANK_DROP = 0.15
"""Where blanks become so much rarer from one place to the next, the padding of a column has ended."""
CHECKED_RATIO = 0.8
"""Digits are a column when so many lines pass its check there."""
SETTLED_BITS = 1.5
"""The first digits of numbers change less from line to line than the last ones of those before, by so many bits."""
_WEIGHTS = np.arange(10, 1, -1)
_FOREIGN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_MOBILE = re.compile(r"09[0-9]{9}")


def columns_of(lines: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Start (from 1) and width of the columns of lines that are equally long."""
    latin = [line.translate(_FOREIGN) for line in lines]
    width = len(latin[0])
    cuts = [0, *(place for place in range(1, width) if _is_cut(latin, place)), width]
    pieces = [(start, end) for start, end in pairwise(cuts) if any(line[start:end].strip() for line in lines)]
    return tuple((start + 1, end - start) for piece in pieces for start, end in _split(latin, *piece))


def joints(lines: Sequence[str], places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, list[int]]]:
    """Columns of digits alone, by first and last character, in which others may begin, and at which characters."""
    latin = [line.translate(_FOREIGN) for line in lines]
    for start, width in places:
        first, end = start - 1, start - 1 + width
        texts = [text for line in latin if (text := line[first:end].strip())]
        if any(width == of and sum(map(passes, texts)) >= CHECKED_RATIO * len(texts) for of, passes in _CHECKS):
            continue
        if {_kind(latin, place) for place in range(first, end)} != {"digit"}:
            continue
        bits = [_bits(line[place] for line in latin) for place in range(first, end)]
        drops = (n for n in range(2, width - 1) if bits[n - 1] - bits[n] >= SETTLED_BITS and max(bits[n + 1 :]) > bits[n])
        if found := [start + n for n in drops]:
            yield start, end, found


def _bits(signs: Iterator[str]) -> float:
    counted = Counter(signs)
    return -sum(count / counted.total() * log2(count / counted.total()) for count in counted.values())


def _is_cut(lines: Sequence[str], place: int) -> bool:
    before, here = _blank(lines, place - 1), _blank(lines, place)
    if before - here >= BLANK_DROP and before >= _blank(lines, place - 2):
        return True
    return {_kind(lines, place - 1), _kind(lines, place)} == {"digit", "letter"}


def _blank(lines: Sequence[str], place: int) -> float:
    return sum(line[place] == " " for line in lines) / len(lines) if place >= 0 else 0.0


def _kind(lines: Sequence[str], place: int) -> str:
    filled = [line[place] for line in lines if line[place] != " "]
    if not filled:
        return ""
    digits = sum(character.isdigit() for character in filled) / len(filled)
    return "digit" if digits >= PURE_RATIO else "letter" if digits <= 1 - PURE_RATIO else ""


def _split(lines: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
    """A piece, divided where a part of its digits passes a check."""
    for width, passes in _CHECKS:
        for first in range(start, end - width + 1):
            texts = [text for line in lines if (text := line[first : first + width].strip())]
            good = sum(map(passes, texts))
            if texts and (end - start) > width and good >= CHECKED_RATIO * len(texts):
                before = _split(lines, start, first) if first > start else []
                after = _split(lines, first + width, end) if first + width < end else []
                return [*before, (first, first + width), *after]
    return [(start, end)]


def _is_national_code(text: str) -> bool:
    if not re.fullmatch("[0-9]{10}", text):
        return False
    rest = int(np.array(list(map(int, text[:9]))) @ _WEIGHTS) % 11
    return int(text[9]) == (rest if rest < 2 else 11 - rest)


def _is_day(text: str) -> bool:
    if not re.fullmatch("[0-9]{8}", text):
        return False
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    return (FIRST_YEAR <= year <= LAST_YEAR or 1900 <= year <= 2100) and 0 <= month <= 12 and 0 <= day <= 31


def _is_mobile(text: str) -> bool:
    return bool(_MOBILE.fullmatch(text))


_CHECKS: tuple[tuple[int, Callable[[str], bool]], ...] = ((11, _is_mobile), (10, _is_national_code), (8, _is_day))
