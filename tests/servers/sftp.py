"""OpenSSH's own server for the user who runs the tests, with keys of its own and no other rights."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, running

SSHD = Path("/usr/sbin/sshd")
_ROOTS_SEPARATION = Path("/run/sshd")


@dataclass(frozen=True)
class SshServer:
    """Where it listens, which keys open it, and the folder that plays the agency's."""

    port: int
    folder: Path
    private_key: Path
    known_hosts: Path
    host_key: str

    @property
    def access(self) -> dict[str, object]:
        """A connection that is let in."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "private_key": str(self.private_key),
            "known_hosts": str(self.known_hosts),
        }


@contextmanager
def ssh_server(home: Path) -> Iterator[SshServer]:
    """A running server."""
    port, host, user, folder = free_port(), home / "host_key", home / "user_key", home / "out"
    folder.mkdir()
    for key in (host, user):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    host_key = " ".join(host.with_suffix(".pub").read_text().split()[:2])
    known = home / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {host_key}\n")
    config = home / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nPidFile none\n"
        "UsePAM no\nStrictModes no\nPasswordAuthentication yes\nPermitRootLogin yes\nLogLevel ERROR\n"
        "Subsystem sftp internal-sftp\nMaxStartups 100\n"
    )
    if os.geteuid() == 0:
        _ROOTS_SEPARATION.mkdir(exist_ok=True)
    with running([str(SSHD), "-D", "-e", "-f", str(config)], port):
        yield SshServer(port, folder, user, known, host_key)
