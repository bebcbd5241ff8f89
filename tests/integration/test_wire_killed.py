"""kill -9 at random moments of fetching: no file is lost, doubled or half there, and nobody has to clear up."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from connectors.deliveries import deliveries_of
from connectors.landing import land
from connectors.transports.receiving import Inbox
from hub.storage import sha256_of
from schemas.wires import Wire
from tests.integration.killed import run_and_kill
from tests.integration.oil import NIGHT
from tests.integration.wire_world import WireWorld
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
        killed = sum(run_and_kill(FETCHING, home, server.folder, seconds=chance.uniform(0.3, 0.9)) for _ in range(ROUNDS))
        assert killed > 0
        world.fetch()
        sent = {path.name: sha256_of(path) for path in server.folder.iterdir()}
    assert world.names() == sorted(name for file in sent for name in (file, f"{file}.manifest.json"))
    assert {name: sha256_of(world.inbox / name) for name in sent} == sent
    assert {each.file_name for each in Inbox(world.settings, world.feed).fetched()} == set(sent)
    land(world.settings, world.feed, NIGHT)
    assert {each.file_name: each.sha256 for each in deliveries_of(world.settings, "oil")} == sent
