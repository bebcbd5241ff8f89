"""Why two records are, or are not, one person (L12), by linking's own scorer, model, blocking rules and constraints.

Only the clusters of both records are laid out anew; frequencies, coverage and decisions come from the whole run.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from hub.duck import Connection
from hub.errors import IdentityError
from hub.layers import rows_of
from hub.steps import Runner
from matching import judgements, reference
from matching.blocking import rules_between
from matching.blocking_rules import BLOCKING_RULES
from matching.by_splink import weigh_apart
from matching.codes import link_codes, number_records
from matching.comparisons import COMPARISONS
from matching.decisions import joining_weight
from matching.habits import add_habits
from matching.link import prior_of
from matching.model import Model
from matching.profiles import fill_profiles, gather_evidence, known_persons
from matching.reference import REFERENCE_RECORD
from matching.scorer import Rules, rules_under
from matching.verdict import beside_relatives, constraints
from matching.weights import term_frequencies
from schemas.reference_tables import HABIT
from schemas.tables import PERSON_RECORD

UNKNOWN = "unknown"
SAME_WEIGHT = 0.005  # bits; frequencies are summed in no fixed order
# What other records tell about a known person: in linking's first round those with its code, later all that were linked.
FIRST_TELLERS, LATER_TELLERS = "('code')", "('code', 'score', 'judgement')"
# What the feed tells by its habits, beside what the record says.
FEED, HELD, NOT_HELD = "feed", "has one already", "has none yet"
# That the two may be relatives (decision 0025).
RELATIVES, SAME_HOME = "relatives", "same home, another given name"


@dataclass(frozen=True)
class Part:
    """What one comparison says: its level, and its weight in bits."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """Two records and what decided about them.

    Args:
        start_weight: log2 of the odds that any two records are one person, and of the registry's coverage for a known one.
        parts: one per comparison, the feed's habits for a known person, and what relatives take off; all of them and
            ``start_weight`` add up to ``weight``.
        recorded_weight: what linking wrote down, if it kept the pair.
        next_weight: that of the best other candidate which linking kept; the margin is counted to it.
        constraint: reason why the two can never be one person, from their values.
        corroboration: rule by which other evidence bears out their equal national code.
        rule: what decided; see ``RULES_THAT_DECIDE``.
    """

    record_keys: tuple[str, str]
    is_one: bool
    rule: str
    start_weight: float
    parts: tuple[Part, ...]
    recorded_weight: float | None
    next_weight: float | None
    blocking_rules: tuple[str, ...]
    capped_rules: tuple[str, ...]
    has_equal_code: bool
    corroboration: str | None
    constraint: str | None
    review_reason: str | None

    @property
    def weight(self) -> float:
        """Match weight of the pair, in bits."""
        return self.start_weight + sum(part.weight for part in self.parts)


RULES_THAT_DECIDE = {
    "judged_same": "a steward decided that they are one person",
    "judged_apart": "a steward decided that they are two persons",
    "code": "linked: equal national code, borne out by other evidence",
    "score": "linked: likelier than nobody and all other known persons together",
    "cluster": "linked: the match weight is high enough for records that the registry does not know",
    "held": "linked: they were one person before, and the weight is above the fracture threshold",
    "others": "in one person through other records, not through this pair",
    "constraint": "refused: a hard constraint says that they are two persons",
    "review": "not linked: people must decide",
    "not_compared": "not linked: no blocking rule brings them together, so linking never compared them",
    "below": "not linked: the match weight is too low, or another person fits better",
}


@dataclass(frozen=True)
class _Pair:
    """Left is compared with right; right is the registry's record if one of both is."""

    left_no: int
    right_no: int
    left_key: str
    right_key: str
    is_known: bool


@dataclass(frozen=True)
class _Recorded:
    weight: float | None
    decision: str | None
    next_weight: float | None


@dataclass(frozen=True)
class _Outcome:
    is_one: bool
    methods: frozenset[str]
    is_judged_same: bool | None
    review: str | None


