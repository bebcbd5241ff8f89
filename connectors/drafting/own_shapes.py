"""What postal codes, telephones and personal numbers of another country look like, as a pattern that a contract takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from schemas.patterns import BY_ROLE

LENGTHS = {"postal_code": (3, 10), "mobile_no": (7, 15), "foreign_id": (5, 20)}
"""How long a number of each role is at the least and at the most, marks left out."""
LEAST_VALUES = 10
"""Fewer values look alike by chance."""
MOST_LOOKS = 6
RARE_SHARE = 0.005
"""Looks that are rarer are mistakes."""
COVERED_SHARE = 0.9
"""So many of the values must look alike, or in one of a few ways."""
_MARKS = {"-": "-?", " ": " ?", "(": "[(]?", ")": "[)]?", ".": "[.]?", "+": "[+]?", "/": "/?"}
"""What stands between digits in one hand's writing and not in another's, as a pattern takes it."""
_SIGNS = {"9": "[0-9]", "A": "[A-Z]", **_MARKS}
_UNMARKED = str.maketrans("", "", "".join(_MARKS))


@dataclass(frozen=True)
class OwnShape:
    """``pattern``: what the values look like; ``share`` of the filled ones that do."""

    pattern: str
    share: float


def look_of(text: str) -> str:
    """A text with 9 for each digit and A for each Latin letter."""
    return "".join("9" if sign.isdecimal() else "A" if "A" <= sign <= "Z" else sign for sign in text.upper())


def own_shape(role: str, looks: Mapping[str, int], filled_count: int, *, is_abroad: bool = False) -> OwnShape | None:
    """The shape of another country's numbers; None where values are too unlike, or look as ours do.

    Args:
        looks: how many of the filled values have each look; the rarest may be left out.
        is_abroad: the file's other numbers are another country's, so these may be as long as ours.
    """
    if role not in LENGTHS or filled_count < LEAST_VALUES:
        return None
    least, most = LENGTHS[role]
    counted: Counter[str] = Counter()
    written: dict[str, str] = {}
    for look, count in Counter(looks).most_common():
        packed = look.translate(_UNMARKED)
        counted[packed] += count
        written.setdefault(packed, look)
    frequent = {
        look: count
        for look, count in counted.most_common(MOST_LOOKS)
        if count >= RARE_SHARE * filled_count and set(look) <= set(_SIGNS) and "9" in look and least <= len(look) <= most
    }
    covered = sum(frequent.values())
    ours = sum(count for look, count in frequent.items() if re.fullmatch(BY_ROLE[role], look))
    if not covered or covered < COVERED_SHARE * filled_count or (2 * ours > covered and not is_abroad):
        return None
    ways = [_pattern(written[look]) for look in frequent]
    return OwnShape(f"^({'|'.join(ways)})$" if len(ways) > 1 else f"^{ways[0]}$", covered / filled_count)


def _pattern(look: str) -> str:
    """A look as a regular expression, in which marks may be missing."""
    runs = [(sign, len(list(run))) for sign, run in groupby(look)]
    return "".join(_SIGNS[sign] + (f"{{{count}}}" if count > 1 else "") for sign, count in runs)
