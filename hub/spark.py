"""Apache Spark as the engine of a stage: the same SQL, tables as immutable versions, results kept by DuckDB.

Only this module imports pyspark, and only when it is asked for (the extra ``spark``; Java 17).
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub import spark_functions
from hub.duck import DuckConnection, literal
from hub.errors import SettingsError
from hub.settings import Settings
from hub.spark_sql import CATALOG, Act, Carried, carry
from hub.storage import clear_scraps

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SCRAPS = "spark-"
_INSTALL = (
    "Install the extra with `pip install --require-hashes -r constraints-spark.txt` and Java 17, or unset DATABANK_ENGINE."
)


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
    """Runs DuckDB's SQL on Spark (``hub.engine.Engine``).

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
        self.spark.createDataFrame(python_object).createOrReplaceTempView(view_name)

    def unregister(self, view_name: str, /) -> None:
        """Forget a registered table."""
        self.spark.catalog.dropTempView(view_name)

    def _do(self, statement: Carried) -> Collected:
        target, sql = statement.target, statement.sql
        match statement.act:
            case Act.READ:
                if CATALOG in sql:
                    self._list_tables()
                found = self.spark.sql(sql)
                return Collected([(name,) for name in found.columns], [tuple(row) for row in found.collect()])
            case Act.MAKE_IF_MISSING if self.spark.catalog.tableExists(target):
                pass
            case Act.MAKE | Act.MAKE_IF_MISSING:
                self._keep(target, self.spark.sql(sql))
            case Act.APPEND:
                self._keep(target, self.spark.table(target).unionAll(self.spark.sql(sql)))
            case Act.VIEW:
                self.spark.sql(sql).createOrReplaceTempView(target)
            case Act.DROP:
                self.spark.catalog.dropTempView(target)
                self._forget(self._versions.pop(target, None))
            case Act.COPY:
                self._write(Path(target), self.spark.sql(sql))
            case Act.NOTHING:
                pass
        return Collected([], [])

    def _columns(self, table: str) -> Sequence[str]:
        return list(self.spark.table(table).columns)

    def _list_tables(self) -> None:
        names = [tuple(t.name.split("__", 1)) for t in self.spark.catalog.listTables() if "__" in t.name]
        found = self.spark.createDataFrame(names, "table_schema string, table_name string")
        found.createOrReplaceTempView(CATALOG)

    def _keep(self, table: str, rows: DataFrame) -> None:
        path = self._scratch / f"{table}-{next(self._number)}"
        _typed(rows).write.parquet(path.as_uri())
        self.spark.read.parquet(path.as_uri()).createOrReplaceTempView(table)
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
        ResourceError: the memory limit is reached.
    """
    settings.scratch.mkdir(parents=True, exist_ok=True)
    clear_scraps(settings.scratch, _SCRAPS)
    scratch = Path(tempfile.mkdtemp(prefix=f"{_SCRAPS}{os.getpid()}-", dir=settings.scratch))
    try:
        spark = _session(settings, scratch, jars)
        try:
            _lend_functions(spark)
            for function in functions:
                spark.udf.registerJavaFunction(function.name, function.java_class, function.returns)
            yield SparkConnection(spark, files, scratch)
        finally:
            spark.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _session(settings: Settings, scratch: Path, jars: Sequence[Path]) -> SparkSession:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise SettingsError("DATABANK_ENGINE is spark, but pyspark is not installed; nothing ran.", hint=_INSTALL) from None
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise SettingsError("DATABANK_ENGINE is spark, but Java is not installed; nothing ran.", hint=_INSTALL)
    chosen = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": f"{settings.megabytes:.0f}m",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": (scratch / "warehouse").as_uri(),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * settings.threads),
        "spark.jars": ",".join(map(str, jars)),
    }
    builder = SparkSession.builder.master(f"local[{settings.threads}]").appName("databank")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Spark's own account of a failed statement holds its text and may hold values.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError:
        raise SettingsError("DATABANK_ENGINE is spark, but Java did not start; nothing ran.", hint=_INSTALL) from None


def _lend_functions(spark: SparkSession) -> None:
    from pyspark.sql.functions import arrow_udf

    spark.udf.register("jaro_winkler", arrow_udf(spark_functions.jaro_winkler, "double"))


def _typed(rows: DataFrame) -> DataFrame:
    """Columns of nothing but untyped nulls as text: Parquet has no such type."""
    from pyspark.sql.functions import col
    from pyspark.sql.types import NullType

    untyped = {f.name: col(f.name).cast("string") for f in rows.schema.fields if isinstance(f.dataType, NullType)}
    return rows.withColumns(untyped) if untyped else rows
