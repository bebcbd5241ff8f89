"""Whether a feed's files list everything or only what changed, read from a layout's custom property ``delivery``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.document import Part
from schemas.feed import OPERATION, Column, Delta

SNAPSHOT, DELTA = "snapshot", "delta"
KEYS = ("kind", "sequence", "snapshot")
NUMBER = "n"  # the group of a sequence pattern that numbers the delta


def delta(part: Part, columns: Sequence[Column]) -> Delta | None:
    """How deltas follow each other; None where every file is a snapshot.

    Raises:
        ContractError: an unknown kind or key, a pattern that is none, or an operation column where there are no deltas.
    """
    kind = part["kind"] if isinstance(part.value, dict) else part
    if kind.text(SNAPSHOT) not in (SNAPSHOT, DELTA):
        raise kind.unknown("delivery kind", kind.text(), (SNAPSHOT, DELTA))
    for key in part.value if isinstance(part.value, dict) else ():
        if key not in KEYS:
            raise part[key].unknown("key of delivery", key, KEYS)
    operation = next((column for column in columns if column.name == OPERATION), None)
    if kind.text(SNAPSHOT) == SNAPSHOT:
        if operation is not None:
            raise part.wrong(f"maps {operation.source} to {OPERATION}, but is delivered as snapshots", "Write kind: delta.")
        return None
    if operation is None or not operation.is_required:
        raise part.wrong(
            f"is delivered as deltas, but no required column is {OPERATION}",
            "Map the column that says what each row does, with an enum of insert, update and delete, and required: true.",
        )
    return Delta(_pattern(part["sequence"], {NUMBER}), _pattern(part["snapshot"], set()))


def _pattern(part: Part, groups: set[str]) -> str | None:
    if part.value is None:
        return None
    try:
        found = set(re.compile(part.text()).groupindex)
    except re.error as error:
        raise part.wrong(f"has a pattern that is no regular expression: {error}", "Mend it.") from error
    if found != groups:
        wanted = "exactly the named group n" if groups else "no named group"
        raise part.wrong(f"has a pattern with other named groups than {wanted}", r"For example: _(?P<n>\d+)\.csv$")
    return part.text()
