"""Tables that one night measures and the nights after it carry: what match weights start from (decision 0008)."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

HABIT = Table(
    "linkage.habit",
    ("round_no", "habit_code", "feed", "cohort"),
    _columns("""
    round_no integer, habit_code varchar, feed varchar, cohort varchar, weight double
"""),
    "What a record tells by its feed about which known person it means, in bits, as a round of linking learned it. habit: "
    "coverage (the registry holds whom open records mean; cohort: none, foreign: bears a foreigner's document), again and "
    "first (the feed holds a record of that person already, or none), age (cohort: birth decade of the person, for records "
    "without a birth date).",
)

REFERENCE = Table(
    "linkage.reference",
    ("fact_code",),
    _columns("""
    fact_code varchar, figure double, text varchar
"""),
    "What match weights start from, measured once and carried from night to night while it holds (decision 0008), beside "
    "linkage.population. fact: method (text: hash of model, comparisons, rules and engine), record_count, persons:<column> "
    "(figure: persons that have a value there). linkage.reference_record, a hard link to the person records of the night "
    "that measured, is what frequencies are counted in.",
)

REFERENCE_BLOCK = Table(
    "linkage.reference_block",
    ("round_no", "block"),
    _columns("""
    round_no integer, block ubigint, is_capped boolean
"""),
    "Blocks that were above the cap in the night that measured (is_capped), or of more than few others, so that more had to"
    " be alike; they stay so while the reference is carried.",
)

REFERENCE_FREQUENCY = Table(
    "linkage.reference_frequency",
    ("column_name", "value"),
    _columns("""
    column_name varchar, value varchar, share_ratio double
"""),
    "Share of persons that hold a value: names, birth dates and provinces that the night which measured had to count.",
)

REFERENCES = (HABIT, REFERENCE, REFERENCE_BLOCK, REFERENCE_FREQUENCY)
