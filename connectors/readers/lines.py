"""Text files as blocks of whole lines with known line numbers; lines that can be no row are set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.readers import limits
from connectors.readers.batch import LineNumbers, Reject, reject
from connectors.readers.encodings import FOREIGN_MARKS, Transcoder
from connectors.readers.unpack import Source, check_not_packed, corrupt

Mask = npt.NDArray[np.bool_]
_DOS_END = b"\x1a"


@dataclass(frozen=True)
class Block:
    """Whole lines of a file in UTF-8, each ended by one newline.

    ``line_no``: number of the first. ``foreign_marks``: byte strings that betray another encoding.
    """

    line_no: int
    data: bytes
    rejects: tuple[Reject, ...] = ()
    foreign_marks: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Lines:
    """Lines fit to be rows: their bytes, where each ends (offset of its newline), and their numbers in the file.

    ``next_line_no``: number of the line after the block that they come from.
    """

    data: bytes
    ends: LineNumbers
    numbers: LineNumbers
    rejects: tuple[Reject, ...] = ()
    next_line_no: int = 0

    @property
    def starts(self) -> LineNumbers:
        """Offset of each line's first byte."""
        return np.concatenate(([0], self.ends[:-1] + 1)) if len(self.ends) else self.ends

    def line(self, index: int) -> bytes:
        """The bytes of one line."""
        return self.data[int(self.ends[index - 1]) + 1 if index else 0 : int(self.ends[index])]

    def without(self, bad: Mask, reason_code: str | None) -> Lines:
        """The same lines without some, which become rejects (or vanish, where no reason is given)."""
        starts = self.starts
        rejects = [
            reject(self.numbers[i], reason_code, self.data[starts[i] : self.ends[i]])
            for i in np.flatnonzero(bad)
            if reason_code
        ]
        kept = np.flatnonzero(~bad)
        data = b"".join(self.data[starts[i] : self.ends[i] + 1] for i in kept)
        return replace(self, data=data, ends=line_ends(data), numbers=self.numbers[kept], rejects=(*self.rejects, *rejects))


def line_ends(data: bytes) -> LineNumbers:
    """Offsets of all newlines."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")).astype(np.int64)


def blocks(source: Source, encoding: str) -> Iterator[Block]:
    """A text file in UTF-8, block by block."""
    first = source.read(limits.BLOCK_BYTES)
    check_not_packed(source.name, first)
    transcoder = Transcoder(source.name, encoding, first)
    marks = FOREIGN_MARKS.get(transcoder.encoding, ())
    for block in _whole_lines(source.name, _pieces(source, transcoder, first)):
        yield replace(block, foreign_marks=marks)


def _pieces(source: Source, transcoder: Transcoder, first: bytes) -> Iterator[bytes]:
    text = transcoder(first)
    has_old_mac_ends = b"\n" not in text and b"\r" in text
    piece = first
    while piece:
        yield text.replace(b"\r", b"\n") if has_old_mac_ends else text
        piece = source.read(limits.BLOCK_BYTES)
        text = transcoder(piece)
    yield text


def _whole_lines(name: str, pieces: Iterator[bytes]) -> Iterator[Block]:
    line_no, pending, skipped = 1, b"", 0
    for piece in pieces:
        if skipped:
            end = piece.find(b"\n")
            skipped += len(piece)
            if end < 0:
                if skipped > limits.MAX_SKIPPED_BYTES:
                    raise corrupt(name, f"has a line {line_no} without end", "Ask the agency what this file is.")
                continue
            piece, skipped, line_no = piece[end + 1 :], 0, line_no + 1
        data = pending + piece
        cut = data.rfind(b"\n") + 1
        pending = data[cut:]
        if cut:
            block = Block(line_no, data[:cut].replace(b"\r\n", b"\n"))
            line_no += block.data.count(b"\n")
            yield block
        if len(pending) > max(limits.BLOCK_BYTES, limits.MAX_LINE_BYTES):
            yield Block(line_no, b"", (reject(line_no, "too_long", pending),))
            pending, skipped = b"", len(pending)
    last = pending.removesuffix(_DOS_END).removesuffix(b"\r")
    if last:
        yield Block(line_no, last + b"\n")


def clean(block: Block, *, keeps_blank: bool = False) -> Lines:
    """The lines of a block without those that are too long or hold what no text holds, and mostly without blank ones."""
    ends = line_ends(block.data)
    numbers = block.line_no + np.arange(len(ends))
    lines = Lines(block.data, ends, numbers, block.rejects, block.line_no + len(ends))
    lengths = lines.ends - lines.starts
    if (lengths > limits.MAX_LINE_BYTES).any():
        lines = lines.without(lengths > limits.MAX_LINE_BYTES, "too_long")
        lengths = lines.ends - lines.starts
    if not (keeps_blank or lengths.all()):
        lines = lines.without(lengths == 0, None)
    for byte in (b"\0", b"\r"):
        if byte in lines.data:
            lines = lines.without(holding(lines, byte), "control_character")
    for mark in block.foreign_marks:
        if mark in lines.data:
            lines = lines.without(holding(lines, mark), "other_encoding")
    return _without_illegal(lines)


def _without_illegal(lines: Lines) -> Lines:
    whole = pa.Array.from_buffers(
        pa.large_string(), 1, [None, pa.py_buffer(np.array([0, len(lines.data)])), pa.py_buffer(lines.data)]
    )
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        bad = np.fromiter((not _is_legal(line) for line in lines.data.split(b"\n")[:-1]), np.bool_, len(lines.ends))
        return lines.without(bad, "illegal_byte")
    return lines


def holding(lines: Lines, mark: bytes) -> Mask:
    """Which lines hold some bytes."""
    return np.fromiter((mark in line for line in lines.data.split(b"\n")[:-1]), np.bool_, len(lines.ends))


def _is_legal(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
