"""Days and months as agencies write them become ISO dates and Jalali months (case S04).

A four-digit year tells its calendar by itself: Jalali and Gregorian years in use do not overlap. A two-digit year is the
latest one that is not after the business date (births and deaths), or not far after it (other dates). A year between those
in use is mistyped, unless so many of a Gregorian column's dates lie there that it lists people of former centuries, or
that its years are Buddhist ones. Years of the lunar Hijri calendar look like Jalali ones, so a contract says which they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.kinds.date_texts import MONTH, cleaned, has_short_years, month_number, named_calendar, year_first
from connectors.kinds.kind import Kind, latin, missing_words
from schemas import hijri
from schemas.jalali import FIRST_YEAR, LAST_YEAR, gregorian, jalali

JALALI_TABLE = "jalali"  # schemas.jalali.jalali_table in the connection
HIJRI_TABLE = "hijri"  # schemas.hijri.hijri_table
JALALI_YEARS = (FIRST_YEAR, LAST_YEAR)
HIJRI_YEARS = (hijri.FIRST_YEAR, hijri.LAST_YEAR)
BUDDHIST_ERA = 543  # years that it is ahead of ours
BUDDHIST_YEARS = (2300, 2700)
GREGORIAN_YEARS = (1800, 2200)
FORMER_YEARS = (LAST_YEAR + 1, GREGORIAN_YEARS[0] - 1)  # of neither calendar, where people of today are listed
# So many of a Gregorian column's different dates, and a twentieth of them, make its years former or Buddhist ones.
LEAST_STRANGE = 10
OLDEST_AGE, HALF_A_YEAR = 120, timedelta(days=183)
HORIZON_YEARS = 20  # how far after the business date the two-digit year of a date other than a birth may lie
SERIALS = "excel:serial"
SPREADSHEET_EPOCH = date(1899, 12, 30)
FIRST_SERIAL = 61  # before it spreadsheets count a day that never was (29 February 1900)
PAST_ROLES = ("birth_date", "death_date")  # what has happened already, and for which clerks type a day when they know none
# First days that clerks type when nothing is known, as days: a feed in the other calendar delivers the same ones converted.
PLACEHOLDER_DAYS = (gregorian(1300, 1, 1), date(1900, 1, 1))
PARTIAL = "partial"  # the note beside a birth or death of which only year, or year and month, are known


@dataclass(frozen=True)
class Calendars:
    """How a column's dates are declared: ``jalali:yy/mm/dd`` and the like, seen from a business date."""

    declared: str
    business_date: date
    is_spreadsheet: bool = False

    @property
    def is_jalali(self) -> bool:
        """Whether two-digit years are Jalali."""
        return self.declared.startswith("jalali")

    @property
    def is_gregorian(self) -> bool:
        """Whether dates are declared Gregorian."""
        return self.declared.startswith("gregorian")

    @property
    def is_hijri(self) -> bool:
        """Whether years are those of the lunar Hijri calendar."""
        return self.declared.startswith("hijri")

    @property
    def is_buddhist(self) -> bool:
        """Whether years are declared Buddhist."""
        return self.declared.startswith("buddhist")

    @property
    def holds_ages(self) -> bool:
        """Whether values are ages in whole years."""
        return self.declared == "age:years"

    @property
    def year_of_age(self) -> int:
        """The Jalali year in which most are born who are 0 years old today."""
        return jalali(self.business_date - HALF_A_YEAR)[0]

    @property
    def has_short_years(self) -> bool:
        """Whether six digits are a date and four a month."""
        return has_short_years(self.declared)

    @property
    def takes_serials(self) -> bool:
        """Whether five digits are a spreadsheet's day number."""
        return self.declared == SERIALS or (self.is_spreadsheet and not self.holds_ages)

    @property
    def short_calendar(self) -> str:
        """SQL of the calendar of two-digit years; null where nobody can tell it."""
        return "'jalali'" if self.is_jalali else "'gregorian'" if self.is_gregorian or self.declared == SERIALS else "null"

    def full_year(self, day_of_year: str, horizon_years: int) -> str:
        """SQL: the year that the two digits ``parts[1]`` mean: this century's, or the last one's when that is too late.

        Args:
            day_of_year: SQL of the day in its year as a number, 1122 for 22 Bahman.
            horizon_years: how far after the business date the year may lie.
        """
        day = self.business_date
        year, month, day_no = jalali(day) if self.is_jalali else (day.year, day.month, day.day)
        latest = (year + horizon_years) * 10_000 + month * 100 + day_no
        this, last = (1400, 1300) if self.is_jalali else (2000, 1900)
        short = "try_cast(parts[1] as integer)"
        return f"case when ({this} + {short}) * 10000 + {day_of_year} > {latest} then {last} else {this} end + {short}"


