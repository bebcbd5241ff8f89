"""The plainest feed: one file a day, and the night that tests take it in."""

from __future__ import annotations

from datetime import date

from schemas.feed import Feed

NIGHT = date(2026, 11, 20)  # 1405/08/29
FEED = Feed(
    name="oil",
    version="1",
    title_fa="نفت",
    purpose="",
    agency="oil",
    role="insurer",
    files="OIL_*.csv",
    business_date_pattern=r"^OIL_(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})\.csv$",
    business_date_calendar="jalali",
    layouts=(),
    contract_hash="a" * 64,
)
