"""Constrained agglomeration: strongest edges first, contradictions bind whole clusters."""

from __future__ import annotations

import random
from pathlib import Path

from hub.duck import connection
from hub.settings import Settings
from matching.clustering import Edge, agglomerate, components


def test_L07_a_contradiction_binds_the_whole_cluster() -> None:
    edges = [Edge(1, 2, 30.0), Edge(2, 3, 20.0), Edge(3, 4, 10.0)]
    made = agglomerate(edges, [(1, 4)])
    assert made.root == {1: 1, 2: 1, 3: 1, 4: 4}
    assert made.refused == [(Edge(3, 4, 10.0), "contradiction")]


def test_the_stronger_evidence_wins() -> None:
    made = agglomerate([Edge(1, 2, 10.0), Edge(2, 3, 11.0)], [(1, 3)])
    assert made.root == {1: 1, 2: 2, 3: 2}


def test_no_cluster_grows_beyond_the_limit() -> None:
    made = agglomerate([Edge(n, n + 1, 10.0) for n in range(9)], [], largest=4)
    sizes = [list(made.root.values()).count(root) for root in set(made.root.values())]
    assert max(sizes) <= 4
    assert {reason for _, reason in made.refused} == {"cluster_too_large"}


def test_L11_order_of_edges_does_not_matter() -> None:
    chance = random.Random(7)
    pairs = {(min(p), max(p)) for p in (chance.sample(range(40), 2) for _ in range(120))}
    edges = [Edge(a, b, float(chance.randint(10, 14))) for a, b in sorted(pairs)]
    foes = [tuple(chance.sample(range(40), 2)) for _ in range(12)]
    first = agglomerate(edges, foes)
    for _ in range(5):
        chance.shuffle(edges)
        chance.shuffle(foes)
        assert agglomerate(edges, foes).root == first.root
    for left, right in foes:
        assert left not in first.root or right not in first.root or first.root[left] != first.root[right]


def test_components_are_those_of_the_graph(tmp_path: Path) -> None:
    chance = random.Random(3)
    pairs = [(a, b) for a, b in (chance.sample(range(300), 2) for _ in range(140))]
    with connection(Settings(home=tmp_path, memory="1GB", threads=2)) as con:
        con.execute("create table edge (record_no_l bigint, record_no_r bigint)")
        con.executemany("insert into edge values (?, ?)", [*pairs, *((n, n + 1) for n in range(1000, 1040))])
        components(con, "edge")
        found = dict(con.execute("select record_no, root_no from component").fetchall())
    whole = agglomerate([Edge(a, b, 1.0) for a, b in pairs] + [Edge(n, n + 1, 1.0) for n in range(1000, 1040)], [])
    assert found == whole.root
