"""The SQL with which Splink weighs pairs by a model: written by Splink once for a model, run as often as pairs are weighed.

Splink takes longer to read its settings and its own SQL than DuckDB takes to weigh some thousand pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from splink import SettingsCreator
from splink.internals.comparison_vector_values import compute_comparison_vector_values_from_id_pairs_sqls
from splink.internals.predict import predict_from_comparison_vectors_sqls_using_settings

_BEST_KEPT = 16


def weights_of(settings: Mapping[str, Any], records: str, pairs: str) -> str:
    """SQL of all pairs with their weights (record_no_l, record_no_r, match_weight), in DuckDB's words.

    Args:
        settings: Splink's.
        records: table of record_no and the compared columns.
        pairs: table of record_no_l and record_no_r.

    Reads:   ``records``, ``pairs``, tf_<column>
    """
    return f"""
        with record_to_weigh as (select * from {records}), pair_to_weigh as (select record_no_l, record_no_r from {pairs}),
        {_weighing(json.dumps(settings))}
    """


@lru_cache(maxsize=_BEST_KEPT)
def _weighing(settings: str) -> str:
    spoken = SettingsCreator.from_path_or_dict(json.loads(settings)).get_settings("duckdb")
    columns = [column.input_name for column in spoken._term_frequency_columns]
    frequencies = ", ".join(["r.*", *(f"tf_{column}.tf_{column}" for column in columns)])
    joins = " ".join(f"left join tf_{column} on tf_{column}.{column} = r.{column}" for column in columns)
    steps = [
        *compute_comparison_vector_values_from_id_pairs_sqls(
            spoken._columns_to_select_for_blocking,
            spoken._columns_to_select_for_comparison_vector_values,
            input_tablename_l="record_with_tf",
            input_tablename_r="record_with_tf",
            source_dataset_input_column=spoken.column_info_settings.source_dataset_input_column,
            unique_id_input_column=spoken.column_info_settings.unique_id_input_column,
            link_type=spoken._link_type,
            sql_dialect_str="duckdb",
        ),
        *predict_from_comparison_vectors_sqls_using_settings(spoken),
    ]
    ctes = ", ".join(f"{step['output_table_name']} as ({step['sql']})" for step in steps)
    return f"""
        record_with_tf as materialized (select {frequencies} from record_to_weigh as r {joins}),
        __splink__blocked_id_pairs as (
            select '0' as match_key, record_no_l as join_key_l, record_no_r as join_key_r from pair_to_weigh
        ),
        {ctes}
        select record_no_l, record_no_r, match_weight from {steps[-1]["output_table_name"]}
    """
