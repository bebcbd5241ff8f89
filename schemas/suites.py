"""Quality suites: a contract's limits as Great Expectations, judged on a delivery's profile.

The only module that knows great_expectations. What it sees is one row of figures (``schemas.profile``), so the gate is
exact, costs the same at any size, and no personal value reaches it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from schemas.feed import Column, Layout
from schemas.profile import WHOLE, Profile

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition

# Where a contract sets no limit on empty cells: points above the delivery before.
DEFAULT_NULL_RISE_POINTS = 30.0
# Of fewer rows (in a delivery, or in the one that it is compared with) shares of empty cells prove nothing.
MIN_ROWS_FOR_SHARES = 20
# Where a contract sets no limit on the change of the number of rows.
DEFAULT_ROW_COUNT_CHANGE_PERCENT = 40.0
# How many rows a delivery has: outside these limits it may be cut. Of good rows there are too few as well where too many are
# set aside; whether it is whole then, the contract that does not set them aside has to judge.
_RECEIVED, _GOOD, _SET_ASIDE = "received_count", ("row_count", "row_count_change_percent"), "quarantined_percent"
# What Great Expectations imports and nothing here asks of it.
_SPARK, _UNASKED = "pyspark", ("scipy.stats", "altair")


@dataclass(frozen=True)
class Limit:
    """One bound on one figure. ``name`` is what people read; ``is_strict``: ``most`` itself is already too much."""

    name: str
    column: str
    figure: str
    least: float | None = None
    most: float | None = None
    is_strict: bool = True

    @property
    def key(self) -> str:
        """Name of the figure's column in the frame that is judged."""
        return f"{self.column} {self.figure}".strip()


@dataclass(frozen=True)
class Validation:
    """How a delivery stood against its limits. ``document``: Great Expectations' own result, as JSON values."""

    is_passed: bool
    breaches: tuple[tuple[Limit, float], ...]
    document: dict[str, Any]


def limits(layout: Layout, profile: Profile, base: Profile | None, *, is_whole: bool = True) -> list[Limit]:
    """The limits that hold for a delivery: the contract's, and defaults where it is silent.

    Args:
        base: profile of the delivery before; limits on change hold only when there is one.
        is_whole: whether the delivery lists everything. Of one that brings only changes the feed's records are counted, and
            of a few rows shares prove nothing.
    """
    counted = "received_count" if is_whole else "row_count"
    has_limits = is_whole or has_shares(profile)
    found = [_at_most("", "quarantined_percent", "rows in quarantine", layout.max_quarantined_percent)] if has_limits else []
    if layout.row_count_between:
        least, most = layout.row_count_between
        name = f"rows: {least} to {most}"
        found.append(Limit(name, WHOLE, counted, float(least), float(most), is_strict=False))
    else:
        found.append(Limit("rows: at least one", WHOLE, counted, least=1.0))
    if layout.max_changed_percent is not None:
        found.append(_at_most("", "changed_percent", "new or changed rows", layout.max_changed_percent))
    change = layout.max_row_count_change_percent or DEFAULT_ROW_COUNT_CHANGE_PERCENT
    found.append(_at_most("", "row_count_change_percent", "rows more or fewer than before", change))
    for column in layout.columns:
        if column.max_invalid_percent is not None and has_limits:
            found.append(_at_most(column.name, "invalid_percent", "invalid", column.max_invalid_percent))
        empty = _most_empty(column, profile, base)
        if empty is not None and empty <= 100:
            found.append(_at_most(column.name, "null_percent", "empty", empty))
    return [limit for limit in found if profile.get(limit.column, limit.figure) is not None]


# Its context is global to the process and its import is not safe in threads; feeds are staged several at a time.
_ONE_AT_A_TIME = threading.Lock()


def validate(feed: str, judged: Sequence[Limit], profile: Profile) -> Validation:
    """Judge a profile with Great Expectations."""
    figures = {limit.key: profile.figures[limit.column, limit.figure] for limit in judged}
    with _ONE_AT_A_TIME, _without_unasked():
        document = _judged(feed, judged, figures)
    failed = _failed(document)
    breaches = tuple((limit, figures[limit.key]) for limit in judged if limit.key in failed)
    return Validation(bool(document["success"]), breaches, document)


def may_be_cut(document: Mapping[str, Any]) -> bool:
    """Whether a delivery of which only a validation's document is left had too few or too many rows, and not because too
    many were set aside."""
    failed = _failed(document)
    return _RECEIVED in failed or (_SET_ASIDE not in failed and not failed.isdisjoint(_GOOD))


def _failed(document: Mapping[str, Any]) -> set[str]:
    """Keys of the limits that a delivery failed."""
    results = document.get("results", ())
    return {result["expectation_config"]["kwargs"]["column"] for result in results if not result["success"]}


def _judged(feed: str, judged: Sequence[Limit], figures: dict[str, float]) -> dict[str, Any]:
    import pandas as pd
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween

    expectations = [
        ExpectColumnMaxToBeBetween(
            column=limit.key,
            min_value=limit.least,
            max_value=limit.most,
            strict_max=limit.is_strict and limit.most is not None,
            meta={"name": limit.name},
        )
        for limit in judged
    ]
    batch = _frames().get_batch({"dataframe": pd.DataFrame([figures])})
    suite = ExpectationSuite(name=feed, expectations=expectations)
    return dict(batch.validate(suite).to_json_dict())  # type: ignore[no-untyped-call]


@contextmanager
def _without_unasked() -> Iterator[None]:
    """Great Expectations imports whatever of pyspark is installed, and some of its parts end a process that lacks theirs; it
    imports statistics and charts of expectations that no contract has: two fifths of the 3.5 s of its import."""
    unimported: dict[str, Any] = {name: ModuleType(name) for name in _UNASKED if name not in sys.modules}
    unimported[_SPARK] = None  # Python's sign that a module cannot be imported
    found = {name: sys.modules[name] for name in unimported if name in sys.modules}
    sys.modules.update(unimported)
    try:
        yield
    finally:
        for name in unimported:
            del sys.modules[name]
        sys.modules.update(found)


@cache
def _frames() -> BatchDefinition[Any]:
    """One ephemeral context for all deliveries of a process: making it and importing it costs seconds, judging does not."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_pandas("profiles")
    return source.add_dataframe_asset("profile").add_batch_definition_whole_dataframe("figures")


def has_shares(profile: Profile | None) -> bool:
    """Whether a delivery has enough rows for shares of empty cells to tell something."""
    return profile is not None and (profile.get(WHOLE, "received_count") or 0) >= MIN_ROWS_FOR_SHARES


def _most_empty(column: Column, profile: Profile, base: Profile | None) -> float | None:
    """Percent of empty cells from which on a column has lost its values: declared, or by what it was before."""
    if not has_shares(profile):
        return None
    if column.max_null_percent is not None or base is None or not has_shares(base):
        return column.max_null_percent
    before = base.get(column.name, "null_percent")
    return None if before is None else before + DEFAULT_NULL_RISE_POINTS


def _at_most(column: str, figure: str, what: str, percent: float) -> Limit:
    subject = f"{column}: " if column else ""
    return Limit(f"{subject}{what} under {percent:g} %", column, figure, most=percent)
