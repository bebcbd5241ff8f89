"""The whole night in one call, for the shell and for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hub.errors import DeliveryError
from hub.progress import Progress, quiet
from hub.settings import Settings
from nights.business_date import business_date_of
from nights.intake import FeedIntake, take_in_all
from nights.lock import night_lock
from nights.night import Opening, judge_cover, link_persons, open_night, publish_night, report_night
from nights.returns import ReturnState, send_returns


@dataclass(frozen=True)
class Night:
    """How a night went."""

    business_date: date
    opening: Opening
    intakes: list[FeedIntake] = field(default_factory=list)
    returns: list[ReturnState] = field(default_factory=list)
    """Returns that were to be sent, and what came of it; one that fails is sent again by the next night."""

    @property
    def failures(self) -> list[FeedIntake]:
        """Feeds whose delivery could not be taken; their previous one was used."""
        return [item for item in self.intakes if item.error is not None]


def sync(settings: Settings, progress: Progress = quiet) -> Night:
    """Run the night of ``settings.business_date``: every stage, in order. Safe to call again at any time.

    Raises:
        NightRunning: another night is at work.
        HubError: a stage failed; the last good night stays live, and the same call goes on from there.
    """
    business_date = business_date_of(settings)
    with night_lock(settings):
        progress("take in deliveries", 0)
        intakes = take_in_all(settings, business_date, progress)
        opening = _opened(settings, business_date, intakes)
        if not opening.is_live:
            link_persons(settings, opening.run_id, progress)
            judge_cover(settings, opening.run_id, progress)
            publish_night(settings, opening.run_id, progress)
        progress("report", 0)
        report_night(settings, opening.run_id)
    sent = send_returns(settings, progress=progress)
    return Night(business_date, opening, intakes, sent)


def _opened(settings: Settings, business_date: date, intakes: list[FeedIntake]) -> Opening:
    try:
        return open_night(settings, business_date)
    except DeliveryError as nothing:
        # Of a new databank whose deliveries were all refused, the refusal says more than that nothing is there.
        raise next((item.error for item in intakes if item.error), nothing) from None
