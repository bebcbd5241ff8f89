"""How one name comes to be written in many ways: conventions of a keyboard or a clerk, and real typing mistakes.

A written form is a *spelling*: the name, the honorific before it, a style (letters, spacing, hamza) and at most one mistake
with a variant. Each distinct spelling is computed once, then taken by index: a nation's records hold few distinct names.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from synthetic.chance import Ints, Mask

HONORIFICS = ("", "سید", "سیده", "حاج")
#: Mistakes, in the order of their numbers from 1; each is a ``NoiseRates`` field ``name_<mistake>``.
MISTAKES = (
    "homophone", "dot", "dropped_letter", "doubled_letter", "swapped_letters", "other_letter", "dropped_part", "initial",
    "blanks", "transliterated",
)  # fmt: skip
VARIANTS = 8
LETTERS, SPACED, JOINED, HAMZA = 1, 2, 4, 8
STYLES = 16
ZWNJ = "\u200c"
HEADS = (
    "محمد",
    "امیر",
    "غلام",
    "عبدال",
    "علی",
    "حسین",
    "فاطمه",
    "زهرا",
    "نازنین",
    "بی‌بی",
    "میر",
    "شاه",
    "حسن",
    "رمضان",
    "قربان",
)
TAILS = ("زاده", "پور", "نژاد", "نیا", "فر", "فرد", "وند", "آبادی", "خانی", "بیگی", "قلی")
HOMOPHONES = ("سصث", "زذضظ", "تط", "هح", "غق", "اعآ", "یئ")
DOTS = ("بپتثن", "جچحخ", "دذ", "رزژ", "سش", "صض", "طظ", "عغ", "فق", "کگ")
ALPHABET = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
LATIN = {
    "ا": "a", "آ": "a", "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "z",
    "ر": "r", "ز": "z", "ژ": "j", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f",
    "ق": "q", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "o", "ه": "h", "ی": "i", "ئ": "e", ZWNJ: "", " ": " ",
}  # fmt: skip
LATIN_HABITS = (("gh", "q"), ("i", "ee"), ("o", "oo"), ("kh", "x"), ("a", "aa"), ("mhmd", "mohammad"), ("hsin", "hossein"))


@dataclass(frozen=True)
class Spelled:
    """Names as written, and for each whether it differs from the pool's form, by what first changed it."""

    texts: pa.Array
    is_changed: Mask


def spelled(pool: Sequence[str], name: Ints, honorific: Ints, style: Ints, mistake: tuple[Ints, Ints]) -> Spelled:
    """Written forms of names.

    Args:
        pool: all names; ``name`` indexes it.
        honorific, style: numbers as declared above.
        mistake: kind (0 none) and variant of each.
    """
    kind, variant = mistake
    base = len(MISTAKES) + 1
    key = (((name * len(HONORIFICS) + honorific) * STYLES + style) * base + kind) * VARIANTS + np.where(kind > 0, variant, 0)
    distinct, place = np.unique(key, return_inverse=True)
    forms, changed = [], np.zeros(len(distinct), dtype=np.bool_)
    for row, number in enumerate(distinct.tolist()):
        number, variant_no = divmod(number, VARIANTS)
        number, kind_no = divmod(number, base)
        number, style_no = divmod(number, STYLES)
        name_no, honorific_no = divmod(number, len(HONORIFICS))
        true = pool[name_no]
        form = styled(mistaken(true, kind_no, variant_no), style_no)
        if honorific_no:
            form = f"{HONORIFICS[honorific_no]} {form}"
        forms.append(form)
        changed[row] = form != (f"{HONORIFICS[honorific_no]} {true}" if honorific_no else true)
    return Spelled(pa.array(forms, pa.string()).take(pa.array(place)), changed[place])


