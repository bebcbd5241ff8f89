"""Dates in the many ways that agencies and their programs write them, brought to year-month-day before they are judged.

The time of day goes; what ends with its year is turned round, as the declared order of its parts says; a month that is
written as a word stands between its year and its day, and has its number once the calendar is known (case S04).
"""

from __future__ import annotations

from connectors.kinds.kind import latin
from hub.duck import literal
from schemas.codes import THAI, month_names

FORMS = ("dd/mm/yyyy", "mm/dd/yyyy", "dd/mm/yy", "mm/dd/yy", "dd-mon-yyyy", "dd-mon-yy")  # those that end with their year
MONTH = "([0-9]{1,2}|[^0-9/.-]+)"  # by number or by name
# The time of day that a clock or a program writes behind a day: 14:23, 12:00:00 AM, 12:00:00 ق.ظ, T00:00:00.000. With a
# zone only midnight is cut off: at another hour it may be the day before or after where the person was born.
TIME_OF_DAY = (
    "[ T]+([0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?([AaPp][Mm]|[قب][.]ظ))?"
    "|0?0:00(:00([.,]0+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))$"
)
# The decimals of a number, and the full stop behind a day that has them between its parts: 19581119.0, 1958.11.19.
_NEEDLESS_END = "^([0-9]+)[.]0+$|^([0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2})[.]$"
_TWO_DIGITS_OF = {"month": "(0[1-9]|1[0-2])", "day": "(0[1-9]|[12][0-9]|3[01])"}
_YEAR_OF_PACKED = {True: "([0-9]{2})", False: "(1[3489][0-9]{2}|2[0-6][0-9]{2})"}
CUT_SHORT = "([^0-9 ./,-])[.]"  # a letter and its dot, as in Nov. and ม.ค.
_WORD = "([^0-9 ./,-]{2,})"
_GAP = "[ ./,-]*"
_ANY, _AS_DAY, _NO_DAY = "[0-9]{1,2}", "[0-2]?[0-9]|3[01]", "3[2-9]|[4-9][0-9]"  # two digits, and what a day can be
_WORDED = (
    (rf"^({{first}})(st|nd|rd|th|er)?{_GAP}(de )?{_WORD}{_GAP}(de )?([0-9]{{4}}|{{short}})$", r"\6-\4-\1"),
    (rf"^{_WORD}{_GAP}([0-9]{{1,2}})(st|nd|rd|th)?{_GAP} ?([0-9]{{4}})$", r"\4-\1-\2"),
    (rf"^{_WORD}{_GAP}([0-9]{{4}})$", r"\2-\1-00"),
)


def has_short_years(declared: str) -> bool:
    """Whether years have two digits in a format as a contract writes it, ``jalali:yy/mm/dd``, or its form alone."""
    return declared.rpartition(":")[2].count("y") == 2


def year_first(declared: str) -> str:
    """SQL of texts in which a date's year comes first, made of ``text``.

    Args:
        declared: a contract's format; the order of day and month where the year comes last.
    """
    plain = _turned(f"regexp_replace(text, '{_NEEDLESS_END}', '\\1\\2')", declared)
    worded = _turned(_worded(f"regexp_replace(text, '{TIME_OF_DAY}', '')", declared), declared)
    return f"case when regexp_full_match(text, '[0-9/.-]*') then {plain} else {worded} end"


def cleaned() -> str:
    """SQL of ``raw`` with Latin digits, without blanks around it."""
    return latin("trim(raw)")


def month_number(text: str) -> str:
    """SQL of the number of a month that is written as a number or as a name; null where it is neither."""
    numbers = {name: number for months in month_names().values() for name, number in months.items()}
    listed = ", ".join(f"{literal(name)}: {number}" for name, number in numbers.items())
    return f"coalesce(try_cast({text} as integer), map {{{listed}}}[{compared(text)}])"


def named_calendar(text: str) -> str:
    """SQL of the calendar whose month a word names, ``none`` where it names none; null for a number."""
    named = " ".join(
        f"when {compared(text)} in ({', '.join(map(literal, names))}) then '{known}'"
        for known, names in month_names().items()
    )
    return f"case when {text} is null or try_cast({text} as integer) is not null then null {named} else 'none' end"


def compared(text: str) -> str:
    """SQL of a text as ``schemas.codes.without_accents`` has it."""
    return f"case when regexp_matches({text}, '{THAI.pattern}') then {text} else lower(strip_accents({text})) end"


def _turned(text: str, declared: str) -> str:
    form = declared.partition(":")[2]
    if form not in FORMS:
        return text
    day, month, order = (2, 1, ("month", "day")) if form.startswith("mm") else (1, 2, ("day", "month"))
    first, second = (_TWO_DIGITS_OF[part] for part in order)
    # No day that begins with its year looks like one without separators that ends with it.
    packed = f"^{first}{second}{_YEAR_OF_PACKED[has_short_years(declared)]}$"
    parted = f"^({_first(declared)})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}}|[0-9]{{2}})$"
    turned = rf"\3-\{month}-\{day}"
    return f"regexp_replace(regexp_replace({text}, '{parted}', '{turned}'), '{packed}', '{turned}')"


def _worded(text: str, declared: str) -> str:
    # Where two digits of a year are declared to come first, they do beside a word too.
    short = _NO_DAY if ":yy/" in declared else "[0-9]{2}"
    text = f"regexp_replace({text}, '{CUT_SHORT}', '\\1', 'g')"
    for sign, turned in _WORDED:
        sign = sign.replace("{first}", _first(declared)).replace("{short}", short)
        text = f"regexp_replace({text}, '{sign}', '{turned}')"
    return text


def _first(declared: str) -> str:
    """What stands first where the year is last. Of 65/11/19 that is the year, unless years are declared so short."""
    return _ANY if has_short_years(declared) and ":yy/" not in declared else _AS_DAY