def explain(runner: Runner, model: Model, record_keys: tuple[str, str]) -> Explanation:
    """Explain a pair of a linked run.

    Reads:   all tables of the run folder. The runner's connection is used up: do not link with it afterwards.

    Raises:
        IdentityError: a record is not in this run, or both are the same.
    """
    con = runner.con
    pair = _lay_out(runner, record_keys)
    reference.recall(runner)
    recorded = _recorded(runner, pair)
    start, parts = 0.0, tuple[Part, ...]()
    for round_no in range(_rounds(con)):
        _gather(runner, pair, LATER_TELLERS if round_no else FIRST_TELLERS)
        start, parts = _weighed(con, model, pair, round_no)
        if recorded.weight is None or abs(start + sum(part.weight for part in parts) - recorded.weight) < SAME_WEIGHT:
            break
    known = known_persons(f"(select * from link_record where record_no = {pair.right_no})")
    con.execute(f"create or replace temp table explained_right as {known}")
    con.execute(f"create or replace temp table explained_left as from profile where record_no = {pair.left_no}")
    con.execute(f"create or replace temp table right_profile as from profile where record_no = {pair.right_no}")
    found = {  # of two open records either may be the one that asks
        *rules_between(con, "explained_left", "explained_right", REFERENCE_RECORD),
        *rules_between(con, "right_profile", "explained_left", REFERENCE_RECORD),
    }
    blocking = tuple(rule.name for rule in BLOCKING_RULES if rule.name in found)
    constraint, has_equal_code, borne_out = constraints(con, model, pair.left_no, pair.right_no)
    outcome = _outcome(runner, pair)
    if outcome.is_one:
        rule = _rule_if_one(outcome, recorded, pair, borne_out, _least_weight(con, rules_under(model), pair))
    else:
        rule = _rule_if_two(outcome, constraint, blocking)
    return Explanation(
        (pair.left_key, pair.right_key),
        outcome.is_one,
        rule,
        start,
        parts,
        recorded.weight,
        recorded.next_weight,
        blocking,
        _capped(runner, blocking),
        has_equal_code,
        borne_out,
        constraint,
        outcome.review,
    )


def _lay_out(runner: Runner, record_keys: tuple[str, str]) -> _Pair:
    """Number the records of both clusters and codes, and find their persons; the whole nation stays readable beside."""
    con = runner.con
    rows = rows_of(runner.folder / f"{PERSON_RECORD.name}.parquet")
    con.execute("create schema if not exists nation")
    con.execute(f"create or replace view nation.person_record as select * from {rows}")
    con.execute(f"drop view {PERSON_RECORD.name}")
    con.execute(
        f"""create table {PERSON_RECORD.name} as select * from nation.person_record where record_key in (
                select record_key from linkage.cluster where cluster_no in (
                    select cluster_no from linkage.cluster where record_key in ($a, $b))
                union
                select record_key from nation.person_record where national_code in (
                    select national_code from nation.person_record where record_key in ($a, $b)))
            order by record_key""",
        {"a": record_keys[0], "b": record_keys[1]},
    )
    number_records(con)
    found = con.execute(
        """select record_no, record_key, method_code = 'registry' from keyed_record join linkage.cluster using (record_key)
           where record_key in ($a, $b) order by 3, 1""",
        {"a": record_keys[0], "b": record_keys[1]},
    ).fetchall()
    if len(found) != 2:
        raise IdentityError(
            "One of the two records is not in this night, or both are the same; nothing was explained.",
            hint="Give two record keys as `databank review list` shows them (feed:key).",
        )
    judgements.resolve(con)
    link_codes(con, REFERENCE_RECORD, "nation.person_record")
    (left_no, left_key, _), (right_no, right_key, is_known) = found
    return _Pair(left_no, right_no, left_key, right_key, is_known)


def _gather(runner: Runner, pair: _Pair, tellers: str) -> None:
    con = runner.con
    open_no = [pair.left_no] if pair.is_known else [pair.left_no, pair.right_no]
    rows = " union all ".join(f"select {number}::bigint as record_no, {number}::bigint as profile_no" for number in open_no)
    con.execute(f"create or replace temp table profile_member as {rows}")
    fill_profiles(con)
    con.execute(
        f"""create or replace temp table attached as
            select l.record_no, {pair.right_no}::bigint as node_no, l.feed
            from numbered_record as l join linkage.cluster as c using (record_key)
            where {pair.is_known} and c.method_code in {tellers} and l.record_no not in ({pair.left_no}, {pair.right_no})
              and c.cluster_no = (select cluster_no from linkage.cluster where record_key = $right_key)""",
        {"right_key": pair.right_key},
    )
    con.execute("create or replace temp view newly_attached as from attached")
    con.execute(
        f"""create or replace temp table candidate_pair as
            select {pair.left_no}::bigint as record_no_l, {pair.right_no}::bigint as record_no_r,
                   null::utinyint as rule_no"""
    )
    gather_evidence(con)


def _rounds(con: Connection) -> int:
    return 1 + int(con.execute(f"select max(round_no) from {HABIT.name}").fetchall()[0][0])


