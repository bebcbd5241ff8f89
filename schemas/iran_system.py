"""Iran System: the code page of Persian programs under DOS, in logical text and back.

A byte is the drawn form of a letter, and a value lies in visual order: what is read first stands last. Numbers and Latin
words inside it run the other way and are kept. A joining letter in its last form in mid-word stands for a break without a
space (ZWNJ).

Source: ``schemas/codes/iran_system_encoding.csv``.
"""

from __future__ import annotations

import re
from functools import cache

from schemas.letters import iran_system

NAME = "iran-system"
BREAK = "\u200c"
LAM_ALEF = "لا"
#: Stands for لا, which is drawn as one, while a text is encoded.
_LIGATURE = "\ufefb"
_YEH = "ی"
#: Letters that do not join to the next one, and the one that joins to none.
_ENDING = frozenset("آادذرزژو" + _LIGATURE)
_LONE = "ء"
_FORMS = ("isolated", "initial", "final", "medial")
#: What other code pages write, and Iran System has no place for: the letter that stands for it there.
_SPELT = str.maketrans(
    {"ي": _YEH, "ى": _YEH, "ك": "ک", "ة": "ه", "ۀ": "ه", "ۂ": "ه", "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "\u00a0": " "}
    | {chr(0x660 + digit): chr(0x6F0 + digit) for digit in range(10)}
    | dict.fromkeys(map(chr, range(0x64B, 0x656)), "")
)
_MIRRORED = str.maketrans("()[]{}<>", ")(][}{><")
_ONE = r"[0-9A-Za-z\x80-\x89]"
_WORD = rf"{_ONE}(?:[./,:'+_@&-]?{_ONE})*"
_LATIN_WORD = rf"(?:[0-9\x80-\x89][./,:'+_@&-]?)*[A-Za-z](?:[./,:'+_@&-]?{_ONE})*"
# Left to right: digits and Latin letters, with single marks within; words with a Latin letter also with blanks between them.
# It must read the same backwards, so that encoding undoes decoding: what a word holds counts, not what stands at its end.
_RUN = re.compile(rf"{_LATIN_WORD}(?: +{_LATIN_WORD})*|{_WORD}")


def decode(data: bytes) -> str:
    """The logical text of a value. Every byte means something, so that nothing fails."""
    drawn = data.decode("latin-1")
    letter, joined_last = _patterns()
    if letter.search(drawn) is None:
        return drawn.translate(_texts())
    return joined_last.sub(rf"\g<0>{BREAK}", _turned(drawn)).translate(_texts())


def encode(text: str, errors: str = "strict") -> bytes:
    """A value in visual order.

    Args:
        errors: ``strict``, or ``replace`` for a question mark in place of what the code page does not have.

    Raises:
        UnicodeEncodeError: a character has no place, and errors is strict.
    """
    spelt = text.translate(_SPELT).replace(LAM_ALEF, _LIGATURE)
    drawn = "".join(chr(_byte(spelt, place, errors)) for place, char in enumerate(spelt) if char != BREAK)
    letter, _ = _patterns()
    return (_turned(drawn) if letter.search(drawn) else drawn).encode("latin-1")


def _turned(drawn: str) -> str:
    """Visual to logical order, and the other way round."""
    return _RUN.sub(lambda run: run.group()[::-1], drawn[::-1].translate(_MIRRORED))


def _byte(spelt: str, place: int, errors: str) -> int:
    char = spelt[place]
    if char.isascii():
        return ord(char)
    forms = _bytes().get(char)
    if forms is None:
        if errors == "replace":
            return ord("?")
        raise UnicodeEncodeError(NAME, spelt, place, place + 1, "has no place in the code page")
    before = spelt[place - 1] if place else ""
    after = spelt[place + 1 : place + 2]
    joins_before = _is_letter(before) and before not in _ENDING and before != _LONE and char != _LONE
    joins_after = _is_letter(after) and after != _LONE and char not in _ENDING and char != _LONE
    if char == _YEH and not joins_after and _is_letter(before):
        return forms["final"]  # also after a letter that does not join: so real files have it
    return forms[_FORMS[joins_after + 2 * joins_before]]


def _is_letter(char: str) -> bool:
    return char in _bytes() and char.isalpha()


@cache
def _texts() -> dict[int, str]:
    return {each.byte: each.text.replace("\u00a0", " ") for each in iran_system()}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Any letter; and a letter that would join but is drawn as the last of its word, before another letter."""
    drawn = [each for each in iran_system() if each.category == "letter"]
    joining = "".join(chr(each.byte) for each in drawn if each.text != _LONE)
    lasts = "".join(
        chr(each.byte)
        for each in drawn
        if each.form in ("isolated", "final", "final/isolated") and each.text not in (*_ENDING, LAM_ALEF)
    )
    return re.compile("[" + "".join(chr(each.byte) for each in drawn) + "]"), re.compile(f"[{lasts}](?=[{joining}])")


@cache
def _bytes() -> dict[str, dict[str, int]]:
    """By character, the byte of each of its forms."""
    found: dict[str, dict[str, int]] = {}
    for each in iran_system():
        if each.category != "box_drawing":
            forms = each.form.split("/") if each.form in _FORMS or "/" in each.form else _FORMS
            found.setdefault(each.text.replace(LAM_ALEF, _LIGATURE), {}).update(dict.fromkeys(forms, each.byte))
    found.pop(" ", None)
    return found
