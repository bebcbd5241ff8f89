"""Conflict returns on their way to insurers: sent, proved to have arrived, and what became of each.

A return that was delivered is never sealed or sent again; whatever is killed or breaks off, sending again goes on.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.connections import place_of
from connectors.fetching import PATIENCE, Patience
from connectors.recipients import MISSING, VALID, connection_of
from connectors.sending import Proof, find, send
from hub.errors import WireDown, WireError
from hub.journal import now_text
from hub.progress import Progress, quiet
from hub.settings import Settings
from hub.storage import read_json, sha256_of
from nights.sealing import (
    DELIVERED,
    FAILED,
    SEALED,
    SealedReturn,
    Sending,
    certificate_of,
    held,
    returns_on_disk,
    room_of,
    seal_returns,
    sealed_returns,
    sendings_of,
)
from reports.returns import MANIFEST

WAITING, REPLACED, UNSEALED, NO_CONNECTION = "waiting", "replaced", "unsealed", "no_connection"
log = logging.getLogger("databank")


@dataclass(frozen=True)
class ReturnState:
    """How it stands with one insurer's return of one business date.

    Args:
        state_code: delivered, failed (the last attempt), waiting, no_connection, replaced (by a later one of its date), or
            unsealed, for the reason that the certificate's state says.
        proof_code: of the delivery: content (read back there) or size.
        file: the sealed return.
    """

    insurer_code: str
    business_date: str
    run_id: str
    conflict_count: int
    state_code: str
    certificate_code: str
    connection: str
    attempts: int = 0
    at: str | None = None
    proof_code: str | None = None
    reason: str | None = None
    file: Path | None = None


@dataclass(frozen=True)
class ReturnCheck:
    """What verifying a return found: ``wrong`` files of ours, and how it lies with the insurer (None: not asked)."""

    state: ReturnState
    wrong: tuple[str, ...]
    remote_code: str | None


def send_returns(
    settings: Settings, insurer_codes: Sequence[str] = (), patience: Patience = PATIENCE, progress: Progress = quiet
) -> list[ReturnState]:
    """Seal and send what was not delivered yet, each insurer's oldest first; one insurer's failure stops no other's.

    Returns: the returns that were due, as they stand now; those behind one that failed wait for the next time.
    """
    seal_returns(settings, insurer_codes)
    due = [each for each in return_states(settings, insurer_codes) if each.state_code in (WAITING, FAILED)]
    away: set[str] = set()
    for done, each in enumerate(due):
        progress("send returns", done, len(due))
        if each.insurer_code not in away and not _send(settings, each, patience):
            away.add(each.insurer_code)
    keys = {(each.insurer_code, each.run_id) for each in due}
    return [each for each in return_states(settings, insurer_codes) if (each.insurer_code, each.run_id) in keys]


def deliver_returns(settings: Settings) -> None:
    """Send what is due, for a scheduler, which tries again what failed.

    Raises:
        WireDown: a return was not delivered; those of other insurers were sent.
    """
    refuse_undelivered(send_returns(settings))


def refuse_undelivered(tried: Sequence[ReturnState]) -> None:
    """Say so where returns that were tried are not delivered.

    Raises:
        WireDown: some are not.
    """
    if failed := [each for each in tried if each.state_code != DELIVERED]:
        raise WireDown(
            f"{len(failed)} of {len(tried)} returns were not delivered; they stay in the outbox.",
            hint="`databank returns` says why; `databank returns send` sends again, and nothing arrives twice.",
        )


def return_states(settings: Settings, insurer_codes: Sequence[str] = ()) -> list[ReturnState]:
    """All returns, by insurer and business date, with what became of them."""
    return [
        state
        for insurer_code, folders in returns_on_disk(settings, insurer_codes)
        for state in _states(settings, insurer_code, {read_json(each / MANIFEST)["run_id"]: each for each in folders})
    ]


def counted(states: Sequence[ReturnState]) -> dict[str, int]:
    """Returns by state, in words; unsealed ones by what is wrong with the certificate."""
    said = Counter(
        f"certificate {each.certificate_code}" if each.state_code == UNSEALED else each.state_code.replace("_", " ")
        for each in states
    )
    return dict(sorted(said.items()))


def needing_people(states: Sequence[ReturnState]) -> list[ReturnState]:
    """The newest return of each insurer whose server or certificate a person must look at; without any nothing is due."""
    newest = {each.insurer_code: each for each in states}
    return [each for each in newest.values() if each.state_code == FAILED or each.certificate_code not in (MISSING, VALID)]


def verify_returns(
    settings: Settings, insurer_codes: Sequence[str] = (), *, is_remote: bool = False
) -> Iterator[ReturnCheck]:
    """Prove that returns and sealed returns are as they were made, and, if asked, that what was sent lies there.

    Raises:
        WireError: an insurer's server cannot be asked.
    """
    for state in return_states(settings, insurer_codes):
        remote = None
        if is_remote and state.file is not None and state.state_code == DELIVERED:
            proof = find(settings, state.connection, state.file)
            remote = "gone" if proof is None else _proof_code(proof)
        yield ReturnCheck(state, tuple(_wrong(settings, state)), remote)


def _states(settings: Settings, insurer_code: str, folders: Mapping[str, Path]) -> list[ReturnState]:
    certificate, connection = certificate_of(settings, insurer_code), connection_of(insurer_code)
    is_set = place_of(settings, connection) is not None
    attempts: dict[str, list[Sending]] = {}
    for entry in sendings_of(settings, insurer_code).entries:
        attempts.setdefault(entry.file_name, []).append(entry)
    sealed = {each.run_id: each for each in sealed_returns(settings, insurer_code)}
    found = []
    for run_id in {*folders, *sealed}:
        made = sealed.get(run_id)
        said: Mapping[str, Any] = vars(made) if made else read_json(folders[run_id] / MANIFEST)
        known = attempts.get(made.file_name, []) if made else []
        last = next((each for each in known if each.outcome_code == DELIVERED), known[-1] if known else None)
        found.append(
            ReturnState(
                insurer_code=insurer_code,
                business_date=said["business_date"],
                run_id=run_id,
                conflict_count=said["conflict_count"],
                state_code=_state_code(last, is_current=run_id in folders, is_sealed=made is not None, is_set=is_set),
                certificate_code=certificate.state_code,
                connection=connection,
                attempts=len(known),
                at=last.at if last else None,
                proof_code=last.proof_code if last else None,
                reason=last.reason if last else None,
                file=room_of(settings, insurer_code) / run_id / made.file_name if made else None,
            )
        )
    return sorted(found, key=lambda each: (each.business_date, each.run_id))


def _state_code(last: Sending | None, *, is_current: bool, is_sealed: bool, is_set: bool) -> str:
    if last is not None and last.outcome_code == DELIVERED:
        return DELIVERED
    if not is_current:
        return REPLACED
    if not is_sealed:
        return UNSEALED
    if not is_set:
        return NO_CONNECTION
    return FAILED if last is not None else WAITING


def _send(settings: Settings, state: ReturnState, patience: Patience) -> bool:
    """Send one return and write down what came of it; whether it lies there now."""
    assert state.file is not None
    name = state.file.name
    with held(settings, state.insurer_code):
        sendings = sendings_of(settings, state.insurer_code)
        if any((each.file_name, each.outcome_code) == (name, DELIVERED) for each in sendings.entries):
            return True  # somebody else sent it meanwhile
        try:
            proof = send(settings, state.connection, state.file, patience)
        except WireError as error:
            log.warning("The return %s was not delivered: %s", name, error)
            sendings.add(Sending(name, now_text(), FAILED, reason=str(error)))
            return False
        seen = _proof_code(proof)
        sendings.add(Sending(name, now_text(), DELIVERED, seen, proof.bytes, proof.sha256, was_there=proof.was_there))
        return True


def _wrong(settings: Settings, state: ReturnState) -> Iterator[str]:
    """Files that are not what was written down when they were made."""
    folder = settings.returns / state.business_date / state.insurer_code
    manifest: dict[str, Any] = read_json(folder / MANIFEST) if (folder / MANIFEST).exists() else {}
    if manifest.get("run_id") == state.run_id:
        for name, said in manifest["files"].items():
            if not (folder / name).is_file() or sha256_of(folder / name) != said["sha256"]:
                yield name
    if state.file is not None:
        made = SealedReturn(**read_json(state.file.parent / SEALED))
        if not state.file.is_file() or sha256_of(state.file) != made.sha256:
            yield state.file.name


def _proof_code(proof: Proof) -> str:
    return "size" if proof.sha256 is None else "content"
