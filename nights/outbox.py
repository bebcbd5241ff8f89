"""Telling agencies what became of their deliveries: receipts, and the rows that wait to be mended."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from connectors.mending import write_mendable
from connectors.outgoing import documents
from connectors.receipts import LINES_PER_REASON
from connectors.typed import NO_PERSON
from hub.duck import connection
from hub.errors import DeliveryError
from hub.layers import rows_of
from hub.runs import find_run, has_folder
from hub.settings import Settings
from hub.storage import whole_folder
from reports.receipts import write_receipt
from schemas.conflict_tables import ANSWER, TAKEN
from schemas.feed import ANSWERS_ROLE, Feed
from warehouse.runs import live_run_id

MEND = "mend"


def tell_agency(settings: Settings, feed: Feed) -> int:
    """Write the receipts of a feed that are new or no longer true into ``outbox/<feed>/``. Returns how many were written."""
    written = 0
    told = list(documents(settings, feed))
    verdicts = answer_verdicts(settings, feed) if told and feed.role == ANSWERS_ROLE else {}
    for document in told:
        if document["delivery_id"] in verdicts:
            document["answers"] = verdicts[document["delivery_id"]]
        set_aside = {each["reason"] for each in document.get("quarantined", ())}
        if set_aside - {NO_PERSON} and document["state"] != "retracted":
            _rows_to_mend(settings, feed, document)
        written += write_receipt(settings, document)
    return written


def answer_verdicts(settings: Settings, feed: Feed) -> dict[str, dict[str, Any]]:
    """What became of insurers' answers, by delivery, as the live night judged them: how many count, which not and why."""
    live = live_run_id(settings)
    run = find_run(settings, live) if live and has_folder(settings, live) else None
    if run is None or not run.table(ANSWER.name).exists():
        return {}
    with connection(settings) as con:
        rows = con.execute(
            f"""select delivery_id, verdict_code, count(*), min(line_no, {LINES_PER_REASON})
                from {rows_of(run.table(ANSWER.name))} where feed = ?
                group by delivery_id, verdict_code order by delivery_id, verdict_code""",
            [feed.name],
        ).fetchall()
    told: dict[str, dict[str, Any]] = {}
    for delivery_id, verdict, count, lines in rows:
        mine = told.setdefault(delivery_id, {"taken": 0, "refused": []})
        if verdict == TAKEN:
            mine["taken"] = count
        else:
            mine["refused"].append({"reason": verdict, "rows": count, "lines": sorted(lines), "is_cut": count > len(lines)})
    return told


def _rows_to_mend(settings: Settings, feed: Feed, document: dict[str, Any]) -> None:
    """The rows set aside, in the delivery's own format; formats that cannot be written have none."""
    target = settings.outbox / feed.name / document["delivery_id"] / MEND
    if target.exists():
        return
    with suppress(DeliveryError), whole_folder(target) as folder:
        write_mendable(settings, feed, document["delivery_id"], folder / Path(document["file_name"]).name)
