"""What the values of a column look like: figures only, measured with the rules that staging types real deliveries by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pyarrow as pa

from connectors.drafting.headers import levelled
from connectors.drafting.own_shapes import look_of
from connectors.kinds import Kind
from connectors.kinds.date_texts import CUT_SHORT, TIME_OF_DAY, has_short_years
from connectors.kinds.dates import BUDDHIST_YEARS, HIJRI_TABLE, JALALI_TABLE, Calendars, day
from connectors.kinds.identifiers import foreign_id, iban, mobile_no, postal_code
from connectors.kinds.kind import MISSING_WORDS
from connectors.kinds.national_codes import national_code
from hub.duck import Connection
from schemas.codes import month_names, name_frequencies, without_accents
from schemas.date_formats import DATE_FORMATS
from schemas.hijri import hijri_table
from schemas.jalali import FIRST_YEAR, LAST_YEAR, jalali, jalali_table

MOST_TEXTS = 20_000
"""How many distinct texts of a column are judged."""
MOST_CODES = 40
"""A column of more distinct texts is no code list."""
PLAIN_SHARE = 0.8
"""A column is of a kind when so many of its filled cells are."""
FIT_SHARE = 0.99
"""A key is filled and different in so many of the rows; agencies' own files hold some rows twice."""
SERIAL = "excel:serial"
LUNAR_SHARE, LUNAR_YEARS = 0.05, 20
"""Days without a 31st, so many of which would be to come in the Jalali calendar, over so many years, are Hijri ones."""
GREGORIAN_YEARS = (1850, 2150)
"""Years alone beyond these are of no day in the Gregorian calendar that is meant; of whole days earlier ones may be."""
CHECKED: dict[str, Callable[[], Kind]] = {
    "national_code": national_code,
    "mobile_no": mobile_no,
    "postal_code": postal_code,
    "foreign_id": foreign_id,
    "iban": iban,
}
_MONTH, _DAY, _GAP = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12]\\d|3[01])", "[/.-]"
_WORD = f"(?:{'|'.join(name for names in month_names().values() for name in names)})"
_DAYS = tuple(
    (re.compile(sign), form)
    for sign, form in (
        (r"(\d{4})/\d{1,2}/\d{1,2}", "yyyy/mm/dd"),
        (r"(\d{4})-\d{1,2}-\d{1,2}", "yyyy-mm-dd"),
        (r"(\d{4})(?:0\d|1[0-2])[0-3]\d", "yyyymmdd"),
        (r"(\d{4})[.]\d{1,2}[.]\d{1,2}[.]?", "yyyy.mm.dd"),
        (rf"(\d{{2}})[/-]{_MONTH}[/-]{_DAY}", "yy/mm/dd"),
        (rf"{_DAY}{_GAP}{_MONTH}{_GAP}(\d{{4}})", "dd/mm/yyyy"),
        (rf"{_MONTH}{_GAP}{_DAY}{_GAP}(\d{{4}})", "mm/dd/yyyy"),
        (rf"{_DAY}{_GAP}{_MONTH}{_GAP}(\d{{2}})", "dd/mm/yy"),
        (rf"{_MONTH}{_GAP}{_DAY}{_GAP}(\d{{2}})", "mm/dd/yy"),
        (rf"{_DAY}[ ./,-]*{_WORD}[ ./,-]*(\d{{4}})|{_WORD}[ .]*{_DAY}[ ,]+(\d{{4}})", "dd-mon-yyyy"),
        (rf"{_DAY}[ ./,-]*{_WORD}[ ./,-]*(\d{{2}})", "dd-mon-yy"),
        (r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(\d{4})", "dd/mm/yyyy"),
        (r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(\d{4})", "mm/dd/yyyy"),
    )
)
_AS_WELL = {"yy/mm/dd": ("dd/mm/yy", "mm/dd/yy"), "dd/mm/yyyy": ("mm/dd/yyyy",), "dd/mm/yy": ("mm/dd/yy",)}
"""Gregorian orders in which days may be written that are taken for those of another order."""
_MONTHS = ((re.compile(r"1[34]\d{2}-(?:0\d|1[0-2])"), "jalali:yyyy-mm"), (re.compile(r"\d{2}(?:0\d|1[0-2])"), "jalali:yymm"))
_FOREIGN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_SERIAL = re.compile(r"[1-7]\d{4}|[1-9]\d{3}")
_YEAR = re.compile(r"\d{4}")
_NAME = re.compile(r"\D+(?:(?<=[^\W\d]{2})\d{1,3}(?:\s\D+)?)*")  # synthetic patients are called Ann12 Smith345
_MARK = re.compile(r"\D")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TOKEN = re.compile(r"[\w/-]+")
_NO_DAY = re.compile(r"9999([/.-]?)\d{2}\1\d{2}|0+(?:[/.-]0+)+|0{8}")
"""What staging reads as no day at all: in a column of days such a cell is empty."""
_TIME, _CUT_SHORT = re.compile(TIME_OF_DAY), re.compile(CUT_SHORT)
_SUFFIXES = ("ی", "پور", "زاده", "نژاد", "نیا", "فر", "فرد", "وند", "لو", "چی", "یان")


@dataclass(frozen=True)
class Shape:
    """Figures of one column. Shares (0..1) are of filled cells.

    ``valid``: share that passes the check of a role; ``date_format``, ``month_format``: as a contract writes them, None for
    other texts; ``codes``: each text with its rows, where there are few; ``years``: those of most of its dates; ``looks``:
    the most frequent looks of its values, digits and letters taken as alike; ``year_share``: of years alone;
    ``as_well``: another form in which all of its days would be days; ``is_lunar``: whether its days, taken for Jalali ones,
    would be of the Hijri calendar if they were births; ``word_share``: texts without a digit; ``name_share``: those whose
    words may end with some.
    """

    row_count: int
    filled_count: int
    distinct_count: int
    valid: Mapping[str, float]
    whole_share: float
    word_share: float
    name_share: float
    male_share: float
    female_share: float
    surname_share: float
    whole_name_share: float
    token_share: float
    is_row_number: bool
    email_share: float
    date_format: str | None = None
    month_format: str | None = None
    date_share: float = 0.0
    years: tuple[int, int] = (0, 0)
    codes: Mapping[str, int] = field(default_factory=dict)
    looks: Mapping[str, int] = field(default_factory=dict)
    year_share: float = 0.0
    is_lunar: bool = False
    as_well: str | None = None

    @property
    def is_years(self) -> bool:
        """Whether values are years alone."""
        return self.year_share >= PLAIN_SHARE

    @property
    def birth_share(self) -> float:
        """Share that tells a birth, if these are births: a day, or the year alone."""
        return self.date_share + self.year_share

    @property
    def filled_share(self) -> float:
        """Share of rows in which the column holds something."""
        return self.filled_count / self.row_count

    @property
    def is_ages(self) -> bool:
        """Whether values are numbers of at most three digits, as ages are."""
        return bool(self.looks) and self.looks.keys() <= {"9", "99", "999"}

    @property
    def repeated_count(self) -> int:
        """Rows that share their value with one before, or have none."""
        return self.row_count - self.distinct_count

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.filled_count == self.row_count == self.distinct_count


def is_fit(repeated_count: int, row_count: int) -> bool:
    """Whether a key tells as good as all rows apart."""
    return repeated_count <= (1 - FIT_SHARE) * row_count


def shape_of(con: Connection, texts: pa.ChunkedArray, business_date: date, *, is_hijri: bool = False) -> Shape:
    """Measure one column.

    Args:
        is_hijri: whether days of years that are Jalali or Hijri ones are Hijri.
    """
    counted = Counter(text for text in (value.strip() for value in texts.to_pylist() if value) if text not in MISSING_WORDS)
    some = Counter({text: count for text, count in counted.items() if not _is_no_day(text)})
    found, years, is_lunar = _day_format(_latin(some), business_date)
    if is_hijri and found and (hijri := found.replace("jalali:", "hijri:")) in DATE_FORMATS:
        found = hijri
    if found or not some:
        counted = some
    filled, latin = sum(counted.values()), _latin(counted)
    judged = counted.most_common(MOST_TEXTS)
    raw, row_count = [text for text, _ in judged], [count for _, count in judged]
    con.register("sample_text", pa.table({"raw": pa.array(raw, pa.string()), "row_count": pa.array(row_count, pa.int64())}))
    con.register(JALALI_TABLE, jalali_table())
    con.register(HIJRI_TABLE, hijri_table())
    year_share = _ratio(latin, _is_year)
    men, women, _ = known_names()
    return Shape(
        row_count=len(texts),
        filled_count=filled,
        distinct_count=len(counted),
        valid={role: _share(con, kind()) for role, kind in CHECKED.items()} if filled else {},
        whole_share=_ratio(latin, str.isdigit),
        word_share=_ratio(counted, lambda text: not any(character.isdigit() for character in text)),
        name_share=_ratio(counted, lambda text: bool(_NAME.fullmatch(text))),
        male_share=_ratio(counted, lambda text: levelled(text) in men),
        female_share=_ratio(counted, lambda text: levelled(text) in women),
        surname_share=_ratio(counted, _is_surname),
        whole_name_share=_ratio(counted, _is_whole_name),
        token_share=_ratio(latin, lambda text: bool(_TOKEN.fullmatch(text))),
        is_row_number=_is_row_number(texts),
        email_share=_ratio(latin, lambda text: bool(_EMAIL.fullmatch(text))),
        date_format=found,
        month_format=None if year_share >= PLAIN_SHARE else _month_format(latin),
        date_share=_share(con, day(Calendars(found, business_date), is_past=False)) if found else 0.0,
        years=years,
        looks=_looks(latin),
        year_share=year_share,
        is_lunar=is_lunar,
        as_well=_as_well(found, latin),
        codes=dict(counted.most_common()) if 0 < len(counted) <= MOST_CODES else {},
    )


def _is_no_day(text: str) -> bool:
    return bool(_NO_DAY.fullmatch(_TIME.sub("", text.translate(_FOREIGN))))


def _latin(counted: Counter[str]) -> Counter[str]:
    latin = Counter[str]()
    for text, count in counted.items():
        latin[text.translate(_FOREIGN)] += count
    return latin


@cache
def known_names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Frequent names as compared: given names of men, of women, and surnames."""
    kinds = ("male_given", "female_given", "surname")
    men, women, surnames = (
        frozenset(levelled(each.name_fa) for each in name_frequencies() if each.kind == kind) for kind in kinds
    )
    return men, women, surnames


def _is_surname(text: str) -> bool:
    return levelled(text) in known_names()[2] or levelled(text).endswith(_SUFFIXES)


def _is_whole_name(text: str) -> bool:
    """A given name first, a surname last; two given names are none."""
    men, women, _ = known_names()
    first, *_, last = words if len(words := text.split()) > 1 else ("", "")
    return levelled(first) in men | women and _is_surname(last) and levelled(last) not in men | women


def _share(con: Connection, kind: Kind) -> float:
    """Share of the texts' rows that the kind reads; of texts that say nothing, none."""
    asked = f"""
        with texts as (select raw from sample_text), judged as ({kind.query})
        select coalesce(sum(row_count) filter (value is not null) / nullif(sum(row_count) filter (not is_missing), 0), 0)
        from judged join sample_text using (raw)
    """
    return float(con.execute(asked).fetchall()[0][0])


def _day_format(counted: Counter[str], business_date: date) -> tuple[str | None, tuple[int, int], bool]:
    """The form of most days with its calendar, the years that occur, and whether births so written would be Hijri ones.

    Years alone beside days are of any form.
    """
    texts = Counter[str]()
    for text, count in counted.items():
        texts[without_accents(_CUT_SHORT.sub(r"\1", _TIME.sub("", text)))] += count
    least = PLAIN_SHARE * sum(count for text, count in texts.items() if not _is_year(text))
    for sign, form in _DAYS:
        found = {text: match[match.lastindex or 1] for text in texts if (match := sign.fullmatch(text))}
        total = sum(texts[text] for text in found)
        if not found or total < least:
            continue
        if has_short_years(form):
            # What is written from right to left begins with its year.
            is_jalali = form.startswith("yy") or (f"jalali:{form}" in DATE_FORMATS and _has_long_spring(found))
            return f"{'jalali' if is_jalali else 'gregorian'}:{form}", (0, 0), False
        years = sorted(int(year) for text, year in found.items() for _ in range(texts[text]))
        middle = years[len(years) // 2]
        if FIRST_YEAR <= middle <= LAST_YEAR and f"jalali:{form}" in DATE_FORMATS:
            return f"jalali:{form}", _most(years), _is_lunar(found, years, business_date)
        if LAST_YEAR < middle <= GREGORIAN_YEARS[1]:
            return f"gregorian:{form}", _most(years), False
        if BUDDHIST_YEARS[0] <= middle <= BUDDHIST_YEARS[1] and f"buddhist:{form}" in DATE_FORMATS:
            return f"buddhist:{form}", _most(years), False
    is_serial = (
        bool(counted) and _ratio(counted, lambda text: bool(_SERIAL.fullmatch(text)) and not _is_year(text)) >= PLAIN_SHARE
    )
    return (SERIAL if is_serial else None), (0, 0), False


def _as_well(found: str | None, counted: Counter[str]) -> str | None:
    """Another form in which each text that is a day in the form found would be one too."""
    calendar, _, form = (found or "").partition(":")
    others = _AS_WELL.get(form, ()) if calendar == "gregorian" or has_short_years(form) else ()
    texts = [_TIME.sub("", text) for text in counted]

    def is_day(text: str, each: str) -> bool:
        return any(sign.fullmatch(text) for sign, known in _DAYS if known == each)

    days = [text for text in texts if is_day(text, form)] if others else []
    return next((f"gregorian:{each}" for each in others if all(is_day(text, each) for text in days)), None)


def _has_long_spring(days: Iterable[str]) -> bool:
    """Whether days without a century, ``dd/mm/yy``, end months as Jalali ones do rather than as Gregorian ones: the first
    six have 31 days, and no other has."""
    ends = Counter((int(day), int(month)) for day, month, _ in map(_MARK.split, days))
    jalali_alone = sum(ends[end] for end in ((30, 2), (31, 2), (31, 4), (31, 6)))
    return jalali_alone > sum(ends[31, month] for month in (7, 8, 10, 12))


def _is_lunar(days: Iterable[str], years: list[int], business_date: date) -> bool:
    """Whether births whose years are Jalali or Hijri ones are Hijri: they go on after today, and none is a 31st."""
    first, last = _most(years)
    to_come = sum(year > jalali(business_date)[0] for year in years)
    has_31st = any("31" in (*_MARK.split(text), text[6:] if text.isdigit() else "") for text in days)
    return to_come >= LUNAR_SHARE * len(years) and last - first >= LUNAR_YEARS and not has_31st


def _month_format(counted: Counter[str]) -> str | None:
    return next((form for sign, form in _MONTHS if _matches(counted, sign) >= PLAIN_SHARE), None)


def _is_year(text: str) -> bool:
    bounds = ((FIRST_YEAR, LAST_YEAR), GREGORIAN_YEARS)
    return bool(_YEAR.fullmatch(text)) and any(first <= int(text) <= last for first, last in bounds)


def _looks(counted: Counter[str]) -> dict[str, int]:
    looks: Counter[str] = Counter()
    for text, count in counted.items():
        looks[look_of(text)] += count
    return dict(looks.most_common(MOST_CODES))


def _most(years: list[int]) -> tuple[int, int]:
    """First and last but for a twentieth on either side, since years are mistyped."""
    return years[len(years) // 20], years[-1 - len(years) // 20]


def _matches(counted: Counter[str], sign: re.Pattern[str]) -> float:
    return _ratio(counted, lambda text: bool(sign.fullmatch(text)))


def _ratio(counted: Counter[str], holds: Callable[[str], bool]) -> float:
    total = sum(counted.values())
    return sum(count for text, count in counted.items() if holds(text)) / total if total else 0.0


def _is_row_number(texts: pa.ChunkedArray) -> bool:
    """Whether the column merely counts the rows of the file."""
    values = [value.strip() if value else "" for value in texts.to_pylist()]
    if len(values) < 2 or not all(value.isdigit() for value in values):
        return False
    first = int(values[0])
    return first in (0, 1) and [int(value) for value in values] == list(range(first, first + len(values)))
