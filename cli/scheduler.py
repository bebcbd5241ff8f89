"""Commands around Airflow: `nightly` (two nights through its own machinery), `up` and `down`.

Airflow runs as programs of its own; nothing here imports it, so the databank works without it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from cli.nightly import show_summary
from cli.people import write_nation
from cli.shown import OUT, say, show_facts
from hub import postgres
from hub.errors import HubError, SettingsError
from hub.privacy import redacted
from hub.settings import Settings, settings_from_environment

PROJECT = Path(__file__).resolve().parent.parent
SERVICES = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
HEALTHY_SECONDS = 90
STOP_SECONDS = 30
FIRST_PERSONS, FIRST_SEED, FIRST_NIGHTS = 20_000, 1, 2
PORT = Annotated[int, typer.Option(min=1, max=65535, help="Port of the API server on 127.0.0.1.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (nightly, up, down):
        app.command()(command)


def nightly() -> None:
    """Run every business date that lies in the inbox through Airflow; make a synthetic nation first when it is empty.

    Example: `databank nightly` (or `make nightly`, which makes the environment first)
    """
    from nights.intake import inbox_dates
    from nights.setup import make_ready
    from nights.summary import summarise
    from synthetic.options import NationOptions

    settings = settings_from_environment()
    started = time.monotonic()
    _say("Database and schema")
    make_ready(settings)
    prepare_airflow(settings)
    if not inbox_dates(settings):
        _say(f"The inbox is empty: writing a synthetic nation of {FIRST_PERSONS:,} persons, {FIRST_NIGHTS} business dates")
        write_nation(settings, NationOptions(persons=FIRST_PERSONS, seed=FIRST_SEED, nights=FIRST_NIGHTS))
    for business_date in inbox_dates(settings):
        for dag_id in ("intake", "night"):
            _say(f"Airflow: {dag_id} of {business_date}")
            run_dag(settings, dag_id, business_date)
    summary = summarise(settings)
    if summary:
        show_summary(settings, summary)
    _show_what_now(settings)
    say(f"\nDone in {time.monotonic() - started:.0f} s.")


def _show_what_now(settings: Settings) -> None:
    program = Path(sys.argv[0]).parent
    home = "" if settings.home == PROJECT / "var" else f"DATABANK_HOME={settings.home} "
    databank = f"{home}{program.relative_to(PROJECT) if program.is_relative_to(PROJECT) else program}/databank"
    say()
    show_facts(
        "What now?",
        [
            ("Look", f"{databank} serve        (then open the address that it prints)"),
            ("Ask", f'{databank} query "select * from mart.night"'),
            ("Where it stands", f"{databank} status"),
            ("Against the truth", f"{databank} evaluate"),
            ("Break something", f"put a spoilt file under {settings.inbox}/<feed>/, then {databank} sync"),
            ("Every night at 01:00", "make up     (make down stops it)"),
            ("Read on", "docs/architecture.md, docs/adding_a_feed.md, docs/operating.md"),
        ],
    )


def up(port: PORT = 8080) -> None:
    """Start Airflow's scheduler, dag processor, triggerer and API server on loopback, and wait until they are healthy.

    Example: `databank up --port 8081`
    """
    from nights.setup import OPERATOR, make_ready

    settings = settings_from_environment()
    make_ready(settings)
    prepare_airflow(settings)
    for name, arguments in SERVICES.items():
        if _pid(settings, name) is None:
            extra = ("--port", str(port)) if name == "api-server" else ()
            _start(settings, name, (*arguments, *extra), port)
    _wait_until_healthy(settings, port)
    say(
        f"Airflow answers on http://127.0.0.1:{port}  (user {OPERATOR}, password in {settings.home}/airflow/passwords.json)."
    )
    say("The night starts every day at 01:00 in Tehran. Stop everything with `make down`.")


def down() -> None:
    """Stop Airflow's services and the embedded PostgreSQL; running tasks end first or go on at the next start.

    Example: `databank down` (or `make down`)
    """
    settings = settings_from_environment()
    for name in SERVICES:
        _stop(settings, name)
    postgres.stop(settings)
    say("Stopped.")


def prepare_airflow(settings: Settings) -> None:
    """Airflow's secrets and metadata database, made once per version."""
    from nights.setup import make_scheduler_ready

    folder = make_scheduler_ready(settings)
    marker = folder / "migrated"
    version = _version()
    if not marker.exists() or marker.read_text() != version:
        _say("Airflow's metadata database")
        _airflow(settings, "db", "migrate")
        marker.write_text(version)


