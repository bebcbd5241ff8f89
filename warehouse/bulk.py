"""A load of all booklets by itself, for benchmarks: checked in bulk before, written, and proved by the constraint."""

from __future__ import annotations

from hub.duck import DuckConnection
from hub.runs import Run
from hub.settings import Settings
from schemas.tables import BOOKLET
from warehouse.audit import BOOKLET_CHECKS, prove
from warehouse.changes import batches, change
from warehouse.database import connect, translated
from warehouse.load import copy_rows, emptied, name_of


def load_booklets(settings: Settings, con: DuckConnection, run: Run) -> int:
    """Put a run's booklets into ``cover.booklet`` in place of what is there, in one transaction; returns how many.

    Raises:
        PublishError: the check in bulk, or the constraint behind it, found two active booklets of a person on one day.
    """
    prove(con, BOOKLET_CHECKS)
    part = change(con, BOOKLET, run, None)
    with connect(settings) as connection, translated(), connection.transaction(), emptied(connection, BOOKLET.name):
        return copy_rows(connection, name_of(BOOKLET.name), part.columns, batches(con, part.fresh), is_new=True)
