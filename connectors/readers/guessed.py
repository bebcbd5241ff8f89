"""In which encoding a field of a DBF table is: told from its values, since what the header claims proves nothing.

Persian text in code page 1256 is full of bytes 0xB0 to 0xDF, which in Iran System only draw boxes. A value without them
that spells no Persian letters in code page 1256 is Iran System; where it would be text in both, the letters' forms decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from schemas import iran_system

CP1256, IRAN_SYSTEM, UTF_8 = "cp1256", iran_system.NAME, "utf-8"
_HIGH = frozenset(range(0x80, 0x100))
_BOXES = frozenset(range(0xB0, 0xE0))
_PERSIAN = frozenset("ابپتثجچحخدذرزژسشصضطظعغفقکكگلمنوهيىئءآأإؤة،؛؟ـ\u200c".encode(CP1256))
_UTF_8_LEADS = frozenset((0xD8, 0xD9, 0xDA, 0xDB))


def fitting(value: bytes) -> tuple[str, ...]:
    """The encodings, one or two, that a value with bytes above 0x7F may be in."""
    high = _HIGH.intersection(value)
    if high & _BOXES:
        return (UTF_8,) if high & _UTF_8_LEADS and _is_utf8(value) else (CP1256,)
    if not high <= _PERSIAN:
        return (IRAN_SYSTEM,)
    is_drawn = iran_system.encode(iran_system.decode(value), "replace") == value
    return (CP1256, IRAN_SYSTEM) if is_drawn else (CP1256,)


def told(values: Iterable[bytes]) -> Counter[str]:
    """How many values fit one encoding alone, by encoding."""
    fits = [fitting(value) for value in values]
    return Counter(each[0] for each in fits if len(each) == 1)


def likeliest(votes: Counter[str]) -> str | None:
    """The encoding with most votes; None without any."""
    return max(votes, key=lambda name: (votes[name], name)) if votes else None


def text_of(value: bytes, encoding: str) -> str:
    """The logical text of a value in an encoding that it fits."""
    return iran_system.decode(value).strip() if encoding == IRAN_SYSTEM else value.decode(encoding)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True
