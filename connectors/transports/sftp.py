"""SFTP: a remote folder behind an SSH server whose host key we know. An unknown or changed host key is refused."""

from __future__ import annotations

import hashlib
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import paramiko
from paramiko.pkey import UnknownKeyType
from pydantic import SecretStr

from connectors.connections import Access, connection_named, file_of
from connectors.transports.remote import RemoteFile
from hub.errors import WireDown, WireRefused
from hub.settings import Settings
from hub.storage import CHUNK_BYTES
from schemas.wires import Wire

TIMEOUT_SECONDS = 30.0
_NEXT = "Nothing was changed."


class SftpAccess(Access):
    """Keys of an SFTP connection; the host's key as a file of known hosts or as one line ``ssh-ed25519 AAAA…``."""

    host: str
    port: int = 22
    user: str
    password: SecretStr | None = None
    private_key: str | None = None
    passphrase: SecretStr | None = None
    known_hosts: str | None = None
    host_key: str | None = None
    folder: str | None = None
    """Where what we send is put down; a feed's contract names the folder that is fetched from."""


@dataclass(frozen=True)
class SftpFolder:
    """The folder of the contract's location."""

    client: paramiko.SFTPClient
    path: str
    connection: str

    def files(self) -> list[RemoteFile]:
        """Regular files by name; version: size and time."""
        with _errors(self.connection):
            found = self.client.listdir_attr(self.path)
        regular = (each for each in found if each.st_mode and stat.S_ISREG(each.st_mode))
        files = (RemoteFile(each.filename, each.st_size or 0, f"{each.st_size}:{each.st_mtime}") for each in regular)
        return sorted(files, key=lambda file: file.name)

    def read(self, file: RemoteFile, offset: int) -> Iterator[bytes]:
        """The file's bytes, asked for ahead of need."""
        with _errors(self.connection), self.client.open(posixpath.join(self.path, file.name), "rb") as remote:
            remote.seek(offset)
            remote.prefetch(file.size)
            while chunk := remote.read(CHUNK_BYTES):
                yield chunk

    def archive(self, file: RemoteFile, folder: str) -> None:
        """Move it, over one of the same name."""
        target = posixpath.join(self.path, folder)
        with _errors(self.connection):
            try:
                self.client.stat(target)
            except FileNotFoundError:
                self.client.mkdir(target)
            self.client.posix_rename(posixpath.join(self.path, file.name), posixpath.join(target, file.name))

    def write(self, name: str, source: BinaryIO) -> int:
        """Put a file down, over one of the same name; returns how large it is there."""
        with _errors(self.connection), self.client.open(posixpath.join(self.path, name), "wb") as remote:
            remote.set_pipelined(True)
            while chunk := source.read(CHUNK_BYTES):
                remote.write(chunk)
        with _errors(self.connection):
            return self.client.stat(posixpath.join(self.path, name)).st_size or 0

    def rename(self, old: str, new: str) -> None:
        """Give a file its name at once, over one that has it."""
        with _errors(self.connection):
            self.client.posix_rename(posixpath.join(self.path, old), posixpath.join(self.path, new))

    def digest(self, name: str) -> str | None:
        """SHA-256 of a file as it lies there; None where we may put down but not read."""
        digest = hashlib.sha256()
        with _errors(self.connection):
            try:
                remote = self.client.open(posixpath.join(self.path, name), "rb")
            except PermissionError:
                return None
            with remote:
                remote.prefetch()
                while chunk := remote.read(CHUNK_BYTES):
                    digest.update(chunk)
        return digest.hexdigest()


class _UnknownHost(paramiko.MissingHostKeyPolicy):
    """Refuse a host whose key we were not given, and show the key so that a person can ask the agency about it."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Called with the key of an unknown host."""
        shown = f"{key.get_name()} {key.fingerprint}"
        raise WireRefused(
            f"The SFTP server shows a host key that the connection does not know: {shown}. {_NEXT}",
            hint="Ask the agency whether that is its key; if it is, add it to the connection's known_hosts.",
        )


