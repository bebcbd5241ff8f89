"""Commands around wires: fetch what agencies have for us, see and try connections."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.nightly import settings_on
from cli.progress import shown_progress
from cli.shown import DATE, JSON, listed, say, show_facts, show_json, show_table
from hub.errors import DeliveryError, SettingsError
from hub.settings import settings_from_environment

FEEDS = Annotated[list[str] | None, typer.Argument(help="Feeds by name; left out: every feed that has a wire.")]
CONNECTION = Annotated[str | None, typer.Argument(help="One connection; left out: all that contracts name.")]

connections = typer.Typer(no_args_is_help=True, help="Connections to agencies: which there are, and do they answer?")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (fetch, verify):
        app.command()(command)
    app.add_typer(connections, name="connections")


def fetch(feeds: FEEDS = None, business_date: DATE = None, as_json: JSON = False) -> None:
    """Bring what agencies have for us into the inbox, by SFTP, HTTPS, SQL or from an object store.

    A night does this by itself before it lands files. One wire that fails does not stop the others; the exit code is the
    first one's.

    Examples: `databank fetch` · `databank fetch ihio_rural oil --date 2026-11-20`
    """
    from nights.business_date import business_date_of
    from nights.intake import feed_named
    from nights.wires import fetch_feeds

    settings = settings_on(business_date)
    for name in feeds or ():
        feed_named(settings, name)
    with shown_progress() as progress:
        fetched = fetch_feeds(settings, feeds or (), business_date_of(settings), progress)
    if as_json:
        show_json([
            {"feed": each.feed, "files": [vars(file) for file in each.files], "error": _kind(each.error)} for each in fetched
        ])  # fmt: skip
    elif not fetched:
        say("No contract names a wire: files come into the inbox by themselves. See docs/adding_a_feed.md.")
    else:
        show_table(
            ("feed", "new files", "names", "failed"),
            [
                (each.feed, len(each.files), ", ".join(file.file_name for file in each.files) or None, _kind(each.error))
                for each in fetched
            ],
        )
    if failed := next((each.error for each in fetched if each.error), None):
        raise failed


def verify(
    business_date: DATE = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask about so many codes at most.")] = None,
    is_dry: Annotated[bool, typer.Option("--dry", help="Count what would be asked; ask nothing.")] = False,
    as_json: JSON = False,
) -> None:
    """Ask civil registration about national codes that only one agency knows; the answers become a delivery.

    Within the service's quota and hours; no question is asked twice. Needs a contract with an inquiry service.

    Examples: `databank verify --dry` · `databank verify --limit 200`
    """
    from nights.business_date import business_date_of
    from nights.verification import verify as verified

    settings = settings_on(business_date)
    with shown_progress() as progress:
        done = verified(settings, business_date_of(settings), limit=limit, is_dry=is_dry, progress=progress)
    inquiries = done.inquiries
    if as_json:
        show_json(
            {"feed": done.feed, "known_alone": done.known_alone, "unsettled": done.unsettled}
            | (
                {}
                if inquiries is None
                else vars(inquiries) | {"delivery": inquiries.delivery and inquiries.delivery.file_name}
            )
        )
        return
    facts = [("known to one agency", f"{done.known_alone:,}"), ("not yet answered", f"{done.unsettled:,}")]
    if inquiries is not None:
        facts += [
            ("answers", listed(inquiries.answers)),
            ("left for the next time", f"{inquiries.left:,}"),
            ("stopped by", inquiries.stopped or "nothing: all were asked"),
            ("delivery", inquiries.delivery.file_name if inquiries.delivery else "none: nobody new was found"),
        ]
    show_facts(f"Codes that only one agency knows ({done.feed})", facts)


@connections.command("list")
def connections_list(as_json: JSON = False) -> None:
    """List connections: where each is set and which feeds use it; never what is in it.

    Example: `databank connections list`
    """
    from nights.wires import connection_uses

    uses = connection_uses(settings_from_environment())
    if as_json:
        show_json([vars(use) for use in uses])
    elif uses:
        show_table(
            ("connection", "set in", "feeds"), [(each.name, each.place, ", ".join(each.feeds) or None) for each in uses]
        )
    else:
        say("No contract names a connection, and none is set.")


@connections.command("test")
def connections_test(connection: CONNECTION = None, as_json: JSON = False) -> None:
    """Try the wires of connections: log in and look, fetch nothing.

    Examples: `databank connections test` · `databank connections test ihio`
    """
    from nights.wires import check_wires

    checks = check_wires(settings_from_environment(), connection)
    if not checks:
        what = f"the connection {connection}" if connection else "a connection"
        raise SettingsError(f"No contract names {what}; nothing was tried.", hint="`databank connections list` shows them.")
    if as_json:
        show_json([vars(each) | {"error": _kind(each.error)} for each in checks])
    else:
        show_table(
            ("feed", "connection", "answer", "failed"),
            [(each.feed, each.connection, each.answer or None, _kind(each.error)) for each in checks],
        )
    if failed := next((each.error for each in checks if each.error), None):
        raise failed


def _kind(error: DeliveryError | None) -> str | None:
    return type(error).__name__ if error is not None else None
