"""What a file is, told from its bytes: format, encoding, delimiter, header, columns; each with the reason."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from connectors.drafting.division import MIN_EVEN_RATIO, division, even
from connectors.drafting.documents import (
    MOST_PLACES,
    json_records,
    list_in_lines,
    paths_in,
    paths_of_list,
    with_lists,
    xml_records,
)
from connectors.drafting.fixed_width import columns_of, joints
from connectors.drafting.words import known_header
from connectors.readers.dbf import TYPES
from connectors.readers.dbf_table import VERSIONS, DbfTable
from connectors.readers.encodings import Transcoder
from connectors.readers.excel import check_size
from connectors.readers.limits import MAX_ILLEGAL_RATIO
from connectors.readers.unpack import corrupt, seekable, unpacked
from connectors.readers.workbook import header_names, merged_cells
from hub.errors import DeliveryCorrupt
from schemas.feed import FileFormat
from schemas.layouts import DETECTED

HEAD_BYTES = 4 << 20
LOOKED_AT_LINES, LOOKED_AT_BYTES = 400, 1 << 16
ENCODINGS = ("utf-8", "utf-16", "utf-32")
ONE_BYTE = ("cp1256", "iso8859-6", "mac-farsi", "cp720")
"""Encodings of one byte a letter, the most usual first: of equally good ones it is meant."""
HEADER_ROWS = 15
"""A workbook's header is looked for in so many rows."""
LATIN = "cp1252"
LETTERS = frozenset("ابپتثجچحخدذرزژسشصضطظعغفقکكگلمنوهیيىئءآأؤة\u200c")
_BEYOND_ASCII, _IN_LATIN_WORDS = (
    re.compile(rb"[\x80-\xff]+"),
    re.compile(rb"(?<=[A-Za-z])[\x80-\xff]+|[\x80-\xff]+(?=[A-Za-z])"),
)
_VALUE = re.compile(r"[\d۰-۹٠-٩./\-:\s]+")


@dataclass(frozen=True)
class Recognised:
    """A file's format and columns. ``places``: start (from 1) and width of each column of a fixed width file; ``lists``:
    lists inside the records of JSON, of which columns are places."""

    format: FileFormat
    names: tuple[str, ...]
    reasons: tuple[str, ...]
    places: tuple[tuple[int, int], ...] = ()
    lists: tuple[str, ...] = ()


def recognise(path: Path) -> Recognised:
    """Tell what a sample is.

    Raises:
        DeliveryCorrupt: it is of no format that is known here; says what was tried.
    """
    with unpacked(path) as source:
        first = source.read(HEAD_BYTES)
    for sign, recogniser in _BINARY:
        if first.startswith(sign):
            return recogniser(path)
    if first[0] in VERSIONS and (found := _dbf(path)):
        return found
    if first.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _xml(path)
    encoding, why = _encoding(path.name, first)
    lines = _lines(path.name, first, encoding)
    some = lines[:LOOKED_AT_LINES]
    text = (
        _json_lines(lines, encoding) or _json(path, lines, encoding) or _delimited(some, encoding) or _fixed(some, encoding)
    )
    if text:
        return replace(text, reasons=(why, *text.reasons))
    raise corrupt(
        path.name,
        "is neither Parquet, a workbook, DBF, XML, JSON, delimited nor fixed width text",
        "Look at its first lines; `databank feeds infer` reads the formats of docs/adding_a_feed.md.",
    )


def _parquet(path: Path) -> Recognised:
    with seekable(path) as file:
        names = pq.ParquetFile(file).schema_arrow.names
    return Recognised(FileFormat("parquet"), tuple(names), ("it begins as Parquet does",))


def _excel(path: Path) -> Recognised:
    """The sheet with most rows; its header is the row with most words, the first of several."""
    try:
        with seekable(path) as file:
            check_size(path.name, file)
            book = CalamineWorkbook.from_filelike(file)
            sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
            sheet = max(sheets, key=lambda each: each.total_height)
            rows = [row for _, row in zip(range(HEADER_ROWS), sheet.iter_rows(), strict=False)]
    except (CalamineError, ValueError) as error:
        raise corrupt(path.name, "is no workbook that can be read", "Ask for it unlocked, or as text.") from error
    if not rows:
        raise corrupt(path.name, "holds no rows", "Ask the agency for a sample with rows.")
    place = max(range(len(rows)), key=lambda n: (len({cell for cell in rows[n] if _is_word(cell)}), -n))
    first, last = _header_rows(sheet, rows, place)
    names = header_names(sheet, rows[: last + 1], first)
    said = [f"a workbook; the sheet with most rows is {sheet.name!r}"]
    if last > first:
        said.append(f"rows {first + 1} to {last + 1} are the header: cells are merged across them")
    elif place:
        said.append(f"row {place + 1} is the header: it holds most words")
    form = FileFormat("excel", sheet=sheet.name, header_row=last + 1, header_rows=last - first + 1)
    return Recognised(form, tuple(names), tuple(said))


