"""Delimited text: Arrow parses blocks of whole lines in parallel; lines that are no rows are set aside one by one."""

from __future__ import annotations

import csv
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
from connectors.readers.quotes import Records, join_records, needs_joining
from connectors.readers.unpack import corrupt, unpacked
from hub.progress import Progress
from schemas.feed import Layout

# Arrow takes one byte as delimiter; a longer one is replaced by this control character, which no text holds.
_STAND_IN = b"\x1f"


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
        self.quote = layout.format.quote.encode()
        self.declared_delimiter = layout.format.delimiter.encode()
        self.is_replaced = len(self.declared_delimiter) > 1
        self.delimiter = _STAND_IN if self.is_replaced else self.declared_delimiter

    def parse(self, block: Block, is_last: bool = False) -> Parsed:
        """One block's rows and rejects."""
        has_quotes = bool(self.quote) and self.quote in block.data
        lines = self._replaced(clean(block, keeps_blank=has_quotes))  # a blank line may lie inside a quoted value
        if not (has_quotes and needs_joining(lines, self.delimiter, self.quote)):
            batch = self.batch(Records(lines.data, lines.numbers, lines.rejects))
            if batch is not None:
                return Parsed(batch)
        # Arrow sees fewer records than lines: a quoted value runs over a line's end, or a quote never ends.
        records = join_records(lines, self.delimiter, self.quote, len(self.names), is_last=is_last)
        batch = self.batch(records)
        if batch is None:
            raise corrupt(self.file_name, f"cannot be divided into rows from line {block.line_no} on", "Ask the agency.")
        return Parsed(batch, self._restored_bytes(records.rest), records.rest_line_no)

    def batch(self, records: Records) -> RawBatch | None:
        """The records as a batch; None when Arrow does not see the same records."""
        wrong: list[tuple[int, Reject]] = []

        def set_aside(row: pyarrow.csv.InvalidRow) -> str:
            reason = "cut_line" if row.actual_columns < row.expected_columns else "extra_columns"
            index = row.number - 1
            if index < len(records.numbers):
                wrong.append((index, reject(records.numbers[index], reason, self._restored_text(row.text))))
            return "skip"

        if not len(records.numbers):
            empty = [pa.array([], pa.string()) for _ in self.names]
            return raw_batch(records.numbers, self.names, empty, records.rejects)
        table = pyarrow.csv.read_csv(
            pa.BufferReader(records.data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=_positions(self.names), block_size=len(records.data) + 1, use_threads=False
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self.delimiter.decode(),
                quote_char=self.quote.decode() if self.quote and self.quote in records.data else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in _positions(self.names)},
                check_utf8=False,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        if table.num_rows + len(wrong) != len(records.numbers):
            return None
        numbers = np.delete(records.numbers, [index for index, _ in wrong])
        columns = [self._restored(column.combine_chunks()) for column in table.columns]
        return raw_batch(numbers, self.names, columns, [*records.rejects, *(each for _, each in wrong)])

    def check_layout(self, batch: RawBatch) -> None:
        """Prove on the first block that rows have as many columns as the contract says.

        Raises:
            ContractBreach: not one has.
        """
        wrong = [each for each in batch.rejects if each.reason_code in ("cut_line", "extra_columns")]
        if batch.rows.num_rows == 0 and len(wrong) >= limits.MIN_ROWS_FOR_LAYOUT:
            raise breach(
                f"No row of {self.file_name} has the {len(self.names)} columns that its contract declares",
                "Look whether the delimiter or the columns have changed; then mend the file or the contract",
            )

    def _replaced(self, lines: Lines) -> Lines:
        if not self.is_replaced:
            return lines
        if _STAND_IN in lines.data:
            lines = lines.without(holding(lines, _STAND_IN), "control_character")
        data = lines.data.replace(self.declared_delimiter, _STAND_IN)
        return replace(lines, data=data, ends=line_ends(data))

    def _restored(self, column: pa.Array) -> pa.Array:
        if not self.is_replaced:
            return column
        return pc.replace_substring(column, _STAND_IN.decode(), self.declared_delimiter.decode())

    def _restored_bytes(self, rest: bytes) -> bytes:
        return rest.replace(_STAND_IN, self.declared_delimiter) if self.is_replaced else rest

    def _restored_text(self, text: str) -> str:
        return text.replace(_STAND_IN.decode(), self.declared_delimiter.decode()) if self.is_replaced else text


def _parser(file_name: str, first: Block, layout: Layout) -> tuple[Parser, Block]:
    """The parser for a file, and its first block without the header."""
    if not layout.format.header:
        names = in_order_of_file(layout)
        check_columns(file_name, names, layout)
        return Parser(file_name, names, layout), first
    header, _, data = first.data.partition(b"\n")
    line = header.decode("utf-8", "replace").replace(layout.format.delimiter, _STAND_IN.decode())
    try:
        cells = next(csv.reader([line], delimiter=_STAND_IN.decode(), quotechar=layout.format.quote or None), [])
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
