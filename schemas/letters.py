"""Persian letters as data: what maps to what, what Iran System bytes mean (``schemas/codes``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from schemas.codes import read_rows

_CODE_POINTS = re.compile(r"(?:U\+)?([0-9A-F]{4})(?:-(?:U\+)?([0-9A-F]{4}))?")
_NORMALISED = "NFKC"


@dataclass(frozen=True)
class IranSystemByte:
    """One byte of the Iran System code page: its logical text, category and the letter form that it draws."""

    byte: int
    text: str
    category: str
    form: str
    crosscheck: str


@cache
def display_map() -> dict[int, str]:
    """For ``str.translate``: changes that keep a name as people read it (Arabic yeh and kaf, digits, marks).

    Presentation forms are left to NFKC, which must run first.
    """
    return _translation(for_match_key=False)


@cache
def match_key_map() -> dict[int, str]:
    """For ``str.translate``: ``display_map`` and everything that match keys ignore besides (hamza, teh marbuta, madda)."""
    return _translation(for_match_key=True)


@cache
def iran_system() -> tuple[IranSystemByte, ...]:
    """The 128 upper bytes of Iran System, a code page in visual order."""
    return tuple(
        IranSystemByte(
            int(row["byte_dec"]), row["unicode_logical"], row["category"], row["contextual_form"], row["crosscheck"]
        )
        for row in read_rows("iran_system_encoding")
    )


def _translation(*, for_match_key: bool) -> dict[int, str]:
    table: dict[int, str] = {}
    for row in read_rows("persian_char_map"):
        if row["action"] == _NORMALISED or ("match key" in row["action"] and not for_match_key):
            continue
        points = _expand(row["code"])
        if row["to"] == "0-9":
            table.update({point: str((point - points[0]) % 16) for point in points})
        else:
            table.update(dict.fromkeys(points, "" if row["action"].startswith("drop") else row["to"]))
    return table


def _expand(code: str) -> list[int]:
    points: list[int] = []
    for first, last in _CODE_POINTS.findall(code):
        points.extend(range(int(first, 16), int(last or first, 16) + 1))
    return points
