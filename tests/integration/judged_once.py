"""Loads what judging a delivery and telling its agency need, for a server of test processes: its children then lose no time
on it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hub.settings import Settings
from reports.receipts import write_receipt
from schemas.fields import field_dictionary
from schemas.profile import WHOLE, Profile
from schemas.suites import Limit, validate

validate(
    "none", [Limit("rows: at least one", WHOLE, "received_count", least=1.0)], Profile({(WHOLE, "received_count"): 1.0}, {})
)
field_dictionary()
REFUSED = dict.fromkeys(("title_fa", "file_name", "sha256", "as_of", "reason_code", "reason", "hint"))
with TemporaryDirectory() as home:
    write_receipt(
        Settings(home=Path(home)),
        REFUSED | {"feed": "none", "delivery_id": "none", "state": "refused", "landed_at": "2026-11-20"},
    )
