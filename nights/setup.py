"""Making a databank ready: folders, the database and its schema, logins, and the scheduler's secrets."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from hub import postgres
from hub.envelopes import make_certificate
from hub.settings import Settings
from hub.signing import make_keys
from hub.storage import make_folder
from warehouse.database import ensure_database
from warehouse.migrate import migrate
from warehouse.roles import ensure_logins

SCHEDULER_DATABASE = "airflow"
OPERATOR = "operator"


def make_ready(settings: Settings) -> None:
    """Folders, keys, PostgreSQL, migrations, roles, one login per insurer. Safe to repeat; makes only what is missing."""
    for folder in (
        settings.inbox, settings.landing, settings.staging, settings.runs, settings.returns, settings.outbox, settings.pages,
    ):  # fmt: skip
        make_folder(folder, "Point DATABANK_HOME to a folder in which this user may write.")
    make_keys(settings)
    make_certificate(settings)
    migrate(settings)
    ensure_logins(settings)


def make_scheduler_ready(settings: Settings) -> Path:
    """Airflow's own database and secrets under ``home/airflow``, made once. Returns that folder."""
    folder = settings.home / "airflow"
    folder.mkdir(parents=True, exist_ok=True)
    server = postgres.start(settings)
    ensure_database(server.url, SCHEDULER_DATABASE)
    url = f"postgresql+psycopg://{server.user}:{server.password}@{server.host}:{server.port}/{SCHEDULER_DATABASE}"
    _secret(folder / "database_url", url)
    _secret(folder / "fernet_key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    _secret(folder / "secret_key", secrets.token_urlsafe(64))
    _secret(folder / "jwt_secret", secrets.token_urlsafe(96))
    _secret(folder / "passwords.json", json.dumps({OPERATOR: secrets.token_urlsafe(12)}))
    return folder


def _secret(path: Path, value: str) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")
