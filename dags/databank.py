"""Two DAGs: `intake` takes every feed's deliveries in, `night` makes persons, cover and returns of them.

Airflow decides when and how often; each task is one call of the room `nights`. Tasks hand on dates and run ids, never rows.
A late or broken feed is retried by its kind of error and then left behind: the night goes on with its last good delivery.
Backfill works by business date: ``airflow backfill create --dag-id intake --from-date 2026-11-19 --to-date 2026-11-21``
(a bare date is its midnight, so the last night is that of the day before).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from airflow.sdk import Asset, DeadlineAlert, DeadlineReference, Param, SyncCallback, chain, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from hub.errors import HubError, meaning
from hub.privacy import is_debugging, keep_files_private, told
from hub.settings import settings_from_environment
from nights import intake as intakes
from nights import night as nights
from nights import returns
from nights.lock import alone
from schemas.jalali import TEHRAN

FIRST_NIGHT = datetime(2026, 1, 1, tzinfo=TEHRAN)
STAGING = Asset("databank://staging")
WAREHOUSE = Asset("databank://warehouse")
RETRY_DELAY = timedelta(minutes=float(os.environ.get("DATABANK_RETRY_MINUTES", "10")))
NIGHT_DEADLINE = timedelta(hours=4)  # 05:00 in Tehran, before offices open
BUSINESS_DATE = Param(
    None, type=["null", "string"], format="date", description="left empty: the run's logical date in Tehran"
)
Result = TypeVar("Result")


def deadline() -> DeadlineAlert | None:
    """Say so when a night is not done by five in the morning.

    None under `airflow dags test`: Airflow 3.3.2 cannot end a tested run that has a deadline (it looks the alert up by its
    definition instead of its id).
    """
    if sys.argv[1:3] == ["dags", "test"]:
        return None
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=NIGHT_DEADLINE,
        callback=SyncCallback("nights.alerts.night_is_late"),
    )


def call(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a stage; an error of ours that trying again cannot mend fails the task at once.

    Airflow logs an exception with all that led to it, and a library's words may quote a row: so a new one is raised, with
    our words only.
    """
    keep_files_private()
    try:
        return function(settings_from_environment(), *arguments)
    except HubError as error:
        kind = AirflowException if meaning(error).is_retryable else AirflowFailException
        failure = kind(f"{type(error).__name__}: {error}")
    except Exception as error:  # the scheduler's entry point
        if is_debugging():
            raise
        failure = AirflowException(f"Unexpected {told(error)}; its words are withheld, they might quote a row.")
    raise failure


def business_date(context: Any) -> date:
    """From the run's parameters, else from the asset events that started it, else its logical date in Tehran.

    Dates announced together are one night, that of the latest: it uses each feed's newest delivery up to then.
    """
    if text := context["params"].get("business_date"):
        return date.fromisoformat(text)
    events = (context.get("triggering_asset_events") or {}).get(STAGING, [])
    if dates := sorted(event.extra["business_date"] for event in events):
        return date.fromisoformat(dates[-1])
    return context["logical_date"].astimezone(TEHRAN).date()


@dag(
    dag_id="intake",
    schedule="0 1 * * *",
    start_date=FIRST_NIGHT,
    catchup=False,
    max_active_runs=1,
    params={"business_date": BUSINESS_DATE},
    tags=["databank"],
    doc_md=__doc__,
)
def intake() -> None:
    """Fetch, land and stage every feed, one mapped task each."""

    @task(retries=3, retry_delay=RETRY_DELAY, max_active_tis_per_dagrun=2, map_index_template="{{ task.op_kwargs['feed'] }}")
    def take_in(feed: str, **context: Any) -> None:
        call(intakes.take_in, feed, business_date(context))

    @task(trigger_rule="all_done", outlets=[STAGING])
    def close(*, outlet_events: Any, **context: Any) -> None:
        outlet_events[STAGING].extra = {"business_date": business_date(context).isoformat()}

    chain(take_in.expand(feed=intakes.feed_names(settings_from_environment())), close())


@dag(
    dag_id="night",
    schedule=[STAGING],
    start_date=FIRST_NIGHT,
    catchup=False,
    max_active_runs=1,
    params={"business_date": BUSINESS_DATE},
    deadline=deadline(),
    tags=["databank"],
    doc_md=__doc__,
)
def night() -> None:
    """Link, judge cover, publish, report, send."""
    stage = {"retries": 2, "retry_delay": RETRY_DELAY}

    @task(**stage)
    def open_night(**context: Any) -> str:
        opening = call(alone, nights.open_night, business_date(context))
        if opening.is_live:
            raise AirflowSkipException(f"Nothing new: run {opening.run_id} is live.")
        return opening.run_id

    @task(**stage)
    def link_persons(night_run: str) -> str:
        call(alone, nights.link_persons, night_run)
        return night_run

    @task(**stage)
    def judge_cover(night_run: str) -> str:
        call(alone, nights.judge_cover, night_run)
        return night_run

    @task(outlets=[WAREHOUSE], **stage)
    def publish(night_run: str) -> str:
        call(alone, nights.publish_night, night_run)
        return night_run

    @task(**stage)
    def report(night_run: str) -> None:
        call(alone, nights.report_night, night_run)

    @task(trigger_rule="none_failed", **stage)  # what an earlier night could not send is due also where nothing is new
    def send_returns() -> None:
        call(returns.deliver_returns)

    report(publish(judge_cover(link_persons(open_night())))) >> send_returns()


intake()
night()
