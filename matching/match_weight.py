"""Splink's match weight as SQL: what the level of each comparison weighs, and how rare is what both records tell.

match weight = log2 of the odds that two random records are one person
             + for each comparison log2(m / u) of the level that the pair is on
             + where that level is adjusted by a term frequency log2(u) - log2(share of the commoner of both values).

Splink says the same in thrice as many words, and takes longer to write them than DuckDB takes to weigh some thousand pairs.
"""

from __future__ import annotations

from math import log2

from matching.comparisons import COMPARISONS, Comparison
from matching.levels import level_of
from matching.model import Model


def weights_of(model: Model, prior: float, *, records: str, pairs: str) -> str:
    """SQL of all pairs with their weights (record_no_l, record_no_r, match_weight), in DuckDB's words.

    Args:
        prior: probability that two random records are one person.
        records: table of record_no and the compared columns.
        pairs: table of record_no_l and record_no_r.

    Reads:   ``records``, ``pairs``, tf_<column>
    """
    compared = [comparison for comparison in COMPARISONS if comparison.name in model.odds]
    columns = dict.fromkeys(level.term_frequency for one in compared for level in one.levels if level.term_frequency)
    shares = "".join(f", tf_{column}.tf_{column}" for column in columns)
    joins = " ".join(f"left join tf_{column} on tf_{column}.{column} = r.{column}" for column in columns)
    levels = ", ".join(f"{level_of(one)} as {one.name}_level" for one in compared)
    told = "".join(f", {side}.tf_{column} as tf_{column}_{side}" for column in columns for side in "lr")
    # Added up one by one and in this order, as Splink does, so that no weight differs in its last bits.
    terms = [_double(log2(prior / (1 - prior))), *(term for one in compared for term in _terms(one, model))]
    return f"""
        with frequency as materialized (select r.*{shares} from {records} as r {joins}),
        compared as (
            select p.record_no_l, p.record_no_r, {levels}{told}
            from {pairs} as p
            join frequency as l on l.record_no = p.record_no_l join frequency as r on r.record_no = p.record_no_r
        )
        select record_no_l, record_no_r, {" + ".join(terms)} as match_weight from compared
    """


def _terms(comparison: Comparison, model: Model) -> list[str]:
    odds = model.odds[comparison.name]
    weights = {place: _double(odds[label].weight) for place, label in enumerate(comparison.labels)}
    rare = {
        place: _rarity(odds[level.label].u, level.term_frequency)
        for place, level in enumerate(comparison.levels)
        if level.term_frequency
    }
    return [_by_level(comparison, cases) for cases in (weights, rare) if cases]


def _rarity(u: float, column: str) -> str:
    return f"coalesce({_double(log2(u))} - log2(greatest(tf_{column}_l, tf_{column}_r)), 0)"


def _by_level(comparison: Comparison, cases: dict[int, str]) -> str:
    whens = " ".join(f"when {place} then {sql}" for place, sql in cases.items())
    return f"case {comparison.name}_level {whens} else 0 end"


def _double(number: float) -> str:
    return f"{number}::double"
