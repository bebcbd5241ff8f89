"""Weights that Splink computes itself, on its own API of each engine: on Spark, and of one pair by comparisons."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import splink
from splink import DuckDBAPI, Linker
from splink.internals.database_api import DatabaseAPI

from hub.duck import Connection, DuckConnection
from hub.spark import Function, SparkConnection
from hub.spark_sql import carry_expression
from matching.comparisons import term_frequency_columns
from matching.model import Model

JAR = Path(splink.__file__).parent / "internals/files/spark_jars/scala-udf-similarity-0.2.1_spark4.x.jar"
FUNCTIONS = (Function("damerau_levenshtein", "uk.gov.moj.dash.linkage.LevDamerauDistance"),)
_LOG_LEVEL = logging.ERROR


def weigh_by_splink(con: Connection, model: Model, prior: float, *, records: str, pairs: str, least_weight: float) -> None:
    """What ``matching.weights.weigh`` does, in Splink's own words, which every engine of its understands."""
    settings = model.splink_settings(prior)
    with _predicted(con, settings, records, pairs, least_weight) as predicted:
        con.execute(
            f"""create or replace temp table weighed_pair as
                select record_no_l, record_no_r, match_weight from {predicted}"""
        )


def weigh_apart(con: Connection, model: Model, prior: float, *, records: str, pairs: str) -> dict[str, tuple[int, float]]:
    """One pair, comparison by comparison: level (Splink's number; -1: unknown) and weight.

    Reads:   as ``matching.weights.weigh``; ``pairs`` holds one row
    """
    settings = model.splink_settings(prior) | {
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
    }
    with _predicted(con, settings, records, pairs) as predicted:
        found = con.execute(f"select * from {predicted}")
        row = dict(zip([column[0] for column in found.description], found.fetchall()[0], strict=True))
    return {
        name: (int(row[f"gamma_{name}"]), float(row[f"mw_{name}"]) + float(row.get(f"mw_tf_adj_{name}") or 0.0))
        for name in model.odds
    }


@contextmanager
def _predicted(
    con: Connection, settings: Mapping[str, Any], records: str, pairs: str, least_weight: float | None = None
) -> Iterator[str]:
    """Name of the table of these pairs with their weights, for as long as it is asked for."""
    linker = linker_for(con, settings, records)
    con.execute(
        f"""create or replace temp table splink_pair as
            select '0' as match_key, record_no_l as join_key_l, record_no_r as join_key_r from {pairs}"""
    )
    api = linker._db_api
    try:
        linker.table_management.register_blocked_pairs_for_predict(api.register("splink_pair", table_name="pairs_to_weigh"))
        yield linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never").physical_name
    finally:
        api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
        con.execute("drop table splink_pair")


def linker_for(con: Connection, settings: Mapping[str, Any], records: str) -> Linker:
    """A Splink linker over one table, with the term frequencies of the whole population registered."""
    api = splink_api(con)
    spoken = spoken_settings(con, settings)
    # Its check of the settings takes longer than all else; they are ours, and a model that does not fit them is refused.
    linker = Linker(
        api.register(records, table_name="records_to_weigh"), spoken, log_level=_LOG_LEVEL, validate_settings=False
    )
    used = {column.input_name for column in linker._settings_obj._term_frequency_columns}
    for column in term_frequency_columns():
        if column in used:
            table = api.register(f"tf_{column}", table_name=f"tf_of_{column}")
            linker.table_management.register_term_frequency_lookup(table, column)
    return linker


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
