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
    "%Y.%m.%d.": "gregorian:yyyy.mm.dd",
    "%d/%m/%y": "gregorian:dd/mm/yy",
    "%m/%d/%y": "gregorian:mm/dd/yy",
    "%d-%b-%Y": "gregorian:dd-mon-yyyy",
    "%d%b%Y": "gregorian:dd-mon-yyyy",
    "%B %d %Y": "gregorian:dd-mon-yyyy",
    "%d-%b-%y": "gregorian:dd-mon-yy",
    "%m/%d/%Y 2:23:05 PM": "gregorian:mm/dd/yyyy",
    "%Y-%m-%dT00:00:00Z": "gregorian:yyyy-mm-dd",
}


@pytest.mark.parametrize(
    ("written", "form", "other"),
    [
        ("{0:02d}/{1:02d}/{2:02d}", "jalali:yy/mm/dd", "gregorian:dd/mm/yy"),
        ("{1:02d}/{1:02d}/20{0:02d}", "gregorian:dd/mm/yyyy", "gregorian:mm/dd/yyyy"),
        ("{1:02d}.{1:02d}.{0:02d}", "gregorian:dd/mm/yy", "gregorian:mm/dd/yy"),
        ("{0:02d}/{1:02d}/13{2:02d}", "jalali:dd/mm/yyyy", None),
        ("9{1:.0f}/{1:02d}/{2:02d}", None, None),
    ],
)
def test_days_that_may_be_read_in_two_ways_are_a_question(
    tmp_path: Path, written: str, form: str | None, other: str | None
) -> None:
    """Pupils born on the 25th of November 2009, or on 9 Bahman 1325: no sample tells."""
    rows = "\n".join(f"Q{n:04d},{written.format(8 + n % 20, n % 9 + 1, n % 18 + 1)}" for n in range(ROWS))
    draft = sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode())
    assert f'format: "{form or "jalali:yy/mm/dd"}"' in draft.text
    assert ("would be one as" in draft.text) == bool(other)
    assert other is None or f"would be one as {other}: CHECK" in draft.text


def test_days_in_an_order_that_no_contract_can_say_are_left_out(tmp_path: Path) -> None:
    """The draft could not be loaded."""
    rows = "\n".join(f"Q{n:04d},{n % 12 + 1:02d}/{n % 28 + 1:02d}/{1320 + n}" for n in range(ROWS))
    assert "dob" not in loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode()))


def test_days_at_many_hours_count_as_often_as_they_are_there(tmp_path: Path) -> None:
    hours = "\n".join(
        f"Q{n:04d},{'unknown' if n % 8 == 0 else f'1380/01/0{n % 3 + 1} {n % 24:02d}:{n:02d}'}" for n in range(ROWS)
    )
    assert loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{hours}\n".encode()))["dob"] == "birth_date"


@pytest.mark.parametrize("written", FORMS)
def test_a_birth_is_drafted_however_it_is_written(tmp_path: Path, written: str) -> None:
    rows = "\n".join(f"Q{n:04d},{date(1932, 1, 9) + timedelta(days=311 * n % 28_000):{written}}" for n in range(ROWS))
    fields = loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode()))
    assert fields["dob"] == "birth_date"
    formats = {each.name: each.date_format for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns}
    assert formats["birth_date"] == FORMS[written]


def test_a_jalali_birth_without_its_century_is_told_by_its_long_months(tmp_path: Path) -> None:
    """The 31st of Ordibehesht, Tir and Shahrivar are days of no Gregorian second, fourth or sixth month."""
    days = [(31 - n % 3, n % 6 + 1, (1330 + n) % 100) for n in range(ROWS)]
    rows = "\n".join(f"Q{n:04d},{day:02d}/{month:02d}/{year:02d}" for n, (day, month, year) in enumerate(days))
    fields = loaded(tmp_path, sample_of(tmp_path, f"unique_id,dob\n{rows}\n".encode()))
    assert fields["dob"] == "birth_date"
    formats = {each.name: each.date_format for each in load_feed(tmp_path / "new.odcs.yaml").layouts[0].columns}
    assert formats["birth_date"] == "jalali:dd/mm/yy"
