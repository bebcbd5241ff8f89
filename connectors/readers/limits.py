"""Limits of the readers: what a delivery may ask of us before it counts as hostile or broken."""

from __future__ import annotations

BLOCK_BYTES = 4 << 20
"""How much of a file is looked at in one piece."""
BATCH_ROWS = 65_536
"""Rows in one batch of the formats that are not read in blocks."""
MAX_LINE_BYTES = 1 << 20
"""A longer line is set aside as ``too_long``."""
MAX_SKIPPED_BYTES = 64 << 20
"""A line that goes on beyond this ends the reading: such a file is not made of lines."""
MAX_VALUE_LINES = 20
"""A quoted value that does not end within so many lines has a stray quote; its first line is set aside."""
MAX_COLUMNS = 2_000
MAX_RECORD_BYTES = 8 << 20
"""So much of a JSON or XML document may pass without a record; the parser keeps it in memory."""
MAX_DEPTH = 64
"""So deep may elements of XML and values of a JSON document lie in each other."""
MAX_UNPACKED_BYTES = 64 << 30
MAX_EXPANSION = 400
"""An archive that grows beyond this many times its size is refused, once ``EXPANSION_GRACE_BYTES`` are out."""
EXPANSION_GRACE_BYTES = 64 << 20
MAX_DIRECTORY_BYTES = 8 << 20
"""Size of an archive's own list of files; some hundred thousand of them."""
MAX_SHEET_BYTES = 512 << 20
"""Unpacked size of an Excel workbook, which has to fit into memory."""
MAX_SHEET_MEMORY, MAX_SHEET_SECONDS = 3 << 30, 600
"""What taking a workbook apart may cost: bytes of memory, and seconds of processor time."""
MAX_ROW_GROUP_BYTES = 2 << 30
"""Unpacked size of one Parquet row group."""
RAW_TEXT_CHARACTERS = 4_096
"""How much of a rejected line is kept."""
MIN_ILLEGAL_BYTES = 16
MAX_ILLEGAL_RATIO = 0.3
"""Above this share of illegal bytes in what is not ASCII, from MIN_ILLEGAL_BYTES on, the declared encoding is wrong."""
MIN_ZERO_HALVES = 12
"""From so many zero bytes on, all in the same half of the byte pairs, a file is UTF-16."""
MIN_MULTIBYTE_CHARACTERS = 4
"""From so many multi-byte characters and no illegal byte on, a file declared as a one-byte encoding is UTF-8."""
MIN_ROWS_FOR_LAYOUT = 20
"""From so many rows on, a first block without one good row means another layout, not bad rows."""
VOTING_VALUES = 1_000
"""So many distinct values of a DBF field tell its encoding."""
