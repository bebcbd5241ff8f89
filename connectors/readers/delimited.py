"""Delimited text: Arrow parses blocks of whole lines in parallel; lines that are no rows are set aside one by one."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from connectors.readers import limits
from connectors.readers.batch import RawBatch, Reject, raw_batch, reject
from connectors.readers.columns import breach, check_columns, in_order_of_file, spelt
from connectors.readers.lines import Block, Lines, blocks, clean, holding, line_ends
from connectors.readers.parallel import ordered
from connectors.readers.quotes import Marks, Records, join_records, needs_joining
from connectors.readers.unpack import corrupt, unpacked
from hub.progress import Progress
from schemas.feed import Layout
from schemas.text_formats import STAND_INS

# Arrow takes one byte as delimiter, and knows no text for nothing but as it is without escapes: control characters, which
# no text holds, stand in for a longer delimiter and for \N.
_NOTHING, _STAND_IN = (mark.encode() for mark in STAND_INS)
_BACKSLASH, _NO_VALUE = b"\\", b"\\N"
_ESCAPED = re.compile(rb"\\([\s\S])")


@dataclass(frozen=True)
class Parsed:
    """One block's batch, and the record that the block's end cuts."""

    batch: RawBatch
    rest: bytes = b""
    rest_line_no: int = 0


def read_delimited(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a delimited file. Without a header the columns come in the contract's order, then the ignored ones."""
    with unpacked(path, layout.format.member) as source:
        text = blocks(source, layout.format.encoding)
        first = next(text, None)
        if first is None:
            raise corrupt(path.name, "holds no line", "Ask the agency to send it again.")
        parser, first = _parser(path.name, first, layout)
        rest: Parsed | None = None
        for block, result in ordered(parser.parse, _chained(first, text)):
            # Blocks are parsed ahead; where the one before ended inside a record, this one is parsed again with its rest.
            rest = parser.parse(_prepended(rest, block)) if rest and rest.rest else result.result()
            if block is first:
                parser.check_layout(rest.batch)
            yield rest.batch
            progress(f"read {path.name}", source.position, source.total)
        if rest and rest.rest:
            yield parser.parse(Block(rest.rest_line_no, rest.rest), is_last=True).batch


