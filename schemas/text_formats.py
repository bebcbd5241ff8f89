"""Text files as contracts declare them: encodings, and the marks that divide a line into values."""

from __future__ import annotations

import codecs

from schemas.document import Part

UTF_16 = ("utf-16", "utf-16-le", "utf-16-be")
WIDE = (*UTF_16, "utf-32", "utf-32-le", "utf-32-be")
"""Encodings whose every character takes several bytes, in an order that a mark or the declaration tells."""
KNOWN_ENCODINGS = "utf-8, cp1256, utf-16, cp1252, iso8859-6, or any other that Python knows by name"
NO_FILES = frozenset(("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"))
"""Names that Python knows of encodings in which no file is."""
LINE_ENDS, MOST_DELIMITER = "\n\r", 8
STAND_INS = "\x1e\x1f"
"""Characters that the reader puts in place of marks; no text holds them."""


def text_encoding(name: str) -> str | None:
    """The encoding of text that a name stands for; None where no reader knows it."""
    try:
        found = codecs.lookup(name).name.removesuffix("-sig").replace("_", "-")
        "".encode(found)
    except (LookupError, UnicodeError):
        return None
    return None if found in NO_FILES else found


def check_marks(part: Part) -> None:
    """Prove that the delimiter, quote and escape of a format can divide lines.

    Raises:
        ContractError: points to the one that cannot.
    """
    delimiter, quote, escape = (
        part[name].text(default) for name, default in (("delimiter", ","), ("quote", '"'), ("escape", ""))
    )
    if not 1 <= len(delimiter) <= MOST_DELIMITER or set(delimiter) & set(LINE_ENDS + STAND_INS):
        raise part["delimiter"].wrong(
            f"has no delimiter of 1 to {MOST_DELIMITER} characters within a line",
            'A tab is written "\\t", two bars "||"; a line end can be no delimiter.',
        )
    for name, mark, none in (
        ("quote", quote, 'quote: "" where values are never quoted'),
        ("escape", escape, 'escape: "\\\\"'),
    ):
        if len(mark) > 1 or not mark.isascii() or (mark in LINE_ENDS + STAND_INS and mark):
            raise part[name].wrong(f"has a {name} that is not one plain character", f"Write {none}.")
        if mark and mark in delimiter:
            raise part[name].wrong(f"has a {name} that is a part of the delimiter", "Correct the one that is wrong.")
    if escape and escape == quote:
        raise part["escape"].wrong(
            "has an escape that is the quote", "Leave the escape out: a quote inside quotes is written twice anyway."
        )
