"""A file that no contract knows is not passed over in silence."""

from __future__ import annotations

from pathlib import Path

from connectors.transports.folder import strangers

PATTERNS = {"oil": "oil_*.parquet"}


def put(inbox: Path, name: str) -> None:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")


def test_a_renamed_file_and_a_folder_of_no_feed_are_named(tmp_path: Path) -> None:
    for name in ("oil/oil_20261119.parquet", "oil/petrol_20261119.parquet", "nobody/list.csv"):
        put(tmp_path, name)
    assert strangers(tmp_path, PATTERNS) == ["nobody/list.csv", "oil/petrol_20261119.parquet"]


def test_manifests_and_unfinished_files_are_no_strangers(tmp_path: Path) -> None:
    for name in ("oil/oil_20261119.parquet.manifest.json", "oil/.hidden", "oil/oil_20261120.parquet.part"):
        put(tmp_path, name)
    assert strangers(tmp_path, PATTERNS) == []
