"""Migrations: bringing the database to the version that this program knows."""

from __future__ import annotations

from pathlib import Path

import psycopg
import sqlalchemy as sa

from hub.errors import PublishError
from hub.settings import Settings
from warehouse.database import Postgres, connect, engine, meaning_of

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_211_001
"""Key of the advisory lock under which the database is migrated."""


def migrate(settings: Settings) -> bool:
    """Bring the database to the newest version; returns whether anything had to be done. Safe to call at any time.

    Raises:
        DatabaseAway: PostgreSQL does not answer.
        PublishError: the database was made by a newer version of this program.
    """
    newest = newest_version()
    with connect(settings) as connection:
        if version(connection) == newest:
            return False
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
            found = version(connection)
            if found is not None and found > newest:
                raise PublishError(
                    f"The database is at version {found}, this program knows {newest}; nothing was changed.",
                    hint="Use the newer program, or another DATABANK_HOME.",
                )
            if found != newest:
                _upgrade(settings)
    return True


def newest_version() -> str:
    """The newest migration, by its file's number; read without loading Alembic."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version(connection: Postgres) -> str | None:
    """The version that the database is at; None when it is empty."""
    found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("select version_num from public.alembic_version").fetchone()
    return None if row is None else str(row[0])


def _upgrade(settings: Settings) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    database = config.attributes["engine"] = engine(settings)
    try:
        command.upgrade(config, "head")
    except sa.exc.DBAPIError as error:
        cause = error.orig
        raise (meaning_of(cause) if isinstance(cause, psycopg.Error) else error) from None
    finally:
        database.dispose()
