"""A row as a line of delimited text, as its format quotes and escapes."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.feed import FileFormat


def delimited_line(cells: Sequence[str | None], form: FileFormat) -> str:
    """The line of a row, with its end; '' and None are written as nothing."""
    if form.quote and len(cells) == 1 and not cells[0]:
        return form.quote * 2 + "\n"  # else the line would be blank, and no row
    return form.delimiter.join(_cell(text or "", form) for text in cells) + "\n"


def _cell(text: str, form: FileFormat) -> str:
    """A value as the format writes it: quoted, or with escapes, where it would else be taken for something else."""
    for sign in (form.escape, form.quote) if form.escape else ():
        text = text.replace(sign, form.escape + sign) if sign else text
    signs = {*form.delimiter, form.quote, "\n", "\r"} - {""}
    if not any(sign in text for sign in signs):
        return text
    if form.quote:
        return form.quote + (text if form.escape else text.replace(form.quote, form.quote * 2)) + form.quote
    for sign in (form.delimiter, "\n") if form.escape else ():
        text = text.replace(sign, form.escape + sign)
    return text
