"""What a steward sees of two records: what their agencies wrote, not what linking compares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub import postgres
from tests.integration.drafting_world import sample_of
from tests.nation import Home

DAY = "2026-11-20"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A databank with one feed, of persons whose city and year of birth are known."""
    contracts, inbox = tmp_path / "contracts", tmp_path / "nation" / "inbox" / "new"
    for folder in (inbox, contracts):
        folder.mkdir(parents=True)
    rows = [f"A{7 * n},زهرا,احمدی,{('آرادان', 'مهدی‌شهر')[n % 2]},{1340 + n}" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["case no,نام,نام خانوادگی,شهر,سال تولد", *rows]).encode(), "NEW_14050829.csv")
    (tmp_path / "NEW_14050829.csv").rename(inbox / "NEW_14050829.csv")
    (contracts / "new.odcs.yaml").write_text(draft.text, encoding="utf-8")
    made = Home(tmp_path / "state", tmp_path / "nation")
    made.settings = replace(made.settings, contracts=contracts)
    return made


def test_city_and_year_of_birth_are_shown_as_they_were_written(home: Home) -> None:
    try:
        assert home.run("sync", "--date", DAY).returncode == 0
        shown = home.run("review", "show", "new:A0", "new:A7").stdout
    finally:
        postgres.stop(home.settings, mode="immediate")
    for text in ("آرادان", "مهدی‌شهر", "1340", "1341"):
        assert text in shown
