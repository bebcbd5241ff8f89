"""JSON documents: a list of records somewhere inside, streamed; numbers keep their digits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson
import numpy as np

from connectors.readers import limits
from connectors.readers.batch import RawBatch
from connectors.readers.columns import breach
from connectors.readers.encodings import Transcoder
from connectors.readers.jsonl import SEPARATOR
from connectors.readers.nested import Rows, is_writable, text_of
from connectors.readers.unpack import Source, check_not_packed, corrupt, unpacked
from hub.progress import Progress
from schemas.feed import Layout

ITEM, PIECE_BYTES = "item", 1 << 16


class Portioned:
    """A file for a parser that asks for bytes: in UTF-8, never deep, and never more between two records than one may have.

    The parser keeps the path of every value, so that depth alone could fill the memory. ``is_new_record`` is to be called
    with each record that came out. ``has_escapes``: letters were spelt by number, which can spell half a letter.
    """

    def __init__(self, source: Source, encoding: str) -> None:
        self.source = source
        self._first: bytes | None = source.read(PIECE_BYTES)
        check_not_packed(source.name, self._first)
        self._transcoded = Transcoder(source.name, encoding, self._first)
        self._since = self._depth = 0
        self._is_in_text = self.has_escapes = False
        self._half = b""

    def read(self, size: int) -> bytes:
        """Some bytes; none at the end. A parser asks for none at all to see what it will be given."""
        if not size:
            return b""
        piece, self._first = self.source.read(PIECE_BYTES) if self._first is None else self._first, None
        self._since += len(piece)
        if self._since > limits.MAX_RECORD_BYTES:
            raise corrupt(self.source.name, "has a record without end", "Ask the agency what this file is.")
        text = self._transcoded(piece)
        self._check_depth(text)
        return text

    def _check_depth(self, text: bytes) -> None:
        text = self._half + text
        self.has_escapes = self.has_escapes or b"\\u" in text
        self._half = b"\\" if (len(text) - len(text.rstrip(b"\\"))) % 2 else b""
        signs = np.frombuffer(text.replace(b"\\\\", b"").replace(b'\\"', b""), np.uint8)
        if not len(signs):
            return
        is_in_text = ((signs == ord('"')).cumsum() + self._is_in_text) % 2 == 1
        opens, closes = (signs == ord("[")) | (signs == ord("{")), (signs == ord("]")) | (signs == ord("}"))
        steps = np.where(is_in_text, 0, opens.astype(np.int64) - closes)
        depths = self._depth + steps.cumsum()
        if depths.max() > limits.MAX_DEPTH:
            raise corrupt(self.source.name, f"nests more than {limits.MAX_DEPTH} values", "Ask what this file is.")
        self._depth, self._is_in_text = int(depths[-1]), bool(is_in_text[-1])

    def is_new_record(self) -> None:
        """A record has ended."""
        self._since = 0


def read_json(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of a JSON document; line numbers are record numbers. A fault of the document ends it: it has no lines."""
    rows, record = Rows(path.name, layout, SEPARATOR), layout.format.record
    with unpacked(path, layout.format.member) as source:
        portions, number = Portioned(source, layout.format.encoding), 0
        try:
            for value in ijson.items(portions, _prefix(record), map_type=_Members, buf_size=PIECE_BYTES):
                number += 1
                portions.is_new_record()
                _take(rows, number, value, portions.has_escapes)
                if len(rows) == limits.BATCH_ROWS:
                    yield rows.batch()
                    progress(f"read {path.name}", source.position, source.total)
        except (ijson.JSONError, ValueError, ArithmeticError) as error:
            what = f"is no JSON or is cut, after record {number} ({type(error).__name__})"
            raise corrupt(path.name, what, "Ask the agency to send it again.") from error
        yield rows.batch()
    rows.check_seen()
    if not number:
        _check_there(path, layout)


def _prefix(record: str) -> str:
    return f"{record}{SEPARATOR}{ITEM}" if record else ITEM


def _check_there(path: Path, layout: Layout) -> None:
    """Tell an empty list from none: a document of another shape is no delivery without rows."""
    record = layout.format.record
    with unpacked(path, layout.format.member) as source:
        events = ijson.parse(Portioned(source, layout.format.encoding), buf_size=PIECE_BYTES)
        if any(prefix == record and event == "start_array" for prefix, event, _ in events):
            return
    raise breach(f"{path.name} has no list {record or 'of records'}", "Mend the contract's record, or ask the agency")


class _Members(dict[str, Any]):
    """An object while it is read: remembers whether a key came twice."""

    is_repeated = False

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self or getattr(value, "is_repeated", False):
            self.is_repeated = True
        super().__setitem__(key, value)


def _take(rows: Rows, number: int, value: Any, has_escapes: bool) -> None:
    if not isinstance(value, _Members):
        rows.set_aside(number, "not_an_object", _shown(value))
    elif has_escapes and not is_writable(value):
        rows.set_aside(number, "illegal_byte", _shown(value))
    elif value.is_repeated or (flat := rows.flat(value)) is None:
        rows.set_aside(number, "repeated_key", _shown(value))
    else:
        rows.add(number, flat)


def _shown(value: Any) -> str:
    return (text_of(value) or "").encode("utf-8", "replace").decode()
