"""Sending: a file is put down on somebody's SFTP server whole or not at all, once, with proof that it lies there.

It goes up under a temporary name, is measured there, and gets its name at once. What lies there already as it should be is
not sent again: so whatever broke off, sending again doubles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.fetching import PATIENCE, Patience
from hub.errors import WireDown
from hub.settings import Settings
from hub.storage import sha256_of
from schemas.wires import SFTP, Wire

if TYPE_CHECKING:
    from connectors.transports.sftp import SftpFolder

UNFINISHED = ".part"


@dataclass(frozen=True)
class Proof:
    """What was seen on the other side.

    Args:
        sha256: of the bytes read back from there; None where we may put down but not read, so that only the size is known.
        was_there: it lay there already; nothing was sent.
    """

    name: str
    bytes: int
    sha256: str | None
    was_there: bool


def send(settings: Settings, connection: str, file: Path, patience: Patience = PATIENCE) -> Proof:
    """Put a file down under its own name.

    Raises:
        WireDown: the server does not answer or broke off, after all attempts; what may have come is under a temporary name.
        WireRefused: it does not let us in, is not who it should be, or the connection is not set.
    """
    return patience.retrying()(_send_once, settings, connection, file)


def find(settings: Settings, connection: str, file: Path) -> Proof | None:
    """The file as it lies there now, measured; None where it does not, or lies there otherwise (it may have been taken).

    Raises:
        WireError: the server cannot be asked.
    """
    from connectors.transports.sftp import open_folder

    with open_folder(settings, Wire(SFTP, connection)) as folder:
        return _measured(folder, file.name, file, was_there=True)


def _send_once(settings: Settings, connection: str, file: Path) -> Proof:
    from connectors.transports.sftp import open_folder

    with open_folder(settings, Wire(SFTP, connection)) as folder:
        if there := _measured(folder, file.name, file, was_there=True):
            return there
        partial = file.name + UNFINISHED
        with file.open("rb") as source:
            folder.write(partial, source)
        proof = _measured(folder, partial, file, was_there=False)
        if proof is None:
            raise _came_otherwise(connection, file)
        folder.rename(partial, file.name)
        if file.name not in {each.name for each in folder.files()}:
            raise _came_otherwise(connection, file)
        return Proof(file.name, proof.bytes, proof.sha256, was_there=False)


def _measured(folder: SftpFolder, name: str, file: Path, *, was_there: bool) -> Proof | None:
    """A remote file, if it has size and content of ours."""
    size = next((each.size for each in folder.files() if each.name == name), None)
    if size != file.stat().st_size:
        return None
    digest = folder.digest(name)
    return Proof(name, size, digest, was_there) if digest in (None, sha256_of(file)) else None


def _came_otherwise(connection: str, file: Path) -> WireDown:
    return WireDown(
        f"{file.name} did not arrive at {connection} as it was sent; it has not its name there.",
        hint="Send again; if it lasts, tell the insurer that its server changes or drops files.",
        connection=connection,
    )
