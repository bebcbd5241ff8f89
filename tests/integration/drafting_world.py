"""Samples of agencies that nobody knows, and the contracts drafted from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connectors.drafting.draft import Draft, Wanted, draft_contract
from hub.settings import Settings
from schemas.contracts import load_feed

DAY = date(2026, 11, 20)


def sample_of(folder: Path, data: bytes, name: str = "sample.csv") -> Draft:
    path = folder / name
    path.write_bytes(data)
    return draft_contract(Settings(home=folder, memory="1GB", threads=1), path, Wanted("new"), [], DAY)


def loaded(folder: Path, draft: Draft) -> dict[str, str]:
    """Columns of the draft as any contract is loaded: the agency's name to ours."""
    path = folder / f"{draft.feed}.odcs.yaml"
    path.write_text(draft.provable, encoding="utf-8")
    return {column.source: column.name for column in load_feed(path).layouts[0].columns}
