"""The nation of `databank bench linkage`: made and staged once, kept under ``home/bench``, and read in variants.

A variant is the staged rows with codes taken out, so that all variants are of one nation. A second night differs from the
first in a share of all rows, for real: a third of them is new, a third is gone, a third says something else.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from connectors.current import CurrentDelivery, current_deliveries
from connectors.staged import ROWS
from hub.duck import Connection, connection, literal, quote
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import read_json, replaced_folder, write_json
from matching.evidence import valid_national_code
from nights.bench import fresh_home
from nights.intake import inbox_dates, take_in_all
from nights.measure import Measured, measured, size_mb
from schemas.contracts import load_feeds
from schemas.feed import Feed

# Writes the deliveries and the truth of a nation of so many persons, of a seed, under the home of settings; a function of a
# module, so that it can run in a process of its own.
Maker: TypeAlias = Callable[[Settings, int, int], None]
# Share of the insurers' records that tell no national code in the variant codes70.
WITHOUT_CODE = 0.3
MADE = "nation.json"
FATES = 1_000_000  # rows draw their fate as a whole number below this
# What a changed row says otherwise, by tenths of all changed rows: lives elsewhere, is written otherwise, tells no code.
MOVED, REWRITTEN = 6, 9
CONTACTS = ("mobile_no", "postal_code", "address")
SHORTEST_SURNAME = 4  # letters; of a longer one the last is left out


@dataclass(frozen=True)
class BenchNation:
    """A staged nation with its truth.

    ``taken``: seconds and MB of making and of staging it; ``delivered_mb``: size of its deliveries as they came.
    """

    settings: Settings
    persons: int
    seed: int
    business_date: date
    deliveries: tuple[CurrentDelivery, ...]
    taken: dict[str, dict[str, float]]
    delivered_mb: int

    @property
    def truth(self) -> Path:
        """Folder of the truth."""
        return self.settings.home / "truth"


@dataclass(frozen=True)
class Reading:
    """How the staged rows are read.

    Args:
        variant: default, codes70, nocodes.
        night: 1 or 2.
        change: share of all rows in which the nights differ; 0 leaves them as they are.
    """

    variant: str = "default"
    night: int = 1
    change: float = 0.0

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.variant}-{self.night}" + (f"-{self.change:g}" if self.change else "")


def bench_nation(settings: Settings, persons: int, seed: int, make: Maker, progress: Progress = quiet) -> BenchNation:
    """The nation of this size and seed, made and staged when it is not there or was made by other code or contracts."""
    at = fresh_home(settings, f"linkage-{persons}-{seed}")
    made_of = _made_of(settings)
    if not (at.home / MADE).exists() or read_json(at.home / MADE)["made_of"] != made_of:
        shutil.rmtree(at.home, ignore_errors=True)
        at.home.mkdir(parents=True)
        progress(f"make a nation of {persons:,} persons", 0)
        made = measured(make, at, persons, seed)
        delivered = size_mb(at.inbox)
        progress("stage its deliveries", 0)
        staged = measured(_stage, at)
        taken = {"make": _figures(made), "stage": _figures(staged)}
        known = {"made_of": made_of, "taken": taken, "delivered_mb": delivered, "business_date": staged.result}
        write_json(at.home / MADE, known | {"deliveries": _staged(at, staged.result)})
    made = read_json(at.home / MADE)
    deliveries = tuple(
        CurrentDelivery(
            **each | {"rows_path": at.home / each["rows_path"], "business_date": date.fromisoformat(each["business_date"])}
        )
        for each in made["deliveries"]
    )
    day = date.fromisoformat(made["business_date"])
    return BenchNation(at, persons, seed, day, deliveries, made["taken"], made["delivered_mb"])


def _stage(at: Settings) -> date:
    business_date = inbox_dates(at)[0]
    take_in_all(at, business_date)
    return business_date


def _figures(taken: Measured[Any]) -> dict[str, float]:
    return {"seconds": taken.seconds, "peak_mb": taken.peak_mb}


def _staged(at: Settings, business_date: date) -> list[dict[str, Any]]:
    """What was staged; deliveries as they came are not kept, since nothing here reads them again."""
    found = current_deliveries(at, load_feeds(at.contracts), business_date)
    for folder in (at.inbox, at.landing):
        shutil.rmtree(folder)
    return [vars(each) | {"rows_path": str(each.rows_path.relative_to(at.home))} for each in found]


def _made_of(settings: Settings) -> str:
    """Hash of the contracts and of the code that makes and stages a nation."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for feed in load_feeds(settings.contracts):
        digest.update(feed.contract_hash.encode())
    root = Path(__file__).parent.parent
    for room in ("synthetic", "connectors", "schemas"):
        for path in sorted((root / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def read_as(nation: BenchNation, reading: Reading) -> list[CurrentDelivery]:
    """The deliveries of a variant on a night; rows that differ from what was staged lie in a folder of their own."""
    if reading == Reading():
        return list(nation.deliveries)
    feeds = {feed.name: feed for feed in load_feeds(nation.settings.contracts)}
    folder = nation.settings.home / "readings" / reading.name
    with replaced_folder(folder) as partial, connection(nation.settings) as con:
        rows = {each.feed: _written(con, nation, each, feeds[each.feed], reading, partial) for each in nation.deliveries}
    return [
        CurrentDelivery(
            **vars(each)
            | {
                "delivery_id": _delivery_id(each, reading.night),
                "rows_path": folder / each.feed / ROWS,
                "row_count": rows[each.feed],
            }
        )
        for each in nation.deliveries
    ]


def _delivery_id(delivery: CurrentDelivery, night: int) -> str:
    return delivery.delivery_id if night == 1 else f"{delivery.delivery_id}-{night}"


def _written(
    con: Connection, nation: BenchNation, delivery: CurrentDelivery, feed: Feed, reading: Reading, folder: Path
) -> int:
    path = folder / feed.name / ROWS
    path.parent.mkdir()
    con.execute(f"copy ({rows_of(delivery, feed, reading, nation.seed)}) to {literal(path)} (format parquet)")
    return int(con.execute(f"select count(*) from read_parquet({literal(path)})").fetchall()[0][0])


def rows_of(delivery: CurrentDelivery, feed: Feed, reading: Reading, seed: int) -> str:
    """SQL of a feed's staged rows in one reading. Grain: record_key."""
    columns = feed.staging_table.columns
    share = round(reading.change * FATES / 3)
    changed = f"draw >= {2 * share} and draw < {3 * share}"
    absent = f"draw < {share}" if reading.night == 1 else f"draw >= {share} and draw < {2 * share}"
    told = _replaced(_without_codes(columns, feed, reading.variant, seed))
    values = ", ".join(quote(name) for name in columns)
    own = {"since_delivery_id": literal(_delivery_id(delivery, reading.night))}
    return f"""
        with told as (select * {told} from read_parquet({literal(delivery.rows_path)})),
        drawn as (
            select *, hash(record_key, {seed}) % {FATES} as draw, (hash(record_key, {seed}) // {FATES}) % 2 + 1 as turn,
                   (hash(record_key, {seed}) // {2 * FATES}) % 10 as tenth
            from told
        ),
        here as (select * from drawn where not ({absent})),
        otherwise as (
            select * {_replaced(_said_otherwise(feed))}
            from here where {changed} and turn = {reading.night}
            window near as (order by hash(record_key), record_key)
        ),
        rows_here as (
            select * from here where not ({changed} and turn = {reading.night}) union all by name from otherwise
        ),
        noted as (
            select * replace (
                hash({", ".join(quote(name) for name in _valued(columns))}) as row_hash,
                case when {reading.night} = 1 then change_code when draw < {share} then 'new'
                     when {changed} then 'changed' else 'unchanged' end as change_code,
                case when {reading.night} = 2 and (draw < {share} or {changed}) then {own["since_delivery_id"]}
                     else since_delivery_id end as since_delivery_id)
            from rows_here
        )
        select {values} from noted order by record_key"""


def _valued(columns: Iterable[str]) -> Sequence[str]:
    meta = ("line_no", "row_hash", "change_code", "since_delivery_id", "notes")
    return [name for name in columns if name not in meta]


def _without_codes(columns: Iterable[str], feed: Feed, variant: str, seed: int) -> dict[str, str]:
    """What a variant takes out: the code, and where a certificate number is the code again, that too."""
    if variant == "default" or (variant == "codes70" and feed.role != "insurer"):
        return {}
    lost = "true" if variant == "nocodes" else f"hash(record_key, 'code', {seed}) % {FATES} < {round(WITHOUT_CODE * FATES)}"
    certificate = f"{valid_national_code('birth_certificate_no')} is not null"
    gone = {
        "national_code": f"case when not ({lost}) then national_code end",
        "principal_national_code": f"case when not ({lost}) then principal_national_code end",
        "birth_certificate_no": f"case when not ({lost} and {certificate}) then birth_certificate_no end",
    }
    return {name: sql for name, sql in gone.items() if name in columns}


def _said_otherwise(feed: Feed) -> dict[str, str]:
    """What a changed row says: another dwelling's contacts, a surname and father's name as others write them, no code."""
    columns = feed.staging_table.columns
    contacts = [name for name in CONTACTS if name in columns]
    moved = f"tenth < {MOVED}" if contacts else "false"
    coded = f"tenth >= {REWRITTEN}" if "national_code" in columns and not feed.is_registry else "false"
    rewritten = f"not ({moved}) and not ({coded})"
    values = {name: f"case when {moved} then lag({name}) over near else {name} end" for name in contacts} | {
        "surname": f"case when {rewritten} and length(surname) > {SHORTEST_SURNAME} then left(surname, -1) else surname end",
        "father_name": f"case when not ({rewritten}) or tenth % 2 = 0 then father_name end",
        "national_code": f"case when not ({coded}) then national_code end",
    }
    return {name: sql for name, sql in values.items() if name in columns}


def _replaced(values: dict[str, str]) -> str:
    inside = ", ".join(f"{sql} as {name}" for name, sql in values.items())
    return f"replace ({inside})" if inside else ""
