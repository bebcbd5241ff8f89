"""A phonetic key that Persian spelling and its Latin transliterations share.

Persian writes consonants and long vowels; Latin spellings write all vowels, each in its own way. The key keeps what both
keep: consonant groups that sound alike, ``y`` and ``v`` as written, an initial vowel, a final ``a``. So رضائی, رضایی and
Rezaei meet, and حسن, حسین do not. Names in other scripts sound as their Latin transliteration does, so that 王 and Wang,
Сергей and Sergei meet.

Source: groups of letters and vowel rules are ours, from the alphabet; other scripts as text-unidecode writes them.
"""

from __future__ import annotations

import re

from text_unidecode import unidecode

_GROUPS = {
    "s": "سصث", "z": "زذضظ", "t": "تط", "h": "هح", "q": "غق", "a": "اعآ", "y": "یئ", "v": "وؤ", "b": "ب", "p": "پ",
    "j": "جژ", "c": "چ", "x": "خ", "d": "د", "r": "ر", "$": "ش", "f": "ف", "k": "ک", "g": "گ", "l": "ل", "m": "م", "n": "ن",
}  # fmt: skip
_PERSIAN = str.maketrans({letter: sound for sound, letters in _GROUPS.items() for letter in letters})
_IS_PERSIAN = re.compile(r"[\u0600-\u06ff]")
# In order: digraphs before letters. Of the commonest name the Arabic spelling has a vowel that Persian does not write.
_LATIN = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^fatimah?", "fatemeh"), (r"(?<![aeou])(?:iy+|y|i)eh?$|(?<=a)yeh?$", "yh"), (r"(?<=.)eh?$", ""), (r"kh", "x"),
        (r"gh", "q"), (r"sh", "$"), (r"tch|ch", "c"), (r"zh", "j"), (r"ph", "f"), (r"ck", "k"), (r"th", "t"), (r"w", "v"),
        (r"^[aeiou]+", "A"), (r"ou|oo", "v"), (r"ee|ei|ey|ay|ai|i", "y"),
        (r"a+$", "A"), (r"[aeou']", ""), (r"A", "a"),
    )
]  # fmt: skip
# Final heh is silent, except in -ieh and in the name of God.
_SILENT_HEH = re.compile(r"(?<!^)(?<!ی)(?<!لل)ه$")
# ایران begins with one vowel written as two letters.
_INITIAL_VOWEL = re.compile(r"^a[yv](?=.)")
_DOUBLED = re.compile(r"(.)\1+")


def phonetic_key(key: str | None) -> str | None:
    """Phonetic key of a match key (see ``matching.persian.match_key``); None stays None."""
    if not key:
        return None
    sounds = _persian(key) if _IS_PERSIAN.search(key) else _latin(key if key.isascii() else _transliterated(key))
    return _DOUBLED.sub(r"\1", sounds) or key


def _persian(key: str) -> str:
    sounds = key.translate(_PERSIAN)
    if _SILENT_HEH.search(key):
        sounds = sounds[:-1]
    sounds = _INITIAL_VOWEL.sub("a", sounds)
    final = "a" if key.endswith("ا") and len(sounds) > 1 else ""
    return sounds[:1] + sounds[1:].replace("a", "") + final


def _transliterated(key: str) -> str:
    return "".join(filter(str.isalpha, unidecode(key).casefold()))


def _latin(key: str) -> str:
    for pattern, sound in _LATIN:
        key = pattern.sub(sound, key)
    return key
