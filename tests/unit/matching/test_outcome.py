"""Clusters are written beside the keys of their records, be they looked up or read in step."""

from __future__ import annotations

import duckdb
import pytest

from matching.outcome import OUT_OF_STEP, cluster, number_clusters

KEYS = ("bank:1", "civil:1", "civil:2", "sso:1", "sso:2")
ROOTS = {0: 2, 1: 1, 2: 2, 3: 1, 4: 4}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    keys = ", ".join(f"({number}, '{key}')" for number, key in enumerate(KEYS))
    con.execute(f"create table keyed_record as from (values {keys}) as t(record_no, record_key)")
    roots = ", ".join(f"({number}, {root}, 'code', null::double)" for number, root in sorted(ROOTS.items(), reverse=True))
    con.execute(f"create table membership as from (values {roots}) as t(record_no, root_no, method_code, match_weight)")
    return con


@pytest.mark.parametrize("is_in_step", [False, True])
def test_clusters_are_numbered_in_order_of_their_first_records(con: duckdb.DuckDBPyConnection, is_in_step: bool) -> None:
    number_clusters(con)
    found = con.execute(f"select record_key, cluster_no, method_code from ({cluster(is_in_step=is_in_step).sql})").fetchall()
    assert found == [
        ("bank:1", 0, "code"), ("civil:1", 1, "code"), ("civil:2", 0, "code"), ("sso:1", 1, "code"), ("sso:2", 2, "single"),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [0, 2, 4])
def test_a_record_never_gets_the_cluster_of_another(con: duckdb.DuckDBPyConnection, lost: int) -> None:
    con.execute("delete from membership where record_no = ?", [lost])
    number_clusters(con)
    with pytest.raises(duckdb.InvalidInputException, match=OUT_OF_STEP[:30]):
        con.execute(cluster(is_in_step=True).sql).fetchall()
