"""Tables of standardising: what person records are made of and with, and what the next night takes over."""

from __future__ import annotations

from schemas.table import Table
from schemas.table import columns as _columns

SOURCE = Table(
    "linkage.source",
    ("feed",),
    _columns("""
    feed varchar, rows_path varchar, file_mark varchar, contract_hash varchar, method_hash varchar
"""),
    "What person records were made of, and how (method_hash): what the next night compares its deliveries with. file_mark: "
    "size and time of the staged rows, by which one sees that they were staged again since.",
)


NAME_DICTIONARY = Table(
    "linkage.name_dictionary",
    ("written_kind", "written"),
    _columns("""
    written_kind varchar, written varchar, display varchar, key varchar, phonetic varchar, letters varchar,
    honorific varchar, surname_display varchar, surname_key varchar, surname_phonetic varchar, surname_letters varchar,
    father_display varchar, father_key varchar, father_phonetic varchar, father_letters varchar, record_count bigint
"""),
    "Every way in which a name is written, normalised once. kind: given, father, surname, full. record_count: "
    "records that bore it when names were counted; 0 of a name that came later. Full names are split by these counts, which "
    "are carried from night to night like the reference.",
)


GENERIC_VALUE = Table(
    "linkage.generic_value",
    ("column_name", "feed", "value"),
    _columns("""
    column_name varchar, feed varchar, value varchar
"""),
    "Values that are no evidence (S06): shared by more people than can share one (feed is empty), or birth dates that a "
    "feed types for unknown.",
)

STANDARDISING = (SOURCE, NAME_DICTIONARY, GENERIC_VALUE)
