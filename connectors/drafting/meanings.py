"""Which word of ours a column is: evidence of its header and of its values, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors.drafting.code_lists import REST
from connectors.drafting.headers import is_age, is_another_day, is_another_place, is_of_another, levelled
from connectors.drafting.own_shapes import OwnShape, own_shape
from connectors.drafting.shapes import PLAIN_SHARE, SERIAL, Shape, is_fit
from connectors.drafting.subject import NAME_FIELDS, read_headers
from connectors.drafting.words import Evidence, Words
from schemas.feed import OPERATION
from schemas.fields import Field, field_dictionary

LEAST_EVIDENCE = 2.5
"""A column of less evidence stays unmapped."""
PROVED, LIKELY, HINT, FOREIGN, AGAINST = 5.0, 3.0, 1.0, -2.0, -8.0
"""What values count that pass a check, look like the field, fit it, may be such numbers abroad, or cannot be it."""
NAMED = 5.0
"""A header of so much evidence names a field; when its values are something else, the draft says so."""
FORENAME_SHARE, WOMEN_SHARE, NO_WOMEN_SHARE, SURNAME_SHARE = 0.12, 0.03, 0.005, 0.2
WHOLE_NAME_SHARE = 0.25
CLEAR_SURNAME_SHARE, NO_FORENAME_SHARE = 0.5, 0.02
"""Values are plainly surnames, whatever the header says, when so many look so and hardly any is a given name."""
LEAST_NAMES = 10
"""Fewer distinct names tell nothing."""
LIFE_DAYS = ("birth_date", "death_date")
COVER_DAYS = ("cover_from_date", "cover_to_date")
PLACES = ("city_name", "province_code", "address")
BIRTH_YEARS = 30
"""Dates that spread over so many years are births rather than days of a contract."""
WORDY_SHARE = 0.9
OF_THE_PERSON = frozenset({
    "national_code", "foreign_id", "passport_no", "given_name", "surname", "full_name", "father_name", "sex_code",
    "birth_date", "death_date", "birth_certificate_no", "nationality_code", "address", "postal_code", "mobile_no",
    "email", "phone_no",
})  # fmt: skip
"""Fields that a header may tell of another person than the record's, as a doctor or an employer."""
LONGEST_CODE = 2
"""Longer texts are words rather than codes: when none is known the column is something else."""
MOSTLY, MOST_STRANGE = 0.5, 6
"""A list of which half the rows and more words than that are unknown is another: towns under a header of provinces."""
BARE_MOBILE = "9" * 10
"""How a mobile number without its 0 looks."""
PLAIN_SEXES = {"m", "f"}
"""Single letters that are sexes whatever the header says; others are so under a header of sexes only."""
SECOND_CODES = frozenset({"principal_national_code"})
"""Fields that only a header can tell from the one whose check they share."""


@dataclass(frozen=True)
class Meaning:
    """What a column is taken for. ``field`` None: nothing fits. ``reasons``: for a person to check. ``own_shape``: how its
    values look, where they are numbers of another country. ``is_doubtful``: its header names what its values are not."""

    source: str
    field: Field | None
    evidence: float
    reasons: tuple[str, ...]
    own_shape: OwnShape | None = None
    is_doubtful: bool = False


