"""What arrived, where each row went and why: tables of deliveries, filled by the connectors."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

DELIVERY = Table(
    "ops.delivery",
    ("delivery_id",),
    _columns("""
    delivery_id varchar, feed varchar, business_date date, file_name varchar, sha256 varchar, landed_at timestamptz,
    state_code varchar, supersedes_delivery_id varchar, reason varchar, repeat_count integer, kind_code varchar,
    sequence_no bigint
"""),
    "Every delivery that ever landed. state: landed, staged, held, refused, late, superseded, retracted. kind: snapshot "
    "(lists everything), delta (says what changed), supplement (mended rows of another), correction (a snapshot or delta in "
    "the place of one of the same day or number, which supersedes_delivery_id names); null of files that never landed. "
    "sequence_no: the agency's number of a delta.",
)

LEDGER = Table(
    "ops.ledger",
    ("delivery_id", "file_name", "fate_code"),
    _columns("""
    delivery_id varchar, feed varchar, file_name varchar, fate_code varchar, row_count bigint
"""),
    "Where each row went. fate: received, accepted, quarantined, unchanged, superseded; received = sum of the others.",
)

QUARANTINE = Table(
    "ops.quarantine",
    ("delivery_id", "line_no"),
    _columns("""
    delivery_id varchar, feed varchar, file_name varchar, line_no bigint, column_name varchar, reason_code varchar
"""),
    "Rows set aside, without their text; the text stays in staging/<feed>/<delivery_id>/quarantine.parquet.",
)

PROFILE = Table(
    "ops.profile",
    ("delivery_id", "column_name", "figure_code"),
    _columns("""
    delivery_id varchar, feed varchar, column_name varchar, figure_code varchar, figure double, figure_date date
"""),
    "Figures of all staged deliveries. column_name is empty for the whole delivery. figure_code: received_count, row_count, "
    "quarantined_percent (without organisations), changed_percent, row_count_change_percent (both only with a delivery "
    "before); by column "
    "filled_count, null_percent (the agency gave nothing), invalid_count and invalid_percent (it gave what cannot be read; "
    "a birth of which the agency knows the year alone is valid), partial_count (of these, those of which a part is kept, as "
    "the year of a day that never was; if any), "
    "distinct_count (of large deliveries estimated), least and most (of dates as figure_date, of whole numbers as figure).",
)

OPERATIONS = (DELIVERY, LEDGER, QUARANTINE, PROFILE)
