"""Every command explains itself, and every command that pages name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.listing import ListingGroup
from cli.main import app
from tests.integration.test_cli import printed
from tests.nation import Home


def commands(group: Any, above: str = "") -> Iterator[str]:
    """All commands below a group, by their words."""
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, f"{above}{name} ")
        else:
            yield above + name


COMMANDS = tuple(commands(get_command(app)))
SHELL = re.compile(r"```sh\n(.*?)```", re.S)
NAMED = re.compile(r"(?:`|^|&& )databank ([a-z]+)(?: ([a-z]+))?", re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(tmp_path: Path, command: str) -> None:
    (tmp_path / "inbox").mkdir()
    said = printed(Home(tmp_path / "state", tmp_path), *command.split(), "--help")
    assert re.search(r"Examples?:", said)
    assert "databank" in said


def test_every_command_that_the_tree_names_exists() -> None:
    project = Path(__file__).parents[2]
    rooms = (
        "cli",
        "connectors",
        "dags",
        "docs",
        "hub",
        "matching",
        "nights",
        "reports",
        "schemas",
        "synthetic",
        "warehouse",
    )
    files = [path for room in rooms for path in (project / room).rglob("*") if path.suffix in (".py", ".md", ".html")]
    texts = [path.read_text(encoding="utf-8") for path in (project / "README.md", project / "README.fa.md", *files)
             if "decisions" not in path.parts]  # fmt: skip
    shell = "\n".join(block for text in texts for block in SHELL.findall(text))
    quoted = "\n".join(re.findall(r"`databank [^`]*", "\n".join(texts)))
    named = set(NAMED.findall(f"{shell}\n{quoted}"))
    assert {("status", ""), ("sync", ""), ("bench", "night")} <= named
    root: dict[str, Any] = vars(get_command(app))["commands"]
    assert {word for word, _ in named} <= root.keys()
    followed = [(root[word], second) for word, second in named if second and isinstance(root[word], TyperGroup)]
    for group, second in followed:
        assert second in group.commands or isinstance(group, ListingGroup), f"{group.name} {second}"
