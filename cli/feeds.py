"""Commands around feeds: what is declared and delivered, land and stage by hand, check that all is sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import mending, new_feeds
from cli.listing import LISTING, ListingGroup
from cli.nightly import settings_on
from cli.progress import shown_progress
from cli.shown import DATE, JSON, listed, note, say, show_json, show_table
from hub.errors import ContractBreach, ContractError, DeliveryError, PublishError
from hub.postgres import is_made
from hub.settings import Settings, settings_from_environment

if TYPE_CHECKING:
    from connectors.deliveries import Delivery
    from connectors.staged import StageCounts

FEED = Annotated[str, typer.Argument(help="Feed name, as `databank feeds` shows it.")]


group = typer.Typer(
    cls=ListingGroup,
    help="List declared feeds with their newest delivery, or all deliveries of one feed; draft and try new contracts.\n\n"
    "Examples: `databank feeds` · `databank feeds oil --json` · `databank feeds infer SAMPLE` · "
    "`databank feeds try CONTRACT SAMPLE`",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group.command(LISTING)(feeds)
    new_feeds.register(group)
    mending.register(group)
    app.add_typer(group, name="feeds")
    for command in (land, stage, check):
        app.command()(command)


def feeds(
    feed: Annotated[str | None, typer.Argument(help="One feed: list its deliveries.")] = None, as_json: JSON = False
) -> None:
    """List declared feeds with their newest delivery and its state, or all deliveries of one feed.

    Examples: `databank feeds` · `databank feeds oil --json`
    """
    settings = settings_from_environment()
    rows = _feeds(settings) if feed is None else _deliveries(settings, feed)
    if as_json:
        show_json(rows)
    elif rows:
        show_table(list(rows[0]), [list(row.values()) for row in rows])
    elif feed:
        say(f"{feed} has delivered nothing yet. Put a file into {settings.inbox / feed}/, then `databank land {feed}`.")


def _feeds(settings: Settings) -> list[dict[str, object]]:
    from connectors.deliveries import deliveries_of
    from schemas.contracts import load_feeds

    rows: list[dict[str, object]] = []
    for feed in load_feeds(settings.contracts):
        known = deliveries_of(settings, feed.name)
        newest = known[-1] if known else None
        rows.append({
            "feed": feed.name, "title": feed.title_fa, "role": feed.role, "format": feed.layouts[-1].format.kind,
            "deliveries": len(known), "newest": newest.business_date.isoformat() if newest else None,
            "state": newest.state(settings) if newest else None,
        })  # fmt: skip
    return rows


def _deliveries(settings: Settings, name: str) -> list[dict[str, object]]:
    from connectors.ledger import delivery_rows
    from nights.intake import feed_named

    feed_named(settings, name)
    return [
        {
            "delivery": row["delivery_id"], "date": row["business_date"] and row["business_date"].isoformat(),
            "kind": row["kind_code"], "number": row["sequence_no"], "state": row["state_code"],
            "repeats": row["repeat_count"] or None, "file": row["file_name"], "why": row["reason"],
        }
        for row in delivery_rows(settings, name)
    ]  # fmt: skip


def land(
    feed: Annotated[str | None, typer.Argument(help="Feed name; not needed with --accept.")] = None,
    business_date: DATE = None,
    accept_delivery: Annotated[
        str | None, typer.Option("--accept", metavar="DELIVERY", help="Release a held delivery by its id, and stage it.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is released; kept for ever.")] = "",
    as_json: JSON = False,
) -> None:
    """Land what has arrived for a feed, or release a held delivery.

    Example: `databank land ihio_rural`, or `databank land --accept oil-2026-11-20-0a1b2c3d4e5f --reason "a new refinery"`
    """
    from connectors.deliveries import accept, delivery_named
    from nights.business_date import business_date_of
    from nights.intake import land_feed, stage_feed

    settings = settings_on(business_date)
    if accept_delivery:
        if not reason.strip():
            raise typer.BadParameter("a release needs a reason", param_hint="--reason")
        held = delivery_named(settings, accept_delivery)
        accept(settings, held.delivery_id, reason)
        _show_staged(stage_feed(settings, held.feed, [held.delivery_id]), as_json)
    elif feed is None:
        raise typer.BadParameter("name a feed, or a delivery with --accept")
    else:
        landed = land_feed(settings, feed, business_date_of(settings))
        if as_json:
            show_json([{"delivery_id": item.delivery_id, "is_repeat": item.is_repeat} for item in landed])
        elif landed:
            show_table(("delivery", "repeat"), [(item.delivery_id, "yes" if item.is_repeat else None) for item in landed])
            for name in dict.fromkeys(item.delivery_id for item in landed):
                say(_what_next(delivery_named(settings, name), settings))
        else:
            say(f"Nothing new in {settings.inbox / feed}.")


def _what_next(delivery: Delivery, settings: Settings) -> str:
    """What to do with a delivery that has landed, now or before."""
    feed, delivery_id = delivery.feed, delivery.delivery_id
    why = f"as `databank feeds {feed}` says"
    is_breach = delivery.refused_as(settings) == ContractBreach.__name__
    mend = f"Mend the contract, then: databank stage {feed}" if is_breach else "Ask the agency for it again."
    return {
        "landed": f"{delivery_id} waits: databank stage {feed}",
        "refused": f"{delivery_id} was refused, {why}. {mend}",
        "held": f'{delivery_id} is held, {why}. To let it pass: databank land --accept {delivery_id} --reason "..."',
        "staged": f"{delivery_id} is staged already; the same file again changes nothing.",
        "retracted": f"{delivery_id} was retracted; the same file again changes nothing.",
    }[delivery.state(settings)]


def stage(feed: FEED, as_json: JSON = False) -> None:
    """Type, check and stage a feed's landed deliveries, and those that its contract refused or held before it was mended.

    Example: `databank stage ihio_rural`
    """
    from connectors.deliveries import delivery_named
    from nights.intake import stage_feed, to_be_staged

    settings = settings_from_environment()
    waiting = to_be_staged(settings, feed)
    try:
        with shown_progress() as progress:
            staged = stage_feed(settings, feed, waiting, progress)
    except DeliveryError:
        if any(delivery_named(settings, each).refused_as(settings) == ContractBreach.__name__ for each in waiting):
            note(f"Once the contract is mended: databank stage {feed}. The file need not come again.")
        raise
    if staged or as_json:
        _show_staged(staged, as_json)
    else:
        say(f"Nothing to stage for {feed}; `databank feeds {feed}` lists its deliveries.")


def _show_staged(staged: Mapping[str, StageCounts], as_json: bool) -> None:
    if as_json:
        show_json({name: vars(counts) for name, counts in staged.items()})
        return
    for name, counts in staged.items():
        say(f"{name} is staged: {listed(vars(counts))}")


def check(
    contract: Annotated[Path | None, typer.Argument(help="One contract file; left out: everything.")] = None,
    as_json: JSON = False,
) -> None:
    """Check contracts, code lists, and whether the database holds what the live night left.

    Examples: `databank check` · `databank check schemas/feeds/oil.odcs.yaml`
    """
    from schemas.contracts import load_feed, load_feeds

    settings = settings_from_environment()
    if contract is not None:
        if not contract.is_file():
            raise ContractError(f"There is no file {contract}; nothing was checked.", hint="Name a *.odcs.yaml file.")
        feed = load_feed(contract)
        if as_json:
            show_json({"contracts": [feed.name]})
        else:
            say(f"The contract {feed.name} is sound.")
        return
    found = [feed.name for feed in load_feeds(settings.contracts)]
    codes = _check_codes()
    run_id, tables = _check_database(settings)
    if as_json:
        show_json({"contracts": found, "codes": codes, "live_run": run_id, "tables": tables})
        return
    say(f"{len(found)} contracts are sound: {', '.join(found)}")
    say(f"Code lists are sound: {listed(codes)}")
    if run_id is None:
        say("No night was published yet, so there is no database to compare.")
    else:
        say(f"The database holds what run {run_id} left, in {tables} tables.")


def _check_codes() -> dict[str, int]:
    from schemas.codes import insurers, national_code_prefixes, overlap_rules, provinces

    return {
        "insurers": len(insurers()),
        "provinces": len(provinces()),
        "overlap rules": len(overlap_rules()),
        "national code prefixes": len(national_code_prefixes()),
    }


def _check_database(settings: Settings) -> tuple[str | None, int]:
    if not is_made(settings):
        return None, 0
    from warehouse.consistency import compare

    with shown_progress() as progress:
        result = compare(settings, progress)
    if result.differences:
        said = "; ".join(
            f"{each.table}: {each.missing:,} missing, {each.strange:,} that no night wrote, {each.altered:,} altered, "
            f"of {each.in_run:,}"
            for each in result.differences
        )
        raise PublishError(
            f"The database does not hold what run {result.run_id} left (rows of {said}); nothing was changed.",
            hint=f"Somebody changed it by hand: `databank publish {result.run_id} --whole` writes it anew. Or an old backup "
            "was restored: restore database and state folder together.",
        )
    return result.run_id, result.table_count
