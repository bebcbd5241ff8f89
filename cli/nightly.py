"""Commands of the operator: a night as a whole and stage by stage, and where the databank stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.progress import shown_progress
from cli.returns import show_way
from cli.shown import DATE, JSON, OUT, RUN, listed, say, show_facts, show_json
from hub.errors import DeliveryMissing, PublishError, SettingsError
from hub.postgres import is_made
from hub.settings import Settings, settings_from_environment

if TYPE_CHECKING:
    from nights.state import State
    from nights.summary import NightSummary
    from warehouse.identity_log import LogMending


SHOWN_STRANGERS = 10


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (init, sync, link, publish, report, status):
        app.command()(command)


def settings_on(business_date: str | None) -> Settings:
    """Settings from the environment, on the date given on the command line."""
    settings = settings_from_environment()
    return settings if business_date is None else settings.on(parsed_date(business_date))


def settings_of_databank() -> Settings:
    """Settings from the environment, of a databank that was made.

    Raises:
        SettingsError: there is none yet.
    """
    settings = settings_from_environment()
    if not is_made(settings):
        raise SettingsError(
            f"There is no databank in {settings.home} yet; nothing was done.",
            hint="Set DATABANK_HOME to the one you mean, or make one with `databank init`.",
        )
    return settings


def parsed_date(text: str) -> date:
    """A date typed by a person: 2026-11-20, or Jalali as 1405/08/29."""
    try:
        if "/" in text:
            from schemas.jalali import gregorian

            year, month, day = (int(part) for part in text.split("/"))
            return gregorian(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("this is no date; write it as 2026-11-20, or Jalali as 1405/08/29") from None


def init() -> None:
    """Make folders, keys, database, tables, roles and logins. Safe to repeat.

    Example: `DATABANK_HOME=/srv/databank databank init`
    """
    from hub.signing import PUBLIC_KEY
    from nights.setup import make_ready

    settings = settings_from_environment()
    make_ready(settings)
    say(f"Ready. State: {settings.home}")
    say(f"Agencies verify receipts with the key {settings.keys / PUBLIC_KEY}; give it to them.")
    say(f"Put files under {settings.inbox}/<feed>/ (`databank feeds` lists them), then run `databank sync`.")


def sync(business_date: DATE = None, as_json: JSON = False) -> None:
    """Run one night: take in deliveries, link, judge cover, publish, report.

    Examples: `databank sync` · `databank sync --date 2026-11-20 --json`
    """
    from nights.setup import make_ready
    from nights.summary import summarise
    from nights.sync import sync as run_sync

    settings = settings_on(business_date)
    make_ready(settings)
    with shown_progress() as progress:
        night = run_sync(settings, progress)
    summary = summarise(settings, night.opening.run_id)
    if as_json:
        failures = {item.feed: str(item.error) for item in night.failures}
        figures = summary.as_json() if summary else None
        show_json({"is_new": not night.opening.is_live, "failures": failures, "summary": figures})
        return
    for item in night.failures:
        if not isinstance(item.error, DeliveryMissing):
            say(f"{item.feed}: {item.error}")
    if late := [item.feed for item in night.failures if isinstance(item.error, DeliveryMissing)]:
        say(f"Nothing has come for {night.business_date} from: {', '.join(late)}. The night uses what they sent before.")
        say(f"What to do: put their files under {settings.inbox}/<feed>/ and start the night again.")
    if night.opening.is_past:
        say(f"A later night is already live; deliveries up to {night.business_date} were kept as evidence only.")
    elif night.opening.is_live:
        say(f"Nothing new since this night was published (run {night.opening.run_id}).")
    if summary:
        show_summary(settings, summary)
    show_way(night.returns)


def link(run_id: RUN) -> None:
    """Standardise, link and identify the persons of an open run.

    Example: `databank link 2026-11-20-0a1b2c3d4e5f`
    """
    from nights import night
    from nights.lock import night_lock
    from warehouse.runs import is_published

    settings = settings_of_databank()
    if is_published(settings, run_id):
        raise PublishError(
            f"Run {run_id} was published, so its folder is evidence; nothing was linked.",
            hint="`databank sync --date DATE` opens a new run where something is new.",
        )
    with night_lock(settings), shown_progress() as progress:
        night.link_persons(settings, run_id, progress)
    say(f"Linked. `databank publish {run_id}` judges cover and makes it live.")


def publish(
    run_id: RUN,
    release: Annotated[str | None, typer.Option(metavar="REASON", help="Publish a night that is held; says why.")] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Write every table anew, also of the live run: mends a database changed by hand.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Judge cover of a linked run, audit it, make it live, and write its returns and pages.

    Example: `databank publish 2026-11-20-0a1b2c3d4e5f --release "two funds merged, as announced"`
    """
    from nights import night
    from nights.lock import night_lock
    from warehouse.publish import Manner
    from warehouse.runs import is_published

    if release is not None and not release.strip():
        raise typer.BadParameter("say why, in a few words", param_hint="--release")
    settings = settings_of_databank()
    with night_lock(settings), shown_progress() as progress:
        if not is_published(settings, run_id):  # the folder of a published run is evidence
            night.judge_cover(settings, run_id, progress)
        done = night.publish_night(settings, run_id, progress, Manner(is_whole=whole, release_reason=release))
        night.report_night(settings, run_id)
    if as_json:
        tables = {name: vars(counts) for name, counts in done.tables.items()}
        log = vars(done.log) if done.log else None
        figures = {"run_id": done.run_id, "is_repeat": done.is_repeat, "written": done.written, "identity_log": log}
        show_json({**figures, "tables": tables})
    elif done.is_repeat:
        say(f"Run {run_id} was live already; its returns and pages were written again.")
    else:
        say(f"Run {run_id} is live: {done.written:,} rows written in {done.seconds:.1f} s. `databank status` shows it.")
    if done.log and not as_json:
        show_mending(done.log)


