"""Loads what judging a delivery needs, for a server of test processes: its children then lose no time on it."""

from __future__ import annotations

from schemas.profile import WHOLE, Profile
from schemas.suites import Limit, validate

validate(
    "none", [Limit("rows: at least one", WHOLE, "received_count", least=1.0)], Profile({(WHOLE, "received_count"): 1.0}, {})
)
