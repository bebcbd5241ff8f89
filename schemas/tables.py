"""Tables in which rooms meet: name, columns with DuckDB types, grain.

Written by one room and read by another, so both can be read and tested alone. ``staging.<feed>`` is declared by its
contract (see ``schemas.feed.Feed.staging_table``), marts by ``schemas.mart_tables``, what arrived by
``schemas.ops_tables``; everything else is here. Column meanings of source attributes are in ``schemas/fields.yaml``; the
rest is said beside the table.
"""

from __future__ import annotations

from schemas.answer_tables import ANSWERS
from schemas.conflict_tables import CONFLICT as CONFLICT
from schemas.conflict_tables import CONFLICTS
from schemas.employment_tables import CONTRIBUTION as CONTRIBUTION
from schemas.employment_tables import EMPLOYMENT
from schemas.mart_tables import MARTS
from schemas.ops_tables import OPERATIONS
from schemas.reference_tables import REFERENCES
from schemas.score_tables import INSURER_SCORE
from schemas.special_tables import SPECIAL
from schemas.standardising_tables import STANDARDISING
from schemas.table import Table as Table
from schemas.table import columns as _columns

# Every staging.<feed> table starts with these, then the contract's columns.
# record_key: feed:source key. change_code: new, changed, unchanged (against the delivery before); carried: this delivery
# has no good row of the record, and the last good one stays (connectors.carried); line_no is null then, and of records
# that a delta or supplement does not name (unchanged).
# since_delivery_id: the delivery in which what the row says first came; an unchanged or carried row keeps it. notes: what
# was restored or nulled, as "column:reason"; ":unlisted" of a row that is carried in doubt. birth_date_partial: known parts
# of an incomplete Jalali date as '1352-03-00'.
STAGING_META = _columns("""
    record_key varchar, line_no bigint, row_hash ubigint, change_code varchar, since_delivery_id varchar, notes varchar[]
""")

CURRENT_DELIVERY = Table(
    "staging.current_delivery",
    ("feed",),
    _columns("""
    feed varchar, delivery_id varchar, business_date date, sha256 varchar, row_count bigint, rows_path varchar,
    as_of_days integer
"""),
    "Which delivery of each feed this night uses. as_of_days: how old it is on the business date.",
)

PERSON_RECORD = Table(
    "linkage.person_record",
    ("record_key",),
    _columns("""
    record_key varchar, feed varchar, is_registry boolean,
    national_code varchar, national_code_claimed varchar, foreign_id varchar, passport_no varchar,
    given_name varchar, surname varchar, father_name varchar,
    given_name_key varchar, surname_key varchar, father_name_key varchar, honorific varchar,
    given_name_phonetic varchar, surname_phonetic varchar, father_name_phonetic varchar,
    given_name_letters varchar, surname_letters varchar, father_name_letters varchar,
    sex_code varchar, birth_date date, birth_year integer, birth_month integer, birth_day integer,
    birth_certificate_no varchar, birth_certificate_key varchar,
    nationality_code varchar, vital_status_code varchar, death_date date,
    postal_code varchar, postal_code_key varchar, address varchar, address_key varchar, province_code varchar,
    city_key varchar, mobile_no varchar, mobile_no_key varchar, email varchar, email_key varchar, record_hash ubigint,
    since_delivery_id varchar
"""),
    "Standardised person records of all current deliveries. *_key: match keys, null where the value is no evidence (a "
    "placeholder, or held by too many people); *_letters: the key in one byte a letter, for distances; without suffix: "
    "display form. national_code: valid; national_code_claimed: as staged. birth_year, birth_month, birth_day: Jalali, also "
    "where birth_date is only partly known. record_hash: of all evidence of identity; equal hashes are scored once. "
    "since_delivery_id: the delivery in which what the row says first came.",
)

SCORED_PAIR = Table(
    "linkage.scored_pair",
    ("record_key_a", "record_key_b"),
    _columns("""
    record_key_a varchar, record_key_b varchar, match_weight double, blocking_rule varchar, decision_code varchar,
    reason_code varchar
"""),
    "Pairs that the scorer looked at; record_key_a < record_key_b. decision: link, review, reject.",
)

CLUSTER = Table(
    "linkage.cluster",
    ("record_key",),
    _columns("""
    record_key varchar, cluster_no bigint, method_code varchar, match_weight double
"""),
    "Which records of this run belong together; cluster_no is disposable (dense, from 0, by smallest record_key, where all "
    "was scored; kept by clusters without news where only changes were). "
    "method: how the record came in: registry, code, score, cluster, judgement, single.",
)

BLOCKING_YIELD = Table(
    "linkage.blocking_yield",
    ("blocking_rule",),
    _columns("""
    blocking_rule varchar, pair_count bigint, new_pair_count bigint, capped_block_count bigint, capped_pair_count bigint
"""),
    "What each blocking rule brought: pairs, pairs that no rule before it brought, and blocks left out because they were "
    "above the cap, with the pairs that they would have made. A rule is named after its fields; after = stand the other "
    "record's fields, after - the field without which the rule is needed, after ~ what else has to be alike: an end of a "
    "name, or the province or the beginning of the father's name.",
)

