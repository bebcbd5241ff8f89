"""Every error the databank raises on purpose, and what each means to a scheduler, a shell and a client.

    HubError
    ├── SettingsError        a setting is missing or cannot be used
    ├── ContractError        a feed's contract is wrong; nothing ran
    ├── DeliveryError        a delivery cannot be used; the previous one stays current
    │   ├── DeliveryMissing  not here yet; worth trying again
    │   ├── DeliveryCorrupt  cut, wrongly packed, wrong checksum or control total
    │   ├── ContractBreach   the file is whole but is not what the contract says
    │   ├── VolumeBreach     held: too many bad rows, or volume outside its band
    │   ├── SequenceBreach   held: a delta before it is missing, or those after it were applied without it
    │   └── WireError        a delivery could not be fetched
    │       ├── WireDown     the agency's server does not answer, or not now; worth trying again
    │       └── WireRefused  it is not who it should be, or does not let us in; a person must look
    ├── LinkageError         linking refused to go on
    │   └── ModelNotTrained
    ├── IdentityError        the identity log refuses an event
    ├── GrainError           a step's result is not unique on its declared grain
    ├── PublishError         the audit or the commit failed; the last good night stays live
    │   └── NightHeld        a night waits for a person
    ├── NightRunning         another night holds the lock
    ├── DatabaseAway         PostgreSQL does not answer; worth trying again
    ├── ResourceError        disk full or memory limit reached
    ├── EngineFault          DuckDB or Spark failed inside; worth trying again, with plainer plans
    └── InquiryError         an inquiry may not be answered

A message says what happened; what state we are in; what to do next. Facts are ids and counts, never a person's value.
"""

from __future__ import annotations

from dataclasses import dataclass


class HubError(Exception):
    """Base of all expected failures.

    Args:
        summary: what happened and what state we are in, one sentence each.
        hint: what to do next.
        facts: ids and counts for machines; never a person's value.
    """

    def __init__(self, summary: str, *, hint: str = "", **facts: str | int | float | None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.summary} What to do: {self.hint}" if self.hint else self.summary


class SettingsError(HubError):
    """A setting is missing or cannot be used."""


class ContractError(HubError):
    """A feed's contract is wrong; nothing ran."""


class DeliveryError(HubError):
    """A delivery cannot be used; the previous one stays current."""


class DeliveryMissing(DeliveryError):
    """The delivery is not here yet."""


class DeliveryCorrupt(DeliveryError):
    """The file is cut, wrongly packed, or its checksum or control total is wrong."""


class ContractBreach(DeliveryError):
    """The file is whole but is not what the contract says."""


class VolumeBreach(DeliveryError):
    """The delivery is held: too many bad rows, or its volume is outside the contract's band."""


class SequenceBreach(DeliveryError):
    """The delivery is held: a delta before it is missing, or deltas after it were applied without it."""


class WireError(DeliveryError):
    """A delivery could not be fetched; the feed is late."""


class WireDown(WireError):
    """The agency's server does not answer, or not now."""


class WireRefused(WireError):
    """The agency's server is not who it should be, or does not let us in; or its connection is not set."""


class LinkageError(HubError):
    """Linking refused to go on."""


class ModelNotTrained(LinkageError):
    """The linkage model is missing, untrained, or belongs to other comparisons."""


class IdentityError(HubError):
    """The identity log refuses an event."""


class GrainError(HubError):
    """A step's result is not unique on its declared grain."""


class PublishError(HubError):
    """The audit or the commit failed; the last good night stays live."""


class NightHeld(PublishError):
    """The night would change far more than usual and waits for a person."""


class NightRunning(HubError):
    """Another night holds the lock."""


class DatabaseAway(HubError):
    """PostgreSQL does not answer."""


class ResourceError(HubError):
    """Disk full or memory limit reached."""


class EngineFault(HubError):
    """DuckDB or Spark failed inside, by a fault of its own."""


class InquiryError(HubError):
    """An inquiry may not be answered."""


@dataclass(frozen=True)
class Meaning:
    """What an error class means outside: process exit code, HTTP status, and whether trying again can help."""

    exit_code: int
    http_status: int
    is_retryable: bool = False


MEANINGS: dict[type[HubError], Meaning] = {
    HubError: Meaning(1, 500),
    SettingsError: Meaning(2, 500),
    ContractError: Meaning(3, 500),
    DeliveryError: Meaning(10, 422),
    DeliveryMissing: Meaning(11, 404, is_retryable=True),
    DeliveryCorrupt: Meaning(12, 422),
    ContractBreach: Meaning(13, 422),
    VolumeBreach: Meaning(14, 409),
    SequenceBreach: Meaning(15, 409),
    WireDown: Meaning(16, 503, is_retryable=True),
    WireRefused: Meaning(17, 502),
    LinkageError: Meaning(20, 500),
    IdentityError: Meaning(21, 409),
    GrainError: Meaning(22, 500),
    PublishError: Meaning(30, 500),
    NightHeld: Meaning(31, 409),
    NightRunning: Meaning(32, 409),
    DatabaseAway: Meaning(40, 503, is_retryable=True),
    ResourceError: Meaning(41, 507),
    EngineFault: Meaning(42, 500, is_retryable=True),
    InquiryError: Meaning(50, 403),
}


def meaning(error: HubError) -> Meaning:
    """The meaning of an error: that of its nearest class in the table."""
    return next(MEANINGS[cls] for cls in type(error).__mro__ if cls in MEANINGS)
