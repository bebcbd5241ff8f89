"""The gate: whether a typed delivery may become current.

Two judgements. A column whose values are of another kind than its contract says (columns swapped, a layout changed) is a
breach of contract: nothing is staged (D05). A delivery that fits its contract but lies outside its limits is held until a
person accepts it (D07).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from hub.errors import ContractBreach, VolumeBreach
from schemas.feed import Column, Feed, Layout
from schemas.profile import Profile
from schemas.suites import Validation, has_shares, limits, may_be_cut, validate

Nearness = Callable[[float, float], bool]

# A column of which at least this share of the filled cells cannot be read holds something else.
COLLAPSE_PERCENT = 50.0
# Fewer filled cells than this prove nothing about a column.
COLLAPSE_MIN_CELLS = 20
# Two columns are swapped when each has become what the other was: in points of empty cells, or in distinct values.
SWAP_NULL_POINTS = 30.0
SWAP_NULL_TOLERANCE = 10.0
SWAP_DISTINCT_FACTOR = 1.5
SWAP_DISTINCT_TOLERANCE = 0.1


def check_columns(feed: Feed, delivery_id: str, layout: Layout, found: Profile, base: Profile | None) -> None:
    """Prove that every column still holds what its contract says.

    Raises:
        ContractBreach: names the columns.
    """
    collapsed = [column for column in layout.columns if _is_collapsed(column, found)]
    if collapsed:
        told = ", ".join(
            f"{column.source} ({column.name}: {_share_unread(column, found):.0f} % cannot be read)" for column in collapsed
        )
        raise _breach(feed, delivery_id, f"hold something else than the contract says: {told}", collapsed)
    for a, b in combinations(layout.columns, 2):
        if base is not None and (_nulls_swapped(a, b, found, base) or _values_swapped(a, b, found, base)):
            told = f"have changed places: {a.source} ({a.name}) and {b.source} ({b.name})"
            raise _breach(feed, delivery_id, told, [a, b])


def judge(feed: Feed, layout: Layout, found: Profile, base: Profile | None, *, is_whole: bool = True) -> Validation:
    """Judge the figures by the contract's limits.

    Args:
        is_whole: whether the delivery lists everything, or only what changed.
    """
    return validate(feed.name, limits(layout, found, base, is_whole=is_whole), found)


def held(feed: Feed, delivery_id: str, validation: Validation) -> VolumeBreach:
    """The error that says what is outside its limits."""
    told = "; ".join(f"{limit.name} (is {_figure(value)})" for limit, value in validation.breaches)
    return VolumeBreach(
        f"Delivery {delivery_id} of {feed.name} is outside its limits: {told}. "
        "It is held; the delivery before stays current.",
        hint=(
            "Ask the agency"
            if may_be_cut(validation.document)
            else "Ask the agency, or mend the contract and stage it again"
        )
        + ". If the delivery is right, release it: "
        f'`databank land --accept {delivery_id} --reason "…"` stages it.',
        delivery_id=delivery_id,
        breaches=len(validation.breaches),
    )


def _figure(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _breach(feed: Feed, delivery_id: str, told: str, columns: list[Column]) -> ContractBreach:
    return ContractBreach(
        f"Columns of delivery {delivery_id} of {feed.name} {told}. Nothing was staged; the delivery before stays current.",
        hint="Compare the file's columns with the contract; ask the agency for a mended file, or mend the contract.",
        delivery_id=delivery_id,
        columns=", ".join(column.name for column in columns),
    )


def _share_unread(column: Column, found: Profile) -> float:
    filled = found.get(column.name, "filled_count") or 0
    # Something is known of a day that never was, and of a code whose check digit is wrong.
    unread = (found.get(column.name, "invalid_count") or 0) - (found.get(column.name, "partial_count") or 0)
    return 100 * unread / filled if filled else 0.0


def _is_collapsed(column: Column, found: Profile) -> bool:
    limit = max(COLLAPSE_PERCENT, column.max_invalid_percent or 0)
    enough = (found.get(column.name, "filled_count") or 0) >= COLLAPSE_MIN_CELLS
    return enough and _share_unread(column, found) >= limit


def _nulls_swapped(a: Column, b: Column, found: Profile, base: Profile) -> bool:
    return has_shares(found) and has_shares(base) and _swapped(
        a, b, found, base, "null_percent",
        lambda x, y: abs(x - y) <= SWAP_NULL_TOLERANCE,
        lambda x, y: abs(x - y) >= SWAP_NULL_POINTS,
    )  # fmt: skip


def _values_swapped(a: Column, b: Column, found: Profile, base: Profile) -> bool:
    return _swapped(
        a, b, found, base, "distinct_count",
        lambda x, y: abs(x - y) <= SWAP_DISTINCT_TOLERANCE * max(x, y),
        lambda x, y: min(x, y) >= COLLAPSE_MIN_CELLS and max(x, y) >= SWAP_DISTINCT_FACTOR * min(x, y),
    )  # fmt: skip


def _swapped(a: Column, b: Column, found: Profile, base: Profile, figure: str, near: Nearness, far: Nearness) -> bool:
    """Whether two columns that were far apart have each become what the other was."""
    a_now, b_now = found.get(a.name, figure), found.get(b.name, figure)
    a_was, b_was = base.get(a.name, figure), base.get(b.name, figure)
    if a_now is None or b_now is None or a_was is None or b_was is None:
        return False
    return far(a_was, b_was) and near(a_now, b_was) and near(b_now, a_was)