def _weighed(con: Connection, model: Model, pair: _Pair, round_no: int) -> tuple[float, tuple[Part, ...]]:
    """The weight that the pair starts from in a round, and what is added to it."""
    prior = prior_of(con, model)
    term_frequencies(con, "scored_record", REFERENCE_RECORD)
    parts = _parts(weigh_apart(con, model, prior, records="scored_record", pairs="candidate_pair"))
    con.execute("create or replace temp table weighed_pair as select *, 0.0::double as match_weight from candidate_pair")
    con.execute(f"create or replace temp table habit as select * from {HABIT.name}")
    add_habits(con, round_no)
    coverage, feed, is_held = con.execute(
        f"""select registry_weight, feed_weight,
                   exists (select * from attached
                           where feed = (select feed from numbered_record where record_no = {pair.left_no}))
            from told_pair"""
    ).fetchall()[0]
    if feed:
        parts += (Part(FEED, HELD if is_held else NOT_HELD, feed),)
    start = log2(prior) - log2(1 - prior) + coverage
    less = beside_relatives(con, model, pair.left_no, pair.right_no, start + sum(part.weight for part in parts))
    return start, (*parts, Part(RELATIVES, SAME_HOME, less)) if less else parts


def _parts(weighed: dict[str, tuple[int, float]]) -> tuple[Part, ...]:
    labels = {comparison.name: comparison.labels for comparison in COMPARISONS}
    return tuple(
        Part(name, UNKNOWN if level < 0 else labels[name][len(labels[name]) - 1 - level], weight)
        for name, (level, weight) in weighed.items()
    )


def _recorded(runner: Runner, pair: _Pair) -> _Recorded:
    """What linking wrote down for the pair, and the weight of its best other candidate.

    Equal evidence is scored once, so the pair may stand under another record of the same evidence.
    """
    rows = runner.con.execute(
        """with evidence as (
               select n.record_key, l.record_key = $left_key as is_left, n.record_key = l.record_key as is_itself
               from nation.person_record as n join linkage.person_record as l using (record_hash)
               where l.record_key = $left_key or l.record_key = $right_key
           ),
           kept as (
               select s.*, s.record_key_a as mine, s.record_key_b as other from linkage.scored_pair as s
               union all
               select s.*, s.record_key_b, s.record_key_a from linkage.scored_pair as s
           )
           select k.match_weight, k.decision_code, k.reason_code, o.record_key is not null as is_this
           from kept as k join evidence as e on e.record_key = k.mine and e.is_left
           left join evidence as o on o.record_key = k.other and not o.is_left and (o.is_itself or not $is_known)
           order by o.record_key is null, e.is_itself desc, k.match_weight desc, k.mine, k.other""",
        {"left_key": pair.left_key, "right_key": pair.right_key, "is_known": pair.is_known},
    ).fetchall()
    others = [weight for weight, _, reason, is_this in rows if not is_this and reason not in ("contradiction", "twins")]
    next_weight = max(others, default=None)
    if rows and rows[0][3]:
        return _Recorded(rows[0][0], rows[0][1], next_weight)
    return _Recorded(None, None, next_weight)


def _outcome(runner: Runner, pair: _Pair) -> _Outcome:
    con = runner.con
    keys = {"a": min(pair.left_key, pair.right_key), "b": max(pair.left_key, pair.right_key)}
    clusters = con.execute(
        "select cluster_no, method_code from linkage.cluster where record_key in ($a, $b)", keys
    ).fetchall()
    both = "where record_key_a = $a and record_key_b = $b"
    judged = con.execute(f"select is_same from person.judgement {both}", keys).fetchall()
    waiting = con.execute(f"select reason_code from person.review_pair {both}", keys).fetchall()
    return _Outcome(
        clusters[0][0] == clusters[1][0],
        frozenset(method for _, method in clusters),
        judged[0][0] if judged else None,
        waiting[0][0] if waiting else None,
    )


def _least_weight(con: Connection, rules: Rules, pair: _Pair) -> float:
    """From which weight linking joins such a pair where nothing held it before, impersonal ones aside."""
    if pair.is_known:
        return rules.known_link_weight
    return float(con.execute(f"select {joining_weight(rules)} from (select true as is_personal)").fetchall()[0][0])


def _rule_if_one(outcome: _Outcome, recorded: _Recorded, pair: _Pair, borne_out: str | None, least: float) -> str:
    if outcome.is_judged_same:
        return "judged_same"
    if "code" in outcome.methods and borne_out:
        return "code"
    if recorded.decision != "link" or recorded.weight is None:
        return "others"
    if recorded.weight < least:
        return "held"
    return "score" if pair.is_known else "cluster"


def _rule_if_two(outcome: _Outcome, constraint: str | None, blocking: tuple[str, ...]) -> str:
    if outcome.is_judged_same is False:
        return "judged_apart"
    if constraint:
        return "constraint"
    if outcome.review:
        return "review"
    return "below" if blocking else "not_compared"


def _capped(runner: Runner, rules: tuple[str, ...]) -> tuple[str, ...]:
    found = runner.con.execute("select blocking_rule from linkage.blocking_yield where capped_block_count > 0").fetchall()
    return tuple(name for name in rules if (name,) in found)
