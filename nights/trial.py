"""A contract tried on a sample: staged in a throw-away home, linked beside the live nation. Nothing is kept or changed."""

from __future__ import annotations

import glob
import shutil
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from connectors.current import current_deliveries
from connectors.deliveries import accept
from connectors.landing import land
from connectors.manifests import Manifest, business_date_of
from connectors.profiling import read_profile
from connectors.staged import QUARANTINE, StageCounts, Staged, find_staged
from connectors.staging import stage
from connectors.transports.folder import SIDECAR_SUFFIX
from hub.duck import Connection, connection, literal
from hub.errors import DeliveryError, DeliveryMissing, VolumeBreach
from hub.postgres import is_made
from hub.progress import Progress, quiet
from hub.runs import Run, find_run
from hub.settings import Settings
from hub.storage import passing_folder, write_json
from matching.golden import golden
from matching.identity import attach_previous, identify
from matching.incremental import link_changes
from matching.model import current_model, in_force, model_path
from matching.standardise import standardise
from nights.second_try import with_second_try
from schemas.contracts import load_feeds
from schemas.feed import Feed
from schemas.profile import Profile
from warehouse import cover
from warehouse.issuing import export_acts
from warehouse.judgements import export_judgements
from warehouse.rule_review import export_rules
from warehouse.runs import live_run_id

TRIAL = "trial"
_SCRATCH = f"{TRIAL}-home-"
ACCEPTED_FOR = "a trial in a throw-away home"


@dataclass(frozen=True)
class ColumnFigures:
    """One column of a sample. Units: percent of received rows."""

    name: str
    source: str
    filled_percent: float
    invalid_percent: float
    distinct_count: int


@dataclass(frozen=True)
class DryLinkage:
    """What the next night would make of the sample. ``links``: its records by method; ``known_count``: those whose person
    another feed knows; ``events``: identity events; ``conflicts``: open ones of its insurer beyond today's, by kind;
    ``disagreements``: its records that say otherwise than golden values, by attribute."""

    run_id: str
    record_count: int
    known_count: int
    links: dict[str, int]
    review_count: int
    events: dict[str, int]
    conflicts: dict[str, int]
    disagreements: dict[str, int]

    @property
    def link_ratio(self) -> float:
        """Share of the records that belong to a person whom another feed knows."""
        return self.known_count / self.record_count if self.record_count else 0.0


@dataclass(frozen=True)
class Trial:
    """The scorecard of a sample. ``held_because``: why the delivery would wait for a person; ``quarantine``: rows by column
    and reason; ``linkage``: None where there is no live nation to link with."""

    feed: str
    business_date: date
    counts: StageCounts
    columns: tuple[ColumnFigures, ...]
    quarantine: tuple[tuple[str | None, str, int], ...]
    held_because: str | None
    linkage: DryLinkage | None
    seconds: float


@with_second_try
def try_contract(settings: Settings, feed: Feed, sample: Path, day: date, progress: Progress = quiet) -> Trial:
    """Stage a sample as the contract says, and link it beside the live nation, in a home that is thrown away.

    Args:
        day: business date of a sample whose name does not say one.

    Raises:
        DeliveryMissing: there is no such file.
        DeliveryCorrupt, ContractBreach: the sample cannot be read, or is not what the contract says.
    """
    if not sample.is_file():
        raise DeliveryMissing(f"There is no file {sample}; nothing was tried.", hint="Name a sample of the agency's file.")
    started = time.monotonic()
    with passing_folder(settings.scratch, _SCRATCH) as home:
        place = replace(settings, home=home, engine="duckdb", trial_model=model_path(settings, in_force(settings)))
        staged, held_because = _staged(place, feed, sample, day, progress)
        with connection(place) as con:
            profile = read_profile(con, staged) or Profile()
            quarantine = _quarantine(con, staged)
        linkage = _dry_linkage(settings, place, feed, staged, progress)
    return Trial(
        feed.name,
        staged.business_date,
        staged.counts,
        _columns(feed, staged.business_date, profile),
        quarantine,
        held_because,
        linkage,
        round(time.monotonic() - started, 1),
    )


