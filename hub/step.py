"""Steps: a transformation is a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Step:
    """One table: its dotted name, the columns on which it is unique, the SQL that makes it, bound values.

    ``comes_in_order``: the SQL is expected to yield its rows in the order of the grain, so they need not be sorted: a sort
    of very many wide rows takes more memory than DuckDB can spill. The order is looked at afterwards; where it did not
    hold, the rows are sorted after all. ``is_one_by_one``: one thread makes them then, since joins on several threads do
    not keep the order in which rows are read.
    """

    table: str
    grain: tuple[str, ...]
    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    comes_in_order: bool = False
    is_one_by_one: bool = False


@dataclass(frozen=True)
class Amendment:
    """A table that is an earlier night's but for some rows (``hub.layers``).

    Args:
        step: its SQL gives the rows that are put in.
        earlier: file of the table in the earlier run folder.
        is_out: SQL condition on the earlier rows that are taken out; no parameters are bound in it.
        out_keys: SQL of the keys of these rows instead, which are found sooner.
        out_rows: SQL of these rows themselves instead; of them those stay that would be put in as they are.
    """

    step: Step
    earlier: Path
    is_out: str = "false"
    out_keys: str = ""
    out_rows: str = ""
