"""Pairwise scores come out as counting every pair by hand would give them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from hub.duck import connection
from hub.settings import Settings
from matching.evaluate import evaluate

FOUND = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3, "only_found": 3}
TRUE = {"a": 7, "b": 7, "c": 8, "d": 8, "e": 8, "f": 9, "only_true": 9}
KIND = {"a": "twin", "b": "twin", "c": "plain", "d": "plain", "e": "plain", "f": "plain", "only_true": "plain"}


def test_precision_and_recall_equal_those_of_listed_pairs(tmp_path: Path) -> None:
    known = FOUND.keys() & TRUE.keys()
    pairs = [{FOUND[a] == FOUND[b], TRUE[a] == TRUE[b]} for a, b in combinations(sorted(known), 2)]
    both = sum(pair == {True} for pair in pairs)
    with connection(Settings(home=tmp_path, memory="1GB", threads=1)) as con:
        con.execute("create table found (record_key varchar, cluster_no bigint)")
        con.executemany("insert into found values (?, ?)", list(FOUND.items()))
        con.execute("create table truth (record_key varchar, true_person_id bigint, kind varchar)")
        con.executemany("insert into truth values (?, ?, ?)", [(k, v, KIND[k]) for k, v in TRUE.items()])
        score = evaluate(con, "found", "truth")
        twins, plain = (evaluate(con, "found", "truth", where=f"t.kind = '{kind}'") for kind in ("twin", "plain"))
    assert score.true_pairs == both == 2
    assert (score.false_pairs, score.missed_pairs) == (2, 2)
    assert score.precision == pytest.approx(0.5)
    assert score.recall == pytest.approx(0.5)
    assert score.f1 == pytest.approx(0.5)
    assert (twins.precision, twins.recall) == (1.0, 1.0)
    assert plain.missed_pairs == 2
