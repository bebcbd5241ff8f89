"""Object stores that speak S3, as a remote folder: a bucket with a prefix. Arrow's client, seen through fsspec."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fsspec.implementations.arrow import ArrowFSWrapper
from pyarrow.fs import S3FileSystem
from pydantic import SecretStr

from connectors.connections import Access, connection_named, file_of
from connectors.transports.remote import RemoteFile
from hub.errors import WireDown, WireRefused
from hub.settings import Settings
from schemas.wires import Wire

TIMEOUT_SECONDS = 30.0
READ_BYTES = 16 << 20
"""Bytes a request; each costs a round trip to the store."""
_NO_ENTRY = (
    "ACCESS_DENIED",
    "INVALID_ACCESS_KEY",
    "SIGNATURE",
    "FORBIDDEN",
    "NO_SUCH_BUCKET",
    "Forbidden",
    "HTTP status 403",
)
_NEXT = "The feed is late; nothing was changed."


class S3Access(Access):
    """Keys of an object store's connection. ``endpoint``: host and port; ``tls`` false only on a closed network."""

    endpoint: str
    access_key: str
    secret_key: SecretStr
    region: str = "us-east-1"
    tls: bool = True
    ca: str | None = None


@dataclass(frozen=True)
class S3Folder:
    """The bucket and prefix of the contract's location."""

    store: Any
    path: str
    connection: str

    def files(self) -> list[RemoteFile]:
        """Objects right below the prefix by name; version: size and time."""
        with _errors(self.connection):
            try:
                found = self.store.ls(self.path, detail=True)
            except FileNotFoundError:  # a prefix without objects is none; a bucket that is not there is a mistake
                self.store.info(self.path.partition("/")[0])
                found = []
        return sorted(
            (
                RemoteFile(posixpath.basename(each["name"]), each["size"], f"{each['size']}:{each['mtime'].isoformat()}")
                for each in found
                if each["type"] == "file"
            ),
            key=lambda file: file.name,
        )

    def read(self, file: RemoteFile, offset: int) -> Iterator[bytes]:
        """The object's bytes from an offset on."""
        with _errors(self.connection), self.store.open(posixpath.join(self.path, file.name), "rb") as remote:
            remote.seek(offset)
            while chunk := remote.read(READ_BYTES):
                yield chunk

    def archive(self, file: RemoteFile, folder: str) -> None:
        """Move it below another prefix; the store copies it, then removes it here."""
        with _errors(self.connection):
            self.store.mv(posixpath.join(self.path, file.name), posixpath.join(self.path, folder, file.name))


@contextmanager
def open_folder(settings: Settings, wire: Wire) -> Iterator[S3Folder]:
    """Reach the store.

    Raises:
        WireDown: it does not answer. WireRefused: it does not accept our keys, or there is no such bucket.
    """
    access = connection_named(settings, wire.connection).access(S3Access)
    with _errors(wire.connection):
        store = S3FileSystem(
            access_key=access.access_key,
            secret_key=access.secret_key.get_secret_value(),
            region=access.region,
            endpoint_override=access.endpoint,
            scheme="https" if access.tls else "http",
            connect_timeout=TIMEOUT_SECONDS,
            request_timeout=TIMEOUT_SECONDS,
            **_trust(settings, access),
        )
    yield S3Folder(ArrowFSWrapper(store), wire.path.strip("/"), wire.connection)


def _trust(settings: Settings, access: S3Access) -> dict[str, str]:
    return {"tls_ca_file_path": str(file_of(settings, access.ca))} if access.ca else {}


@contextmanager
def _errors(connection: str) -> Iterator[None]:
    """What a failure of the store means for the feed; its words may quote keys, so they are not passed on."""
    try:
        yield
    except (FileNotFoundError, PermissionError, ValueError) as error:
        raise _refused(connection, type(error).__name__) from None
    except OSError as error:
        if any(sign in str(error) for sign in _NO_ENTRY):
            raise _refused(connection, "access denied") from None
        raise WireDown(
            f"The object store of {connection} does not answer or broke off. {_NEXT}",
            hint="Try again later; if it lasts, tell the agency.",
        ) from None


def _refused(connection: str, what: str) -> WireRefused:
    return WireRefused(
        f"The object store of {connection} does not let us in, or has no such bucket or prefix ({what}). {_NEXT}",
        hint="Compare keys, bucket and prefix with what the agency gave.",
    )
