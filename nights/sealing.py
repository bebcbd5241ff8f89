"""Conflict returns sealed: each as one archive, signed by the hub, that its insurer alone can read.

``outbox/returns/<insurer_code>/<run_id>/`` holds the sealed return ``<insurer_code>-<run_id>.zip.p7m`` and ``sealed.json``,
what it was made of; ``outbox/returns/<insurer_code>/sendings.jsonl`` every attempt to send one, with its proof.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.recipients import CertificateState, certificate_state
from hub.envelopes import ENVELOPE_SUFFIX, Recipient, seal
from hub.errors import SettingsError
from hub.journal import Journal, now_text
from hub.settings import Settings
from hub.storage import exclusive, read_json, replaced_folder, sha256_of, write_bytes, write_json
from reports.returns import MANIFEST

ROOM, SEALED, SENDINGS = "returns", "sealed.json", "sendings.jsonl"
DELIVERED, FAILED = "delivered", "failed"
UNFIT = "unfit"
log = logging.getLogger("databank")


@dataclass(frozen=True)
class SealedReturn:
    """A return as it lies in the outbox. ``manifest_sha256``: of the manifest inside, which names every file's own."""

    insurer_code: str
    business_date: str
    run_id: str
    file_name: str
    sha256: str
    bytes: int
    manifest_sha256: str
    conflict_count: int
    fingerprint: str
    sealed_at: str


@dataclass(frozen=True)
class Sending:
    """One attempt to send a sealed return. ``proof_code``: content (read back there), size, or none of a failed one."""

    file_name: str
    at: str
    outcome_code: str
    proof_code: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    was_there: bool = False
    reason: str | None = None


def seal_returns(settings: Settings, insurer_codes: Sequence[str] = ()) -> list[SealedReturn]:
    """Seal every return on disk whose insurer has a certificate, but for those that were delivered. Safe to repeat.

    Returns: those that were sealed now, by insurer and date.
    """
    return [
        made
        for insurer_code, folders in returns_on_disk(settings, insurer_codes)
        if (recipient := certificate_of(settings, insurer_code).recipient)
        for made in _seal_all(settings, insurer_code, folders, recipient)
    ]


def returns_on_disk(settings: Settings, wanted: Sequence[str] = ()) -> Iterator[tuple[str, list[Path]]]:
    """Folders of returns by insurer, each insurer's oldest business date first."""
    found: dict[str, list[Path]] = {}
    for manifest in sorted(settings.returns.glob(f"*/*/{MANIFEST}")):
        found.setdefault(manifest.parent.name, []).append(manifest.parent)
    yield from ((code, found[code]) for code in sorted(found) if not wanted or code in wanted)


def sealed_returns(settings: Settings, insurer_code: str) -> list[SealedReturn]:
    """What lies sealed for an insurer, by run."""
    files = sorted(room_of(settings, insurer_code).glob(f"[!.]*/{SEALED}"))
    return [SealedReturn(**read_json(path)) for path in files]


def certificate_of(settings: Settings, insurer_code: str) -> CertificateState:
    """How it stands with an insurer's certificate now; one that cannot be used at all is ``unfit``."""
    try:
        return certificate_state(settings, insurer_code, datetime.now(UTC).date())
    except SettingsError as error:
        log.warning("%s", error)
        return CertificateState(insurer_code, UNFIT)


def sendings_of(settings: Settings, insurer_code: str) -> Journal[Sending]:
    """Every attempt to send a return to an insurer."""
    return Journal(room_of(settings, insurer_code) / SENDINGS, Sending)


def room_of(settings: Settings, insurer_code: str) -> Path:
    """Where an insurer's sealed returns lie."""
    return settings.outbox / ROOM / insurer_code


def held(settings: Settings, insurer_code: str) -> AbstractContextManager[None]:
    """Alone with an insurer's sealed returns."""
    return exclusive(room_of(settings, insurer_code) / ".lock", f"the returns of {insurer_code}", is_waiting=True)


def _seal_all(
    settings: Settings, insurer_code: str, folders: Sequence[Path], recipient: Recipient
) -> Iterator[SealedReturn]:
    with held(settings, insurer_code):
        sent = {each.file_name for each in sendings_of(settings, insurer_code).entries if each.outcome_code == DELIVERED}
        known = {each.run_id: each for each in sealed_returns(settings, insurer_code)}
        for folder in folders:
            run_id, digest = str(read_json(folder / MANIFEST)["run_id"]), sha256_of(folder / MANIFEST)
            old, name = known.get(run_id), f"{insurer_code}-{run_id}.zip{ENVELOPE_SUFFIX}"
            is_sealed = old is not None and (old.manifest_sha256, old.fingerprint) == (digest, recipient.fingerprint)
            if name not in sent and not is_sealed:
                yield _seal(settings, room_of(settings, insurer_code) / run_id / name, folder, recipient)


def _seal(settings: Settings, target: Path, folder: Path, recipient: Recipient) -> SealedReturn:
    manifest = read_json(folder / MANIFEST)
    data = seal(settings, _packed(folder), recipient)
    with replaced_folder(target.parent) as made:
        write_bytes(made / target.name, data)
        sealed = SealedReturn(
            insurer_code=str(manifest["insurer_code"]),
            business_date=str(manifest["business_date"]),
            run_id=str(manifest["run_id"]),
            file_name=target.name,
            sha256=sha256_of(made / target.name),
            bytes=len(data),
            manifest_sha256=sha256_of(folder / MANIFEST),
            conflict_count=int(manifest["conflict_count"]),
            fingerprint=recipient.fingerprint,
            sealed_at=now_text(),
        )
        write_json(made / SEALED, asdict(sealed))
    return sealed


def _packed(folder: Path) -> bytes:
    """A return's files as one archive; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
