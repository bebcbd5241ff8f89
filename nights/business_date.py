"""The business date of tonight."""

from __future__ import annotations

from datetime import date

from hub.settings import Settings
from schemas.jalali import today


def business_date_of(settings: Settings) -> date:
    """The night's business date: the setting, else today in Tehran."""
    return settings.business_date or today()