def day(calendars: Calendars, *, is_past: bool) -> Kind:
    """Days.

    Args:
        is_past: days of births and deaths: none is in the future, placeholders and incomplete dates are no days, and
            ``extra`` keeps what is known of an incomplete one, as 1352-03-00; of a Gregorian one the Jalali year that most
            of it lies in.
    """
    day_of_year = "month * 100 + try_cast(parts[3] as integer)"
    short_year = calendars.full_year(day_of_year, 0 if is_past else HORIZON_YEARS)
    return Kind(
        type="date",
        plain="false",
        extra_suffix="_partial" if is_past else "",
        query=f"""
            with cleaned as (
                select raw, {year_first(calendars.declared)} as text from (select raw, {cleaned()} as text from texts)
            ), formed as (
                select raw, text, case
                    when {_sql(calendars.holds_ages)} and regexp_full_match(text, '[0-9]{{1,3}}([.][0-9]+)?')
                     and try_cast(text as double) < {OLDEST_AGE} + 1 then 'age'
                    when text in {missing_words()} then 'missing'
                    when regexp_full_match(text, '0+([/.-]0+)*') then 'placeholder'
                    when regexp_full_match(text, '9999[/.-]?[0-9]{{2}}[/.-]?[0-9]{{2}}') then 'placeholder'
                    when regexp_full_match(text, '[0-9]{{4}}[/.-]{MONTH}[/.-][0-9]{{1,2}}') then 'year_4'
                    when regexp_full_match(text, '[0-9]{{2}}[/.-]{MONTH}[/.-][0-9]{{1,2}}') then 'year_2'
                    when regexp_full_match(text, '[0-9]{{8}}') then 'digits_8'
                    when {_sql(calendars.has_short_years)} and regexp_full_match(text, '[0-9]{{6}}') then 'digits_6'
                    when {_sql(calendars.takes_serials)} and regexp_full_match(text, '[0-9]{{2,5}}')
                     and try_cast(text as integer) >= {FIRST_SERIAL} and not {_is_year("text")} then 'serial'
                    when regexp_full_match(text, '[0-9]{{4}}') then 'year' end as form
                from cleaned
            ), cut as (
                select raw, text, form, case form
                    when 'year_4' then str_split_regex(text, '[/.-]')
                    when 'year_2' then str_split_regex(text, '[/.-]')
                    when 'digits_8' then [text[1:4], text[5:6], text[7:8]]
                    when 'digits_6' then [text[1:2], text[3:4], text[5:6]]
                    when 'age' then [cast({calendars.year_of_age} - try_cast(split_part(text, '.', 1) as integer)
                                          as varchar), '0', '0']
                    when 'year' then [text, '0', '0'] end as parts
                from formed
            ), numbered as (
                select raw, form, {month_number("parts[2]")} as month, {named_calendar("parts[2]")} as named,
                       case when form in ('year_2', 'digits_6') then {short_year}
                            else try_cast(parts[1] as integer) end as year,
                       try_cast(parts[3] as integer) as day_of_month,
                       case form when 'serial' then try_cast(text as integer) end as serial
                from cut
            ), {_age(calendars)}, aged as (
                select numbered.* replace (year - case when is_of_era then {BUDDHIST_ERA} else 0 end as year), is_former,
                       is_of_era
                from (
                    select numbered.*, is_former,
                           is_buddhist and year between {BUDDHIST_YEARS[0]} and {BUDDHIST_YEARS[1]} as is_of_era
                    from numbered, age
                ) as numbered
            ), placed as (
                select aged.*, year * 10000 + month * 100 + day_of_month as day_int,
                       case when form = 'serial' then 'gregorian'
                            when is_former and form not in ('year_2', 'digits_6') then 'gregorian'
                            when form in ('year_2', 'digits_6') then {calendars.short_calendar}
                            when {_sql(calendars.is_hijri)} and year between {JALALI_YEARS[0]} and {JALALI_YEARS[1]}
                            then case when year between {HIJRI_YEARS[0]} and {HIJRI_YEARS[1]} then 'hijri' end
                            when year between {JALALI_YEARS[0]} and {JALALI_YEARS[1]} then 'jalali'
                            when year between {GREGORIAN_YEARS[0]} and {GREGORIAN_YEARS[1]} then 'gregorian'
                       end as told, case when named is null or named = told then told end as calendar
                from aged
            ), dated as (
                select placed.*, coalesce(
                           known.iso_date, lunar.iso_date,
                           case when serial is not null then date '{SPREADSHEET_EPOCH}' + serial
                                when calendar = 'gregorian'
                                then try_cast(format('{{:04d}}-{{:02d}}-{{:02d}}', year, month, day_of_month) as date) end
                       ) as iso_date, midst.iso_date as midst
                from placed
                left join {JALALI_TABLE} as known on calendar = 'jalali' and known.jalali_int = day_int
                left join {HIJRI_TABLE} as lunar on calendar = 'hijri' and lunar.hijri_int = day_int
                left join {HIJRI_TABLE} as midst on calendar = 'hijri' and midst.hijri_int = year * 10000 + 701
            )
            {_judged_past(calendars) if is_past else _judged_day(calendars)}
        """,
    )


