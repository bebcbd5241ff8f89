"""Text rules: one match key for every way in which a name is written, honorifics apart, placeholders seen as nothing.

The rules are those of the Persian character map (yeh and kaf of both keyboards, heh and hamza variants, diacritics, tatweel,
ZWNJ, presentation forms); other scripts fall under Unicode's own folding, so Latin and accented names get keys too.
"""

from __future__ import annotations

import re
import unicodedata

_FOLDED = str.maketrans(
    {"ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ٱ": "ا", "ء": None, "ـ": None,
     "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}
)  # fmt: skip
_DISPLAYED = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "\u200d": None, "\u200e": None, "\u200f": None, "\ufeff": None}
)
_BREAK = re.compile(r"[\s\u200c\u200b_.,،؛;:/|\\()\-]+")
_SELECTORS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # how a letter is drawn
_VOWEL_PLACES = (0, 103, 118)  # classes of marks: most vowels have none, u below a Thai or Lao letter one of its own
_SPACE = re.compile(r"[^\S\u200c]+")

# Honorifics by match key, before and after the name: they may be part of the registered name, yet are dropped and added
# freely between agencies. In the other place they are names: گل آقا is no honorific.
BEFORE = frozenset(
    [
        "سید",
        "سیده",
        "حاج",
        "حاجی",
        "حاجیه",
        "کربلایی",
        "مشهدی",
        "ملا",
        "میرزا",
        "شیخ",
        "اقا",
        "اقای",
        "سرکار",
        "جناب",
        "خانم",
        "دکتر",
        "مهندس",
        "مرحوم",
        "مرحومه",
        "seyed",
        "seyyed",
        "sayed",
        "sayyed",
        "sayyid",
        "seyedeh",
        "seyyedeh",
        "haj",
        "haji",
        "hajj",
        "hajji",
        "hajjah",
        "hj",
        "bapak",
        "bpk",
        "ibu",
        "الحاج",
        "الحاجه",
        "الدکتور",
        "الدکتوره",
        "agha",
        "dr",
        "mr",
        "mrs",
        "ms",
        "นาย",
        "นาง",
        "นางสาว",
        "เด็กชาย",
        "เด็กหญิง",
        *"นสดชญ",  # of titles that are cut short, as ด.ช.
    ]
)
AFTER = frozenset(
    ["سادات", "السادات", "خان", "خانم", "بیگم", "sadat", "khan", "khanom", "khanum", "begum", "beigom", "beygom"]
)
# Nobody is called only so: where nothing else is written, the name itself is missing. (میرزا and بیگم are names as well.)
NEVER_ALONE = frozenset(
    ["سادات", "السادات", "سیده", "حاجیه", "اقای", "سرکار", "جناب", "دکتر", "مهندس", "مرحوم", "مرحومه", "sadat", "mr", "mrs",
     "ms", "hj", "bapak", "bpk", "الدکتور", "الدکتوره", "الحاجه"]
)  # fmt: skip
# Written without a space before the name: the only honorific that is, often; in Thai all of them are.
_JOINED, _JOINED_FEMALE = "سید", "سیده"
_JOINED_THAI = ("นางสาว", "เด็กหญิง", "เด็กชาย", "นาง", "นาย")
SHORTEST_NAME = 2
# Written without a space after the name, and how many letters are left of that at least (غزالسادات is غزال, not غز); خان
# and khan end other names too.
_JOINED_AFTER = {"السادات": 3} | dict.fromkeys(
    ("سادات", "خانم", "بیگم", "sadat", "khanom", "khanum", "begum", "beigom", "beygom"), SHORTEST_NAME
)
# Names that begin with heh: what is left of سیدهادی is هادی, not ادی.
_NAMES_WITH_HEH = ("هاد", "هاش", "هات", "هام", "هوم", "هوش", "همای", "هدا", "هرم", "هیر")
PLACEHOLDERS = frozenset(
    [
        "نامشخص",
        "نامعلوم",
        "ندارد",
        "فاقد",
        "مجهول",
        "خالی",
        "بدوننام",
        "نام",
        "نامخانوادگی",
        "نامپدر",
        "ثبتنشده",
        "unknown",
        "none",
        "null",
        "na",
        "nn",
        "nil",
        "notknown",
    ]
)


