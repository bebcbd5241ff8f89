"""A drafted contract, proved: it is loaded as any contract before it is handed out, but for a record key that it lacks."""

from __future__ import annotations

import tempfile
from pathlib import Path

from connectors.drafting.draft import Draft, Wanted, draft_contract
from hub.errors import SettingsError
from hub.settings import CONTRACTS_IN_TREE, Settings
from hub.storage import write_text
from nights.business_date import business_date_of
from schemas.contracts import SUFFIX, load_feed, load_feeds


def draft_checked(settings: Settings, sample: Path, wanted: Wanted, out: Path | None) -> tuple[Draft, Path | None]:
    """Draft a contract and load it. Returns the draft, and where it was written; None where only its text was asked for.

    Args:
        out: the contract's file, or a folder for it; an existing file is never overwritten.

    Raises:
        ContractError: what was given (insurer, benefit kind) does not fit together; nothing was written.
        SettingsError: a contract lies there already.
    """
    has_contracts = any(settings.contracts.glob(f"*{SUFFIX}"))  # the first draft of a new folder learns from the tree's
    feeds = load_feeds(settings.contracts if has_contracts else CONTRACTS_IN_TREE)
    drafted = draft_contract(settings, sample, wanted, feeds, business_date_of(settings))
    name = f"{drafted.feed}{SUFFIX}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(drafted.provable, encoding="utf-8")
        load_feed(path)
    if out is None:
        return drafted, None
    target = out / name if out.is_dir() or not out.name.endswith(SUFFIX) else out
    if target.exists():
        raise SettingsError(
            f"{target} is there already; nothing was written.", hint="Name another file, or remove it first."
        )
    write_text(target, drafted.text)
    return drafted, target
