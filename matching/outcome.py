"""The Steps that write down what linking found: pairs, clusters, what people must decide, what the next night takes over."""

from __future__ import annotations

from hub.duck import Connection
from hub.steps import Step
from matching.blocking_rules import BLOCKING_RULES
from matching.membership import STEADY_WEIGHT
from schemas.tables import CLUSTER, NEAR_PAIR, POPULATION, REVIEW_PAIR, SCORED_PAIR

OUT_OF_STEP = (
    "Clusters and records are out of step, by a fault of linking; nothing was put in place. "
    "Start the night again; if it comes back, report it."
)


def population(coverage: float) -> Step:
    """How many there are to choose from, and how many of them the registry holds: what weights start from.

    Reads:   temp tables spine, profile
    Grain:   known_person_count
    """
    return Step(
        POPULATION.name,
        POPULATION.grain,
        """
        select (select count(*) from spine) as known_person_count, (select count(*) from profile) as profile_count,
               cast($coverage as double) as coverage_ratio
        """,
        {"coverage": coverage},
    )


def scored_pair() -> Step:
    """Pairs that the scorer kept: linked, for review, and near misses.

    Reads:   temp tables decision, keyed_record
    Grain:   record_key_a, record_key_b
    """
    names = ", ".join(f"({n}, '{rule.name}')" for n, rule in enumerate(BLOCKING_RULES))
    return Step(
        SCORED_PAIR.name,
        SCORED_PAIR.grain,
        f"""
        with {_keys("decision")}
        select least(l.record_key, r.record_key) as record_key_a, greatest(l.record_key, r.record_key) as record_key_b,
               d.match_weight, n.name as blocking_rule, d.decision_code, d.reason_code
        from decision as d
        join key as l on l.record_no = d.record_no_l join key as r on r.record_no = d.record_no_r
        left join (values {names}) as n(rule_no, name) using (rule_no)
        """,
    )


def number_clusters(con: Connection) -> None:
    """Number the clusters from 0, in order of their first records.

    Reads:   temp table membership
    Leaves:  temp table numbered_member (record_no, cluster_no, method_code, match_weight), in order of record_no
    """
    con.execute(
        """create or replace temp table numbered_member as
           with first as (
               select root_no, min(record_no) as first_no, count(*) as record_count from membership group by root_no
           ),
           dense as (
               select row_number() over () - 1 as cluster_no, * from (select * from first order by first_no) as ordered
           )
           select m.record_no, d.cluster_no::bigint as cluster_no,
                  case when m.method_code = 'registry' then 'registry' when d.record_count = 1 then 'single'
                       else m.method_code end as method_code,
                  m.match_weight
           from membership as m join dense as d using (root_no)
           order by m.record_no"""
    )


def cluster(*, is_in_step: bool = False) -> Step:
    """Every record with its cluster.

    Args:
        is_in_step: keyed_record holds the same records in the same order, so that no key has to be sorted or looked up.

    Reads:   temp tables numbered_member, keyed_record
    Grain:   record_key
    """
    key, keys, order = "r.record_key", "join keyed_record as r using (record_no)", "order by m.record_no"
    if is_in_step:
        key = f"case when m.record_no = r.record_no then r.record_key else error('{OUT_OF_STEP}') end"
        keys, order = "positional join keyed_record as r", ""
    return Step(
        CLUSTER.name,
        CLUSTER.grain,
        f"""
        select {key} as record_key, m.cluster_no, m.method_code, m.match_weight
        from numbered_member as m {keys} {order}
        """,
        comes_in_order=True,  # numbers sort quicker than keys
    )


def review_pair(before: str) -> Step:
    """What people must decide: pairs that are near, ambiguous or contradictory, and not in one cluster.

    A weight that moved less than STEADY_WEIGHT stays as it was written the night before.

    Args:
        before: SQL of the pairs of the night before.

    Reads:   temp tables decision, code_refused, refused_edge, membership, keyed_record
    Grain:   record_key_a, record_key_b
    """
    return Step(
        REVIEW_PAIR.name,
        REVIEW_PAIR.grain,
        f"""
        with pair as (
            select record_no_l, record_no_r, match_weight, reason_code, 1 as place
            from decision where decision_code = 'review'
            union all
            select record_no_l, record_no_r, match_weight, reason_code, 2 from refused_edge
            union all
            select record_no, node_no, null, 'contradiction', 3
            from code_refused
            where record_no in (select record_no from membership where method_code = 'single')
        ),
        {_keys("pair")},
        waiting as (
            select least(l.record_key, r.record_key) as record_key_a, greatest(l.record_key, r.record_key) as record_key_b,
                   arg_min(pair.match_weight, place) as match_weight, arg_min(pair.reason_code, place) as reason_code
            from pair
            join key as l on l.record_no = record_no_l join key as r on r.record_no = record_no_r
            join membership as ml on ml.record_no = record_no_l join membership as mr on mr.record_no = record_no_r
            where ml.root_no <> mr.root_no
            group by 1, 2
        )
        select w.record_key_a, w.record_key_b,
               case when abs(w.match_weight - p.match_weight) < $steady_weight then p.match_weight
                    else w.match_weight end as match_weight,
               w.reason_code
        from waiting as w left join {before} as p on p.record_key_a = w.record_key_a and p.record_key_b = w.record_key_b
        """,
        {"steady_weight": STEADY_WEIGHT},
    )


def near_pair() -> Step:
    """Every pair that a round's decisions looked at.

    Reads:   temp tables near, keyed_record
    Grain:   record_key_l, record_key_r, round_no
    """
    return Step(
        NEAR_PAIR.name,
        NEAR_PAIR.grain,
        f"""
        with {_keys("near")}
        select l.record_key as record_key_l, r.record_key as record_key_r, n.round_no, n.match_weight,
               n.rule_no::integer as rule_no, n.reason_code, n.is_known, n.is_personal, n.is_linked
        from near as n join key as l on l.record_no = n.record_no_l
        join key as r on r.record_no = n.record_no_r
        """,
    )


def _keys(pairs: str) -> str:
    """SQL of a common table expression: the keys of the records that pairs speak of, read once."""
    return f"""key as (
            select record_no, record_key from keyed_record
            where record_no in (select record_no_l from {pairs} union all select record_no_r from {pairs})
        )"""
