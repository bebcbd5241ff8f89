"""Commands around persons: synth, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.progress import shown_progress
from hub.settings import Settings, settings_from_environment

OUT = Console()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (synth,):
        app.command()(command)