def _header_rows(sheet: CalamineSheet, rows: Sequence[Sequence[object]], place: int) -> tuple[int, int]:
    """First and last row of a header, one of which is known: those that a cell merged with it spans, and a row above it
    in which cells are merged over some of its columns. One that is merged over most of them and alone in its row is a title.
    """
    first = last = place
    merged = list(merged_cells(sheet))
    for (top, _), (bottom, _) in merged:
        if top <= place <= bottom:
            first, last = min(first, top), max(last, bottom)
    spans = [right - left + 1 for (top, left), (bottom, right) in merged if top == bottom == first - 1 and right > left]
    width = sheet.end[1] + 1 if sheet.end else 0
    is_title = sum(map(_is_word, rows[first - 1])) == 1 and 2 * max(spans, default=0) > width
    return (first - 1 if spans and max(spans) < width and not is_title else first), last


_BINARY: tuple[tuple[bytes, Callable[[Path], Recognised]], ...] = (
    (b"PAR1", _parquet),
    (b"PK\x03\x04", _excel),
    (b"\xd0\xcf\x11\xe0", _excel),
)


def _encoding(name: str, first: bytes) -> tuple[str, str]:
    if first.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", "UTF-8: it begins with that mark"
    for encoding in (*ENCODINGS, _one_byte(first)):
        try:
            transcode = Transcoder(name, encoding, first)
            text = transcode(first)
        except DeliveryCorrupt:
            continue
        if encoding == "utf-8" and not _is_utf_8(text):
            continue
        return encoding, _why(encoding, first, text)
    raise corrupt(name, f"is none of {', '.join((*ENCODINGS, *ONE_BYTE))}", "Ask the agency for its encoding.")


def _one_byte(first: bytes) -> str:
    """The encoding of one byte a letter: a Latin one where what is beyond ASCII mostly stands inside Latin words."""
    sample = first[:LOOKED_AT_BYTES]
    if 2 * len(_IN_LATIN_WORDS.findall(sample)) > len(_BEYOND_ASCII.findall(sample)):
        return LATIN
    return max(ONE_BYTE, key=lambda each: (_letters(first, each), -ONE_BYTE.index(each)))


def _why(encoding: str, first: bytes, text: bytes) -> str:
    if first.isascii():
        return "ASCII"
    if encoding == LATIN:
        return f"{encoding}: letters with accents stand inside Latin words; where others come out, cp1250 or cp1254: CHECK"
    persian = not LETTERS.isdisjoint(text[:LOOKED_AT_BYTES].decode("utf-8", "replace"))
    return f"{encoding}: all of it is legal" + (", and Persian letters come out" if persian else "")


def _letters(data: bytes, encoding: str) -> float:
    """Which share of the bytes beyond ASCII would be Persian letters in an encoding."""
    beyond = bytes(byte for byte in data[:LOOKED_AT_BYTES] if byte >= 0x80)
    text = beyond.decode(encoding, "replace")
    return sum(letter in LETTERS for letter in text) / max(1, len(text))


def _is_utf_8(data: bytes) -> bool:
    """Whether illegal bytes are few beside letters of more than one byte: single rows may be spoilt."""
    text = codecs.utf_8_decode(data, "replace", False)[0]
    illegal = text.count("\ufffd")
    return illegal <= MAX_ILLEGAL_RATIO * sum(not character.isascii() for character in text)


def _lines(name: str, first: bytes, encoding: str) -> list[str]:
    text = Transcoder(name, encoding, first)(first).decode("utf-8", "replace").lstrip("\ufeff")
    lines = text.splitlines()
    whole = lines[:-1] if len(first) == HEAD_BYTES and len(lines) > 1 else lines
    return [line for line in whole if line.strip()]