def styled(text: str, style: int) -> str:
    """A name in a style; a style that does not apply changes nothing."""
    if style & SPACED:
        text = _parted(text).replace(ZWNJ, " ")
    elif style & JOINED:
        text = text.replace(ZWNJ, "")
    if style & HAMZA:
        text = (
            text.replace("ئی", "یی").replace("ئ", "ی").replace("آ", "ا").replace("أ", "ا")
            if "ئ" in text or "آ" in text
            else (text.replace("یی", "ئی"))
        )
    if style & LETTERS:
        text = text.replace("ی", "ي").replace("ک", "ك")
    return text


@cache
def _parted(text: str) -> str:
    """A compound name with its parts apart."""
    if ZWNJ in text or " " in text:
        return text
    for head in HEADS:
        rest = text[len(head) :]
        if text.startswith(head) and len(rest) >= 3 and not rest.startswith(("ی", "ه")):
            return f"{head}{ZWNJ}{rest}"
    for tail in TAILS:
        if text.endswith(tail) and len(text) - len(tail) >= 3:
            return f"{text[: -len(tail)]}{ZWNJ}{tail}"
    return text


def mistaken(text: str, kind: int, variant: int) -> str:
    """A name with one mistake; equal arguments give equal mistakes."""
    if kind == 0 or len(text) < 2:
        return text
    return _MAKERS[MISTAKES[kind - 1]](text, zlib.crc32(f"{text}/{kind}/{variant}".encode()))


# Makers take the name and a number of chance; ``chance // n`` with different n picks independently enough.


def _replaced(text: str, chance: int, groups: Sequence[str]) -> str:
    places = [(i, group) for i, letter in enumerate(text) for group in groups if letter in group]
    if not places:
        return text
    place, group = places[chance % len(places)]
    others = group.replace(text[place], "")
    return text[:place] + others[chance // 101 % len(others)] + text[place + 1 :]


def _homophone(text: str, chance: int) -> str:
    return _replaced(text, chance, HOMOPHONES)


def _dot(text: str, chance: int) -> str:
    return _replaced(text, chance, DOTS)


def _dropped_letter(text: str, chance: int) -> str:
    place = chance % len(text)
    return text if len(text) < 3 else text[:place] + text[place + 1 :]


def _doubled_letter(text: str, chance: int) -> str:
    place = chance % len(text)
    return text[: place + 1] + text[place:]


def _swapped_letters(text: str, chance: int) -> str:
    place = chance % (len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _other_letter(text: str, chance: int) -> str:
    place = chance % len(text)
    return text[:place] + ALPHABET[chance // 101 % len(ALPHABET)] + text[place + 1 :]


def _dropped_part(text: str, chance: int) -> str:
    parts = _parted(text).replace(ZWNJ, " ").split(" ")
    if len(parts) < 2:
        return text
    return parts[0] if chance % 5 < 3 and len(parts[0]) > 2 else parts[-1]


def _initial(text: str, chance: int) -> str:
    return text[0] + "."


def _blanks(text: str, chance: int) -> str:
    return (f" {text}", f"{text} ", f"{text}  ", text.replace(" ", "  "))[chance % 4]


def _transliterated(text: str, chance: int) -> str:
    """Most of them other vowels or consonants, as a second clerk hears the name; the rest in Latin letters."""
    if chance % 10 < 7:
        vowels = [i for i, letter in enumerate(text) if letter in "اوی" and 0 < i < len(text) - 1]
        if vowels and chance // 11 % 5 < 3:
            place = vowels[chance // 101 % len(vowels)]
            return text[:place] + text[place + 1 :]
        return _replaced(text, chance // 11, ("غق", "وف", "هح", "یا", "کخ"))
    latin = "".join(LATIN.get(letter, "") for letter in text)
    old, new = LATIN_HABITS[chance // 11 % len(LATIN_HABITS)]
    return latin.replace(old, new).title()


_MAKERS: dict[str, Callable[[str, int], str]] = {name: globals()[f"_{name}"] for name in MISTAKES}
