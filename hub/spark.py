"""Apache Spark as the engine of a stage: the same SQL, tables as immutable versions, results kept by DuckDB.

Only this module imports pyspark, and only when it is asked for (the extra ``spark``; Java 17).
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hub import spark_functions
from hub.duck import DuckConnection, literal
from hub.errors import EngineFault, ResourceError, SettingsError
from hub.settings import Settings
from hub.spark_sql import CATALOG, Act, Carried, carry
from hub.storage import passing_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SCRAPS = "spark-"
_LOOPBACK = "127.0.0.1"
_PARTITIONS_PER_THREAD = 2
_NO_ROOM = ("OutOfMemoryError", "No space left on device")
_INSTALL = "Install Java 17, then the extra: `make spark` (or pip with constraints-spark.txt); or unset DATABANK_ENGINE."


@dataclass(frozen=True)
class Function:
    """A function of a jar: its name in SQL, its Java class, the type that it returns."""

    name: str
    java_class: str
    returns: str = "double"


@dataclass(frozen=True)
class Collected:
    """Rows that a statement returned."""

    description: list[tuple[str]]
    rows: list[tuple[Any, ...]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.rows


class SparkConnection:
    """Runs DuckDB's SQL on Spark (``hub.engine.Connection``).

    Each version of a temporary table is a folder of Parquet files under ``scratch``; the next version replaces it. A view
    over a table is what the table held when the view was made.

    Args:
        files: writes and reads the single files of a run folder.
        scratch: seen by every worker of a cluster.
    """

    def __init__(self, spark: SparkSession, files: DuckConnection, scratch: Path) -> None:
        self.spark = spark
        self.files = files
        self._scratch = scratch
        self._tables: set[str] = set()
        self._versions: dict[str, Path] = {}
        self._number = count()

    def execute(self, query: str, parameters: Any = None, /) -> Collected:
        """Run one or more statements; the rows are those of the last."""
        result = Collected([], [])
        for statement in carry(query, self._columns, parameters):
            result = self._do(statement)
        return result

    def register(self, view_name: str, python_object: Any, /) -> None:
        """Make an Arrow table readable under a name."""
        self._name(view_name, self.spark.createDataFrame(python_object))

    def unregister(self, view_name: str, /) -> None:
        """Forget a registered table."""
        self._drop(view_name)

    def _do(self, statement: Carried) -> Collected:
        target, sql = statement.target, statement.sql
        match statement.act:
            case Act.READ:
                return self._collected(sql)
            case Act.MAKE_IF_MISSING if target in self._tables:
                pass
            case Act.MAKE | Act.MAKE_IF_MISSING:
                self._keep(target, self.spark.sql(sql))
            case Act.APPEND:
                self._keep(target, self.spark.table(target).unionAll(self.spark.sql(sql)))
            case Act.VIEW:
                self._name(target, self.spark.sql(sql))
            case Act.DROP:
                self._drop(target)
            case Act.COPY:
                self._write(Path(target), self.spark.sql(sql))
            case Act.NOTHING:
                pass
        return Collected([], [])

    def _collected(self, sql: str) -> Collected:
        if CATALOG in sql:
            self.register(CATALOG, self._catalog())
        found = self.spark.sql(sql)
        return Collected([(name,) for name in found.columns], [tuple(row) for row in found.collect()])

    def _catalog(self) -> pa.Table:
        """What is there, as DuckDB tells it: the tables of a run folder, and temporary ones, which have no schema."""
        names = [name.rpartition("__") for name in sorted(self._tables)]
        told = {
            "table_catalog": ["run" if schema else "temp" for schema, _, _ in names],
            "table_schema": [schema or "main" for schema, _, _ in names],
            "table_name": [name for _, _, name in names],
            "table_type": ["VIEW"] * len(names),
        }
        return pa.table({name: pa.array(values, pa.string()) for name, values in told.items()})

    def _columns(self, table: str) -> Sequence[str]:
        return list(self.spark.table(table).columns)

    def _name(self, table: str, rows: DataFrame) -> None:
        rows.createOrReplaceTempView(table)
        self._tables.add(table)

    def _drop(self, table: str) -> None:
        self.spark.catalog.dropTempView(table)
        self._tables.discard(table)
        self._forget(self._versions.pop(table, None))

    def _keep(self, table: str, rows: DataFrame) -> None:
        path = self._scratch / f"{table}-{next(self._number)}"
        typed = _typed(rows)
        typed.write.parquet(path.as_uri())
        self._name(table, self.spark.read.schema(typed.schema).parquet(path.as_uri()))
        self._forget(self._versions.pop(table, None))
        self._versions[table] = path

    def _write(self, path: Path, rows: DataFrame) -> None:
        parts = self._scratch / f"copy-{next(self._number)}"
        _typed(rows).write.parquet(parts.as_uri())
        self.files.execute(
            f"copy (select * from read_parquet({literal(parts / '*.parquet')})) to {literal(path)} "
            "(format parquet, compression zstd)"
        )
        self._forget(parts)

    def _forget(self, version: Path | None) -> None:
        if version:
            shutil.rmtree(version, ignore_errors=True)


@contextmanager
def spark_connection(
    settings: Settings, files: DuckConnection, *, jars: Sequence[Path] = (), functions: Sequence[Function] = ()
) -> Iterator[SparkConnection]:
    """A Spark session of this stage alone, and its connection.

    Args:
        files: a DuckDB connection, for the single files of the run folder.
        jars, functions: what SQL calls beside Spark's own functions.

    Raises:
        SettingsError: pyspark or Java is not installed.
        EngineFault: Spark failed inside.
        ResourceError: the memory limit or the disk is exhausted.
    """
    with passing_folder(settings.scratch, _SCRAPS) as scratch:
        spark = _session(settings, scratch, jars)
        try:
            with _failures_told():
                _lend_functions(spark, functions)
                yield SparkConnection(spark, files, scratch)
        finally:
            spark.stop()


@contextmanager
def _failures_told() -> Iterator[None]:
    """Spark's failures in our words: its own may quote a row."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        text = str(error)
        if any(sign in text for sign in _NO_ROOM):
            raise ResourceError(
                "Spark has no memory or no disk left; nothing of this stage was put in place.",
                hint="Raise DATABANK_MEMORY or free space on the disk of the state folder, then start again.",
            ) from None
        kind = error.getCondition() if isinstance(error, PySparkException) else None
        raise EngineFault(
            f"Spark failed inside ({kind or type(error).__name__}); nothing of this stage was put in place.",
            hint="Start the same command again; if it comes back, unset DATABANK_ENGINE and report it.",
        ) from None


