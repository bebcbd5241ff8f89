"""XML: records streamed by expat; a document that declares a type, and with it texts to be put in, is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from connectors.readers import limits
from connectors.readers.batch import RawBatch
from connectors.readers.columns import breach
from connectors.readers.nested import Rows
from connectors.readers.unpack import check_not_packed, corrupt, unpacked
from hub.progress import Progress
from schemas.feed import Layout

SEPARATOR, ATTRIBUTE, OWN_TEXT = "/", "@", "."
PIECE_BYTES = 1 << 16
_NAMESPACE_END = " "
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def read_xml(path: Path, layout: Layout, progress: Progress) -> Iterator[RawBatch]:
    """Rows of an XML document; line numbers are record numbers. A column is a path below the record: ``name/first``,
    ``@id``, ``phone/@kind``, ``.`` for the record's own text. Namespaces do not count. The document's own declaration says
    its encoding. A fault of the document ends it.
    """
    rows = Rows(path.name, layout, SEPARATOR)
    document = Document(rows, layout)
    with unpacked(path, layout.format.member) as source:
        while piece := source.read(PIECE_BYTES):
            check_not_packed(path.name, piece)
            document.feed(piece)
            if len(rows) >= limits.BATCH_ROWS:
                yield rows.batch()
                progress(f"read {path.name}", source.position, source.total)
        document.feed(b"")
        yield rows.batch()
    rows.check_seen()
    document.check_there()


class Document:
    """One document on its way to rows: where in it the parser is, and the record that it is in.

    Raises:
        DeliveryCorrupt: it is not well formed, declares a document type, nests too deeply, or has a record without end.
    """

    def __init__(self, rows: Rows, layout: Layout) -> None:
        self.rows, self.record_path = rows, layout.format.record.strip(SEPARATOR)
        self.list_path = self.record_path.rpartition(SEPARATOR)[0]
        self.ignored = frozenset(layout.ignored)
        self.number, self.since, self.has_list = 0, 0, False
        self.steps: list[str] = []
        self.record: dict[str, str | None] | None = None
        self.is_repeated = False
        self.base = self.skipped_from = 0
        self.texts: list[list[str]] = []
        self.is_leaf = True
        self.parser = expat.ParserCreate(namespace_separator=_NAMESPACE_END)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes) -> None:
        """The next piece; an empty one ends the document."""
        self.since += len(piece)
        if self.since > limits.MAX_RECORD_BYTES:
            raise corrupt(self.rows.name, "has a record without end", "Ask the agency what this file is.")
        try:
            self.parser.Parse(piece, not piece)
        except (expat.ExpatError, ValueError, LookupError) as error:
            where = f"line {self.parser.CurrentLineNumber}, after record {self.number}"
            raise corrupt(
                self.rows.name, f"is no well-formed XML or is cut, in {where}", "Ask the agency to send it again."
            ) from error

    def check_there(self) -> None:
        """Tell an empty list from none: a document of another shape is no delivery without rows.

        Raises:
            ContractBreach: there is nothing where the contract says that records are.
        """
        if not (self.number or self.has_list):
            raise breach(
                f"{self.rows.name} has no element {self.record_path}", "Mend the contract's record, or ask the agency"
            )

    def _doctype(self, *_: object) -> None:
        raise corrupt(
            self.rows.name,
            "declares a document type, which may hold texts to be put in",
            "Ask the agency to leave the DOCTYPE out.",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.steps.append(name.rpartition(_NAMESPACE_END)[2])
        if len(self.steps) > limits.MAX_DEPTH:
            raise corrupt(self.rows.name, f"nests more than {limits.MAX_DEPTH} elements", "Ask what this file is.")
        if self.record is None:
            path = SEPARATOR.join(self.steps)
            self.has_list = self.has_list or path == self.list_path
            if path != self.record_path:
                return
            self.record, self.is_repeated, self.base, self.texts = {}, False, len(self.steps), []
        elif not self.skipped_from and self._path() in self.ignored:
            self.skipped_from = len(self.steps)
        self.is_leaf = True
        if self.skipped_from:
            return
        self.texts.append([])
        above = self._path()
        for key, value in attributes.items():
            space, _, local = key.rpartition(_NAMESPACE_END)
            if space != _INSTANCE:
                self._put(f"{above}{SEPARATOR}{ATTRIBUTE}{local}" if above else f"{ATTRIBUTE}{local}", value)

    def _text(self, text: str) -> None:
        if self.record is not None and not self.skipped_from:
            self.texts[-1].append(text)

    def _end(self, _: str) -> None:
        if self.record is not None:
            self._end_inside(self.record)
        self.steps.pop()

    def _end_inside(self, record: dict[str, str | None]) -> None:
        is_skipped = bool(self.skipped_from)
        if len(self.steps) == self.skipped_from:
            self.skipped_from = 0
            self._put(self._path(), None)
        if not is_skipped:
            text, path = "".join(self.texts.pop()), self._path()
            is_own = len(self.steps) == self.base
            if text.strip() or (self.is_leaf and not is_own and path not in self.rows.parents):
                self._put(OWN_TEXT if is_own else path, text)
        self.is_leaf = False
        if len(self.steps) == self.base:
            self._close(record)

    def _close(self, record: dict[str, str | None]) -> None:
        self.number += 1
        self.since = 0
        if self.is_repeated:
            self.rows.set_aside(self.number, "repeated_key", "\t".join(text or "" for text in record.values()))
        else:
            self.rows.add(self.number, record)
        self.record = None

    def _path(self) -> str:
        return SEPARATOR.join(self.steps[self.base :])

    def _put(self, path: str, text: str | None) -> None:
        assert self.record is not None
        if path in self.record and path not in self.ignored:
            self.is_repeated = True
        self.record[path] = text
