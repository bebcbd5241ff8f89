"""Insurers as recipients: the certificate for which an insurer's returns are sealed, and the connection that takes them.

``certificates/<insurer_code>.pem``, put in force by a person who compared its fingerprint with the insurer by another way;
``certificates/accepted.jsonl`` says who, when and which. An insurer without one that can be used gets nothing.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hub.envelopes import Recipient, read_recipient
from hub.errors import SettingsError
from hub.journal import Journal, now_text
from hub.settings import Settings
from hub.storage import exclusive, write_bytes
from schemas.codes import insurers

MISSING, EARLY, EXPIRED, EXPIRING, VALID, EXPOSED = "missing", "not_yet_valid", "expired", "expiring", "valid", "exposed"
EXPIRING_DAYS = 30
"""So long before a certificate expires `databank status` begins to say so."""
_OTHERS_WRITE = 0o022


@dataclass(frozen=True)
class AcceptedCertificate:
    """One act: a certificate put in force."""

    insurer_code: str
    fingerprint: str
    last_date: str
    who: str
    at: str


@dataclass(frozen=True)
class CertificateState:
    """How it stands with an insurer's certificate on a day; ``recipient``: None where none can be used."""

    insurer_code: str
    state_code: str
    recipient: Recipient | None = None
    days_left: int | None = None


def accept_certificate(settings: Settings, insurer_code: str, file: Path, who: str | None, day: date) -> Recipient:
    """Put a certificate in force; one that is there is replaced.

    Raises:
        SettingsError: there is no such insurer or file, or envelopes cannot be made for it now.
    """
    if insurer_code not in insurers():
        raise SettingsError(
            f"There is no insurer {insurer_code}; nothing was changed.", hint=f"Insurers: {', '.join(insurers())}."
        )
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}); nothing was changed.", hint="Name a file."
        ) from error
    found = read_recipient(pem, insurer_code)
    if not found.from_date <= day <= found.last_date:
        raise SettingsError(
            f"The certificate of {insurer_code} is valid from {found.from_date} to {found.last_date}, not on {day}; "
            "nothing was changed.",
            hint="Ask the insurer for one that is.",
        )
    with exclusive(settings.certificates / ".lock", "the certificates", is_waiting=True):
        accepted = AcceptedCertificate(
            insurer_code, found.fingerprint, found.last_date.isoformat(), who or getpass.getuser(), now_text()
        )
        Journal(settings.certificates / "accepted.jsonl", AcceptedCertificate).add(accepted)
        write_bytes(certificate_file(settings, insurer_code), pem)
    return found


def certificate_state(settings: Settings, insurer_code: str, day: date) -> CertificateState:
    """Whether returns can be sealed for an insurer on a day.

    Raises:
        SettingsError: its file is no certificate, or none that envelopes can be made for.
    """
    path = certificate_file(settings, insurer_code)
    if not path.is_file():
        return CertificateState(insurer_code, MISSING)
    if path.stat().st_mode & _OTHERS_WRITE:  # whoever may change it could have returns sealed for himself
        return CertificateState(insurer_code, EXPOSED)
    found = read_recipient(path.read_bytes(), insurer_code)
    left = found.days_left(day)
    if day < found.from_date:
        return CertificateState(insurer_code, EARLY, days_left=left)
    if left < 0:
        return CertificateState(insurer_code, EXPIRED, days_left=left)
    return CertificateState(insurer_code, EXPIRING if left <= EXPIRING_DAYS else VALID, found, left)


def certificate_file(settings: Settings, insurer_code: str) -> Path:
    """Where an insurer's certificate lies."""
    return settings.certificates / f"{insurer_code}.pem"


def connection_of(insurer_code: str) -> str:
    """Name of the connection over which an insurer takes its returns: ``returns_ihio_gov`` for IHIO-GOV."""
    return "returns_" + insurer_code.lower().replace("-", "_")