def month(calendars: Calendars) -> Kind:
    """Jalali months, as 1405-07."""
    short_year = calendars.full_year("try_cast(parts[2] as integer) * 100", HORIZON_YEARS)
    short_digits = "'[0-9]{3,4}'" if calendars.has_short_years else "'never'"
    return Kind(
        type="varchar",
        plain="false",
        query=f"""
            with cleaned as (
                select raw, regexp_replace({latin("trim(raw)")}, '^([0-9]+)[.]0+$', '\\1') as text from texts
            ), cut as (
                select raw, text, case
                    when regexp_full_match(text, '[0-9]{{2}}([0-9]{{2}})?[/.-][0-9]{{1,2}}')
                    then str_split_regex(text, '[/.-]')
                    when regexp_full_match(text, '[0-9]{{6}}') then [text[1:4], text[5:6]]
                    when regexp_full_match(text, {short_digits}) then [lpad(text, 4, '0')[1:2], lpad(text, 4, '0')[3:4]]
                    end as parts
                from cleaned
            ), placed as (
                select raw, text,
                       case when length(parts[1]) = 2 then {short_year} else try_cast(parts[1] as integer) end as year,
                       try_cast(parts[2] as integer) as month
                from cut
            ), valued as (
                select raw, text in {missing_words()} or regexp_full_match(text, '0+') as is_missing,
                       case when month between 1 and 12 and year between {JALALI_YEARS[0]} and {JALALI_YEARS[1]}
                            then format('{{:04d}}-{{:02d}}', year, month) end as value
                from placed
            )
            select raw, value, case when value is null and not is_missing then 'bad_month' end as failure,
                   cast(null as varchar) as note, is_missing, cast(null as varchar) as extra
            from valued
        """,
    )


def _age(calendars: Calendars) -> str:
    if not calendars.is_gregorian:
        return f"age as (select false as is_former, {_sql(calendars.is_buddhist)} as is_buddhist)"
    former, buddhist = (
        f"count(*) filter (where year between {first} and {last}) >= greatest({LEAST_STRANGE}, count(year) / 20)"
        for first, last in (FORMER_YEARS, BUDDHIST_YEARS)
    )
    return f"age as (select {former} as is_former, {buddhist} as is_buddhist from numbered)"


def _judged_day(calendars: Calendars) -> str:
    return f"""
        select raw, case when form is distinct from 'placeholder' then iso_date end as value,
               case when iso_date is null and coalesce(form, '') not in ('missing', 'placeholder')
                    then 'bad_date' end as failure,
               case when form = 'placeholder' then 'placeholder'
                    when iso_date is not null then {_way(calendars)} end as note,
               coalesce(form in ('missing', 'placeholder'), false) as is_missing,
               cast(null as varchar) as extra
        from dated
    """


def _judged_past(calendars: Calendars) -> str:
    placeholders = ", ".join(f"date '{day}'" for day in PLACEHOLDER_DAYS)
    return f"""
        , judged as (
            select *, case
                when form = 'missing' then 'missing'
                when form = 'placeholder' or iso_date in ({placeholders}) or (form <> 'serial' and year = 0)
                then 'placeholder'
                when calendar is null or month > 12 or day_of_month > 31 then 'bad_date'
                when month = 0 or day_of_month = 0 then '{PARTIAL}'
                when iso_date is null then 'no_such_day'
                when iso_date > date '{calendars.business_date}' then 'future'
                end as finding
            from dated
        )
        select raw, case when finding is null then iso_date end as value,
               case when finding = 'bad_date' then finding end as failure,
               case when finding is null then {_way(calendars)}
                    when finding not in ('missing', 'bad_date') then finding end as note,
               coalesce(finding in ('missing', 'placeholder'), false) as is_missing,
               case when finding in ('{PARTIAL}', 'no_such_day')
                    then case when calendar = 'hijri' then {_jalali_year("midst")}
                              when calendar = 'jalali' then format('{{:04d}}-{{:02d}}-00', year, month)
                              else format('{{:04d}}-00-00', year - case when month in (1, 2) then 622 else 621 end) end
               end as extra
        from judged
    """


def _way(calendars: Calendars) -> str:
    """SQL: a note when a date was not written in the declared calendar."""
    if calendars.declared == SERIALS or calendars.holds_ages:
        return "cast(null as varchar)"
    written = "case when is_of_era then 'buddhist' else calendar end"
    declared = calendars.declared.partition(":")[0]
    return f"case when form = 'serial' then 'spreadsheet_serial' when {written} <> '{declared}' then 'other_calendar' end"


def _jalali_year(day: str) -> str:
    """SQL: the Jalali year of a day as one that is known in part, right but for days around Nowruz."""
    return f"format('{{:04d}}-00-00', year({day}) - case when dayofyear({day}) < 80 then 622 else 621 end)"


def _is_year(text: str) -> str:
    return (
        f"(length({text}) = 4 and (try_cast({text} as integer) between {JALALI_YEARS[0]} and {JALALI_YEARS[1]} "
        f"or try_cast({text} as integer) between {GREGORIAN_YEARS[0]} and {GREGORIAN_YEARS[1]}))"
    )


def _sql(condition: bool) -> str:
    return "true" if condition else "false"
