"""The engine on which persons are linked: DuckDB, or Spark, on a connection that carries our SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hub.duck import Connection, DuckConnection
from hub.settings import Settings
from hub.steps import Runner


@contextmanager
def linking_engine(runner: Runner, settings: Settings) -> Iterator[None]:
    """Let the runner compute on the engine of the settings while persons are linked.

    Raises:
        SettingsError: that engine is not installed.
    """
    if settings.engine == "spark":
        from hub.spark import spark_connection  # which, like Splink, takes a while to load
        from matching.by_splink import FUNCTIONS, JAR

        with (
            spark_connection(settings, runner.files, jars=(JAR,), functions=FUNCTIONS) as con,
            runner.computing_on(con),
        ):
            yield
    else:
        yield


def keeps_order(con: Connection) -> bool:
    """Whether the engine reads a run folder's tables in the order in which they are written, that of their grain."""
    return isinstance(con, DuckConnection)
