"""Clustering under constraints: edges are taken from the strongest on, and none that would put two contradicting records
into one cluster. A contradiction binds the whole cluster, not only the pair (L07)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.duck import Connection

# More than any chain takes: roots of roots are followed, so that rounds grow with the logarithm of its length.
MOST_ROUNDS = 64
REFUSED_EDGE = {"record_no_l": "bigint", "record_no_r": "bigint", "match_weight": "double", "reason_code": "varchar"}


@dataclass(frozen=True)
class Edge:
    """Two records that should be one person. Those that were one yesterday come first, then stronger ones, then smaller
    numbers."""

    record_no_l: int
    record_no_r: int
    weight: float
    is_held: bool = False


@dataclass
class Clusters:
    """What agglomeration made.

    ``root``: each record's cluster, named by its smallest record; ``refused``: edges left out, with the reason.
    """

    root: dict[int, int]
    refused: list[tuple[Edge, str]] = field(default_factory=list)


def agglomerate(edges: Iterable[Edge], contradictions: Iterable[tuple[int, int]], *, largest: int | None = None) -> Clusters:
    """Merge clusters along edges, strongest first, where no record of one contradicts a record of the other.

    Args:
        contradictions: pairs of records that can never be one person.
        largest: a cluster never grows beyond this many records; None for no limit.
    """
    ordered = sorted(edges, key=lambda e: (not e.is_held, -e.weight, e.record_no_l, e.record_no_r))
    enemies: dict[int, set[int]] = defaultdict(set)
    for left, right in contradictions:
        enemies[left].add(right)
        enemies[right].add(left)
    root = {record: record for edge in ordered for record in (edge.record_no_l, edge.record_no_r)}
    members = {record: {record} for record in root}
    refused: list[tuple[Edge, str]] = []
    for edge in ordered:
        left, right = root[edge.record_no_l], root[edge.record_no_r]
        if left == right:
            continue
        if len(members[left]) < len(members[right]):
            left, right = right, left
        if not members[left].isdisjoint(enemies[right]):
            refused.append((edge, "contradiction"))
            continue
        if largest and len(members[left]) + len(members[right]) > largest:
            refused.append((edge, "cluster_too_large"))
            continue
        for record in members[right]:
            root[record] = left
        members[left] |= members.pop(right)
        enemies[left] |= enemies.pop(right, set())
    smallest = {kept: min(group) for kept, group in members.items()}
    return Clusters({record: smallest[kept] for record, kept in root.items()}, refused)


def components(con: Connection, edges: str) -> None:
    """Connected components: each record takes the smallest number among its neighbours' until nothing changes.

    Reads:   ``edges`` (record_no_l, record_no_r)
    Leaves:  temp table component (record_no, root_no): root_no is the smallest record that it can reach
    """
    con.execute(
        f"""create or replace temp table neighbour as
            select record_no_l as record_no, record_no_r as other_no from {edges}
            union select record_no_r, record_no_l from {edges}"""
    )
    con.execute("create or replace temp table component as select distinct record_no, record_no as root_no from neighbour")
    for _ in range(MOST_ROUNDS):
        con.execute(
            """create or replace temp table nearer as
               select c.record_no, least(any_value(c.root_no), min(o.root_no)) as root_no
               from component as c join neighbour as n using (record_no) join component as o on o.record_no = n.other_no
               group by c.record_no"""
        )
        con.execute(
            """create or replace temp table component_next as
               select n.record_no, r.root_no from nearer as n join nearer as r on r.record_no = n.root_no"""
        )
        changed = con.execute(
            "select count(*) from component_next as n join component as c using (record_no) where n.root_no <> c.root_no"
        ).fetchall()[0][0]
        con.execute("create or replace temp table component as from component_next")
        if not changed:
            break
    con.execute("drop table nearer; drop table component_next; drop table neighbour")
