"""Lists inside JSON records are lists, though some records have nothing in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.drafting_world import ROWS, loaded, sample_of


def record(n: int) -> dict[str, Any]:
    """A patient; the last one has neither names nor telephones."""
    if n == ROWS - 1:
        return {"id": f"P{n:04d}", "name": None, "telecom": None}
    return {
        "id": f"P{n:04d}",
        "name": [{"family": f"{'abcdefghij'[n % 10]}mith", "given": [f"{'klmnopqrst'[n // 10]}ann"]}],
        "telecom": [{"system": "phone", "value": f"0912{1000000 + 37 * n}"}],
    }


@pytest.mark.parametrize("is_document", [True, False], ids=["document", "lines"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_nothing_in_the_place_of_a_list_makes_no_text_of_it(tmp_path: Path, *, is_document: bool, is_first: bool) -> None:
    """The whole list, as JSON text, was everybody's given name where the last record looked at had none."""
    records = [record(n) for n in range(ROWS)][:: -1 if is_first else 1]
    text = json.dumps(records) if is_document else "\n".join(map(json.dumps, records))
    draft = sample_of(tmp_path, text.encode(), "patients.json" if is_document else "patients.jsonl")
    assert loaded(tmp_path, draft) == {
        "id": "record_no",
        "name.0.family": "surname",
        "name.0.given.0": "given_name",
        "telecom.0.value": "mobile_no",
    }


def test_households_of_one_are_households(tmp_path: Path) -> None:
    """Later files have more members, of whom only the first would be read."""
    member = {"national_code": "0012345679", "birth_date": "1365/05/12", "name": "علی", "surname": "احمدی"}
    lines = (json.dumps({"household": f"H{n:03d}", "members": [member | {"id": f"M{n:03d}"}]}) for n in range(ROWS))
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "households.jsonl")
    assert draft.sample.recognised.format.record == "members"
