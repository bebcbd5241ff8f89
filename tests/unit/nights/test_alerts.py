"""The deadline's callback, called as Airflow calls it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.settings import Settings
from nights.alerts import LateNight, late_night, night_is_late

RUN = {
    "dag_run_id": "asset_triggered__2026-11-20T21:31:00+00:00_x",
    "dag_id": "night",
    "logical_date": None,
    "run_after": "2026-11-20T21:31:00Z",
    "conf": {},
    "state": "running",
}
DEADLINE = {"id": "0199", "deadline_time": datetime(2026, 11, 21, 1, 30, tzinfo=UTC)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATABANK_HOME", str(tmp_path))
    return Settings(home=tmp_path)


def test_a_late_night_is_kept_with_its_business_date_in_tehran(home: Settings) -> None:
    night_is_late(context={"dag_run": RUN, "deadline": DEADLINE})
    assert late_night(home) == LateNight(RUN["dag_run_id"], date(2026, 11, 21), "2026-11-21 01:30:00+00:00")


def test_the_runs_own_business_date_counts_first(home: Settings) -> None:
    night_is_late(context={"dag_run": RUN | {"conf": {"business_date": "2026-11-19"}}, "deadline": DEADLINE})
    late = late_night(home)
    assert late is not None
    assert late.business_date == date(2026, 11, 19)


@pytest.mark.parametrize("facts", [{}, {"context": None}, {"context": {}}, {"context": {"dag_run": None}, "other": 1}])
def test_an_alert_does_not_fail_for_want_of_context(home: Settings, facts: dict[str, Any]) -> None:
    night_is_late(**facts)
    assert late_night(home) == LateNight("unknown", None, "")


def test_airflows_own_executor_code_calls_it_with_the_context_that_a_missed_deadline_gives(home: Settings) -> None:
    pytest.importorskip("airflow")
    from airflow.api_fastapi.core_api.datamodels.dag_run import DAGRunResponse
    from airflow.sdk import SyncCallback
    from airflow.sdk.execution_time.callback_supervisor import execute_callback

    class Log:
        """Structured logging as Airflow's logger takes it."""

        def __getattr__(self, level: str) -> Any:
            return lambda event, **facts: logging.getLogger("test").info("%s", event)

    fields = dict.fromkeys(DAGRunResponse.model_fields) | RUN | {"run_type": "asset_triggered", "dag_versions": []}
    run = DAGRunResponse.model_construct(**fields).model_dump(mode="json", warnings=False)
    assert run["dag_run_id"] == RUN["dag_run_id"], "the field's name in this version of Airflow"
    # Airflow keeps the callback's data as JSON between the scheduler and the executor.
    kwargs = json.loads(json.dumps({"context": {"dag_run": run, "deadline": DEADLINE}}, default=str))
    callback = SyncCallback("nights.alerts.night_is_late")
    assert execute_callback(callback.path, kwargs, "", None, Log()) == (True, None)
    late = late_night(home)
    assert late is not None
    assert (late.scheduler_run_id, late.business_date) == (RUN["dag_run_id"], date(2026, 11, 21))
