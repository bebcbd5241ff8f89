"""Run folders: the evidence of one night.

``runs/<run_id>/manifest.json`` says what went in (deliveries and their hashes, code version, base run), ``steps.jsonl``
what was computed, the Parquet files what came out. The run id is made of the business date and the hash of the inputs:
the same inputs are the same run, so a night that was killed is found again and goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hub.duck import connection
from hub.errors import PublishError
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.steps import Runner
from hub.storage import read_json, write_json


@dataclass(frozen=True)
class Run:
    """One night's folder."""

    run_id: str
    business_date: date
    folder: Path
    inputs_hash: str
    base_run_id: str | None
    inputs: Mapping[str, Any]

    def table(self, name: str) -> Path:
        """Where the Parquet file of a table is or will be."""
        return self.folder / f"{name}.parquet"

    @contextmanager
    def runner(self, settings: Settings, progress: Progress = quiet) -> Iterator[Runner]:
        """A runner whose connection sees the tables that earlier stages left here."""
        with connection(settings) as con:
            runner = Runner(con, self.folder, self.inputs_hash, progress)
            runner.attach_all()
            yield runner


def open_run(settings: Settings, business_date: date, inputs: Mapping[str, Any], base_run_id: str | None) -> Run:
    """Open the run of these inputs, making its folder when they are new.

    Args:
        inputs: whatever the result depends on, as JSON values: delivery hashes, contract and model versions, judgements.
        base_run_id: the live run whose identity log this one continues; None in a new nation.
    """
    text = json.dumps([business_date.isoformat(), inputs, base_run_id], sort_keys=True, default=str)
    inputs_hash = hashlib.sha256(text.encode()).hexdigest()
    run_id = f"{business_date.isoformat()}-{inputs_hash[:12]}"
    folder = settings.runs / run_id
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(run_id, business_date, folder, inputs_hash, base_run_id, dict(inputs))
    if not (folder / "manifest.json").exists():
        write_json(
            folder / "manifest.json",
            {
                "run_id": run_id,
                "business_date": business_date.isoformat(),
                "inputs_hash": inputs_hash,
                "base_run_id": base_run_id,
                "inputs": dict(inputs),
            },
        )
    return run


def has_folder(settings: Settings, run_id: str) -> bool:
    """Whether a run's folder is there."""
    return _manifest(settings, run_id).exists()


def find_run(settings: Settings, run_id: str) -> Run:
    """Open an existing run folder.

    Raises:
        PublishError: there is no such run under this home.
    """
    manifest = _manifest(settings, run_id)
    if not manifest.exists():
        raise PublishError(
            f"Run {run_id} has no folder under {settings.runs}; nothing was changed.",
            hint="`databank status` names the live run and the open one; else restore the folder from backup.",
        )
    value = read_json(manifest)
    return Run(
        run_id,
        date.fromisoformat(value["business_date"]),
        manifest.parent,
        value["inputs_hash"],
        value["base_run_id"],
        value["inputs"],
    )


def all_runs(settings: Settings) -> list[Run]:
    """All run folders of this home, in the order in which they were opened."""
    manifests = sorted(settings.runs.glob("*/manifest.json"), key=lambda path: (path.stat().st_mtime_ns, path.parent.name))
    return [find_run(settings, path.parent.name) for path in manifests]


def _manifest(settings: Settings, run_id: str) -> Path:
    return settings.runs / run_id / "manifest.json"
