"""A group of commands that lists when none of them is named: `databank feeds`, `databank feeds oil`."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

LISTING = "list"


class ListingGroup(TyperGroup):
    """Takes what is no command of the group as arguments of its command ``list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command where it was left out."""
        is_named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_named else [LISTING, *args])