POPULATION = Table(
    "linkage.population",
    ("known_person_count",),
    _columns("""
    known_person_count bigint, profile_count bigint, coverage_ratio double
"""),
    "One row: persons of the registry, different evidence beside them, and the share of people that the registry holds; "
    "match weights start from these.",
)

NEAR_PAIR = Table(
    "linkage.near_pair",
    ("record_key_l", "record_key_r", "round_no"),
    _columns("""
    record_key_l varchar, record_key_r varchar, round_no integer, match_weight double, rule_no integer, reason_code varchar,
    is_known boolean, is_personal boolean, is_linked boolean
"""),
    "Pairs that the decisions of a round looked at, each profile under its first record; record_key_r: a known person or a "
    "later profile. What a night without news of either side takes over instead of weighing it again. rule_no null: only "
    "yesterday brought the pair. is_linked: this round linked the profile to that known person.",
)

SCORING = Table(
    "linkage.scoring",
    ("way_code",),
    _columns("""
    way_code varchar, reason varchar, changed_count bigint, pass_count integer
"""),
    "How this night was linked, one row. way: changes (only what changed was scored), full (everything was; reason: why). "
    "pass_count: passes it took; further ones link whom a link moved unforeseen.",
)

REVIEW_PAIR = Table(
    "person.review_pair",
    ("record_key_a", "record_key_b"),
    _columns("""
    record_key_a varchar, record_key_b varchar, match_weight double, reason_code varchar
"""),
    "What people must decide. reason: margin, threshold, contradiction, twins, cluster_too_large.",
)

JUDGEMENT = Table(
    "person.judgement",
    ("judgement_id",),
    _columns("""
    judgement_id bigint, record_key_a varchar, record_key_b varchar, is_same boolean, judged_by varchar, reason varchar,
    judged_at timestamptz
"""),
    "Judgements in force (undone ones are left out). Comes in from PostgreSQL.",
)

IDENTITY_EVENT = Table(
    "person.identity_event",
    ("event_no",),
    _columns("""
    event_no bigint, run_id varchar, event_code varchar, person_id bigint, other_person_id bigint, record_key varchar,
    method_code varchar, business_date date
"""),
    "Append-only identity log: this night's events only. mint(person); join(person, record); leave(person, record); "
    "merge(person swallowed -> other survives; the latest merge of a person is its redirect, earlier ones are history); "
    "split(person new, other it came from); judge(person and other after the night, record: the first of the two; method: "
    "same, different).",
)

CROSSWALK = Table(
    "person.crosswalk",
    ("record_key",),
    _columns("""
    record_key varchar, feed varchar, person_id bigint, method_code varchar, match_weight double, since_run varchar
"""),
    "Membership after this night: one row per current record. method: registry, code, score, cluster, judgement, single.",
)

PERSON = Table(
    "person.person",
    ("person_id",),
    _columns("""
    person_id bigint, state_code varchar, survivor_person_id bigint, minted_run varchar, changed_run varchar,
    last_event_no bigint
"""),
    "Every id ever issued, carried from night to night. state: live, merged (survivor_person_id: the next hop), dormant "
    "(no current record). last_event_no: of the last event that names it; the log goes on after the largest.",
)

FORMER = Table(
    "person.former",
    ("record_key", "person_id"),
    _columns("""
    record_key varchar, person_id bigint, reason_code varchar, since_run varchar
"""),
    "Memberships that ended but still tell something, carried from night to night. reason: gone (the record is no longer "
    "delivered; this was its person), merged (the person was swallowed while it held this record).",
)

GOLDEN = Table(
    "person.golden",
    ("person_id",),
    _columns("""
    person_id bigint, national_code varchar, national_code_status_code varchar, foreign_id varchar,
    given_name varchar, surname varchar, father_name varchar, sex_code varchar, birth_date date, birth_year integer,
    death_date date, vital_status_code varchar, nationality_code varchar, birth_certificate_no varchar,
    province_code varchar, address varchar, postal_code varchar, mobile_no varchar,
    identity_source varchar, address_source varchar, mobile_source varchar, provenance varchar, record_count integer
"""),
    "One row per person, living or dead. national_code_status: registry, claimed, missing. provenance: JSON object, "
    "attribute -> {feed, delivery_id, business_date, record_key} with the delivery in which the record's row first came as "
    "it is; 'identity' and 'address' stand for all attributes of their family that are not named apart. "
    "*_source: the feed, for quick reading.",
)

DISAGREEMENT = Table(
    "person.disagreement",
    ("record_key", "attribute"),
    _columns("""
    person_id bigint, record_key varchar, feed varchar, attribute varchar, reason_code varchar
"""),
    "A record that says otherwise than the golden value of its person, by attribute; values stay in staging. "
    "reason: differs, code_of_other (the registry gives this national code to someone else).",
)