def meanings(shapes: Mapping[str, Shape], words: Words, *, is_insurer: bool = True) -> list[Meaning]:
    """The columns of a file, each with the word that most speaks for it; a word is given once.

    Args:
        is_insurer: whether any day that begins or ends may be one of cover.
    """
    read = read_headers(shapes, words)
    headers = {source: words.header_evidence(read[source]) for source in shapes}
    judged = sorted(
        (
            (evidence, number, field.name, reasons)
            for number, (source, shape) in enumerate(shapes.items())
            for field in field_dictionary().values()
            for evidence, reasons in [_evidence(read[source], shape, field, words, headers[source].get(field.name))]
            if evidence >= LEAST_EVIDENCE and (is_insurer or not _only_begins(read[source], field.name, words))
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    sources = list(shapes)
    taken: dict[str, Meaning] = {}
    given: dict[str, str] = {}
    missed: dict[str, str] = {}
    for evidence, number, name, reasons in judged:
        source = sources[number]
        if source in taken:
            continue
        if name in given:
            missed.setdefault(source, name)
            continue
        given[name] = source
        field = field_dictionary()[name]
        taken[source] = Meaning(source, field, evidence, reasons, _foreign(shapes[source], field))
    return [
        _with_doubt(taken.get(source) or _unmapped(source, shape, missed.get(source), given), shape, headers[source], missed)
        for source, shape in shapes.items()
    ]


def _only_begins(text: str, name: str, words: Words) -> bool:
    """Whether a header merely holds a word for a day of cover: what begins or ends there need be none."""
    return name in COVER_DAYS and not words.is_word_for(text, [name])


def _unmapped(source: str, shape: Shape, missed: str | None, given: Mapping[str, str]) -> Meaning:
    if shape.is_row_number:
        said = "it counts the rows of the file, so it says nothing of the person"
    elif shape.filled_count == 0:
        said = "it is empty in the sample"
    elif shape.date_share >= PLAIN_SHARE and missed is None:
        said = f"{shape.date_share:.0%} of its values are days as {shape.date_format}, and no header says which: CHECK"
    else:
        said = (
            f"it looks like {missed} too, which {given[missed]} is by more evidence"
            if missed
            else "neither its header nor its values are known here"
        )
    return Meaning(source, None, 0.0, (said,))


def _with_doubt(meaning: Meaning, shape: Shape, header: Evidence, missed: Mapping[str, str]) -> Meaning:
    """Say where a header names one field and its values are another's, or nothing's; not where another column is it."""
    weight, name = max(((counts, name) for name, (counts, _) in header.items()), default=(0.0, ""))
    is_other = meaning.field is None or (meaning.field.name != name and meaning.field.name not in header)
    if weight < NAMED or not is_other or shape.is_row_number or shape.filled_count == 0:
        return meaning
    if meaning.field is None and missed.get(meaning.source) == name:
        return replace(meaning, is_doubtful=True)
    said = f"its header is a word for {name}, and its values are none: CHECK"
    return replace(meaning, reasons=(said,) if meaning.field is None else (*meaning.reasons, said), is_doubtful=True)


def _evidence(
    text: str, shape: Shape, field: Field, words: Words, header: tuple[float, str] | None
) -> tuple[float, tuple[str, ...]]:
    # Whoever calls a count of rows the record's number has no better one to give.
    if shape.is_row_number and not (field.name == "record_no" and words.is_word_for(text, ["record_no"])):
        return AGAINST, ()
    total, said = header or (0.0, "")
    is_named = words.is_word_for(text, [field.name])
    if field.name == "record_no" and not is_named and not is_fit(shape.repeated_count, shape.row_count):
        return AGAINST, ()
    if field.name in OF_THE_PERSON and not is_named and is_of_another(text, field.name):
        return AGAINST, ()
    if field.name in LIFE_DAYS and not is_named and is_another_day(text):
        return AGAINST, ()
    if field.name in PLACES and not is_named and is_another_place(text):
        return AGAINST, ()
    value, why = _values(shape, field, words)
    if header and value == AGAINST and (own := _foreign(shape, field)):
        value, why = FOREIGN, f"{own.share:.0%} of its values look as {own.pattern}, so they are another country's: CHECK"
    is_of_ages = shape.is_ages and is_age(text, is_json=words.is_json)
    if header and value == AGAINST and field.name == "birth_date" and (shape.is_years or is_of_ages):
        what = "years" if shape.is_years else "ages"
        value, why = 0.0, f"its values are {what}: the year of birth alone is compared"
    if field.name == "surname" and words.is_word_for(text, ["full_name"]):  # whole names end as surnames do
        value = min(value, HINT)
    if field.name == "full_name" and not words.is_word_for(text, NAME_FIELDS):  # a principal's, a guardian's
        value = min(value, HINT)
    if header is None and (field.name in SECOND_CODES or (field.role == "mobile_no" and _is_bare_number(shape))):
        value = min(value, HINT)
    if header is None and _is_guess(shape, field, words):
        value = min(value, HINT)  # two letters may mean anything
    return total + value, tuple(reason for reason in (said, why) if reason)


def _is_guess(shape: Shape, field: Field, words: Words) -> bool:
    """Whether codes under a header that says nothing may as well be others: full and part, high and low, index and unit."""
    known = {words.code(field.name, text) for text in shape.codes}
    if field.name == OPERATION:
        return known != set(field.codes)
    letters = {levelled(text) for text in shape.codes if len(text) == 1 and text.isascii()}
    return field.name == "sex_code" and not (set(field.codes) <= known and (not letters or letters >= PLAIN_SEXES))


def _foreign(shape: Shape, field: Field) -> OwnShape | None:
    """How values look that are no numbers of ours, and may be another country's."""
    if shape.valid.get(field.role or "", 1.0) >= PLAIN_SHARE / 2:
        return None
    # Mobiles of other countries may be as long as ours; these begin otherwise. So may personal numbers, with dots in them.
    return own_shape(str(field.role), shape.looks, shape.filled_count, is_abroad=field.role in ("mobile_no", "foreign_id"))


def _values(shape: Shape, field: Field, words: Words) -> tuple[float, str]:
    if shape.filled_count == 0:
        return 0.0, "it is empty in the sample"
    if field.role in shape.valid:
        return _checked(shape, str(field.role))
    match field.type:
        case "date":
            return _date(shape, field)
        case "month":
            return (LIKELY, f"months as {shape.month_format}") if shape.month_format else (AGAINST, "")
        case "int":
            return (0.0, "whole numbers") if shape.whole_share >= WORDY_SHARE else (AGAINST, "")
        case "code":
            return _code(shape, field, words)
    return _text(shape, field.name)


def _checked(shape: Shape, role: str) -> tuple[float, str]:
    share = shape.valid[role]
    if share < PLAIN_SHARE / 2:
        return AGAINST, ""
    said = f"{share:.0%} of its values pass the check for it"
    if share < PLAIN_SHARE:
        return 0.0, said
    # Shapes without a check digit fit other numbers too: a national code has the shape of a postal code.
    is_shape_only = role in ("postal_code", "foreign_id")
    other = max(shape.valid["national_code"], shape.valid["mobile_no"])
    if is_shape_only:
        return (HINT, f"{share:.0%} of its values have the shape of it") if other < PLAIN_SHARE else (AGAINST, "")
    return PROVED, said


def _date(shape: Shape, field: Field) -> tuple[float, str]:
    share = shape.birth_share if field.role == "birth_date" else shape.date_share
    if shape.date_format is None or share < PLAIN_SHARE:
        return AGAINST, ""
    said = f"{shape.date_share:.0%} of its values are days as {shape.date_format}"
    if shape.as_well:
        said += f", and each of them would be one as {shape.as_well}: CHECK"
    first, last = shape.years
    if field.role == "birth_date" and last - first >= BIRTH_YEARS:
        return LIKELY, f"{said}, spread over {last - first} years"
    return HINT, said


def _code(shape: Shape, field: Field, words: Words) -> tuple[float, str]:
    if not shape.codes:
        return AGAINST, ""
    known = sum(count for text, count in shape.codes.items() if not text.isdigit() and words.code(field.name, text))
    share = known / shape.filled_count
    if field.name == OPERATION and known and (share < PLAIN_SHARE or not _brings_rows(shape, words)):
        return AGAINST, ""  # of a bank's debits and credits D is no deletion
    if share >= PLAIN_SHARE and len(shape.codes) > 1:
        return LIKELY, f"{share:.0%} of its values are words for {field.name}"
    is_number = all(text.strip().isdigit() for text in shape.codes)
    if is_number and len(shape.codes) <= len(field.codes) + 1:
        return 0.0, f"{len(shape.codes)} distinct numbers"
    is_wordy = all(len(text) > LONGEST_CODE for text in shape.codes)
    is_foreign = (is_wordy and not known) or (share <= MOSTLY and _strange_count(shape, field, words) > MOST_STRANGE)
    return (AGAINST if is_foreign else 0.0), f"{share:.0%} of its values are words for it"


def _brings_rows(shape: Shape, words: Words) -> bool:
    """Whether anything but deletions is among what rows do."""
    return any(words.code(OPERATION, text) not in (None, "delete") for text in shape.codes)


def _strange_count(shape: Shape, field: Field, words: Words) -> int:
    """How many words a list has that nobody knows, where none of its codes stands for the rest."""
    has_rest = not set(REST).isdisjoint(field.codes)
    return sum(len(text) > LONGEST_CODE and not words.code(field.name, text) for text in shape.codes) * (not has_rest)


def _text(shape: Shape, name: str) -> tuple[float, str]:
    forenames = shape.male_share + shape.female_share
    if name in ("given_name", "father_name", "surname", "full_name", "city_name", "job_title", "university_name"):
        if shape.name_share < PLAIN_SHARE:
            return AGAINST, ""
        if name in NAME_FIELDS and shape.whole_name_share >= WHOLE_NAME_SHARE:
            said = f"{shape.whole_name_share:.0%} of its values begin with a frequent given name and end as surnames do"
            return (LIKELY, said) if name == "full_name" else (AGAINST, "")
        if shape.distinct_count >= LEAST_NAMES and _is_another_name(shape, name):
            return AGAINST, ""
        if name == "given_name" and forenames >= FORENAME_SHARE and shape.female_share >= WOMEN_SHARE:
            return LIKELY, f"{forenames:.0%} of its values are frequent given names, of men and of women"
        if name == "father_name" and forenames >= FORENAME_SHARE and shape.female_share < NO_WOMEN_SHARE:
            return LIKELY, f"{forenames:.0%} of its values are frequent given names, all of men"
        if (
            name == "surname"
            and shape.surname_share >= SURNAME_SHARE
            and forenames < FORENAME_SHARE
            and shape.distinct_count >= LEAST_NAMES
        ):
            return LIKELY, f"{shape.surname_share:.0%} of its values are frequent surnames or end as surnames do"
        return 0.0, ""
    if name == "email":
        share = shape.email_share
        return (PROVED, f"{share:.0%} of its values are e-mail addresses") if share >= PLAIN_SHARE else (AGAINST, "")
    if name == "phone_no" and shape.valid.get("mobile_no", 0.0) >= PLAIN_SHARE:
        return AGAINST, ""
    if name.endswith("_no") and (shape.word_share > 1 - PLAIN_SHARE or _is_plain_day(shape)):
        return AGAINST, ""
    if name == "birth_certificate_no" and _lettered_share(shape) > 1 - PLAIN_SHARE:
        return AGAINST, ""
    if name.endswith("_no") and shape.valid.get("national_code", 0.0) >= PLAIN_SHARE:
        return -LIKELY, "its values pass the check of national codes"
    return 0.0, ""


def _is_bare_number(shape: Shape) -> bool:
    """Whether values are ten digits, each row's its own: numbers of an agency begin with 9 as mobiles without their 0 do."""
    return shape.is_unique and set(shape.looks) == {BARE_MOBILE}


def _lettered_share(shape: Shape) -> float:
    """Share of values with Latin letters in them, which no birth certificate's number has."""
    return sum(count for look, count in shape.looks.items() if "A" in look) / shape.filled_count


def _is_plain_day(shape: Shape) -> bool:
    return shape.date_format not in (None, SERIAL) and shape.date_share >= PLAIN_SHARE


def _is_another_name(shape: Shape, name: str) -> bool:
    """Whether values are plainly names of another kind than the header may say."""
    forenames = shape.male_share + shape.female_share
    if name in ("given_name", "father_name") and shape.surname_share >= CLEAR_SURNAME_SHARE:
        return forenames < NO_FORENAME_SHARE
    if name == "father_name":
        return shape.female_share >= FORENAME_SHARE / 2
    return name == "surname" and forenames >= FORENAME_SHARE and shape.surname_share < CLEAR_SURNAME_SHARE
