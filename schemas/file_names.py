"""Names of files, made from a contract: they fit its glob, and its pattern reads the business date back from them."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase

from hub.errors import ContractError
from schemas.feed import Feed
from schemas.jalali import jalali

_GROUP = re.compile(r"\(\?P<([ymd])>[^()]*\)")


def file_name(feed: Feed, business_date: date) -> str:
    """The name of a feed's file for a business date.

    Raises:
        ContractError: no name fits both the contract's glob and its pattern.
    """
    parts = _parts(feed, business_date)
    rendered = _GROUP.sub(lambda match: _number(parts[match[1]], match[0]), feed.business_date_pattern)
    rendered = re.sub(r"\\(.)", r"\1", rendered.strip("^$"))
    for name in (rendered, feed.files.replace("*", rendered, 1), feed.files.replace("*", rendered.strip("_-."), 1)):
        if fnmatchcase(name, feed.files) and _reads_back(feed, name, parts):
            return name
    raise ContractError(
        f"No file name fits both the files and the businessDate of feed {feed.name}; nothing was written for it.",
        hint="Write the pattern in the contract with plain text around the groups y, m and d.",
    )


def date_in_name(feed: Feed, business_date: date) -> str:
    """How a feed's file names write a business date: what stands where the glob has its star."""
    before, _, after = feed.files.partition("*")
    return file_name(feed, business_date).removeprefix(before).removesuffix(after)


def _parts(feed: Feed, business_date: date) -> dict[str, int]:
    if feed.business_date_calendar != "jalali":
        return {"y": business_date.year, "m": business_date.month, "d": business_date.day}
    return dict(zip("ymd", jalali(business_date), strict=True))


def _number(value: int, group: str) -> str:
    return f"{value:04d}" if "{4}" in group else f"{value % 100:02d}"


def _reads_back(feed: Feed, name: str, parts: dict[str, int]) -> bool:
    found = re.search(feed.business_date_pattern, name)
    return found is not None and all(int(found[group]) in (value, value % 100) for group, value in parts.items())
