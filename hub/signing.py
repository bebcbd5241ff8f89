"""The hub's signature: what leaves for agencies can be proved to be ours, with public tools and without asking us.

Ed25519 (RFC 8032): deterministic, so the same text has the same signature. The private key is made once, under
``home/keys``, readable by its owner only; agencies get the public one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.errors import SettingsError
from hub.settings import Settings
from hub.storage import exclusive, sync

PRIVATE_KEY, PUBLIC_KEY = "hub.private.pem", "hub.public.pem"
SIGNATURE_SUFFIX = ".sig"
KEY_DIGITS = 16


def make_keys(settings: Settings) -> Path:
    """Make the hub's keys where there are none. Safe to repeat; a key is never replaced. Returns the public key's file.

    Raises:
        SettingsError: the private key of a public one that agencies may know is gone.
    """
    folder = settings.keys
    with exclusive(folder / ".lock", "the hub's keys", is_waiting=True):
        folder.chmod(0o700)
        if not any((folder / name).exists() for name in (PRIVATE_KEY, PUBLIC_KEY)):
            key = Ed25519PrivateKey.generate()
            write_secret(
                folder / PRIVATE_KEY,
                key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                ),
            )
        public = _private_key(settings).public_key()
        pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        if not (folder / PUBLIC_KEY).exists():
            write_secret(folder / PUBLIC_KEY, pem)
    return folder / PUBLIC_KEY


def sign(settings: Settings, data: bytes) -> bytes:
    """The signature over some bytes: 64 bytes, detached.

    Raises:
        SettingsError: the key is missing or cannot be used.
    """
    return _private_key(settings).sign(data)


def is_signed(public_pem: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature is one over exactly these bytes by the owner of a public key.

    Raises:
        SettingsError: that is no Ed25519 key.
    """
    try:
        key = serialization.load_pem_public_key(public_pem)
    except ValueError as error:
        raise _no_key("The public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key("The public key")
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def key_id(public_pem: bytes) -> str:
    """Short name of a public key: beginning of the SHA-256 of its file."""
    return hashlib.sha256(public_pem).hexdigest()[:KEY_DIGITS]


def _private_key(settings: Settings) -> Ed25519PrivateKey:
    path = settings.keys / PRIVATE_KEY
    if not path.exists():
        raise SettingsError(
            f"There is no key {path}; nothing was signed.",
            hint="`databank init` makes one. If it was lost, restore it from backup: agencies know its public half.",
        )
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise _no_key(f"The key {path}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(f"The key {path}")
    return key


def _no_key(which: str) -> SettingsError:
    return SettingsError(f"{which} is no Ed25519 key in PEM; nothing was done.", hint="Restore it from backup.")


def write_secret(path: Path, data: bytes) -> None:
    """Whole or not at all, and never readable by others."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    sync(partial)
    partial.replace(path)
    sync(path.parent)