def show_mending(log: LogMending) -> None:
    """Print what was wrong with the identity log, and what became of it."""
    if log.is_sound:
        say("The identity log is what the nights wrote; it was left as it is.")
    mended = {"restored": log.restored, "rewritten": log.rewritten, "removed because no night wrote them": log.removed}
    if mended := {name: count for name, count in mended.items() if count}:
        say(f"The identity log was not what the nights wrote. Rows {listed(mended)}.")
    if log.unproven:
        say(f"{log.unproven:,} rows of the identity log are of nights whose run folders are gone; they were left alone.")
    if log.undated_runs:
        said = ", ".join(log.undated_runs)
        say(f"Nothing says when these nights went live, so what the identity log lacks of them stays lost: {said}.")


def report(run_id: RUN) -> None:
    """Write the conflict returns of a published run again, and the pages of the live one.

    Example: `databank report 2026-11-20-0a1b2c3d4e5f`
    """
    from nights import night

    settings = settings_from_environment()
    page = night.report_night(settings, run_id)
    say(f"Returns: {settings.returns}   Pages: {page}")


def status(as_json: JSON = False) -> None:
    """Show where the databank stands: the live night, a night that is open or held, deliveries that wait, alerts.

    Example: `databank status --json`
    """
    settings = settings_from_environment()
    if not is_made(settings):
        if as_json:
            show_json(None)
        else:
            say(f"There is no databank in {settings.home} yet.")
            say("`databank init` makes one; `databank synth` fills its inbox with a synthetic nation; then `databank sync`.")
        return
    from nights.state import state_of

    state = state_of(settings)
    if as_json:
        show_json(_as_json(state))
        return
    if state.live is None:
        say("No night was published yet. Put files under inbox/<feed>/ and run `databank sync`.")
    else:
        show_summary(settings, state.live)
        show_way(state.returns)
    show_needs(state)


