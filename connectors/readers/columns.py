"""Consume every column, then audit the rest: a file's columns against its contract."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from connectors.readers import limits
from connectors.readers.unpack import corrupt
from hub.errors import ContractBreach
from schemas.feed import Layout
from schemas.letters import display_map

_MAX_NAME = 40
_NUMBER = re.compile(r"\d{6,}")


def declared(layout: Layout) -> list[str]:
    """Names of all mapped columns of the file, each once, in the contract's order."""
    return list(dict.fromkeys(part for column in layout.columns for part in layout.parts(column)))


def in_order_of_file(layout: Layout) -> list[str]:
    """Physical names of all columns of a file without a header: as the format lists them, else the ignored ones last."""
    return list(layout.format.columns or dict.fromkeys((*declared(layout), *layout.ignored)))


def spelt(found: Sequence[str], layout: Layout) -> list[str]:
    """Names of columns as the contract spells them, where a file has other forms of letters or blanks only."""
    known = {_plain(name): name for name in (*layout.ignored, *declared(layout))}
    return [name if name in known.values() else known.get(_plain(name), name) for name in found]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKC", name).translate(display_map())
    return "".join(letters.replace("\u200c", "").split())


def check_columns(name: str, found: Sequence[str], layout: Layout, wanted: Sequence[str] = ()) -> None:
    """Prove that a file has every declared column and none that the contract does not know.

    Args:
        wanted: the declared columns as the file has them, where that is not how the contract has them.

    Raises:
        ContractBreach: names the columns. A name is given only when most of the declared ones are there: a first line
            that is no header holds people's values.
        DeliveryCorrupt: more columns than any delivery has.
    """
    if len(found) > limits.MAX_COLUMNS:
        raise corrupt(name, f"has {len(found)} columns", "Ask the agency what this file is.")
    wanted = wanted or declared(layout)
    missing = [column for column in wanted if column not in found]
    unknown = [column for column in dict.fromkeys(found) if column not in wanted and column not in layout.ignored]
    twice = [column for column in dict.fromkeys(found) if list(found).count(column) > 1]
    if not (missing or unknown or twice):
        return
    if 2 * len(missing) > len(wanted):
        raise breach(
            f"{name} lacks {len(missing)} of {len(wanted)} declared columns ({', '.join(missing)}); "
            f"{len(unknown)} others are in their place",
            "Look whether the header is missing, moved, or has another delimiter; then mend the file or the contract",
        )
    said = []
    if missing:
        said.append(f"lacks the column{'s' if missing[1:] else ''} {', '.join(missing)}")
    if unknown:
        said.append(f"has a column that is neither mapped nor ignored: {', '.join(_shown(each) for each in unknown)}")
    if twice:
        said.append(f"names a column twice: {', '.join(_shown(each) for each in twice)}")
    raise breach(
        f"{name} {' and '.join(said)}", "Map or ignore the column in the contract, or ask the agency to mend the file"
    )


def breach(what: str, hint: str) -> ContractBreach:
    """The error for a whole file that is not what its contract says."""
    return ContractBreach(f"{what}. Nothing of it was taken over; the delivery before stays current.", hint=f"{hint}.")


def _shown(column: str) -> str:
    """A name for messages; long numbers in it may be a person's, where records are named by them."""
    return repr(_NUMBER.sub("…", column)[:_MAX_NAME])
