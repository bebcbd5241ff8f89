"""Linking: which records of this night are one person.

Evidence in order: a verified national code that other evidence bears out; match weight against the registry's persons, best
candidate with a margin; clusters of the rest; people, for what is near. Hard constraints (``matching.scorer``) bind each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hub.duck import Connection, table_or_empty
from hub.engine import passing_tables
from hub.settings import Settings
from hub.steps import Runner
from matching import habits, judgements, reference
from matching.blocking import Cap, blocking_yield, note_yield
from matching.codes import link_codes, number_records, registry_coverage
from matching.decisions import cluster_rest, decide, link_best, settle
from matching.engine import keeps_order
from matching.equals import find_sparse
from matching.held import pair_held, remember
from matching.model import Model, current_model
from matching.outcome import cluster, near_pair, number_clusters, population, review_pair, scored_pair
from matching.places import placed
from matching.profiles import (
    attach_coded,
    attach_linked,
    first_candidates,
    further_candidates,
    make_profiles,
)
from matching.rounds import Rounds
from matching.scorer import rules_under
from schemas.tables import CLUSTER, PERSON_RECORD, POPULATION, REVIEW_PAIR

# What linked records tell about a person (other phones, postal codes) may link others in a second round.
ROUNDS = 2
# Where codes leave most evidence open, the first round brings what codes bring elsewhere.
ROUNDS_WITHOUT_CODES = 3


@dataclass(frozen=True)
class LinkCounts:
    """What linking did: records, records by method, pairs for review, blocking rules that met their cap."""

    records: int
    methods: dict[str, int]
    reviews: int
    capped_rules: tuple[str, ...]


class Part(Protocol):
    """What linking a part of the nation does otherwise: it weighs what changed and takes over the rest."""

    def choose_profiles(self, con: Connection) -> None:
        """Keep of temp table profile_member what this part is about."""

    def choose_candidates(self, con: Connection, round_no: int) -> None:
        """Keep of temp table candidate_pair what must be weighed anew."""

    def take_over(self, con: Connection) -> None:
        """Add to temp table checked_pair what was found before and still holds."""


def link(runner: Runner, settings: Settings) -> LinkCounts:
    """Decide which records belong together, scoring the whole nation.

    Reads:   linkage.person_record, person.judgement; where there is a night before: person.previous_membership,
             person.previous_judgement, person.previous_review_pair (``matching.identity.attach_previous``) and its reference
             (``matching.reference.adopt``)
    Leaves:  linkage.population, linkage.reference*, linkage.blocking_yield, linkage.near_pair, linkage.scored_pair,
             linkage.cluster, person.review_pair

    Raises:
        ModelNotTrained: the model in force cannot be used; nothing was linked.
    """
    model = current_model(settings)
    con = runner.con
    with passing_tables(con):
        is_carried = reference.is_carried(runner)
        runner.make_whole(PERSON_RECORD.name, PERSON_RECORD.grain)  # records are numbered as they come
        reference.recall(runner)
        find_profiles(con, numbered=placed(runner, PERSON_RECORD, "record_no"))
        if not is_carried:
            runner.run(population(registry_coverage(con)))
        weigh_and_decide(con, model, is_carried=is_carried)
        runner.run(blocking_yield())
        before = table_or_empty(con, "person.previous_review_pair", REVIEW_PAIR.columns)
        number_clusters(con)
        in_step = cluster(is_in_step=keeps_order(con))
        for step in (near_pair(), scored_pair(), in_step, review_pair(before)):
            runner.run(step)
        if not is_carried:
            reference.keep(runner, model)
    return link_counts(con)


def find_profiles(con: Connection, part: Part | None = None, *, numbered: str, nation: str = PERSON_RECORD.name) -> None:
    """Link by codes, and lay out what codes leave open.

    Args:
        numbered: as ``number_records`` takes it.
        nation: as ``link_codes`` takes it.

    Reads:   linkage.person_record, person.judgement, person.previous_*
    Leaves:  temp tables of ``matching.codes``, ``matching.profiles``, ``matching.held`` and ``matching.judgements``
    """
    link_by_code(con, numbered, nation)
    make_profiles(con)
    if part is not None:
        part.choose_profiles(con)
    attach_coded(con)
    remember(con)


def link_by_code(con: Connection, numbered: str, nation: str) -> None:
    """Number the records and link them by codes.

    Args:
        numbered: as ``number_records`` takes it.
        nation: as ``link_codes`` takes it.

    Leaves:  temp tables of ``matching.codes`` and ``matching.judgements``
    """
    number_records(con, numbered)
    judgements.resolve(con)
    link_codes(con, reference.REFERENCE_RECORD, nation)


def weigh_and_decide(con: Connection, model: Model, *, is_carried: bool, part: Part | None = None) -> None:
    """Link what codes left open, round by round, then among itself, then as people judged.

    Reads:   temp tables of ``find_profiles``, linkage.population, linkage.reference_record; linkage.habit when carried; of a
             part tf_*
    Leaves:  temp tables near (pairs by round), decision, membership, refused_edge
    """
    coverage = float(con.execute(f"select coverage_ratio from {POPULATION.name}").fetchall()[0][0])
    rounds = Rounds(model, prior_of(con, model), is_measuring=not is_carried, is_counted=part is not None)
    rules = rules_under(model)
    habits.begin(con, coverage, is_carried=is_carried)
    last_round = rounds_of(con) - 1
    for round_no in range(last_round + 1):
        is_last_round = round_no == last_round
        cap = Cap(round_no, is_carried)
        if round_no:
            if not is_carried:
                habits.learn_coverage(con, round_no, coverage)
            attach_linked(con)
            further_candidates(con, cap)
            if not is_carried:
                habits.learn_feeds(con, round_no)
        else:
            first_candidates(con, cap, reference.REFERENCE_RECORD)
            note_yield(con)
        reference.note_capped(con, round_no)
        pair_held(con, is_last_round=is_last_round)
        if part is not None:
            part.choose_candidates(con, round_no)
        least = rules.review_weight - habits.most_weight(con, round_no)
        rounds.weigh(con, least, is_last_round=is_last_round)
        habits.add_habits(con, round_no)
        decide(con, rules)
        if part is not None:
            part.take_over(con)
        link_best(con, rules, round_no=round_no, is_last_round=is_last_round)
        _note_near(con, round_no)
    settle(con)
    find_sparse(con, model, rounds.prior, rules)
    cluster_rest(con, rules)
    judgements.obey(con)


def rounds_of(con: Connection) -> int:
    """How often what is open is compared with the known persons.

    Reads:   linkage.population
    """
    is_most_open = con.execute(f"select profile_count > known_person_count from {POPULATION.name}").fetchall()[0][0]
    return ROUNDS_WITHOUT_CODES if is_most_open else ROUNDS


def is_told(con: Connection) -> str:
    """SQL of whether what a round linked tells the next one something about its person; ``round_no`` is its number."""
    return f"round_no < {rounds_of(con) - 1}"


def prior_of(con: Connection, model: Model) -> float:
    """Probability that a record and a random person are one: every record has one person among all there are. Where no
    person is known, a record's others are many if a model was taught so.

    Reads:   linkage.population
    """
    known, open_ones = con.execute(f"select known_person_count, profile_count from {POPULATION.name}").fetchall()[0]
    others = 1.0 if known else max(1.0, float(model.training.get("others", 1.0)))
    return others / max(2 * others, int(known) + int(open_ones))


def _note_near(con: Connection, round_no: int) -> None:
    noted = f"""
        select {round_no} as round_no, c.record_no_l, c.record_no_r, c.match_weight, c.rule_no, c.reason_code, c.is_known,
               c.is_personal, coalesce(d.decision_code = 'link', false) as is_linked
        from checked_pair as c left join round_decision as d using (record_no_l, record_no_r)
    """
    con.execute(f"create or replace temp table near as {noted}" if not round_no else f"insert into near {noted}")


def link_counts(con: Connection) -> LinkCounts:
    """Figures of what was written."""
    methods = dict(con.execute(f"select method_code, count(*) from {CLUSTER.name} group by 1 order by 1").fetchall())
    reviews = con.execute(f"select count(*) from {REVIEW_PAIR.name}").fetchall()[0][0]
    capped = con.execute(
        "select blocking_rule from linkage.blocking_yield where capped_block_count > 0 order by blocking_rule"
    ).fetchall()
    return LinkCounts(sum(methods.values()), methods, reviews, tuple(name for (name,) in capped))
