"""Staging: a landed delivery becomes typed rows, quarantine and figures under ``staging/<feed>/<delivery_id>/``.

reader → ``delivered`` → dictionaries → ``typed`` → ``carried`` → fates → figures → gate → one whole folder. Nothing is put
in place before every received line has exactly one fate and the gate has passed.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connectors import gate, staged
from connectors.arrival import check_announced, read_delivered
from connectors.carried import DOUBT_DAYS, make_carried, unread_count
from connectors.contracts_then import keep_contract
from connectors.deliveries import SNAPSHOT, Delivery, acceptance, deliveries_of, delivery_named, try_held_again
from connectors.fates import (
    changes,
    counted,
    make_base,
    make_fates,
    write_changes,
    write_ended,
    write_fates,
    write_quarantine,
    write_rows,
)
from connectors.following import base_of, check_sequence
from connectors.former import day_before, write_former
from connectors.kinds.dates import HIJRI_TABLE, JALALI_TABLE
from connectors.profiling import Sizes, control_totals, profile, read_profile, write_profile
from connectors.receipts import receipt, refused
from connectors.retractions import retractions
from connectors.staged import StageCounts
from connectors.typed import make_dictionaries, make_typed, typed_columns, value_columns
from hub.duck import Connection, connection
from hub.errors import ContractBreach, DeliveryCorrupt, DeliveryMissing, SequenceBreach
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import whole_folder, write_json
from schemas.feed import Feed, Layout
from schemas.hijri import hijri_table
from schemas.jalali import jalali_table

__all__ = ["StageCounts", "stage"]


def stage(settings: Settings, feed: Feed, delivery_id: str, progress: Progress = quiet) -> StageCounts:
    """Type, judge and put in place one landed delivery. Safe to call again; a staged delivery only returns its counts.

    Raises:
        DeliveryMissing: no such delivery has landed.
        DeliveryCorrupt: the file is cut, or not what was announced with it (D04); recorded, nothing staged.
        ContractBreach: its columns are not what the contract says (D05); recorded, nothing staged.
        VolumeBreach: it is outside the contract's limits and held until a person accepts it (D07).
        SequenceBreach: a delta before it is missing; held until that comes, a snapshot begins anew, or a person accepts it.
        ResourceError: disk or memory is exhausted; nothing staged.
    """
    done = staged.find_staged(settings, feed.name, delivery_id)
    if done is not None:
        return done.counts
    delivery = delivery_named(settings, delivery_id)
    try:
        with connection(settings) as con:
            return _Staging(settings, feed, delivery, con, progress).run()
    except (DeliveryCorrupt, ContractBreach) as error:
        write_json(staged.refused_path(settings, feed.name, delivery_id), refused(feed, delivery, error))
        raise


class _Staging:
    """One delivery on its way through one connection."""

    def __init__(self, settings: Settings, feed: Feed, delivery: Delivery, con: Connection, progress: Progress) -> None:
        self.settings, self.feed, self.delivery, self.con, self.progress = settings, feed, delivery, con, progress
        self.is_whole = delivery.kind == SNAPSHOT
        self.layout = delivery.own(_layout(feed, delivery))
        self.columns = typed_columns(self.layout, delivery.business_date)
        self.names = list(value_columns(feed, self.columns))
        self.earlier = staged.staged_deliveries(settings, feed.name)
        self.base = base_of(delivery, self.earlier)
        self.acceptance = acceptance(settings, delivery)

    def run(self) -> StageCounts:
        """All stages in order. Only what is written has an order, and that order is total."""
        self.check_sequence()
        self.con.execute("set preserve_insertion_order = false")
        received = read_delivered(self.con, self.delivery.path(self.settings), self.layout, self.progress)
        self.type_rows()
        totals = control_totals(self.con, self.columns)
        check_announced(self.delivery, self.layout, received, totals)
        make_carried(self.con, self.layout, self.recent(), is_whole=self.is_whole)
        make_fates(self.con, is_whole=self.is_whole)
        self.counts, self.changes = counted(self.con, received), changes(self.con)
        self.judge()
        self.put_in_place(totals)
        return self.counts

    def check_sequence(self) -> None:
        """What waits for another delivery is held without a look at its rows; it goes on when the feed's state moves on."""
        if self.acceptance is not None:
            return
        try:
            gone = retractions(self.settings)
            void = {each.sequence for each in deliveries_of(self.settings, self.feed.name) if each.delivery_id in gone}
            check_sequence(self.delivery, self.earlier, self.base, void)
        except (SequenceBreach, DeliveryMissing) as error:
            write_json(self.held_path, {"reason": str(error), "is_waiting": True})
            raise

    def type_rows(self) -> None:
        self.progress(f"type {self.feed.name}", 0, 1)
        self.con.register(JALALI_TABLE, jalali_table())
        self.con.register(HIJRI_TABLE, hijri_table())
        make_base(self.con, self.base, self.names, self.hash_method)
        self.columns = make_dictionaries(self.con, self.columns)
        make_typed(self.con, self.feed, self.columns)
        self.progress(f"type {self.feed.name}", 1, 1)

    def recent(self) -> list[staged.Staged]:
        """The delivery before, and those of the last days before this one."""
        if self.base is None:
            return []
        since = self.delivery.business_date - timedelta(days=DOUBT_DAYS)
        return [self.base, *(each for each in self.earlier if each.order < self.base.order and each.business_date >= since)]

    def before(self) -> staged.Staged | None:
        """The delivery whose records may have ended with this one."""
        return day_before(self.base, self.delivery.business_date, self.earlier) if self.is_whole else self.base

    def judge(self) -> None:
        """Both judgements of the gate; what an accepted delivery failed stays in its validation."""
        is_like = self.is_whole and self.base is not None and self.base.kind == SNAPSHOT
        before = read_profile(self.con, self.base) if is_like else None
        self.profile = profile(self.con, self.columns, self.counts, self.changes, self.sizes)
        gate.check_columns(self.feed, self.delivery.delivery_id, self.layout, self.profile, before)
        self.validation = gate.judge(self.feed, self.layout, self.profile, before, is_whole=self.is_whole)
        if self.validation.is_passed or self.acceptance is not None:
            return
        error = gate.held(self.feed, self.delivery.delivery_id, self.validation)
        held = {
            "reason": error.summary,
            "contract_hash": self.feed.contract_hash,
            "counts": vars(self.counts),
            "validation": self.validation.document,
        }
        write_json(self.held_path, held)
        raise error

    def put_in_place(self, totals: dict[str, int]) -> None:
        """Write everything, whole or not at all."""
        keep_contract(self.settings, self.feed)
        self.con.execute("set preserve_insertion_order = true")
        self.progress(f"write {self.feed.name}", 0, 1)
        delivery_id = self.delivery.delivery_id
        with whole_folder(staged.staged_folder(self.settings, self.feed.name, delivery_id)) as folder:
            write_rows(self.con, self.feed, self.names, (delivery_id, self.base), folder / staged.ROWS)
            write_fates(self.con, folder / staged.FATES)
            write_ended(self.con, self.delivery.business_date, folder / staged.ENDED)
            write_former(
                self.con, self.feed, self.before(), self.delivery.business_date, folder / staged.ROWS, folder / staged.FORMER
            )
            write_changes(self.con, folder / staged.CHANGES)
            write_quarantine(self.con, self.layout, self.delivery.file_name, folder / staged.QUARANTINE)
            write_profile(self.con, self.profile, self.feed.name, delivery_id, folder / staged.PROFILE)
            write_json(folder / staged.VALIDATION, {"acceptance": self.acceptance, **self.validation.document})
            write_json(folder / staged.RECEIPT, receipt(self.con, self.delivery, self.counts, self.changes, totals))
            write_json(folder / staged.COUNTS, self.summary())
        self.held_path.unlink(missing_ok=True)
        try_held_again(self.settings, self.feed.name)
        self.progress(f"write {self.feed.name}", 1, 1)

    def summary(self) -> dict[str, object]:
        """What ``counts.json`` says; see ``connectors.staged.Staged``."""
        return {
            "feed": self.feed.name,
            "delivery_id": self.delivery.delivery_id,
            "business_date": self.delivery.business_date.isoformat(),
            "landed_at": self.delivery.landed_at.isoformat(),
            "file_name": self.delivery.file_name,
            "sha256": self.delivery.sha256,
            "contract_hash": self.feed.contract_hash,
            "base_delivery_id": self.base.delivery_id if self.base else None,
            "hash_method": self.hash_method,
            "accepted_reason": self.acceptance["reason"] if self.acceptance else None,
            "kind": self.delivery.kind,
            "sequence": self.delivery.sequence,
            "row_count": self.sizes.now,
            "lineage": staged.lineage_of(self.delivery.delivery_id, self.base),
            "counts": vars(self.counts),
            "changes": self.changes,
            "unread_lines": unread_count(self.con),
        }

    @property
    def sizes(self) -> Sizes:
        """How many records the feed had and has; carried ones of a snapshot are left out."""
        before = self.base.row_count if self.base else None
        if self.is_whole:
            return Sizes(before, self.counts.accepted + self.counts.unchanged)
        return Sizes(before, (before or 0) + self.changes["new"] - self.changes["ended"])

    @property
    def held_path(self) -> Path:
        """Where it is said why this delivery is held."""
        return staged.held_path(self.settings, self.feed.name, self.delivery.delivery_id)

    @property
    def hash_method(self) -> str:
        """Hashes of two deliveries can be compared when their methods are equal: same engine, same columns."""
        return f"duckdb {engine_version(self.con)}: {', '.join(sorted(self.names))}"


def engine_version(con: Connection) -> str:
    """Version of the engine whose hash function is used."""
    return str(con.execute("select version()").fetchall()[0][0])


def _layout(feed: Feed, delivery: Delivery) -> Layout:
    layout = feed.layout_on(delivery.business_date)
    if layout is None:
        raise ContractBreach(
            f"No layout of {feed.name} holds on {delivery.business_date}, the day of delivery {delivery.delivery_id}; "
            "nothing was staged.",
            hint="Add a layout for that day to the contract (validFrom, validTo).",
            delivery_id=delivery.delivery_id,
        )
    return layout
