"""Training: a model from the data at hand. Done rarely, seeded, written as JSON that people review.

u comes from random pairs, m from expectation maximisation over blocks that hold mostly one person each. It needs no truth
and no registry: where national codes are there, records that share one are the best block; else names and births are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from splink import block_on

from hub.duck import Connection
from hub.errors import ModelNotTrained
from matching.comparisons import COMPARISONS, DIFFERS, Comparison, compared_columns, list_columns
from matching.model import Model, Odds, splink_settings
from matching.weights import drop_term_frequencies, linker_for, term_frequencies

EM_BLOCKS = (
    ("national_code",),
    ("mobile_no_key", "given_name_key"),
    ("birth_date", "surname_key"),
    ("given_name_key", "surname_key", "birth_year"),
    ("given_name_key", "father_name_key", "birth_year"),
)
RANDOM_PAIRS = 4_000_000
LEAST_BLOCK_PAIRS = 500
MOST_BLOCK_PAIRS = 2_000_000
# No level is so rare that one sight of it may decide; below this many pairs a level's odds are assumed.
LEAST_M, LEAST_U, LEAST_U_ROUGH = 5e-4, 1e-6, 1e-5
ASSUMED_DIFFERS, ASSUMED_BEST = 0.08, 0.9
_START_PRIOR = 1e-4


def train(con: Connection, *, name: str, description: str, seed: int) -> Model:
    """Train a model on ``linkage.person_record``.

    Args:
        name: of the version, such as 2026-11-21.
        description: what data this is; kept in the model.

    Raises:
        ModelNotTrained: there are too few records that could be one person.
    """
    columns = ", ".join(compared_columns())
    threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    con.execute("set threads = 1")  # a seeded sample depends on the order of rows
    con.execute(
        f"""create or replace temp table training_record as
            select row_number() over (order by min(record_key)) as record_no, {columns}, {list_columns("p")}
            from linkage.person_record as p group by feed, record_hash, {columns} order by record_no"""
    )
    try:
        drop_term_frequencies(con)
        term_frequencies(con, "training_record", "training_record")
        linker = linker_for(con, splink_settings(None, _START_PRIOR), "training_record")
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
        blocks = [block for block in EM_BLOCKS if _pairs(con, block) >= LEAST_BLOCK_PAIRS]
        if not blocks:
            raise ModelNotTrained(
                "Too few records share a code, a phone or a name; no model was made.",
                hint="Train on more deliveries, or use the model of the tree.",
            )
        for block in blocks:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*block), max_pairs=MOST_BLOCK_PAIRS, estimate_without_term_frequencies=True
            )
        trained = linker.misc.save_model_to_json()
        records = con.execute("select count(*) from training_record").fetchall()[0][0]
        linker._db_api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
    finally:
        con.execute(f"set threads = {threads}")
        con.execute("drop table if exists training_record")
        drop_term_frequencies(con)
    odds, assumed = _odds(trained)
    training = {
        "description": description,
        "distinct_records": records,
        "seed": seed,
        "random_pairs": RANDOM_PAIRS,
        "blocks": ["+".join(block) for block in blocks],
        "assumed": assumed,
    }
    return Model(name, odds, training)


def _pairs(con: Connection, block: tuple[str, ...]) -> int:
    fields = ", ".join(block)
    known = " and ".join(f"{field} is not null" for field in block)
    sql = f"select count(*) as n from training_record where {known} group by {fields}"
    return int(con.execute(f"select coalesce(sum(n * (n - 1) // 2), 0)::bigint from ({sql})").fetchall()[0][0])


def _odds(trained: Mapping[str, Any]) -> tuple[dict[str, dict[str, Odds]], list[str]]:
    by_name = {c["output_column_name"]: c["comparison_levels"] for c in trained["comparisons"]}
    odds: dict[str, dict[str, Odds]] = {}
    assumed: list[str] = []
    for comparison in COMPARISONS:
        seen = {level["label_for_charts"]: level for level in by_name[comparison.name]}
        m = {label: seen[label].get("m_probability") for label in comparison.labels}
        u = {label: seen[label].get("u_probability") for label in comparison.labels}
        if m[comparison.labels[0]] is None or m[DIFFERS] is None:
            assumed.append(comparison.name)
            m = _assumed(comparison)
        odds[comparison.name] = _bounded(comparison, m, u)
    return odds, assumed


def _assumed(comparison: Comparison) -> dict[str, float | None]:
    best, *between, _ = comparison.labels
    share = (1 - ASSUMED_BEST - ASSUMED_DIFFERS) / max(1, len(between))
    return {best: ASSUMED_BEST, **dict.fromkeys(between, share), DIFFERS: ASSUMED_DIFFERS}


def _bounded(comparison: Comparison, m: Mapping[str, float | None], u: Mapping[str, float | None]) -> dict[str, Odds]:
    # What people do over the years bounds how sure a difference may make us; the other levels share what is left.
    differs = max(m[DIFFERS] or 0.0, comparison.least_differs)
    others = {label: max(m[label] or 0.0, LEAST_M) for label in comparison.labels if label != DIFFERS}
    scale = (1 - differs) / sum(others.values())
    frequent = {level.label for level in comparison.levels if level.term_frequency}
    unseen = {label: LEAST_U if label in frequent else LEAST_U_ROUGH for label in others}
    return {
        **{
            label: Odds(_rounded(value * scale), _rounded(max(u[label] or 0.0, unseen[label])))
            for label, value in others.items()
        },
        DIFFERS: Odds(_rounded(differs), _rounded(u[DIFFERS] or 1.0)),
    }


def _rounded(value: float) -> float:
    return round(min(1.0, value), 9)
