"""Linking on Spark: Splink's own Spark API over the same settings, on the connection that carries our SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import splink
from splink import DuckDBAPI
from splink.internals.database_api import DatabaseAPI

from hub.duck import Connection, DuckConnection
from hub.settings import Settings
from hub.spark import Function, SparkConnection, spark_connection
from hub.spark_sql import carry_expression
from hub.steps import Runner

_JAR = Path(splink.__file__).parent / "internals/files/spark_jars/scala-udf-similarity-0.2.1_spark4.x.jar"
_FUNCTIONS = (Function("damerau_levenshtein", "uk.gov.moj.dash.linkage.LevDamerauDistance"),)


@contextmanager
def linking_engine(runner: Runner, settings: Settings) -> Iterator[None]:
    """Let the runner compute on the engine of the settings while persons are linked.

    Raises:
        SettingsError: that engine is not installed.
    """
    if settings.engine == "spark":
        with (
            spark_connection(settings, runner.files, jars=(_JAR,), functions=_FUNCTIONS) as con,
            runner.computing_on(con),
        ):
            yield
    else:
        yield


def keeps_order(con: Connection) -> bool:
    """Whether the engine reads a run folder's tables in the order in which they are written, that of their grain."""
    return isinstance(con, DuckConnection)


def splink_api(con: Connection) -> DatabaseAPI[Any]:
    """Splink on the connection's engine."""
    if isinstance(con, SparkConnection):
        from splink.internals.spark.database_api import SparkAPI

        return SparkAPI(spark_session=con.spark, register_udfs_automatically=False, break_lineage_method="persist")  # type: ignore[no-untyped-call]
    assert isinstance(con, DuckConnection)
    return DuckDBAPI(connection=con)


def spoken_settings(con: Connection, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Splink's settings with conditions in the SQL of the connection's engine."""
    if isinstance(con, SparkConnection):
        comparisons = [
            {**one, "comparison_levels": list(map(_carried, one["comparison_levels"]))} for one in settings["comparisons"]
        ]
        return {**settings, "comparisons": comparisons}
    return dict(settings)


def _carried(level: Mapping[str, Any]) -> dict[str, Any]:
    condition = level["sql_condition"]
    return {**level, "sql_condition": condition if condition == "ELSE" else carry_expression(condition)}