DEATH_QUERY = Table(
    "person.death_query",
    ("record_key",),
    _columns("""
    person_id bigint, record_key varchar, reason_code varchar
"""),
    "Signs of life after a person's death date; cover of that person is not ended before people have looked. "
    "reason: cover_after_death, work_after_death.",
)

RULE = Table(
    "cover.rule",
    ("rule_code", "insurer_a", "insurer_b", "from_date"),
    _columns("""
    rule_code varchar, priority integer, insurer_a varchar, member_kind_a varchar, relation_a varchar,
    sex_code_a varchar,
    from_age_a integer, to_age_a integer, insurer_b varchar, relation_b varchar, outcome_code varchar, from_date date,
    to_date date, basis varchar, source varchar, confidence varchar, reason_fa varchar, reason_en varchar
"""),
    "Rules between two basic covers by which the night judged, dated [from_date, to_date); the lowest priority that fits "
    "decides. Empty conditions fit anybody. outcome: block_a (a is blocked, b keeps), block_b, choose, case, inform.",
)

COVER_RECORD = Table(
    "cover.record",
    ("record_key",),
    _columns("""
    record_key varchar, feed varchar, person_id bigint, insurer_code varchar, benefit_kind_code varchar,
    relation_code varchar, member_kind_code varchar, member_no varchar, booklet_no varchar, from_date date, to_date date,
    principal_person_id bigint, is_listed boolean
"""),
    "Each cover row with its person, also those that their feed lists no more (is_listed false); to_date 9999-12-31 while "
    "cover goes on. Without a booklet number the "
    "member number stands for it.",
)

PERIOD = Table(
    "cover.period",
    ("person_id", "insurer_code", "benefit_kind_code", "booklet_no", "from_date"),
    _columns("""
    person_id bigint, insurer_code varchar, benefit_kind_code varchar, booklet_no varchar, relation_code varchar,
    member_kind_code varchar, principal_person_id bigint, from_date date, to_date date, feed varchar, record_key varchar,
    is_listed boolean
"""),
    "Cover per person, insurer, benefit kind and booklet, half-open days; ended by a registered death, or on the day from "
    "which its feed did not list it any more (is_listed false).",
)

PROPOSAL = Table(
    "cover.proposal",
    ("conflict_no", "insurer_code", "booklet_no"),
    _columns("""
    conflict_no bigint, insurer_code varchar, booklet_no varchar, person_id bigint, kind_code varchar, proposal_code varchar,
    keeper_insurer_code varchar, rule_code varchar, from_date date, to_date date, reason_fa varchar, reason_en varchar,
    source varchar, confidence varchar, is_under_review boolean
"""),
    "What is proposed for the booklet on each side of an open conflict, with its reason in one sentence; kinds that tell of "
    "health are left out. proposal: keep, block (the keeper is active on these days), choose (the person), case (people "
    "decide), inform (nothing to decide). source, confidence: of the rule that gives the reason.",
)

BOOKLET = Table(
    "cover.booklet",
    ("person_id", "insurer_code", "booklet_no", "from_date"),
    _columns("""
    person_id bigint, insurer_code varchar, booklet_no varchar, from_date date, to_date date, status_code varchar,
    conflict_no bigint
"""),
    "Basic booklets by day segment. status: active (holds the person's only slot on these days), contested (undecided; "
    "stays valid at its insurer, but no further booklet may be issued), blocked (its keeper is active on these days).",
)

BOOKLET_ACT = Table(
    "cover.booklet_act",
    ("act_no",),
    _columns("""
    act_no bigint, act_code varchar, person_id bigint, insurer_code varchar, booklet_no varchar, from_date date,
    to_date date, acted_date date, record_key varchar, held_from_date date
"""),
    "Booklets issued and ended online, as the night read them. act: issue, end (from from_date on). record_key: of the "
    "record by which the person was found. held_from_date: of an end, the last first day of what was known. Comes from "
    "PostgreSQL.",
)

TABLES = {
    table.name: table
    for table in (
        CURRENT_DELIVERY,
        *STANDARDISING,
        *ANSWERS,
        PERSON_RECORD,
        SCORED_PAIR,
        CLUSTER,
        BLOCKING_YIELD,
        POPULATION,
        *REFERENCES,
        NEAR_PAIR,
        SCORING,
        REVIEW_PAIR,
        JUDGEMENT,
        IDENTITY_EVENT,
        CROSSWALK,
        PERSON,
        FORMER,
        GOLDEN,
        DISAGREEMENT,
        DEATH_QUERY,
        RULE,
        COVER_RECORD,
        PERIOD,
        *CONFLICTS,
        INSURER_SCORE,
        PROPOSAL,
        BOOKLET,
        BOOKLET_ACT,
        *EMPLOYMENT,
        *SPECIAL,
        *OPERATIONS,
        *MARTS,
    )
}
