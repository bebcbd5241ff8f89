"""Marts: what planners read. Counts by group, no direct identifiers; each row says as of which night and feeds.

In groups of persons no count is below ``warehouse.suppression.SMALLEST_COUNT`` other than 0: smaller cells are drawn
together under ``other``, so that totals stay exact.
"""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

COVER_BY_GROUP = Table(
    "mart.cover_by_group",
    ("month_date", "insurer_code", "benefit_kind_code", "province_code", "age_band", "sex_code"),
    _columns("""
    month_date date, insurer_code varchar, benefit_kind_code varchar, province_code varchar, age_band varchar,
    sex_code varchar, person_count bigint, as_of_date date, as_of_feeds varchar
"""),
    "Persons covered by an insurer, by month: the business date's and the eleven before it. month_date: first day of "
    "the month; counted on its last day, in the current month on the business date. age_band: years of age on that day. "
    "province_code, sex_code: as the golden record says on the business date.",
)

OVERLAP_BY_PAIR = Table(
    "mart.overlap_by_pair",
    ("insurer_a", "insurer_b", "kind_code"),
    _columns("""
    insurer_a varchar, insurer_b varchar, kind_code varchar, person_count bigint, conflict_count bigint,
    open_count bigint, overlap_days bigint, as_of_date date, as_of_feeds varchar
"""),
    "Conflicts by pair of insurers and kind; insurer_b is 'none' for kinds with one side. person_count, overlap_days: of "
    "open conflicts; overlap_days: up to the business date.",
)

OVERLAP_COST = Table(
    "mart.overlap_cost",
    ("jalali_month", "kind_code", "insurer_a", "insurer_b", "province_code"),
    _columns("""
    jalali_month varchar, kind_code varchar, insurer_a varchar, insurer_b varchar, province_code varchar,
    person_count bigint, overlap_days bigint, cost_rials bigint, as_of_date date, as_of_feeds varchar
"""),
    "What overlaps that are open cost, by Jalali month (1405-08): the business date's, as far as it has gone, and the "
    "eleven before it; as this night knows them, late corrections included. kind: two_basic, same_insurer, two_principals, "
    "deceased (insurer_b is 'none'). overlap_days: of all persons together. cost_rials: days times the premium of the cover "
    "that yields, undecided the lower one; premiums: schemas/codes/premiums.csv. A person with three covers counts in each "
    "pair.",
)

UNINSURED = Table(
    "mart.uninsured",
    ("province_code", "age_band", "sex_code"),
    _columns("""
    province_code varchar, age_band varchar, sex_code varchar, living_count bigint, uninsured_count bigint,
    as_of_date date, as_of_feeds varchar
"""),
    "Living persons, and those of them without basic cover on the business date. age_band: years of age on that day.",
)

FEED_QUALITY = Table(
    "mart.feed_quality",
    ("feed",),
    _columns("""
    feed varchar, delivery_id varchar, delivery_date date, as_of_days integer, received_count bigint,
    accepted_count bigint, quarantined_count bigint, unchanged_count bigint, superseded_count bigint,
    record_count bigint, linked_count bigint, linked_ratio double, as_of_date date, as_of_feeds varchar
"""),
    "The delivery that each feed stands on, where its rows went, and how many of its records share a person with a record "
    "of another feed (linked).",
)

NIGHT = Table(
    "mart.night",
    ("as_of_date",),
    _columns("""
    as_of_date date, as_of_feeds varchar, feed_count bigint, late_feed_count bigint, record_count bigint,
    person_count bigint, living_count bigint, insured_count bigint, uninsured_count bigint, minted_count bigint,
    merged_count bigint, split_count bigint, review_pair_count bigint, active_booklet_count bigint,
    open_conflict_count bigint, new_conflict_count bigint
"""),
    "The live night in one row of totals.",
)

MARTS = (COVER_BY_GROUP, OVERLAP_BY_PAIR, OVERLAP_COST, UNINSURED, FEED_QUALITY, NIGHT)
