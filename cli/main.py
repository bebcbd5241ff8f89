"""`databank`: the shell's face of the databank. Each command is one call; errors end with the error tree's exit codes."""

from __future__ import annotations

import os
import sys

import typer

from cli import bench, feeds, nightly, people, scheduler
from cli.progress import ERRORS
from hub.errors import HubError, meaning
from hub.privacy import guard_logs, redacted

app = typer.Typer(
    name="databank",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="National person databank: agencies' files in; one golden record per person, cover, conflicts and returns out.\n\n"
    "Start with `databank sync`, look with `databank status`, ask with `databank query`.",
)
for room in (nightly, feeds, people, scheduler, bench):
    room.register(app)


def main() -> None:
    """Entry point of the command line."""
    guard_logs()
    try:
        app()
    except HubError as error:
        ERRORS.print(f"[bold red]{type(error).__name__}[/]: {error.summary}", highlight=False, soft_wrap=True)
        if error.hint:
            ERRORS.print(f"[bold]What to do:[/] {error.hint}", highlight=False, soft_wrap=True)
        sys.exit(meaning(error).exit_code)
    except KeyboardInterrupt:
        ERRORS.print("Stopped. Nothing is half done; the same command goes on from here.")
        sys.exit(130)
    except Exception as error:  # the shell's entry point: the only place here that may catch everything
        ERRORS.print(
            f"[bold red]Unexpected {type(error).__name__}[/]: {redacted(str(error))}", highlight=False, soft_wrap=True
        )
        ERRORS.print("The last good night stays live. Set DATABANK_DEBUG=1 and start again to see where it happened.")
        if os.environ.get("DATABANK_DEBUG"):
            raise
        sys.exit(1)


if __name__ == "__main__":
    main()