def _staged(place: Settings, feed: Feed, sample: Path, day: date, progress: Progress) -> tuple[Staged, str | None]:
    """The sample as a staged delivery, whatever it is called; and why it would have been held."""
    feed = replace(feed, files=glob.escape(sample.name))
    arrived = place.inbox / feed.name / sample.name
    arrived.parent.mkdir(parents=True)
    shutil.copyfile(sample, arrived)
    try:
        business_date_of(sample.name, Manifest(), feed)
    except DeliveryError:
        write_json(arrived.with_name(arrived.name + SIDECAR_SUFFIX), {"business_date": day.isoformat()})
    delivery_id = land(place, feed, date.max, progress)[0].delivery_id
    held_because = None
    try:
        stage(place, feed, delivery_id, progress)
    except VolumeBreach as error:
        held_because = error.summary
        accept(place, delivery_id, ACCEPTED_FOR)
        stage(place, feed, delivery_id, progress)
    staged = find_staged(place, feed.name, delivery_id)
    assert staged is not None, "it was staged just now"
    return staged, held_because


def _columns(feed: Feed, day: date, profile: Profile) -> tuple[ColumnFigures, ...]:
    layout = feed.layout_on(day)
    return tuple(
        ColumnFigures(
            column.name,
            column.source,
            round(100 - (profile.get(column.name, "null_percent") or 0), 2),
            round(profile.get(column.name, "invalid_percent") or 0, 2),
            int(profile.get(column.name, "distinct_count") or 0),
        )
        for column in (layout.columns if layout else ())
    )


def _quarantine(con: Connection, staged: Staged) -> tuple[tuple[str | None, str, int], ...]:
    rows = con.execute(f"""
        select column_name, reason_code, count(*) from read_parquet({literal(staged.folder / QUARANTINE)})
        group by all order by 3 desc, 2, 1
    """).fetchall()
    return tuple((column, reason, int(count)) for column, reason, count in rows)


def _dry_linkage(settings: Settings, place: Settings, feed: Feed, staged: Staged, progress: Progress) -> DryLinkage | None:
    live = live_run_id(settings) if is_made(settings) else None
    if live is None:
        return None
    base = find_run(settings, live)
    feeds = [each for each in load_feeds(settings.contracts) if each.name != feed.name] + [feed]
    deliveries = [each for each in current_deliveries(settings, feeds, base.business_date) if each.feed != feed.name]
    deliveries += current_deliveries(place, [feed], date.max)
    run = Run(TRIAL, max(base.business_date, staged.business_date), place.runs / TRIAL, TRIAL, live, {})
    run.folder.mkdir(parents=True)
    export_judgements(settings, run)
    export_acts(settings, run)
    export_rules(settings, run)
    with run.runner(place, progress) as runner:
        standardise(runner, feeds, deliveries, together=current_model(place).together)
        attach_previous(runner, base.folder)
        link_changes(runner, place, base.folder)
        identify(runner, run, base.folder)
        golden(runner, feeds, deliveries)
        cover.build(runner, run, feeds, deliveries, base.folder)
        return _figures(runner.con, feed, base)


_NEW_CONFLICTS = """
    select kind_code, count(*)
    from cover.conflict anti join (select conflict_no from base.conflict where status_code = 'open') using (conflict_no)
    where status_code = 'open' and (insurer_a = ? or insurer_b = ?)
"""


def _figures(con: Connection, feed: Feed, base: Run) -> DryLinkage:
    def counts(sql: str, *given: str) -> dict[str, int]:
        rows = con.execute(f"{sql} group by 1 order by 2 desc, 1", list(given)).fetchall()
        return {str(code): int(count) for code, count in rows}

    known = con.execute(
        "select count(*), count(*) filter (person_id in (select person_id from person.crosswalk where feed <> ?)) "
        "from person.crosswalk where feed = ?",
        [feed.name, feed.name],
    ).fetchall()[0]
    reviews = con.execute(
        "select count(*) from person.review_pair where starts_with(record_key_a, ?) or starts_with(record_key_b, ?)",
        [f"{feed.name}:", f"{feed.name}:"],
    ).fetchall()[0][0]
    return DryLinkage(
        run_id=base.run_id,
        record_count=int(known[0]),
        known_count=int(known[1]),
        links=counts("select method_code, count(*) from person.crosswalk where feed = ?", feed.name),
        review_count=int(reviews),
        events=counts("select event_code, count(*) from person.identity_event"),
        conflicts=counts(_NEW_CONFLICTS, str(feed.insurer_code), str(feed.insurer_code)),
        disagreements=counts("select attribute, count(*) from person.disagreement where feed = ?", feed.name),
    )
