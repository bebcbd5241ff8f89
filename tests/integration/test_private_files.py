"""What a night leaves on disk is for the databank's user only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.nation import FIRST, Home, make_nation


@pytest.mark.slow
def test_nothing_of_a_night_is_readable_by_others(tmp_path: Path) -> None:
    nation = make_nation(tmp_path / "nation", persons=1_000, seed=3, nights=1)
    home = Home(tmp_path / "home", nation, ("sabt_persons", "oil"))
    try:
        home.sync(FIRST)
        made = [
            path
            for room in ("landing", "staging", "runs", "returns", "pages")
            for path in (home.settings.home / room).rglob("*")
        ]
        assert len(made) > 20
        open_to_others = [str(path) for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]
        assert open_to_others == []
    finally:
        home.close()
