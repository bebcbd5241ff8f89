"""The Steps that write down what linking found: pairs, clusters, what people must decide, what the next night takes over."""

from __future__ import annotations

from hub.steps import Step
from matching.blocking import BLOCKING_RULES
from matching.membership import STEADY_WEIGHT
from schemas.tables import CLUSTER, NEAR_PAIR, POPULATION, REVIEW_PAIR, SCORED_PAIR


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

    Reads:   temp tables decision, link_record
    Grain:   record_key_a, record_key_b
    """
    names = ", ".join(f"({n}, '{rule.name}')" for n, rule in enumerate(BLOCKING_RULES))
    return Step(
        SCORED_PAIR.name,
        SCORED_PAIR.grain,
        f"""
        select least(l.record_key, r.record_key) as record_key_a, greatest(l.record_key, r.record_key) as record_key_b,
               d.match_weight, n.name as blocking_rule, d.decision_code, d.reason_code
        from decision as d
        join link_record as l on l.record_no = d.record_no_l join link_record as r on r.record_no = d.record_no_r
        left join (values {names}) as n(rule_no, name) using (rule_no)
        """,
    )


def cluster() -> Step:
    """Every record with its cluster.

    Reads:   temp tables membership, link_record
    Grain:   record_key
    """
    return Step(
        CLUSTER.name,
        CLUSTER.grain,
        """
        with first as (
            select root_no, min(record_no) as first_no, count(*) as record_count from membership group by root_no
        ),
        dense as (
            select row_number() over () - 1 as cluster_no, * from (select * from first order by first_no) as ordered
        )
        select r.record_key, d.cluster_no::bigint as cluster_no,
               case when m.method_code = 'registry' then 'registry' when d.record_count = 1 then 'single'
                    else m.method_code end as method_code,
               m.match_weight
        from membership as m join dense as d using (root_no) join link_record as r using (record_no)
        order by r.record_no
        """,
        comes_in_order=True,  # numbers sort quicker than keys
    )


def review_pair(before: str) -> Step:
    """What people must decide: pairs that are near, ambiguous or contradictory, and not in one cluster.

    A weight that moved less than STEADY_WEIGHT stays as it was written the night before.

    Args:
        before: SQL of the pairs of the night before.

    Reads:   temp tables decision, code_refused, refused_edge, membership, link_record
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
        waiting as (
            select least(l.record_key, r.record_key) as record_key_a, greatest(l.record_key, r.record_key) as record_key_b,
                   arg_min(pair.match_weight, place) as match_weight, arg_min(pair.reason_code, place) as reason_code
            from pair
            join link_record as l on l.record_no = record_no_l join link_record as r on r.record_no = record_no_r
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

    Reads:   temp tables near, link_record
    Grain:   record_key_l, record_key_r, round_no
    """
    return Step(
        NEAR_PAIR.name,
        NEAR_PAIR.grain,
        """
        select l.record_key as record_key_l, r.record_key as record_key_r, n.round_no, n.match_weight,
               n.rule_no::integer as rule_no, n.reason_code, n.is_known, n.is_personal, n.is_linked
        from near as n join link_record as l on l.record_no = n.record_no_l
        join link_record as r on r.record_no = n.record_no_r
        """,
    )
