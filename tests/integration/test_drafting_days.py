"""Births as offices of many countries write them are drafted as births, in the form that staging then reads."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.contracts import load_feed
from tests.integration.drafting_world import ROWS, loaded, sample_of

FORMS = {
    "%d.%m.%Y": "gregorian:dd/mm/yyyy",
    "%d-%m-%Y": "gregorian:dd/mm/yyyy",
    "%m-%d-%Y": "gregorian:mm/dd/yyyy",
    "%Y.%m.%d": "gregorian:yyyy.mm.dd",
    "%d/%m/%y": "gregorian:dd/mm/yy",
    "%m/%d/%y": "gregorian:mm/dd/yy",
    "%d-%b-%Y": "gregorian:dd-mon-yyyy",
    "%d%b%Y": "gregorian:dd-mon-yyyy",
    "%B %d %Y": "gregorian:dd-mon-yyyy",
    "%d-%b-%y": "gregorian:dd-mon-yy",
    "%m/%d/%Y 2:23:05 PM": "gregorian:mm/dd/yyyy",
    "%Y-%m-%dT00:00:00Z": "gregorian:yyyy-mm-dd",
}


@pytest.mark.parametrize("written", FORMS)
def test_a_birth_is_drafted_however_it_is_written(tmp_path: Path, written: str) -> None:
    rows = "\n".join(f"Q{n:04d},{date(1932, 1, 9) + timedelta(days=311 * n % 28_000):{written}}" for n in range(ROWS))
    fields = loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode()))
    assert fields["dob"] == "birth_date"
    formats = {each.name: each.date_format for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns}
    assert formats["birth_date"] == FORMS[written]
