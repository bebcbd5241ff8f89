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
        self.is_repeated = self.is_leaf = False
        self.skipped_depth = 0
        #: Of every open element of the record, the record itself first: its path, and the text in it so far.
        self.open: list[tuple[str, list[str]]] = []
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
        local = name.rpartition(_NAMESPACE_END)[2]
        if self.record is None:
            self._start_outside(local)
            if self.record is None:
                return
            path = ""
        elif self.skipped_depth:
            self.skipped_depth += 1
            self._check_depth(self.skipped_depth)
            return
        else:
            above = self.open[-1][0]
            path = f"{above}{SEPARATOR}{local}" if above else local
            if path in self.ignored:
                self.record[path] = None
                self.skipped_depth = 1
                return
        self.open.append((path, []))
        self._check_depth(len(self.open))
        self.is_leaf = True
        for key, value in attributes.items():
            space, _, attribute = key.rpartition(_NAMESPACE_END)
            if space != _INSTANCE:
                self._put(f"{path}{SEPARATOR}{ATTRIBUTE}{attribute}" if path else ATTRIBUTE + attribute, value)

    def _start_outside(self, local: str) -> None:
        self.steps.append(local)
        self._check_depth(len(self.steps))
        path = SEPARATOR.join(self.steps)
        self.has_list = self.has_list or path == self.list_path
        if path == self.record_path:
            self.record, self.is_repeated = {}, False

    def _text(self, text: str) -> None:
        if self.open and not self.skipped_depth:
            self.open[-1][1].append(text)

    def _end(self, _: str) -> None:
        if self.record is None:
            self.steps.pop()
        elif self.skipped_depth:
            self.skipped_depth -= 1
            self.is_leaf = False
        else:
            path, parts = self.open.pop()
            text = "".join(parts)
            if path and (self.is_leaf or not text.isspace()) and (text or (self.is_leaf and path not in self.rows.parents)):
                self._put(path, text)
            elif not path and text and not text.isspace():
                self._put(OWN_TEXT, text)
            self.is_leaf = False
            if not self.open:
                self._close(self.record)

    def _close(self, record: dict[str, str | None]) -> None:
        self.number += 1
        self.since = 0
        if self.is_repeated:
            self.rows.set_aside(self.number, "repeated_key", "\t".join(text or "" for text in record.values()))
        else:
            self.rows.add(self.number, record)
        self.record = None
        self.steps.pop()

    def _put(self, path: str, text: str | None) -> None:
        assert self.record is not None
        if path in self.record and path not in self.ignored:
            self.is_repeated = True
        self.record[path] = text

    def _check_depth(self, depth: int) -> None:
        if depth > limits.MAX_DEPTH:
            raise corrupt(self.rows.name, f"nests more than {limits.MAX_DEPTH} elements", "Ask what this file is.")
