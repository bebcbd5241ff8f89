"""Verifying codes: civil registration is asked about those that only one agency knows, and its answers become a feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.current import current_deliveries
from connectors.inquiries import Inquiries, answer_log, inquire
from hub.duck import connection, literal
from hub.errors import SettingsError
from hub.progress import Progress, quiet
from hub.settings import Settings
from schemas.contracts import SUFFIX, load_feeds
from schemas.feed import Feed
from schemas.inquiries import Question
from schemas.jalali import FIRST_YEAR, gregorian, jalali, today
from schemas.wires import SOAP


@dataclass(frozen=True)
class Verification:
    """What was asked and answered. ``known_alone``: codes that only one agency knows."""

    feed: str
    known_alone: int
    unsettled: int
    inquiries: Inquiries | None = None


def verify(
    settings: Settings,
    business_date: date,
    *,
    limit: int | None = None,
    is_dry: bool = False,
    progress: Progress = quiet,
) -> Verification:
    """Ask about codes that stand in one agency's records only, in order of codes, each with its birth date, once for ever.

    Args:
        limit: ask about so many at most. is_dry: count, ask nothing.

    Raises:
        SettingsError: no contract is the feed of an inquiry service.
        WireError: the service does not answer or refuses us; what was answered is delivered.
    """
    feeds = load_feeds(settings.contracts)
    inquiry_feed = next((feed for feed in feeds if feed.wire is not None and feed.wire.kind == SOAP), None)
    if inquiry_feed is None:
        raise SettingsError(
            f"No contract in {settings.contracts} names an inquiry service; nothing was asked.",
            hint=f"Copy schemas/inquiries/sabt_inquiries{SUFFIX} there and set its connection; see docs/operating.md.",
        )
    questions = known_alone(settings, [feed for feed in feeds if feed is not inquiry_feed], business_date)
    unsettled = answer_log(settings, inquiry_feed).unsettled(questions, today())
    if is_dry:
        return Verification(inquiry_feed.name, len(questions), len(unsettled))
    inquiries = inquire(settings, inquiry_feed, unsettled[:limit], business_date, progress=progress)
    return Verification(inquiry_feed.name, len(questions), len(unsettled), inquiries)


def known_alone(settings: Settings, feeds: list[Feed], business_date: date) -> list[Question]:
    """Codes with a birth date that one agency alone delivers, and not the registry, by code and date.

    A date before the Jalali years that the registry can be asked with is left out.
    """
    sources = {feed.name: feed for feed in feeds}
    parts = []
    for delivery in current_deliveries(settings, feeds, business_date):
        feed = sources[delivery.feed]
        names = {column.name for layout in feed.layouts for column in layout.columns}
        if "national_code" in names:
            day = "birth_date" if "birth_date" in names else "null::date"
            parts.append(
                f"select national_code, {day} as birth_date, {literal(feed.agency)} as agency, "
                f"{feed.is_registry} as is_registry from read_parquet({literal(delivery.rows_path)}) "
                "where national_code is not null"
            )
    if not parts:
        return []
    with connection(settings) as con:
        rows = con.execute(
            f"""with code as ({" union all ".join(parts)}),
                alone as (
                    select national_code from code
                    group by national_code
                    having count(distinct agency) = 1 and not bool_or(is_registry)
                )
                select distinct national_code, birth_date from code join alone using (national_code)
                where birth_date >= {literal(str(gregorian(FIRST_YEAR, 1, 1)))}
                order by national_code, birth_date"""
        ).fetchall()
    return [Question(code, "{:04d}{:02d}{:02d}".format(*jalali(born))) for code, born in rows]
