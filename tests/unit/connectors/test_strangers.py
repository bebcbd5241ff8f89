"""A file that no contract knows is not passed over in silence."""

from __future__ import annotations

from pathlib import Path

from connectors.transports.folder import strangers
from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feed

FEEDS = {name: load_feed(CONTRACTS_IN_TREE / f"{name}.odcs.yaml") for name in ("oil", "sso_contributions")}


def put(inbox: Path, name: str) -> None:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")


def test_a_renamed_file_and_a_folder_of_no_feed_are_named(tmp_path: Path) -> None:
    for name in ("oil/oil_members_20261119.parquet", "oil/petrol_20261119.parquet", "nobody/list.csv"):
        put(tmp_path, name)
    assert strangers(tmp_path, FEEDS) == ["nobody/list.csv", "oil/petrol_20261119.parquet"]


def test_manifests_and_unfinished_files_are_no_strangers(tmp_path: Path) -> None:
    for name in ("oil/oil_members_20261119.parquet.manifest.json", "oil/.hidden", "oil/oil_members_20261120.parquet.part"):
        put(tmp_path, name)
    assert strangers(tmp_path, FEEDS) == []


def test_loose_tables_of_a_list_disk_are_no_strangers(tmp_path: Path) -> None:
    for name in ("sso_contributions/DSKKAR00.DBF", "sso_contributions/dskwor00.dbf", "sso_contributions/other.dbf"):
        put(tmp_path, name)
    assert strangers(tmp_path, FEEDS) == ["sso_contributions/other.dbf"]
