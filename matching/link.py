"""Linking: which records of this night are one person.

Evidence in order: a verified national code that other evidence bears out; match weight against the registry's persons, best
candidate with a margin; clusters of the rest; people, for what is near. Hard constraints (``matching.scorer``) bind each.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from hub.duck import Connection
from hub.settings import Settings
from hub.steps import Runner, Step
from matching import judgements
from matching.blocking import BLOCKING_RULES, blocking_yield
from matching.codes import link_codes, number_records, registry_coverage
from matching.decisions import cluster_rest, decide, link_best, settle
from matching.held import pair_held, remember, table_or_empty
from matching.membership import STEADY_WEIGHT
from matching.model import current_model
from matching.profiles import (
    attach_coded,
    attach_linked,
    first_candidates,
    further_candidates,
    gather_evidence,
    make_profiles,
)
from matching.scorer import RULES
from matching.weights import drop_term_frequencies, term_frequencies, weigh
from schemas.tables import CLUSTER, POPULATION, REVIEW_PAIR, SCORED_PAIR

# What linked records tell about a person (other phones, postal codes) may link others in a second round.
ROUNDS = 2
TEMPORARY = (
    "attached", "linked_now", "link_record", "spine", "code_link", "code_refused", "profile_member", "profile",
    "candidate_pair", "block_size", "profile_block", "mirrored_block", "other_block", "scored_record", "weighed_pair",
    "checked_pair", "round_decision", "decision", "membership", "judged", "judged_apart", "judged_record", "refused_edge",
    "profile_person", "person_member", "held_pair",
)  # fmt: skip


@dataclass(frozen=True)
class LinkCounts:
    """What linking did: records, clusters, records by method, pairs for review, blocking rules that met their cap."""

    records: int
    clusters: int
    methods: dict[str, int]
    reviews: int
    capped_rules: tuple[str, ...]


def link(runner: Runner, settings: Settings) -> LinkCounts:
    """Decide which records belong together.

    Reads:   linkage.person_record, person.judgement; where there is a night before: person.previous_membership,
             person.previous_judgement, person.previous_review_pair (``matching.identity.attach_previous``)
    Leaves:  linkage.population, linkage.blocking_yield, linkage.scored_pair, linkage.cluster, person.review_pair

    Raises:
        ModelNotTrained: the model in force cannot be used; nothing was linked.
    """
    model = current_model(settings)
    con = runner.con
    number_records(con)
    judgements.resolve(con)
    link_codes(con)
    make_profiles(con)
    attach_coded(con)
    remember(con)
    coverage = registry_coverage(con)
    runner.run(population(coverage))
    prior = prior_of(con)
    least = RULES.review_weight - max(0.0, log2(coverage / (1 - coverage)))
    first_candidates(con)
    runner.run(blocking_yield())
    for round_no in range(ROUNDS):
        if round_no:
            attach_linked(con)
            further_candidates(con)
        pair_held(con)
        gather_evidence(con)
        term_frequencies(con, "scored_record", "linkage.person_record")
        weigh(con, model, prior, records="scored_record", pairs="candidate_pair", least_weight=least)
        decide(con, coverage)
        link_best(con, is_last_round=round_no == ROUNDS - 1)
    settle(con)
    cluster_rest(con)
    judgements.obey(con)
    before = table_or_empty(con, "person.previous_review_pair", REVIEW_PAIR)
    for step in (scored_pair(), cluster(), review_pair(before)):
        runner.run(step)
    counts = _counts(con)
    con.execute("drop view if exists newly_attached")
    drop_term_frequencies(con)
    for name in TEMPORARY:
        con.execute(f"drop table if exists {name}")
    return counts


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


def prior_of(con: Connection) -> float:
    """Probability that a record and a random person are one: every record has one person among all there are.

    Reads:   linkage.population
    """
    persons = con.execute(f"select known_person_count + profile_count from {POPULATION.name}").fetchall()[0][0]
    return 1.0 / max(2, int(persons))


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
        dense as (select *, row_number() over (order by first_no) - 1 as cluster_no from first)
        select r.record_key, d.cluster_no::bigint as cluster_no,
               case when m.method_code = 'registry' then 'registry' when d.record_count = 1 then 'single'
                    else m.method_code end as method_code,
               m.match_weight
        from membership as m join dense as d using (root_no) join link_record as r using (record_no)
        """,
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


def _counts(con: Connection) -> LinkCounts:
    methods = dict(con.execute(f"select method_code, count(*) from {CLUSTER.name} group by 1 order by 1").fetchall())
    clusters = con.execute(f"select count(distinct cluster_no) from {CLUSTER.name}").fetchall()[0][0]
    reviews = con.execute(f"select count(*) from {REVIEW_PAIR.name}").fetchall()[0][0]
    capped = con.execute(
        "select blocking_rule from linkage.blocking_yield where capped_block_count > 0 order by blocking_rule"
    ).fetchall()
    return LinkCounts(sum(methods.values()), clusters, methods, reviews, tuple(name for (name,) in capped))
