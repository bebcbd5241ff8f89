"""The command that answers who covers a person on a day, now or as it was known at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from cli.nightly import parsed_date, settings_of_databank
from cli.shown import JSON, say, show_json, show_table

OPEN_END = date(9999, 12, 31)
KINDS = {
    "basic": "basic / پایه",
    "supplementary": "supplementary / تکمیلی",
    "pension": "pension / بازنشستگی",
    "special_patient": "special patient / بیماران خاص",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(cover)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise typer.BadParameter(
            "write it as 2026-11-20T06:00, with +03:30 where it is not the time of this machine"
        ) from None


def cover(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Person id, also a merged one, or a record key.")],
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="As 2026-11-20 or 1405/08/29; today when left out.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="MOMENT", help="What was believed then; now when left out.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Say who covers a person on a day, by benefit kind; with --known-at, what the databank believed at that moment.

    Corrections never delete: what an earlier night said is found under a moment at which it was live.

    Example: `databank cover 1201 --day 1405/08/29 --known-at 2026-11-20T06:00`
    """
    from schemas.jalali import today
    from warehouse.history import cover_at

    on = parsed_date(day) if day else today()
    moment = _moment(known_at) if known_at else None
    found = cover_at(settings_of_databank(), person, on, moment)
    if as_json:
        show_json([vars(each) for each in found])
        return
    if not found:
        say(f"No cover on {on} is known. / در این روز پوششی دیده نمی‌شود.")
        return
    show_table(
        ("benefit", "insurer", "booklet", "relation", "principal", "from", "to", "known from", "known to"),
        [
            (
                KINDS[each.benefit_kind_code], each.insurer_code, each.booklet_no, each.relation_code,
                each.principal_person_id, each.from_date, "" if each.to_date == OPEN_END else each.to_date,
                f"{each.known_from:%Y-%m-%d %H:%M}", f"{each.known_to:%Y-%m-%d %H:%M}" if each.known_to else "",
            )
            for each in found
        ],
    )  # fmt: skip