@contextmanager
def open_folder(settings: Settings, wire: Wire) -> Iterator[SftpFolder]:
    """Log in.

    Raises:
        WireDown: the server does not answer, or the line broke.
        WireRefused: host key, user, key or folder are not what they should be.
    """
    access = connection_named(settings, wire.connection).access(SftpAccess)
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_UnknownHost())
    _know_host(settings, wire, access, client)
    key = _private_key(settings, wire, access)
    try:
        with _errors(wire.connection):
            client.connect(
                access.host,
                access.port,
                access.user,
                password=access.password.get_secret_value() if access.password else None,
                pkey=key,
                allow_agent=False,
                look_for_keys=False,
                timeout=TIMEOUT_SECONDS,
                banner_timeout=TIMEOUT_SECONDS,
                auth_timeout=TIMEOUT_SECONDS,
            )
            session = client.open_sftp()
        if (channel := session.get_channel()) is not None:
            channel.settimeout(TIMEOUT_SECONDS)
        yield SftpFolder(session, wire.path or access.folder or ".", wire.connection)
    finally:
        client.close()


@contextmanager
def _errors(connection: str) -> Iterator[None]:
    """What a failure of SSH means for the feed."""
    try:
        yield
    except paramiko.BadHostKeyException as error:
        shown = f"{error.key.get_name()} {error.key.fingerprint}"
        raise WireRefused(
            f"The SFTP server of {connection} shows another host key than the one we know: {shown}. {_NEXT}",
            hint="Somebody may stand in between. Ask the agency; change known_hosts only if it confirms the new key.",
        ) from None
    except paramiko.AuthenticationException:
        raise WireRefused(
            f"The SFTP server of {connection} does not accept user, password or key. {_NEXT}",
            hint="Compare the connection with what the agency gave.",
        ) from None
    except (FileNotFoundError, PermissionError) as error:
        raise WireRefused(
            f"The SFTP server of {connection} does not let us into the folder ({type(error).__name__}). {_NEXT}",
            hint="Compare the folder that the contract or the connection names with the agency's.",
        ) from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise WireDown(
            f"The SFTP server of {connection} does not answer or broke off ({type(error).__name__}). {_NEXT}",
            hint="Try again later; if it lasts, tell the agency.",
        ) from None


def _private_key(settings: Settings, wire: Wire, access: SftpAccess) -> paramiko.PKey | None:
    if access.private_key is None:
        return None
    phrase: Any = access.passphrase.get_secret_value().encode() if access.passphrase else None
    try:
        return paramiko.PKey.from_path(file_of(settings, access.private_key), phrase)
    except (paramiko.SSHException, UnknownKeyType, OSError, ValueError, TypeError) as error:
        raise WireRefused(
            f"The private key of the connection {wire.connection} cannot be read ({type(error).__name__}). {_NEXT}",
            hint="Name a key file that the databank's user can read, and its passphrase if it has one.",
        ) from None


def _know_host(settings: Settings, wire: Wire, access: SftpAccess, client: paramiko.SSHClient) -> None:
    if access.known_hosts:
        try:
            client.load_host_keys(str(file_of(settings, access.known_hosts)))
        except OSError as error:
            raise WireRefused(
                f"The known hosts of the connection {wire.connection} cannot be read ({error.strerror}). {_NEXT}",
                hint="Name a file that the databank's user can read.",
            ) from None
    if access.host_key:
        name = access.host if access.port == paramiko.config.SSH_PORT else f"[{access.host}]:{access.port}"
        try:
            entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{name} {access.host_key}")
        except (paramiko.hostkeys.InvalidHostKey, paramiko.SSHException, ValueError):
            entry = None
        if entry is None or entry.key is None:
            raise WireRefused(
                f"The host_key of the connection {wire.connection} is no host key. {_NEXT}",
                hint="Write type and key as ssh-keyscan shows them: ssh-ed25519 AAAA…",
            )
        client.get_host_keys().add(name, entry.key.get_name(), entry.key)
