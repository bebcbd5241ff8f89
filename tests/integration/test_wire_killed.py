"""kill -9 at random moments of fetching: no file is lost, doubled or half there, and nobody has to clear up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.deliveries import deliveries_of
from connectors.landing import land
from connectors.transports.receiving import Inbox
from hub.storage import sha256_of
from schemas.wires import Wire
from tests.integration.wire_world import NIGHT, WireWorld
from tests.servers.sftp import SSHD, ssh_server

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="no OpenSSH server: apt-get install openssh-server")
ROUNDS, FILES, SEED = 3, 8, 7
FILE_BYTES = 1_500_000
FETCHING = """
import sys
from pathlib import Path
from schemas.wires import Wire
from tests.integration.wire_world import WireWorld
world = WireWorld(Path(sys.argv[1]), Wire("sftp", "oil", sys.argv[2]))
import connectors.transports.sftp
print("ready", flush=True)
world.fetch()
"""


def test_O01_killed_fetching_goes_on_to_the_state_of_an_undisturbed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    home = tmp_path / "home"
    with ssh_server(tmp_path) as server:
        world = WireWorld(home, Wire("sftp", "oil", str(server.folder)))
        world.connect(monkeypatch, **server.access)
        for day in range(1, FILES + 1):
            (server.folder / f"OIL_140508{day:02d}.csv").write_bytes(chance.randbytes(FILE_BYTES))
        killed = sum(_fetch_and_kill(home, server.folder, chance.uniform(0.3, 0.9)) for _ in range(ROUNDS))
        assert killed > 0
        world.fetch()
        sent = {path.name: sha256_of(path) for path in server.folder.iterdir()}
    assert world.names() == sorted(name for file in sent for name in (file, f"{file}.manifest.json"))
    assert {name: sha256_of(world.inbox / name) for name in sent} == sent
    assert {each.file_name for each in Inbox(world.settings, world.feed).fetched()} == set(sent)
    land(world.settings, world.feed, NIGHT)
    assert {each.file_name: each.sha256 for each in deliveries_of(world.settings, "oil")} == sent


def _fetch_and_kill(home: Path, folder: Path, seconds: float) -> bool:
    """Start fetching in a process of its own and kill it soon; whether it was still at work, with something done."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", FETCHING, str(home), str(folder)],
        cwd=root,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL
