"""The day in a file's name: which part of it changes from delivery to delivery."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.jalali import FIRST_YEAR, LAST_YEAR

_DAY = re.compile(r"(?<!\d)(\d{4})([-_.]?)(0[1-9]|1[0-2])\2([0-2]\d|3[01])(?!\d)")
_GLOB = re.compile(r"[*?\[\]]")


@dataclass(frozen=True)
class FilePattern:
    """``files`` and ``businessDate`` of a contract; ``is_found``: the sample's name holds a day."""

    glob: str
    pattern: str
    calendar: str
    is_found: bool


def file_name_pattern(name: str, feed: str) -> FilePattern:
    """What other files of the feed will be called, by one file's name."""
    for found in _DAY.finditer(name):
        calendar = _calendar(int(found[1]))
        if calendar:
            return _pattern(name[: found.start()], found[2], name[found.end() :], calendar, is_found=True)
    suffix = name[name.index(".") :] if "." in name else ""
    return _pattern(f"{feed}_", "", suffix, "jalali", is_found=False)


def _pattern(before: str, mark: str, after: str, calendar: str, *, is_found: bool) -> FilePattern:
    day = rf"(?P<y>\d{{4}}){re.escape(mark)}(?P<m>\d{{2}}){re.escape(mark)}(?P<d>\d{{2}})"
    glob = f"{_GLOB.sub('?', before)}*{_GLOB.sub('?', after)}"
    return FilePattern(glob, f"^{re.escape(before)}{day}{re.escape(after)}$", calendar, is_found)


def _calendar(year: int) -> str | None:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return "jalali"
    return "gregorian" if 1990 <= year <= 2100 else None
