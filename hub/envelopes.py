"""Envelopes (CMS, RFC 5652): signed by the hub, readable by the holder of one certificate only, opened with plain openssl.

First signed (ECDSA P-256, SHA-256, with the hub's certificate in it), then encrypted (AES-256-CBC, its key under the
recipient's RSA key). The hub's certificate signs itself: recipients get it by another way and trust exactly that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.errors import SettingsError
from hub.settings import Settings
from hub.signing import write_secret
from hub.storage import exclusive

CERTIFICATE, CERTIFICATE_KEY = "hub.certificate.pem", "hub.certificate.key.pem"
HUB_NAME = "National person databank"
LIFETIME = timedelta(days=5 * 365)
RENEWED_DAYS = 90
"""So long before the hub's certificate expires `databank status` begins to say so: every insurer needs the new one."""
SMALLEST_KEY_BITS = 2048
ENVELOPE_SUFFIX = ".p7m"


@dataclass(frozen=True)
class Recipient:
    """Whose certificate it is: what an envelope is made for, and how people compare it. Days are UTC; both are in."""

    certificate: x509.Certificate
    fingerprint: str
    subject: str
    from_date: date
    last_date: date

    def days_left(self, day: date) -> int:
        """Days for which it can still be used; below 0 it has expired."""
        return (self.last_date - day).days


def read_recipient(pem: bytes, what: str) -> Recipient:
    """The certificate of somebody who is to read envelopes.

    Args:
        what: whose it is, for the message.

    Raises:
        SettingsError: it is none, or envelopes cannot be made for its key.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise _unfit(what, "is no X.509 certificate in PEM") from error
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY_BITS:
        raise _unfit(what, f"has no RSA key of at least {SMALLEST_KEY_BITS} bits")
    if not _may_be_encrypted_for(certificate):
        raise _unfit(what, "does not allow its key to be used for encryption (keyEncipherment)")
    return Recipient(
        certificate,
        certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        certificate.subject.rfc4514_string(),
        certificate.not_valid_before_utc.date(),
        certificate.not_valid_after_utc.date(),
    )


def make_certificate(settings: Settings) -> Path:
    """Make the hub's certificate where there is none. Safe to repeat; never replaced. Returns its file.

    Raises:
        SettingsError: the key of a certificate that recipients may trust is gone.
    """
    certificate, secret = settings.keys / CERTIFICATE, settings.keys / CERTIFICATE_KEY
    with exclusive(settings.keys / ".lock", "the hub's keys", is_waiting=True):
        settings.keys.chmod(0o700)
        if not certificate.exists():
            if not secret.exists():
                key = ec.generate_private_key(ec.SECP256R1())
                write_secret(secret, key.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                ))  # fmt: skip
            write_secret(certificate, _self_signed(_hub_key(settings)).public_bytes(serialization.Encoding.PEM))
        _hub_key(settings)
    return certificate


def certificate_ends(settings: Settings) -> date | None:
    """The last day (UTC) of the hub's certificate; None where it has none yet, or none that can be read here: who seals
    with it is told so."""
    try:
        return x509.load_pem_x509_certificate((settings.keys / CERTIFICATE).read_bytes()).not_valid_after_utc.date()
    except (OSError, ValueError):
        return None


def seal(settings: Settings, data: bytes, recipient: Recipient) -> bytes:
    """The envelope (DER) around some bytes, signed by the hub. Never twice the same: its content key is drawn by chance.

    Raises:
        SettingsError: the hub's key or certificate is missing or cannot be used.
    """
    hub = x509.load_pem_x509_certificate(make_certificate(settings).read_bytes())
    signed = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(data)
        .add_signer(hub, _hub_key(settings), hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    return (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(signed)
        .add_recipient(recipient.certificate)
        .set_content_encryption_algorithm(AES256)
        .encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HUB_NAME)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _may_be_encrypted_for(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment
    except x509.ExtensionNotFound:
        return True


def _hub_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    path = settings.keys / CERTIFICATE_KEY
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"The key {path} is missing or cannot be read; nothing was sealed.",
            hint="Restore it from backup. If it is lost, move hub.certificate.pem away too, run `databank init`, and give "
            "every insurer the new certificate.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingsError(f"The key {path} is no EC key; nothing was sealed.", hint="Restore it from backup.")
    return key


def _unfit(what: str, why: str) -> SettingsError:
    return SettingsError(
        f"The certificate of {what} {why}; it was not taken.",
        hint=f"Ask for an X.509 certificate in PEM with an RSA key of at least {SMALLEST_KEY_BITS} bits; see "
        "docs/operating.md.",
    )
