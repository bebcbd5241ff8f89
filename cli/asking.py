"""Commands of who looks at results: questions to the warehouse, the pages in a browser."""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer

from cli.nightly import settings_of_databank
from cli.shown import JSON, note, say, show_json, show_table
from hub.errors import SettingsError
from hub.settings import settings_from_environment

LOOPBACK = "127.0.0.1"


class Pages(SimpleHTTPRequestHandler):
    """The folder of pages and nothing beside it: returns hold personal data, so their links work from disk only."""

    def do_GET(self) -> None:
        """Serve a page, or say why a return is not served."""
        if self.path.startswith("/returns/"):
            self.send_error(404, "Not served", "Returns hold personal data: open them from the folder that status names.")
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet about each request."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (query, serve):
        app.command()(command)


def query(
    sql: Annotated[str | None, typer.Argument(help="SQL over mart.*; leave out to see how any tool connects.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="How many rows at most (10,000 if left out); it says when there are more.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Ask the warehouse with the planner's login (it reads mart.* only). Without SQL: how any tool connects.

    One query at a time; on a terminal, `databank query` alone also opens psql, which takes any number.

    Example: `databank query "select insurer_code, sum(person_count) from mart.cover_by_group group by 1"`
    """
    from warehouse.query import ROW_LIMIT, connection_text, open_planner, run_query

    settings = settings_of_databank()
    if sql is None:
        say(connection_text(settings))
        if sys.stdin.isatty() and sys.stdout.isatty():
            say()
            open_planner(settings)
        return
    answer = run_query(settings, sql, limit or ROW_LIMIT)
    if as_json:
        show_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows])
    elif answer.rows:
        show_table(answer.columns, answer.rows)
    else:
        say("No rows. Marts are filled when a night is published (`databank status`).")
    if answer.has_more:
        note(f"There are more: these are the first {len(answer.rows):,} rows. `--limit N` shows more.")


def serve(port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 8090) -> None:
    """Show the offline pages in a browser, on this machine only; Ctrl-C ends it.

    Example: `databank serve --port 8090`
    """
    settings = settings_from_environment()
    if not (settings.pages / "index.html").exists():
        raise SettingsError(f"There are no pages in {settings.pages} yet.", hint="Publish a night first: `databank sync`.")
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), partial(Pages, directory=str(settings.pages)))
    except OSError as error:
        raise SettingsError(
            f"Port {port} cannot be used; nothing is served.", hint="Give another: `databank serve --port 0`."
        ) from error
    with server:
        say(f"Pages: http://{LOOPBACK}:{server.server_address[1]}/   (English: /index.en.html; Ctrl-C ends it)")
        server.serve_forever()