def _session(settings: Settings, scratch: Path, jars: Sequence[Path]) -> SparkSession:
    try:
        import pyspark  # noqa: F401  # a part of it may be loaded already
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise SettingsError("DATABANK_ENGINE is spark, but pyspark is not installed; nothing ran.", hint=_INSTALL) from None
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise SettingsError("DATABANK_ENGINE is spark, but Java is not installed; nothing ran.", hint=_INSTALL)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Spark's own account of a failed statement holds its text and may hold values.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    quiet = scratch / "log4j2.properties"
    quiet.write_text("rootLogger.level = off\n")
    builder = SparkSession.builder.master(settings.spark_master or f"local[{settings.threads}]").appName("databank")
    chosen = {
        "spark.driver.memory": f"{settings.megabytes:.0f}m",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.as_uri()}",
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        "spark.jars": ",".join(map(str, jars)),
        "spark.sql.cteRecursionLevelLimit": "-1",
        "spark.sql.cteRecursionRowLimit": "-1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if settings.spark_master is None:
        os.environ.setdefault("SPARK_LOCAL_IP", _LOOPBACK)
        chosen |= {
            "spark.driver.bindAddress": _LOOPBACK,
            "spark.driver.host": _LOOPBACK,
            "spark.local.dir": str(scratch),
            "spark.sql.shuffle.partitions": str(_PARTITIONS_PER_THREAD * settings.threads),
        }
    for name, value in chosen.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError:
        raise SettingsError("DATABANK_ENGINE is spark, but Java did not start; nothing ran.", hint=_INSTALL) from None


def _lend_functions(spark: SparkSession, functions: Sequence[Function]) -> None:
    from pyspark.sql.functions import arrow_udf

    spark.udf.register("jaro_winkler", arrow_udf(spark_functions.jaro_winkler, "double"))
    for function in functions:
        spark.udf.registerJavaFunction(function.name, function.java_class, function.returns)


def _typed(rows: DataFrame) -> DataFrame:
    """Columns of nothing but untyped nulls as text: Parquet has no such type."""
    from pyspark.sql.functions import col
    from pyspark.sql.types import NullType

    untyped = {f.name: col(f.name).cast("string") for f in rows.schema.fields if isinstance(f.dataType, NullType)}
    return rows.withColumns(untyped) if untyped else rows