class Parser:
    """How the blocks of one file become batches: its columns and its delimiters in the form that Arrow takes."""

    def __init__(self, file_name: str, names: list[str], layout: Layout) -> None:
        self.file_name, self.names = file_name, names
        form = layout.format
        self.declared_delimiter = form.delimiter.encode()
        is_long = len(self.declared_delimiter) > 1
        delimiter = _STAND_IN if is_long else self.declared_delimiter
        self.marks = Marks(delimiter, form.quote.encode(), form.escape.encode())
        self.stand_ins = {_STAND_IN: self.declared_delimiter} if is_long else {}
        if self.marks.escape == _BACKSLASH:
            self.stand_ins[_NOTHING] = _NO_VALUE

    def parse(self, block: Block, is_last: bool = False) -> Parsed:
        """One block's rows and rejects."""
        has_marks = self.marks.are_in(block.data)
        lines = self._replaced(clean(block, keeps_blank=has_marks))  # a blank line may lie inside a quoted value
        if not (has_marks and needs_joining(lines, self.marks)):
            batch = self.batch(Records(lines.data, lines.numbers, lines.rejects))
            if batch is not None:
                return Parsed(batch)
        # Arrow sees fewer records than lines: a value runs over a line's end, or a quote never ends.
        records = join_records(lines, self.marks, len(self.names), is_last=is_last)
        batch = self.batch(records)
        if batch is None:
            raise corrupt(self.file_name, f"cannot be divided into rows from line {block.line_no} on", "Ask the agency.")
        return Parsed(batch, self._restored_bytes(records.rest), records.rest_line_no)

    def batch(self, records: Records) -> RawBatch | None:
        """The records as a batch; None when Arrow does not see the same records."""
        wrong: list[tuple[int, Reject]] = []
        rejects = [replace(each, raw_text=self._restored_text(each.raw_text)) for each in records.rejects]

        def set_aside(row: pyarrow.csv.InvalidRow) -> str:
            reason = "cut_line" if row.actual_columns < row.expected_columns else "extra_columns"
            index = row.number - 1
            if index < len(records.numbers):
                wrong.append((index, reject(records.numbers[index], reason, self._restored_text(row.text))))
            return "skip"

        if not len(records.numbers):
            empty = [pa.array([], pa.string()) for _ in self.names]
            return raw_batch(records.numbers, self.names, empty, rejects)
        table = pyarrow.csv.read_csv(
            pa.BufferReader(records.data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=_positions(self.names), block_size=len(records.data) + 1, use_threads=False
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self.marks.delimiter.decode(),
                quote_char=_sign(self.marks.quote, records.data),
                escape_char=_sign(self.marks.escape, records.data),
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in _positions(self.names)},
                check_utf8=False,
                null_values=["", _NOTHING.decode()],
                strings_can_be_null=True,
            ),
        )
        if table.num_rows + len(wrong) != len(records.numbers):
            return None
        numbers = np.delete(records.numbers, [index for index, _ in wrong])
        columns = [self._restored(column.combine_chunks()) for column in table.columns]
        return raw_batch(numbers, self.names, columns, [*rejects, *(each for _, each in wrong)])

    def check_layout(self, batch: RawBatch) -> None:
        """Prove on the first block that rows have as many columns as the contract says.

        Raises:
            ContractBreach: not one has.
        """
        wrong = [each for each in batch.rejects if each.reason_code in ("cut_line", "extra_columns", "open_quote")]
        if batch.rows.num_rows == 0 and len(wrong) >= limits.MIN_ROWS_FOR_LAYOUT:
            raise breach(
                f"No row of {self.file_name} has the {len(self.names)} columns that its contract declares",
                "Look whether the delimiter, the quotes or the columns have changed; then mend the file or the contract",
            )

    def _replaced(self, lines: Lines) -> Lines:
        """Lines with stand-ins; those that hold such a character already are set aside."""
        data = lines.data
        for stand_in in self.stand_ins:
            if stand_in in data:
                lines = lines.without(holding(lines, stand_in), "control_character")
                data = lines.data
        if _STAND_IN in self.stand_ins:
            data = data.replace(self.declared_delimiter, _STAND_IN)
        if _NOTHING in self.stand_ins and _NO_VALUE in data:
            data = _ESCAPED.sub(lambda pair: _NOTHING if pair[1] == b"N" else pair[0], data)
        return lines if data is lines.data else replace(lines, data=data, ends=line_ends(data))

    def _restored(self, column: pa.Array) -> pa.Array:
        for stand_in, mark in self.stand_ins.items():
            # What is no value alone is a letter among others, as escapes have it.
            text = "N" if mark == _NO_VALUE else mark.decode()
            column = pc.replace_substring(column, stand_in.decode(), text)
        return column

    def _restored_bytes(self, rest: bytes) -> bytes:
        for stand_in, mark in self.stand_ins.items():
            rest = rest.replace(stand_in, mark)
        return rest

    def _restored_text(self, text: str) -> str:
        return self._restored_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def _sign(mark: bytes, data: bytes) -> str | bool:
    """A mark for Arrow, which is quicker without those that do not occur."""
    return mark.decode() if mark and mark in data else False


def _parser(file_name: str, first: Block, layout: Layout) -> tuple[Parser, Block]:
    """The parser for a file, and its first block without the header."""
    if not layout.format.header:
        names = in_order_of_file(layout)
        check_columns(file_name, names, layout)
        return Parser(file_name, names, layout), first
    header, _, data = first.data.partition(b"\n")
    form = layout.format
    line = header.decode("utf-8", "replace").replace(form.delimiter, _STAND_IN.decode())
    try:
        cells = next(
            csv.reader(
                [line],
                delimiter=_STAND_IN.decode(),
                quotechar=form.quote or None,
                escapechar=form.escape or None,
                quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
            ),
            [],
        )
    except csv.Error as error:
        raise corrupt(file_name, "has a header that cannot be divided into names", "Ask the agency what this is.") from error
    names = spelt([cell.strip() for cell in cells], layout)
    check_columns(file_name, names, layout)
    return Parser(file_name, names, layout), replace(first, line_no=first.line_no + 1, data=data)


def _positions(names: list[str]) -> list[str]:
    return [f"c{i}" for i in range(len(names))]


def _chained(first: Block, others: Iterator[Block]) -> Iterator[Block]:
    yield first
    yield from others


def _prepended(rest: Parsed, block: Block) -> Block:
    return replace(block, line_no=rest.rest_line_no, data=rest.rest + block.data)
