"""The sample returns of the docs have the shape of what a night writes, and are whole."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from hub.storage import sha256_of
from reports.return_columns import COLUMNS
from reports.return_dictionary import csv_metadata, dictionary
from reports.returns import MANIFEST, SCHEMA_VERSION
from tests.sample_returns import INSURERS, SAMPLES

REMEDY = "is stale: run `make samples` and commit it"


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("insurer", INSURERS)
def test_sample_returns_are_current(insurer: str) -> None:
    folder = SAMPLES / insurer
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["schema_version"] == SCHEMA_VERSION, f"{folder} {REMEDY}"
    assert {path.name for path in folder.iterdir()} == {*manifest["files"], MANIFEST}
    assert {name: sha256_of(folder / name) for name in manifest["files"]} == {
        name: file["sha256"] for name, file in manifest["files"].items()
    }
    count = 0
    for machine in folder.glob("*_*.csv"):
        header, *rows = read(machine)
        assert header == [column.name for column in COLUMNS], f"{machine} {REMEDY}"
        metadata = json.loads((folder / f"{machine.name}-metadata.json").read_text(encoding="utf-8"))
        assert metadata == csv_metadata(machine.name), f"{folder} {REMEDY}"
        count += len(rows)
    assert count == manifest["conflict_count"] > 5
    assert read(folder / "dictionary.csv") == dictionary(), f"{folder} {REMEDY}"
    for page, language in (("summary.html", "fa"), ("summary.en.html", "en")):
        assert f'<html lang="{language}"' in (folder / page).read_text(encoding="utf-8")
