"""The project's own files, as the house rules read them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.house.rules import Source

PROJECT = Path(__file__).resolve().parent.parent.parent
# Without git (an unpacked archive) every file counts but those that .gitignore keeps out.
NOT_TRACKED = {".git", ".venv", "var", "build", "logs", "__pycache__"}
# These say what they forbid.
THE_RULES = ("tests/house/rules.py", "tests/house/test_rules.py")


@cache
def sources() -> tuple[Source, ...]:
    """Every tracked text file."""
    found = []
    for path in _paths():
        try:
            found.append(Source(path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return tuple(source for source in found if source.path not in THE_RULES)


def modules() -> tuple[Source, ...]:
    """Every Python module."""
    return tuple(source for source in sources() if source.path.endswith(".py"))


def _paths() -> list[Path]:
    git = shutil.which("git")
    if git and (PROJECT / ".git").exists():
        listing = subprocess.run(
            [git, "-c", f"safe.directory={PROJECT}", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True
        )
        paths = [PROJECT / name for name in listing.stdout.decode().split("\0") if name]
        return [path for path in paths if path.is_file()]
    return [
        path
        for path in sorted(PROJECT.rglob("*"))
        if path.is_file() and not NOT_TRACKED.intersection(path.relative_to(PROJECT).parts)
    ]
