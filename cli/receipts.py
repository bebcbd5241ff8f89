"""`databank receipts …`: what agencies were told of their deliveries, and proof that it was us who told it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.listing import LISTING, ListingGroup
from cli.shown import JSON, say, show_json, show_table
from hub.errors import DeliveryCorrupt, DeliveryMissing
from hub.settings import settings_from_environment

receipts = typer.Typer(
    cls=ListingGroup,
    help="Receipts of deliveries: signed documents and pages for agencies, under outbox/.\n\n"
    "Examples: `databank receipts` · `databank receipts oil` · `databank receipts verify receipt.json --key hub.public.pem`",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(receipts, name="receipts")


@receipts.command(LISTING)
def list_receipts(
    feed: Annotated[str | None, typer.Argument(help="One feed; left out: all.")] = None, as_json: JSON = False
) -> None:
    """Bring the outbox up to date and list receipts: state, rows, and where they lie.

    Examples: `databank receipts` · `databank receipts oil --json`
    """
    from connectors.outgoing import documents
    from nights.intake import feed_named
    from nights.outbox import tell_agency
    from reports.receipts import receipt_page
    from schemas.contracts import load_feeds

    settings = settings_from_environment()
    feeds = [feed_named(settings, feed)] if feed else load_feeds(settings.contracts)
    rows: list[dict[str, object]] = []
    for each in feeds:
        tell_agency(settings, each)
        for told in documents(settings, each):
            counts = told.get("rows") or {}
            rows.append({
                "delivery": told["delivery_id"], "as_of": told["as_of"], "state": told["state"],
                "received": counts.get("received"), "quarantined": counts.get("quarantined"),
                "page": str(receipt_page(settings, each.name, told["delivery_id"])),
            })  # fmt: skip
    if as_json:
        show_json(rows)
    elif rows:
        show_table(list(rows[0]), [list(row.values()) for row in rows])
    else:
        say("No delivery was judged yet, so there is no receipt. `databank sync` takes deliveries in.")


@receipts.command()
def verify(
    receipt: Annotated[Path, typer.Argument(help="A receipt.json; its signature lies beside it, as receipt.json.sig.")],
    key: Annotated[Path | None, typer.Option(help="Public key of the hub; left out: this databank's own.")] = None,
    as_json: JSON = False,
) -> None:
    """Prove that a receipt is the hub's and was not changed since.

    Agencies can do without us: `openssl pkeyutl -verify -pubin -inkey hub.public.pem -rawin -in receipt.json -sigfile
    receipt.json.sig`

    Example: `databank receipts verify outbox/oil/oil-2026-11-20-0a1b2c3d4e5f/receipt.json`
    """
    from hub.signing import PUBLIC_KEY, SIGNATURE_SUFFIX, is_signed, key_id

    public = key or settings_from_environment().keys / PUBLIC_KEY
    signature = receipt.with_name(receipt.name + SIGNATURE_SUFFIX)
    for path in (receipt, signature, public):
        if not path.is_file():
            raise DeliveryMissing(f"There is no file {path}; nothing was verified.", hint="Name the receipt, and --key.")
    pem = public.read_bytes()
    if not is_signed(pem, receipt.read_bytes(), signature.read_bytes()):
        raise DeliveryCorrupt(
            f"{receipt.name} was not signed with the key {key_id(pem)}, or was changed since; do not rely on it.",
            hint="Ask the hub for the receipt and its public key again, by another way than this one came.",
        )
    if as_json:
        show_json({"receipt": str(receipt), "is_signed": True, "key": key_id(pem)})
    else:
        say(f"{receipt.name} is as the hub signed it (key {key_id(pem)}).")
