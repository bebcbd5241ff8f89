"""Contracts as they stood when something was made by them: what is made again is made by the same (case D13).

``contracts_then/<sha256>/<feed>.odcs.yaml`` under home, written once whenever a delivery is staged or a night opens. What
was staged before there was such a folder is made again by today's contract.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.settings import Settings
from hub.storage import sha256_of, whole_folder, write_bytes
from schemas.contracts import SUFFIX, load_feed
from schemas.feed import Feed


def keep_contract(settings: Settings, feed: Feed) -> None:
    """Keep the contract that is in force, for later; nothing where it is kept or has changed under our hands."""
    source, kept = settings.contracts / f"{feed.name}{SUFFIX}", _kept(settings, feed.name, feed.contract_hash)
    if not kept.exists() and source.is_file() and sha256_of(source) == feed.contract_hash:
        write_bytes(kept, source.read_bytes())


def feed_then(settings: Settings, feed: Feed, contract_hash: str) -> Feed:
    """A feed by the contract of that hash; by today's where that one was not kept."""
    kept = _kept(settings, feed.name, contract_hash)
    return load_feed(kept) if contract_hash != feed.contract_hash and kept.exists() else feed


def contracts_then(settings: Settings, hashes: Mapping[str, str]) -> Path:
    """A folder of contracts as a night had them; today's folder where they are the same.

    Args:
        hashes: the hash of each feed's contract then.
    """
    wanted = {name: _kept(settings, name, each) for name, each in sorted(hashes.items())}
    today = {path.name.removesuffix(SUFFIX): path for path in sorted(settings.contracts.glob(f"*{SUFFIX}"))}
    if all(name in today and sha256_of(today[name]) == each for name, each in hashes.items()) and len(today) == len(hashes):
        return settings.contracts
    found = {name: kept if kept.exists() else today.get(name) for name, kept in wanted.items()}
    told = json.dumps({name: sha256_of(path) for name, path in found.items() if path})
    folder = settings.home / "contracts_then" / "nights" / hashlib.sha256(told.encode()).hexdigest()
    if not folder.is_dir():
        with whole_folder(folder) as partial:
            for name, path in found.items():
                if path:
                    shutil.copyfile(path, partial / f"{name}{SUFFIX}")
    return folder


def feeds_ever(settings: Settings, feeds: Sequence[Feed], nights: Sequence[Mapping[str, str]]) -> list[Feed]:
    """Today's feeds, and those that a night had since and whose contract is gone, by name.

    Args:
        nights: the hash of each feed's contract, by night.
    """
    found = {feed.name: feed for feed in feeds}
    for hashes in nights:
        for name, each in hashes.items():
            if name not in found and (kept := _kept(settings, name, each)).exists():
                found[name] = load_feed(kept)
    return [found[name] for name in sorted(found)]


def _kept(settings: Settings, name: str, contract_hash: str) -> Path:
    return settings.home / "contracts_then" / contract_hash / f"{name}{SUFFIX}"
