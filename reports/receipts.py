"""Receipts: what an agency is told of each delivery, as a signed document for programs and a page for people.

``outbox/<feed>/<delivery_id>/`` holds ``receipt.json``, ``receipt.json.sig`` (Ed25519 over its bytes), ``receipt.html`` and
``receipt.en.html``; the public key lies in ``outbox/<feed>/``. Figures and line numbers only; rows to mend lie beside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hub.settings import Settings
from hub.signing import PUBLIC_KEY, SIGNATURE_SUFFIX, key_id, make_keys, sign
from hub.storage import write_bytes, write_text
from reports.rendering import LANGUAGES, render

RECEIPT = "receipt.json"
SHOWN_LINES = 60
"""How many line numbers of a reason a page shows; the document has more, the list of rows has all."""


def write_receipt(settings: Settings, document: Mapping[str, Any]) -> bool:
    """Write a delivery's receipt and its pages where they are not there yet as they should be.

    Returns:
        Whether anything was new.
    """
    folder = settings.outbox / str(document["feed"]) / str(document["delivery_id"])
    public = make_keys(settings).read_bytes()
    is_in_use = document["state"] != "retracted"  # mended rows of a delivery that counts for nothing would be refused
    mendable = sorted(path.name for path in folder.glob("mend/*") if is_in_use and path.suffix not in (".tsv", ".json"))
    told = {**document, "rows_to_mend": mendable[0] if mendable else None, "signed_by": key_id(public)}
    data = (json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    target = folder / RECEIPT
    signature = target.with_name(RECEIPT + SIGNATURE_SUFFIX)
    if target.exists() and signature.exists() and target.read_bytes() == data:
        return False
    write_bytes(folder.parent / PUBLIC_KEY, public)
    for language, suffix in LANGUAGES.items():
        page = render("receipt", language, folder, {"receipt": _shown(told), "page": "receipt"})
        write_text(folder / f"receipt{suffix}.html", page)
    write_bytes(signature, sign(settings, data))
    write_bytes(target, data)  # last: a kill before it leaves a receipt that is written again
    return True


def _shown(told: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the page reads it: days as days, line numbers as ranges."""
    rows = told.get("rows") or {}
    answers = told.get("answers") or {}
    return {
        **dict.fromkeys(("reason", "reason_code", "hint", "released_because", "supplements", "supersedes")),
        "control_totals": {},
        "columns": {},
        **told,
        "as_of": date.fromisoformat(told["as_of"]) if told["as_of"] else None,
        "landed_on": date.fromisoformat(str(told["landed_at"])[:10]),
        "counts": {name: rows[name] for name in _COUNTS if name in rows},
        "changes": rows.get("changes") or {},
        "quarantined": [_ranged(each) for each in told.get("quarantined", ())],
        "answers": {**answers, "refused": [_ranged(each) for each in answers["refused"]]} if answers else None,
    }


def _ranged(each: Mapping[str, Any]) -> dict[str, Any]:
    shown = each["lines"][:SHOWN_LINES]
    return {**each, "ranges": ranges(shown), "is_cut": each["rows"] > len(shown)}


_COUNTS = ("received", "accepted", "unchanged", "quarantined", "superseded")


def ranges(lines: Sequence[int]) -> list[str]:
    """Line numbers with neighbours drawn together: 3, 4, 5 and 9 are ``3–5`` and ``9``."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][-1] + 1:
            found[-1][1:] = [line]
        else:
            found.append([line])
    return ["–".join(map(str, run)) for run in found]


def receipt_page(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Where a delivery's Persian page lies."""
    return settings.outbox / feed / delivery_id / "receipt.html"
