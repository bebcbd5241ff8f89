"""What a synthetic nation is asked to be: size, seed, nights, and how often what goes wrong.

All rates are judgements within the ranges of published reports, not facts; each is a parameter (see ``NoiseRates``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date

from schemas.feed import Feed

FIRST_BUSINESS_DATE = date(2026, 11, 19)


@dataclass(frozen=True)
class NoiseRates:
    """Share of records (0..1) that carry each typed corruption, drawn once per record and column.

    Columns: the first word names the column. ``code_*`` the national code; ``name_*`` given name and surname, each drawn
    separately; ``father_*``; ``birth_*``; ``postal_missing``, ``mobile_missing``; ``address_*``; ``row_*`` whole rows.
    """

    code_missing: float = 0.015
    code_typo: float = 0.004
    code_random_valid: float = 0.0003
    code_relative: float = 0.0006
    code_zeros_lost: float = 0.01
    code_float: float = 0.004
    code_persian_digits: float = 0.003
    code_dashes: float = 0.003
    code_dummy: float = 0.002
    name_letters: float = 0.20
    name_spacing: float = 0.45
    name_hamza: float = 0.30
    name_blanks: float = 0.01
    name_homophone: float = 0.006
    name_dot: float = 0.006
    name_dropped_letter: float = 0.004
    name_doubled_letter: float = 0.003
    name_swapped_letters: float = 0.003
    name_other_letter: float = 0.004
    name_dropped_part: float = 0.025
    name_honorific: float = 0.01
    name_honorific_dropped: float = 0.35
    name_initial: float = 0.0005
    name_transliterated: float = 0.25
    name_swapped: float = 0.002
    father_missing: float = 0.08
    birth_missing: float = 0.003
    birth_placeholder: float = 0.006
    birth_day: float = 0.008
    birth_month: float = 0.004
    birth_year: float = 0.004
    birth_swapped: float = 0.003
    birth_zero_day: float = 0.004
    birth_zero_month: float = 0.003
    sex_wrong: float = 0.0006
    certificate_missing: float = 0.10
    postal_missing: float = 0.30
    postal_old: float = 0.05
    mobile_missing: float = 0.20
    mobile_form: float = 0.05
    address_old: float = 0.05
    row_duplicate: float = 0.001
    row_bad_date: float = 0.00012
    row_bad_code: float = 0.00012
    row_cut: float = 0.00012
    row_illegal_byte: float = 0.00012

    def times(self, factor: float, *prefixes: str) -> NoiseRates:
        """The same rates multiplied for the columns named (all when none is), capped at 0.9."""
        names = [f.name for f in fields(self) if not prefixes or f.name.startswith(prefixes)]
        return replace(self, **{name: min(0.9, getattr(self, name) * factor) for name in names})

    def for_feed(self, feed: Feed) -> NoiseRates:
        """How these rates show at one agency: civil registration is clean, old pension files are worst.

        Employers' lists come with control totals, so no line of theirs is cut.
        """
        if feed.role == "registry":
            spelling = self.times(
                0.0, "code_", "name_", "father_", "birth_", "sex_", "certificate_", "postal_", "mobile_", "row_dup"
            )
            return replace(spelling, birth_zero_day=self.birth_zero_day / 4, father_missing=self.father_missing / 40)
        if feed.role == "insurer" and feed.benefit_kind_code == "pension":
            return self.times(4.0, "code_missing", "birth_placeholder").times(2.0, "father_", "code_typo", "birth_zero")
        if not feed.lists_persons:  # entered after an inquiry at the registry
            return self.times(0.0, "code_", "birth_", "row_")
        if feed.role == "employment":
            return replace(self, row_cut=0.0)
        if feed.role == "support":
            return self.times(1.5, "code_missing", "name_homophone", "name_dot", "postal_")
        if feed.role == "address":
            return self.times(0.1, "postal_", "address_")
        return self


@dataclass(frozen=True)
class EventRates:
    """Share of persons (0..1) to whom each event happens from one night to the next.

    Several times what a real night brings, so that a small nation shows each kind of change.
    """

    birth: float = 0.0003
    death: float = 0.0003
    move: float = 0.001
    marriage: float = 0.0003
    surname_change: float = 0.0001
    cover_start: float = 0.001
    cover_end: float = 0.001


@dataclass(frozen=True)
class Habits:
    """Shares (0..1) that shape the nation itself.

    ``overlap`` is the share of people who hold two basic booklets, mostly left over from the free funds (published
    estimates: 6 to 7 million of 81); ``twin`` births are 4 % (civil registration, 1404). ``second_papers``: foreigners whom
    an insurer entered again by another code; ``patient``: persons with a disease mark, ``patient_of_two``: the same of those
    with two booklets, ``benefit``: workers who had, or have, an unemployment benefit.
    """

    foreigner: float = 0.02
    twin: float = 0.04
    twin_alike: float = 0.40
    son_named_as_father: float = 0.006
    grandson_named_as_grandfather: float = 0.06
    uninsured: float = 0.08
    overlap: float = 0.07
    past_cover: float = 0.04
    supplementary: float = 0.18
    mobile_shared: float = 0.20
    grandparent_with_child: float = 0.35
    dead_still_listed: float = 0.25
    unregistered: float = 0.0002
    second_papers: float = 0.02
    patient: float = 0.003
    patient_of_two: float = 0.03
    benefit: float = 0.01


@dataclass(frozen=True)
class NationOptions:
    """One nation: the same options give byte-equal files.

    Args:
        missing_national_code: overrides ``noise.code_missing`` for every feed but civil registration.
        nocodes: nobody but civil registration knows national codes (the hardest case of linkage).
    """

    persons: int
    seed: int = 1
    nights: int = 1
    start_date: date = FIRST_BUSINESS_DATE
    noise: NoiseRates = field(default_factory=NoiseRates)
    events: EventRates = field(default_factory=EventRates)
    habits: Habits = field(default_factory=Habits)
    missing_national_code: float | None = None
    nocodes: bool = False

    def rates(self, feed: Feed) -> NoiseRates:
        """Noise of one feed, with the overrides applied."""
        rates = self.noise.for_feed(feed)
        if feed.is_registry:
            return rates
        if self.nocodes:
            return replace(rates.times(0.0, "code_"), code_missing=1.0)
        if self.missing_national_code is not None:
            return replace(rates, code_missing=self.missing_national_code)
        return rates


@dataclass(frozen=True)
class NationSummary:
    """What was written: counts only. ``files`` are paths under the output folder."""

    persons: int
    records: int
    corruptions: int
    overlaps: int
    files: tuple[str, ...]
    rows_by_feed: dict[str, int]
    business_dates: tuple[date, ...]
    seconds: float
