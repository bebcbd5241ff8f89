"""A synthetic nation for tests, and `databank` as a program of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from copy import copy
from dataclasses import replace
from pathlib import Path

from hub import postgres
from hub.settings import Settings
from hub.storage import read_json, write_json
from schemas.contracts import load_feeds
from synthetic.nation import generate
from synthetic.options import NationOptions
from tests.servers.process import free_port

FIRST, SECOND = "2026-11-19", "2026-11-20"
DATABANK = Path(sys.executable).parent / "databank"


def make_nation(folder: Path, *, persons: int, seed: int, nights: int = 2) -> Path:
    """Deliveries and truth of a small nation under ``folder``; equal arguments give equal files."""
    settings = Settings(home=folder)
    generate(NationOptions(persons=persons, seed=seed, nights=nights), folder, load_feeds(settings.contracts))
    return folder


class Home:
    """A state folder with a nation's deliveries in its inbox, and the command line working on it."""

    def __init__(self, folder: Path, nation: Path | None = None, feeds: tuple[str, ...] = ()) -> None:
        """``nation``: deliveries to put in; left out, those that lie there. ``feeds``: contracts to keep; left out, all."""
        self.settings = Settings(home=folder, memory="2GB")
        if nation:
            shutil.copytree(nation / "inbox", self.settings.inbox)
        if feeds:
            contracts = folder / "contracts"
            contracts.mkdir()
            for feed in feeds:
                shutil.copy(self.settings.contracts / f"{feed}.odcs.yaml", contracts)
            self.settings = replace(self.settings, contracts=contracts)

    def environment(self, **extra: str) -> dict[str, str]:
        """The environment of a `databank` that works here."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABANK_", "AIRFLOW_"))}
        return {
            **clean,
            "DATABANK_HOME": str(self.settings.home),
            "DATABANK_MEMORY": "2GB",
            "DATABANK_CONTRACTS": str(self.settings.contracts),
            **extra,
        }

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [str(DATABANK), *arguments],
            env=self.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*arguments, **extra)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def sync(self, business_date: str) -> None:
        """Run a night; fail the test with its errors when it does not end well."""
        done = self.run("sync", "--date", business_date)
        assert done.returncode == 0, done.stderr

    def copied(self, folder: Path) -> Home:
        """The same state at another place, from where both go their own ways, each with its own PostgreSQL."""
        self.stop()
        subprocess.run(["cp", "-a", str(self.settings.home), str(folder)], check=True)
        other = copy(self)
        other.settings = replace(self.settings, home=folder)
        other._take_port()
        return other

    def _take_port(self) -> None:
        server, conf = self.settings.postgres / "server.json", self.settings.postgres / "data" / "postgresql.conf"
        told = read_json(server) | {"port": free_port()}
        write_json(server, told)
        with conf.open("a") as file:  # of two settings the later one counts
            file.write(f"port = {told['port']}\n")

    def stop(self) -> None:
        """Stop the embedded PostgreSQL with all that it holds written."""
        postgres.stop(self.settings)

    def close(self) -> None:
        """Stop the embedded PostgreSQL."""
        postgres.stop(self.settings, mode="immediate")
