"""Declared encodings to UTF-8; a wrong declaration is found out, not loaded as mojibake.

What is illegal in the declared encoding stays illegal in the UTF-8 that comes out, so that one check downstream finds
the rows concerned.
"""

from __future__ import annotations

import codecs

from connectors.readers import limits
from connectors.readers.unpack import corrupt
from hub.errors import ContractError, DeliveryCorrupt
from schemas.text_formats import KNOWN_ENCODINGS, WIDE, text_encoding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Alef and Persian yeh in UTF-8, read as cp1256: letters followed by signs that no Persian text holds.
FOREIGN_MARKS = {"cp1256": tuple(letter.encode().decode("cp1256").encode() for letter in "ای")}
SHIFTED = ("utf-7", "hz", "iso2022")
"""Encodings that write other letters in ASCII."""
_ASCII = bytes(range(128))
ILLEGAL, _HALF_LETTER = "databank.illegal", "\udcff"
"""What is illegal is decoded as half a letter, which is illegal in UTF-8 too."""
codecs.register_error(ILLEGAL, lambda error: (_HALF_LETTER, getattr(error, "end", 0)))


class Transcoder:
    """Turns pieces of a file into UTF-8.

    Args:
        name: file name for messages.
        declared: the contract's encoding.
        first: the first piece of the file; decides about byte order marks and whether the declaration can be true.

    Raises:
        DeliveryCorrupt: the file is in another encoding; says which, as far as can be told.
        ContractError: an encoding that we do not know.
    """

    def __init__(self, name: str, declared: str, first: bytes) -> None:
        self.name = name
        self.encoding = _known(name, declared)
        found, self._skip = _byte_order_mark(first)
        if found and not (found == self.encoding or found.startswith(f"{self.encoding}-")):
            raise self._wrong(found)
        if self.encoding in WIDE:
            if b"\0" not in first:
                raise self._wrong(_other(first))
            self.encoding = found or _byte_order(self.encoding, first)
        elif _is_utf16(first):
            raise self._wrong("utf-16")
        elif self.encoding == "utf-8" and _is_mostly_illegal(first):
            raise self._wrong("cp1256")
        self._is_ascii_like = _is_ascii_like(self.encoding)
        self._decoder = codecs.getincrementaldecoder(self.encoding)(ILLEGAL)
        self._between_letters = self._decoder.getstate()

    def __call__(self, piece: bytes) -> bytes:
        """The next piece in UTF-8; an empty piece ends the file."""
        if self._skip:
            piece, self._skip = piece[self._skip :], 0
        is_between_letters = self._decoder.getstate() == self._between_letters
        if self.encoding == "utf-8" or (self._is_ascii_like and is_between_letters and piece.isascii()):
            return piece
        if self.encoding not in WIDE and _is_utf8(piece):
            raise self._wrong("utf-8")
        return self._decoder.decode(piece, not piece).encode("utf-8", "surrogatepass")

    def _wrong(self, found: str) -> DeliveryCorrupt:
        return corrupt(
            self.name,
            f"is declared as {self.encoding} but is {found}",
            f"Ask the agency to send {self.encoding}, or declare {found} in the contract if it will stay so.",
        )


def _known(name: str, declared: str) -> str:
    known = text_encoding(declared)
    if known is None:
        raise ContractError(
            f"The contract for {name} declares the encoding {declared!r}, which no reader knows; nothing was read.",
            hint=f"Use {KNOWN_ENCODINGS}.",
        )
    return known


def _byte_order_mark(first: bytes) -> tuple[str | None, int]:
    return next(((encoding, len(bom)) for bom, encoding in _BOMS if first.startswith(bom)), (None, 0))


def _byte_order(declared: str, first: bytes) -> str:
    """Which end of a character comes first: the other one is mostly zero."""
    if declared not in ("utf-16", "utf-32"):
        return declared
    size = 2 if declared == "utf-16" else 4
    return f"{declared}-le" if first[size - 1 :: size].count(0) >= first[::size].count(0) else f"{declared}-be"


def _is_ascii_like(encoding: str) -> bool:
    """Whether ASCII is itself in an encoding, whatever stands before it."""
    return not encoding.startswith(SHIFTED) and _ASCII.decode(encoding, "replace") == _ASCII.decode("ascii")


def _is_utf16(first: bytes) -> bool:
    # Delimiters, digits and line ends have a zero half in UTF-16, always the same half; other text has no zero at all.
    zeros = sorted((first[::2].count(0), first[1::2].count(0)))
    return zeros[1] >= limits.MIN_ZERO_HALVES and zeros[1] * 20 > len(first) and zeros[0] * 10 < zeros[1]


def _is_utf8(piece: bytes) -> bool:
    """Whether a piece, cut anywhere, is UTF-8 with real multi-byte characters."""
    start = next((i for i in range(min(4, len(piece))) if piece[i] & 0xC0 != 0x80), 0)
    try:
        text = codecs.utf_8_decode(piece[start:], "strict", False)[0]
    except UnicodeDecodeError:
        return False
    return len(piece) - start - len(text) >= limits.MIN_MULTIBYTE_CHARACTERS


def _is_mostly_illegal(first: bytes) -> bool:
    try:
        codecs.utf_8_decode(first, "strict", False)
    except UnicodeDecodeError:
        text = codecs.utf_8_decode(first, "replace", False)[0]
        illegal = text.count("\ufffd")
        other = sum(not character.isascii() for character in text)
        return illegal >= limits.MIN_ILLEGAL_BYTES and illegal > limits.MAX_ILLEGAL_RATIO * other
    return False


def _other(first: bytes) -> str:
    return "utf-8" if first.isascii() or _is_utf8(first) else "cp1256"