_ONE_BYTE = dict(zip("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی", "ABPTEJCHXDZRQYSWOUVIGKFNLMabcdefgh", strict=False))


def _byte(letter: str) -> str:
    # Other scripts: an ASCII letter stays, any other gets one by its place in Unicode; a clash only shortens a distance.
    return letter if letter.isascii() else chr(ord("!") + ord(letter) % 94)


def folded(text: str) -> str:
    """Case, width, diacritics and letter variants folded; spaces and punctuation still there."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
    if decomposed.isalpha():  # marks are no letters
        return decomposed
    return "".join(c for c in decomposed if _is_vowel(c) or unicodedata.category(c) != "Mn")


def letters(text: str) -> str:
    """Only the letters of folded text."""
    return text if text.isalpha() else "".join(c for c in text if c.isalpha() or _is_vowel(c))


def _is_vowel(sign: str) -> bool:
    """Whether a mark is a vowel: in Indian, Burmese, Khmer and Thai writing marks that stand for themselves are."""
    is_mark = not sign.isascii() and unicodedata.category(sign) in ("Mn", "Mc")
    return is_mark and unicodedata.combining(sign) in _VOWEL_PLACES and not _SELECTORS.match(sign)


def match_key(text: str | None) -> str | None:
    """Letters only, folded; None where nothing or only a placeholder is written."""
    key = letters(folded(text)) if text else ""
    return None if not key or key in PLACEHOLDERS else key


def one_byte_letters(key: str | None) -> str | None:
    """The key with one byte a letter: databases count the distance of two texts in bytes, not in letters."""
    return key if key is None or key.isascii() else "".join(_ONE_BYTE.get(c) or _byte(c) for c in key)


def name_and_honorifics(text: str | None) -> tuple[str | None, str | None]:
    """Match key of a given name without its honorifics, and the honorifics by key, in the order written."""
    parts, honorifics = parts_and_honorifics(text)
    return "".join(parts) or None, honorifics


def parts_and_honorifics(text: str | None) -> tuple[list[str], str | None]:
    """As ``name_and_honorifics``, the name in its written parts."""
    if match_key(text) is None or text is None:
        return [], None
    parts = [part for part in map(letters, _BREAK.split(folded(text))) if part]
    titles: list[str] = []
    while len(parts) > 1 and parts[0] in BEFORE:
        titles.append(parts.pop(0))
    endings: list[str] = []
    while len(parts) > 1 and parts[-1] in AFTER:
        endings.insert(0, parts.pop())
    rest, ending = _joined_ending(parts[-1])
    if ending and len(parts) == 1 and rest in BEFORE:  # حاجیخانم is حاجی خانم, who is called خانم
        titles.append(rest)
        parts = [ending]
    elif ending:
        endings.insert(0, ending)
        parts[-1] = rest
    if len(parts) == 1 and parts[0] in NEVER_ALONE:
        return [], " ".join(titles + parts + endings)
    title, rest = _joined_title(parts[0])
    if title:
        titles.append(title)
        parts[0] = rest
    return parts, " ".join(titles + endings) or None


def _joined_ending(part: str) -> tuple[str, str | None]:
    for ending, shortest in _JOINED_AFTER.items():
        if part.endswith(ending) and len(part) - len(ending) >= shortest:
            return part.removesuffix(ending), ending
    return part, None


def _joined_title(part: str) -> tuple[str | None, str]:
    for title in (_JOINED_FEMALE, _JOINED, *_JOINED_THAI):
        rest = part.removeprefix(title)
        if rest == part or len(rest) < SHORTEST_NAME:
            continue
        if title == _JOINED_FEMALE and part.removeprefix(_JOINED).startswith(_NAMES_WITH_HEH):
            continue
        return title, rest
    return None, part


def display(text: str | None) -> str | None:
    """The text as people should see it: Persian letters, single spaces, nothing dropped but invisible marks."""
    if match_key(text) is None or text is None:
        return None
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(_DISPLAYED)).strip(" \u200c")
