"""Fixed width text: columns are cut out of whole blocks of lines by Arrow, in characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers import limits
from connectors.readers.batch import RawBatch, raw_batch
from connectors.readers.columns import breach, declared
from connectors.readers.lines import Block, Lines, Mask, blocks, clean
from connectors.readers.parallel import ordered
from connectors.readers.unpack import unpacked
from hub.progress import Progress
from schemas.feed import Layout

_PADDING = " "


def read_fixed(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a fixed width file; padding at both ends of a value belongs to the format and is cut off."""
    form = FixedForm(layout)
    is_first = True
    with unpacked(path) as source:
        for _, result in ordered(form.parse, blocks(source, layout.format.encoding)):
            batch = result.result()
            if is_first:
                form.check_layout(path.name, batch)
            is_first = False
            yield batch
            progress(f"read {path.name}", source.position, source.total)


class FixedForm:
    """Where columns lie in a line, and where nothing may lie. Positions are in characters, from 0, half-open."""

    def __init__(self, layout: Layout) -> None:
        self.has_header = layout.format.header
        self.names = declared(layout)
        places = {c.source: (int(c.start or 1) - 1, int(c.start or 1) - 1 + int(c.width or 0)) for c in layout.columns}
        self.places = [places[name] for name in self.names]
        self.width = max(end for _, end in self.places)
        self.gaps = _gaps(self.places)

    def parse(self, block: Block) -> RawBatch:
        """One block's rows and rejects."""
        lines = clean(block)
        if self.has_header and block.line_no == 1 and len(lines.ends):
            lines = lines.without(np.arange(len(lines.ends)) == 0, None)
        for reason, is_bad in (("cut_line", self._is_cut), ("unmapped_text", self._has_more)):
            bad = is_bad(_texts(lines))
            if bad.any():
                lines = lines.without(bad, reason)
        texts = _texts(lines)
        return raw_batch(lines.numbers, self.names, [_cut_out(texts, *place) for place in self.places], lines.rejects)

    def check_layout(self, file_name: str, batch: RawBatch) -> None:
        """Prove on the first block that lines are as long as the contract says and hold nothing between its columns.

        Raises:
            ContractBreach: no line is so.
        """
        wrong = [each for each in batch.rejects if each.reason_code in ("cut_line", "unmapped_text")]
        if batch.rows.num_rows == 0 and len(wrong) >= limits.MIN_ROWS_FOR_LAYOUT:
            gaps = ", ".join(f"{start + 1} to {end}" if end else f"{start + 1} on" for start, end in self.gaps)
            raise breach(
                f"No line of {file_name} is {self.width} characters long with nothing at the characters {gaps}, "
                "which its contract maps to no column",
                "Ask the agency for its present layout; then mend the positions in the contract",
            )

    def _is_cut(self, texts: pa.Array) -> Mask:
        return np.asarray(pc.less(pc.utf8_length(texts), self.width + 1))  # with its newline

    def _has_more(self, texts: pa.Array) -> Mask:
        bad = np.zeros(len(texts), np.bool_)
        for start, end in self.gaps:
            bad |= np.asarray(pc.not_equal(pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(texts, start, end)), ""))
        return bad


def _gaps(places: list[tuple[int, int]]) -> list[tuple[int, int | None]]:
    """Stretches of a line that no column covers, the open end last."""
    gaps: list[tuple[int, int | None]] = []
    reached = 0
    for start, end in sorted(places):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    return [*gaps, (reached, None)]


def _texts(lines: Lines) -> pa.Array:
    """The lines as an Arrow array over the same bytes; each keeps its newline."""
    offsets = np.concatenate(([0], lines.ends + 1)).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(lines.ends), [None, pa.py_buffer(offsets), pa.py_buffer(lines.data)])


def _cut_out(texts: pa.Array, start: int, end: int) -> pa.Array:
    value = pc.utf8_trim(pc.utf8_slice_codeunits(texts, start, end), _PADDING)
    return pc.if_else(pc.equal(value, ""), pa.scalar(None, pa.string()), value)
