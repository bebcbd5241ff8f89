"""Alembic's entry: migrations and the declared roles in one transaction. Called by ``warehouse.migrate.migrate``."""

from __future__ import annotations

from alembic import context

from warehouse.roles import grant_roles


def upgrade() -> None:
    """Run what is missing on the engine that ``migrate`` passes, then bring the roles' rights up to date."""
    with context.config.attributes["engine"].begin() as connection:
        context.configure(connection=connection, version_table_schema="public")
        with context.begin_transaction():
            context.run_migrations()
        grant_roles(connection.connection.driver_connection)


upgrade()
