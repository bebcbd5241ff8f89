"""What counts as evidence of identity: SQL expressions from a staged value to its evidence, null where it is none."""

from __future__ import annotations

from collections.abc import Mapping

from text_unidecode import unidecode

# Pass the check digit, yet are typed as dummies.
DUMMY_CODES = ("0123456789", "1234567891", "9876543210", "1000000001")
# A longer certificate number is the national code (born since 1368) and tells nothing new.
LONGEST_CERTIFICATE_NO = 7

# So many digits tell one number, and no country's numbers are much shorter. Of Iran's the rest is 09.
LAST_DIGITS = 9

# What addresses name in full as often as by a letter: street, alley, number, boulevard, square, floor, unit, dead end;
# and its like in other languages.
ADDRESS_WORDS = {
    "خیابان": "خ", "کوچه": "ک", "پلاک": "پ", "بلوار": "بل", "میدان": "م", "طبقه": "ط", "واحد": "و", "بنبست": "بب",
    "street": "st", "road": "rd", "avenue": "ave", "boulevard": "blvd", "apartment": "apt",
    "drive": "dr", "lane": "ln", "court": "ct", "avenida": "av",
}  # fmt: skip

# Letters that are as they should be, and what the others and the usual marks become.
_PLAIN = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی0-9"
_USUAL = {"ي": "ی", "ك": "ک", "آ": "ا", " ": "", "،": ""}
_LETTERS = ("يىئېكةۀەأإآٱؤ۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "یییی" + "کههه" + "اااا" + "و" + "01234567890123456789")
_LATIN = {
    letter: plain
    for letter in map(chr, (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)))
    if letter.islower() and (plain := unidecode(letter).lower()).isalpha() and len(plain) == 1
}
_FOLDED = (_LETTERS[0] + "".join(_LATIN), _LETTERS[1] + "".join(_LATIN.values()))


def code_number(column: str) -> str:
    """The number that ``valid_national_code`` reckons with; bind it once, as reading it costs more than the rest."""
    return f"case when length({column}) = 10 then try_cast({column} as bigint) end"


def valid_national_code(column: str, number: str | None = None) -> str:
    """The code where its check digit is right and it is no dummy; else null. Says nothing about whose code it is.

    Args:
        number: column with the ``code_number`` of the same column, where it was bound.

    Source: check digit of the Iranian national code; ten equal digits and a serial of zeros pass it and are never issued.
    """
    number = number or code_number(column)
    digit = f"(({number} // {{}}) % 10)"
    total = " + ".join(f"{digit.format(10 ** (9 - i))} * {10 - i}" for i in range(9))
    remainder = f"(({total}) % 11)"
    check = f"(case when {remainder} < 2 then {remainder} else 11 - {remainder} end)"
    dummies = ", ".join(f"'{code}'" for code in DUMMY_CODES)
    return (
        f"case when {digit.format(1)} = {check} and {number} % 1111111111 <> 0 "
        f"and ({number} // 10) % 1000000 <> 0 and {column} not in ({dummies}) then {column} end"
    )


def certificate_key(column: str) -> str:
    """Certificate number without leading zeros; null for the 0 and the national codes written in its place."""
    bare = f"ltrim(regexp_replace({column}, '[^0-9]', '', 'g'), '0')"
    return f"case when length({bare}) between 1 and {LONGEST_CERTIFICATE_NO} then {bare} end"


def document_key(column: str) -> str:
    """Letters and digits of a document's number, upper case."""
    return f"nullif(upper(regexp_replace({column}, '[^0-9A-Za-z]', '', 'g')), '')"


def telephone_key(column: str) -> str:
    """The end of a mobile number: before it stand what dials a country, as +84, or the 0 in its place."""
    return f"right({column}, {LAST_DIGITS})"


def email_key(column: str) -> str:
    """An e-mail address as ``matching.sources`` folds it; null for what has nothing on either side of an @."""
    return f"case when {column} like '%_@_%' then {column} end"


def address_text(column: str) -> str:
    """Letters and digits of an address, letter variants and accents folded, the words that are often cut short cut short
    everywhere; empty where it has none. Bind it once: nothing else in a record takes as long to find.

    Words are replaced where they stand in others too: what matters is that both ways of writing give one key.
    """
    lower = f"lower({column})"
    has_variant = f"regexp_matches({lower}, '[{_FOLDED[0]}]')"  # few have; looking is cheaper than translating
    folded = f"case when {has_variant} then translate({lower}, '{_FOLDED[0]}', '{_FOLDED[1]}') else {lower} end"
    bare = f"regexp_replace({folded}, '[^\\p{{L}}\\p{{N}}]+', '', 'g')"
    # Most have nothing but usual letters and marks, and need no patterns.
    is_usual = f"not regexp_matches({column}, '[^{_PLAIN}{''.join(_USUAL)}]')"
    persian = {word: short for word, short in ADDRESS_WORDS.items() if not word.isascii()}
    return f"case when {is_usual} then {_replaced(column, _USUAL | persian)} else {_replaced(bare, ADDRESS_WORDS)} end"


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, other in words.items():
        text = f"replace({text}, '{word}', '{other}')"
    return text
