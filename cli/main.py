"""`databank`: the shell's face of the databank. Each command is one call; errors end with the error tree's exit codes."""

from __future__ import annotations

import sys

import typer

from cli import (
    asking,
    bench,
    booklet,
    conflicts,
    cover,
    evaluating,
    feeds,
    models,
    nightly,
    people,
    receipts,
    retracting,
    returns,
    review,
    rules,
    scheduler,
    wires,
)
from cli.progress import ERRORS
from hub.errors import HubError, meaning
from hub.privacy import guard_logs, is_debugging, keep_files_private, told

app = typer.Typer(
    name="databank",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="National person databank: agencies' files in; one golden record per person, cover, conflicts and returns out.\n\n"
    "Start with `databank sync`, look with `databank status`, ask with `databank query`.",
)
ROOMS = (
    nightly, feeds, retracting, receipts, returns, wires, asking, people, cover, booklet, conflicts, rules, review,
    evaluating, models, scheduler, bench,
)  # fmt: skip
for room in ROOMS:
    room.register(app)


def main() -> None:
    """Entry point of the command line."""
    keep_files_private()
    guard_logs()
    try:
        app()
    except HubError as error:
        _tell(type(error).__name__, error.summary)
        if error.hint:
            _tell("What to do", error.hint)
        sys.exit(meaning(error).exit_code)
    except KeyboardInterrupt:
        _tell("Stopped", "nothing is half done; the same command goes on from here.")
        sys.exit(130)
    except Exception as error:  # the shell's entry point: the only place here that may catch everything
        if is_debugging():
            raise
        _tell(f"Unexpected {told(error)}", "its words are withheld, they might quote a row. The last good night stays live.")
        _tell("What to do", "Start again. If it comes back, set DATABANK_DEBUG=1 to see the words, and report the place.")
        sys.exit(1)


def _tell(title: str, text: str) -> None:
    ERRORS.print(title, style="bold red" if title != "What to do" else "bold", end=": ", markup=False, highlight=False)
    ERRORS.print(text, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