def show_needs(state: State) -> None:
    """Print what is going on and what waits for a person; nothing where all is quiet."""
    facts: list[tuple[str, str]] = []
    if state.is_working:
        facts.append(("A night is at work", "`databank status` again shows how far it came"))
    if run := state.open_run:
        last = f", last step at {run.last_step_at}" if run.last_step_at else ""
        facts.append((f"Run {run.state_code}", f"{run.run_id} ({run.stage}{last})"))
        if run.reason:
            facts.append(("  why", run.reason))
        if run.hint and run.state_code == "failed":
            facts.append(("  what to do", run.hint))
        if run.state_code == "held":
            facts.append(("  release it with", f'databank publish {run.run_id} --release "why"'))
        elif not state.is_working:
            facts.append(("  go on with", f"databank sync --date {run.business_date}"))
    if failed := state.failure:
        told = f"{failed.business_date}, {failed.stage.replace('_', ' ')}, at {failed.failed_at}"
        facts += [("Night failed", told), ("  why", failed.reason), ("  what to do", failed.hint)]
    for item in state.waiting:
        kind = f" ({item.kind})" if item.kind else ""
        facts += [(f"Delivery {item.state}", f"{item.delivery_id}{kind}"), ("  why", item.reason)]
    if any(item.state == "held" for item in state.waiting):
        facts.append(("  release one with", 'databank land --accept DELIVERY --reason "why"'))
    if state.strangers:
        shown = state.strangers[:SHOWN_STRANGERS]
        facts += [("File of no feed", f"inbox/{name}") for name in shown]
        facts.append(
            ("  why", f"{len(state.strangers)} in all: no contract has that folder or file name; nothing was taken")
        )
    for name in state.later[:SHOWN_STRANGERS]:
        facts.append(("File of a day to come", f"inbox/{name}: it waits for its day; ask the agency if the date is wrong"))
    if state.late:
        facts.append(
            ("Alert", f"the night {state.late.scheduler_run_id} was not done at its deadline {state.late.deadline_at}")
        )
    if ends := state.certificate_ends:
        told = (
            f"its last day is {ends}; renew it, and give every insurer the new one (docs/operating.md, Returns to insurers)"
        )
        facts.append(("Hub's certificate", told))
    if facts:
        OUT.print()
        needs = state.certificate_ends or state.open_run or state.failure or state.waiting or state.late or state.strangers
        show_facts("Needs attention" if needs else "Now", facts)


def show_summary(settings: Settings, summary: NightSummary) -> None:
    """Print a night so that a newcomer understands it."""
    late = f", of which {summary.late_feeds} are older than this date" if summary.late_feeds else ""
    OUT.print()
    show_facts(
        f"Night of {summary.business_date}  (run {summary.run_id})",
        [
            ("Deliveries in use", f"{summary.deliveries}{late}"),
            ("Rows received", f"{summary.rows['received']:,}"),
            *((f"  {fate}", f"{count:,}") for fate, count in summary.rows.items() if fate != "received"),
            ("Persons", f"{summary.persons:,}"),
            ("Records linked by", listed(summary.links)),
            ("Identity events", listed(summary.events)),
            ("Pairs that wait for a person", f"{summary.review_pairs:,}"),
            ("Open conflicts", listed(summary.conflicts)),
            ("Basic booklets", listed(summary.booklets)),
            ("Conflict returns", f"{len(summary.returns)} insurers; conflicts in each return:"),
            ("", listed(summary.returns)),
            ("  they lie in", f"{settings.returns / summary.business_date}/<insurer>/"),
            ("Pages", str(settings.pages / "index.html")),
            ("  or", "databank serve"),
            ("Ask the warehouse", 'databank query "select * from mart.night"'),
            ("  from any tool", "databank query"),
        ],
    )


def _as_json(state: State) -> dict[str, object]:
    from nights.returns import counted

    return {
        "live": state.live.as_json() if state.live else None,
        "open_run": vars(state.open_run) if state.open_run else None,
        "is_working": state.is_working,
        "waiting": [vars(item) for item in state.waiting],
        "strangers": list(state.strangers),
        "later": list(state.later),
        "late": vars(state.late) if state.late else None,
        "failure": vars(state.failure) if state.failure else None,
        "returns": counted(state.returns),
        "certificate_ends": state.certificate_ends,
    }