def _json_lines(lines: Sequence[str], encoding: str) -> Recognised | None:
    """Keys may be absent from most lines, so all of them are looked at."""
    values = [_object(line) for line in lines]
    whole = [value for value in values if value is not None]
    if len(whole) < len(values) or (len(lines) == 1 and any(_is_list_of_objects(each) for each in whole[0].values())):
        return None
    record = list_in_lines(whole)
    paths = with_lists(found for each in whole for found in (paths_of_list(each, record) if record else paths_in(each)))
    said = f"each line is a JSON object; its list {record} holds the records" if record else "each line is a JSON object"
    return _of_paths(FileFormat("jsonl", encoding=encoding, record=record), paths, said) if paths else None


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _json(path: Path, lines: Sequence[str], encoding: str) -> Recognised | None:
    if lines[0].lstrip()[:1] not in ("[", "{"):
        return None
    record, paths = json_records(path, encoding)
    said = f"a JSON document; its records are the list {record}" if record else "a JSON document that is a list of records"
    return _of_paths(FileFormat("json", encoding=encoding, record=record), paths, said)


def _of_paths(form: FileFormat, paths: Mapping[str, bool], said: str) -> Recognised:
    lists = tuple(path for path, is_list in paths.items() if is_list)
    names = tuple(path for path, is_list in paths.items() if not is_list)
    more = [f"the first {MOST_PLACES} of a list inside a record are columns, as {path}.0" for path in lists[:1]]
    return Recognised(form, names, (said, *more), lists=lists)


def _xml(path: Path) -> Recognised:
    record, names = xml_records(path)
    said = f"an XML document; its records are the elements {record}, the nearest to the root that repeat"
    return Recognised(FileFormat("xml", record=record), names, (said,))


def _dbf(path: Path) -> Recognised | None:
    try:
        with unpacked(path) as source:
            table = DbfTable(path.name, source)
    except DeliveryCorrupt:
        return None
    names = tuple(name for name in table.names if table.fields[name].type in TYPES)
    said = ("a DBF table", "the encoding of each field is told by its values, whatever the header claims")
    return Recognised(FileFormat("dbf", encoding=DETECTED), names, said)


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _delimited(lines: Sequence[str], encoding: str) -> Recognised | None:
    found = division(lines)
    if found is None:
        return None
    rows = [row for row in found.rows if len(row) == found.evenness[1]]
    form = FileFormat("delimited", encoding, found.delimiter, found.quote, found.escape)
    first = [cell.strip() for cell in rows[0]]
    if has_header(first, rows[1:]):
        known = sum(known_header(cell) for cell in first)
        told = f"the first line is a header: {known} of its cells are known words"
        return Recognised(form, tuple(first), (found.told, told))
    names = tuple(f"column_{number}" for number in range(1, len(first) + 1))
    return Recognised(
        replace(form, header=False), names, (found.told, "no header: the first line holds values as others do")
    )


def _fixed(lines: Sequence[str], encoding: str) -> Recognised | None:
    ratio, width = even(list(map(len, lines)))
    if ratio < MIN_EVEN_RATIO or width < 2:
        return None
    whole = [line for line in lines if len(line) == width]
    places = columns_of(whole)
    names = tuple(f"column_{number}" for number in range(1, len(places) + 1))
    said = f"fixed width: {ratio:.0%} of the lines have {width} characters; columns are cut where the kind of text changes"
    doubts = [
        f"characters {first} to {last} are digits, and another number may begin at {' or '.join(map(str, at))}: CHECK"
        for first, last, at in joints(whole, places)
    ]
    return Recognised(FileFormat("fixed", encoding=encoding, header=False), names, (said, *doubts), places)


def has_header(cells: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a first line names columns: most of its cells are words that headers use; or all differ, none is empty or a
    value, and the lines below have values. In doubt it is none: a draft must not show people's names as those of columns.
    """
    if sum(known_header(cell) for cell in cells) * 2 >= len(cells):
        return True
    is_like_one = all(cells) and len(set(cells)) == len(cells) and not any(_VALUE.fullmatch(cell) for cell in cells)
    return is_like_one and any(_VALUE.fullmatch(cell.strip()) for row in others for cell in row if cell.strip())


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip()) and not _VALUE.fullmatch(cell)