def _version() -> str:
    """Airflow's, or nothing where it is not installed."""
    try:
        return metadata.version("apache-airflow")
    except metadata.PackageNotFoundError:
        return ""


def run_dag(settings: Settings, dag_id: str, business_date: date) -> None:
    """Run one DAG for one business date in this process's stead, with Airflow's own machinery.

    Raises:
        HubError: a task failed; names the log.
    """
    conf = json.dumps({"business_date": business_date.isoformat()})
    _airflow(settings, "dags", "test", dag_id, business_date.isoformat(), "--conf", conf)


def airflow_environment(settings: Settings, port: int = 8080) -> dict[str, str]:
    """Environment of every Airflow program: this project as its home, our state folder for its state."""
    folder = settings.home / "airflow"
    return {
        **os.environ,
        "AIRFLOW_HOME": str(PROJECT),
        "DATABANK_HOME": str(settings.home),
        "DATABANK_CONTRACTS": str(settings.contracts),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(folder / "logs" / "dag_processor"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    }


def _airflow(settings: Settings, *arguments: str) -> str:
    program = Path(sys.executable).parent / "airflow"
    if not program.exists():
        raise SettingsError(
            "Airflow is not installed here; nothing ran.",
            hint="Run `make env`, or use `databank sync`, which needs no Airflow.",
        )
    log = settings.home / "airflow" / "logs" / "nightly.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+", encoding="utf-8", errors="replace") as file:
        file.write(f"$ airflow {' '.join(arguments)}\n")
        file.flush()
        start = file.tell()
        done = subprocess.run(
            [str(program), *arguments], env=airflow_environment(settings), cwd=PROJECT, stdin=subprocess.DEVNULL,
            stdout=file, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        file.seek(start)
        output = file.read()
    if done.returncode:
        reasons = re.findall(r"Airflow(?:Fail)?Exception: (.+)", output) or ["see the log"]
        raise HubError(
            f"airflow {' '.join(arguments[:3])} ended with {done.returncode}: {redacted(reasons[-1])}",
            hint=f"Read {log}, then start again.",
        )
    return output


def _start(settings: Settings, name: str, arguments: tuple[str, ...], port: int) -> None:
    folder = settings.home / "airflow"
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    with (folder / "logs" / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "airflow"), *arguments], env=airflow_environment(settings, port), cwd=PROJECT,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    (folder / f"{name}.pid").write_text(str(process.pid))


def _pid(settings: Settings, name: str) -> int | None:
    file = settings.home / "airflow" / f"{name}.pid"
    if not file.exists():
        return None
    pid = int(file.read_text())
    command = Path(f"/proc/{pid}/cmdline")
    return pid if command.exists() and b"airflow" in command.read_bytes() else None


def _stop(settings: Settings, name: str) -> None:
    pid = _pid(settings, name)
    if pid is not None:
        os.killpg(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while _pid(settings, name) is not None and time.monotonic() < end:
            time.sleep(0.2)
        if _pid(settings, name) is not None:
            os.killpg(pid, signal.SIGKILL)
    (settings.home / "airflow" / f"{name}.pid").unlink(missing_ok=True)


def _wait_until_healthy(settings: Settings, port: int) -> None:
    import urllib.error
    import urllib.request

    end = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
                health = json.load(answer)
            if all(
                health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor", "triggerer", "metadatabase")
            ):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError, KeyError):
            pass
        time.sleep(1)
    raise HubError(
        f"Airflow was not healthy after {HEALTHY_SECONDS} s; its services are left running.",
        hint=f"Read {settings.home}/airflow/logs/*.log, then `make down` and `make up`.",
    )


def _say(text: str) -> None:
    OUT.print(f"[bold cyan]▸[/] {text}", soft_wrap=True)
