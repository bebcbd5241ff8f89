"""The ledger of all deliveries: what arrived, where each row went, why; gathered from what lies on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from connectors.deliveries import Delivery, acceptance, deliveries_of, refusals_of, repeat_count
from connectors.retractions import retractions
from connectors.staged import PROFILE, QUARANTINE, Staged, held_path, refused_path, staged_deliveries
from hub.duck import literal, no_rows
from hub.settings import Settings
from hub.steps import Runner, Step
from hub.storage import read_json
from schemas.contracts import load_feeds
from schemas.ops_tables import DELIVERY, LEDGER
from schemas.ops_tables import PROFILE as PROFILE_TABLE
from schemas.ops_tables import QUARANTINE as QUARANTINE_TABLE
from schemas.table import Table

_ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", "UTC"),
}
FATES = ("received", "accepted", "quarantined", "unchanged", "superseded")


def collect(settings: Settings, runner: Runner) -> None:
    """Keep ``ops.delivery``, ``ops.ledger``, ``ops.quarantine`` and ``ops.profile`` in a run folder.

    Reads: every feed's landing and staging folders. Rows' texts stay where they are.
    """
    feeds = [feed.name for feed in load_feeds(settings.contracts)]
    staged = [each for feed in feeds for each in staged_deliveries(settings, feed, is_with_retracted=True)]
    _keep(runner, DELIVERY, [row for feed in feeds for row in delivery_rows(settings, feed)])
    _keep(runner, LEDGER, [row for each in staged for row in _ledger_rows(each)])
    runner.run(Step(QUARANTINE_TABLE.name, QUARANTINE_TABLE.grain, _quarantine(staged)))
    runner.run(Step(PROFILE_TABLE.name, PROFILE_TABLE.grain, _profiles(staged)))


def delivery_rows(settings: Settings, feed: str) -> Iterable[dict[str, Any]]:
    """Rows of ``ops.delivery`` of one feed: those that landed, in order, then those that were not taken."""
    landed = deliveries_of(settings, feed)
    staged = {each.delivery_id for each in landed if each.state(settings) == "staged"}
    corrected = {each.supersedes_delivery_id for each in landed if each.delivery_id in staged}
    for delivery in landed:
        state = delivery.state(settings)
        if state == "staged":
            state = "superseded" if delivery.delivery_id in corrected else "late" if delivery.is_late else state
        yield {
            **{name: value for name, value in asdict(delivery).items() if name in DELIVERY.columns},
            "state_code": state,
            "reason": _reason(settings, delivery),
            "repeat_count": repeat_count(settings, delivery),
            "kind_code": delivery.told_kind,
            "sequence_no": delivery.sequence,
        }
    for refusal in refusals_of(settings, feed):
        yield {
            "delivery_id": refusal.delivery_id,
            "feed": feed,
            "business_date": refusal.business_date,
            "file_name": refusal.file_name,
            "sha256": refusal.sha256,
            "landed_at": refusal.refused_at,
            "state_code": "refused",
            "supersedes_delivery_id": None,
            "reason": refusal.reason,
            "repeat_count": 0,
            "kind_code": None,
            "sequence_no": None,
        }


def _reason(settings: Settings, delivery: Delivery) -> str | None:
    """Why it was retracted, released, held or refused."""
    if act := retractions(settings).get(delivery.delivery_id):
        return act.reason
    released = acceptance(settings, delivery)
    if released is not None:
        return str(released["reason"])
    for path in (held_path, refused_path):
        said = path(settings, delivery.feed, delivery.delivery_id)
        if said.exists():
            return str(read_json(said)["reason"])
    return None


def _ledger_rows(staged: Staged) -> Iterable[dict[str, Any]]:
    for fate in FATES:
        yield {
            "delivery_id": staged.delivery_id,
            "feed": staged.feed,
            "file_name": staged.file_name,
            "fate_code": fate,
            "row_count": getattr(staged.counts, fate),
        }


def _quarantine(staged: list[Staged]) -> str:
    """SQL over the quarantine files of all deliveries, without the rows' texts."""
    return _over(QUARANTINE_TABLE, staged, QUARANTINE)


def _profiles(staged: list[Staged]) -> str:
    return _over(PROFILE_TABLE, staged, PROFILE)


def _over(table: Table, staged: list[Staged], file: str) -> str:
    """SQL of a table's columns over one file of each staged delivery; delivery and feed come from the file's folder."""
    if not staged:
        return no_rows(table.columns)
    paths = ", ".join(literal(each.folder / file) for each in staged)
    folder = {"delivery_id": -2, "feed": -3}
    columns = ", ".join(
        f"str_split(filename, '/')[{folder[name]}] as {name}" if name in folder else name for name in table.columns
    )
    return f"select {columns} from read_parquet([{paths}], filename = true)"


def _keep(runner: Runner, table: Table, rows: list[dict[str, Any]]) -> None:
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in table.columns.items()])
    runner.keep(table.name, table.grain, pa.Table.from_pylist(rows, schema=schema))
