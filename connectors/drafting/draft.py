"""A contract drafted from a sample file: what was found, why, and what a person has to check."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from connectors.drafting import contract
from connectors.drafting.code_lists import CodeMeaning, code_list
from connectors.drafting.file_names import file_name_pattern
from connectors.drafting.keys import RecordKey, candidates
from connectors.drafting.meanings import Meaning, meanings
from connectors.drafting.sample import Sample, read_sample
from connectors.drafting.second_look import is_cover, second_look, with_one
from connectors.drafting.shapes import Shape, shape_of
from connectors.drafting.words import Words, words_with
from hub.duck import Connection, connection
from hub.errors import SettingsError
from hub.settings import Settings
from schemas.codes import insurers
from schemas.contracts import FEED_NAME, ROLES
from schemas.feed import OPERATION, UNKNOWN_CODE, Feed

ROLES_BY_FIELD = (
    ("work_month", "employment"), ("student_no", "education"), ("pupil_no", "education"), ("degree_code", "education"),
    ("account_no", "banking"),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the person who drafts already knows; what is left out is guessed or left to be filled in."""

    agency: str = ""
    dataset: str = ""
    role: str = ""
    insurer_code: str = ""
    benefit_kind_code: str = "basic"
    title_fa: str = ""


@dataclass(frozen=True)
class Draft:
    """A drafted contract. ``text``: the YAML; ``keys``: candidates for the record key, the chosen one first, none where no
    number is fit for one; ``provable``: the text, with some column as key where none is proposed, to prove all else by."""

    feed: str
    role: str
    sample: Sample
    meanings: tuple[Meaning, ...]
    keys: tuple[RecordKey, ...]
    text: str
    provable: str

    @property
    def mapped_count(self) -> int:
        """Columns that have a word of ours."""
        return sum(each.field is not None for each in self.meanings)


def draft_contract(settings: Settings, path: Path, wanted: Wanted, feeds: Sequence[Feed], business_date: date) -> Draft:
    """Draft the contract of a sample file. Touches nothing but scratch space.

    Args:
        feeds: contracts that are there already; their headers and codes are known words.

    Raises:
        DeliveryCorrupt: the sample is of no known format, or holds no row.
        SettingsError: a given name, role or insurer cannot be used.
    """
    feed = _feed_name(path, wanted)
    if wanted.role and wanted.role not in ROLES:
        raise SettingsError(
            f"There is no role {wanted.role!r}; nothing was drafted.", hint=f"Use one of: {', '.join(ROLES)}."
        )
    if wanted.insurer_code and wanted.insurer_code not in insurers():
        raise SettingsError(
            f"There is no insurer {wanted.insurer_code!r} in schemas/codes/insurers.csv; nothing was drafted.",
            hint=f"Use one of: {', '.join(insurers())}; or write it down there first.",
        )
    words = words_with(feeds)
    sample = read_sample(path, words)
    words = words.of_kind(sample.recognised.format.kind)
    with connection(settings) as con:
        shapes = _shapes(con, sample, words, business_date)
    is_insurer = bool(wanted.insurer_code)
    found = meanings(shapes, words, is_insurer=is_insurer)
    found = second_look(found, sample.rows, shapes, sample.recognised.lists, is_insurer=is_insurer)
    codes = _codes(found, sample, shapes, words)
    found = [each if each.source not in codes or _is_usable(codes[each.source]) else _without_codes(each) for each in found]
    found = with_one(found, shapes)
    keys = candidates(sample.rows, found, shapes)
    role = _role(found, wanted)
    drafted = contract.Drafted(
        feed=feed,
        title_fa=wanted.title_fa or feed,
        agency=wanted.agency or feed,
        role=role,
        insurer=(wanted.insurer_code, wanted.benefit_kind_code) if role == "insurer" else None,
        files=file_name_pattern(path.name, feed),
        recognised=sample.recognised,
        row_count=sample.rows.num_rows,
        parts=sample.parts,
        meanings=found,
        shapes=shapes,
        codes={source: each for source, each in codes.items() if _is_usable(each)},
        keys=keys,
    )
    some = RecordKey((next(each.source for each in found if each.field is not None),), 0, "")
    provable = contract.written(replace(drafted, keys=keys or [some]))
    return Draft(feed, role, sample, tuple(found), tuple(keys), contract.written(drafted), provable)


def _shapes(con: Connection, sample: Sample, words: Words, business_date: date) -> dict[str, Shape]:
    """What the columns are like. Days that are to come tell the calendar of births alone; covers and cards end in years to
    come. The calendar of a file's births is that of its other days."""
    shapes = {name: shape_of(con, sample.rows.column(name), business_date) for name in sample.names}
    if not any(shape.is_lunar and "birth_date" in words.header_evidence(name) for name, shape in shapes.items()):
        return shapes
    return {name: shape_of(con, sample.rows.column(name), business_date, is_hijri=True) for name in sample.names}


def _feed_name(path: Path, wanted: Wanted) -> str:
    given = "_".join(part for part in (wanted.agency, wanted.dataset) if part)
    stem = re.sub(r"[^a-z0-9]+", "_", path.name.partition(".")[0].lower())
    name = given or re.sub(r"_*\d{4,}_*$|_+$", "", re.sub(r"^[^a-z]+", "", stem)) or "new_feed"
    if not FEED_NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a feed's name; nothing was drafted.",
            hint="Give --agency and --dataset in lower case letters, digits and underscores.",
        )
    return name


def _codes(
    found: Sequence[Meaning], sample: Sample, shapes: Mapping[str, Shape], words: Words
) -> dict[str, list[CodeMeaning]]:
    names = next((each.source for each in found if each.field is not None and each.field.name == "given_name"), None)
    return {
        each.source: code_list(
            each.field,
            shapes[each.source],
            words,
            (sample.rows.column(each.source), sample.rows.column(names)) if names else None,
        )
        for each in found
        if each.field is not None and each.field.type == "code"
    }


def _is_usable(codes: Sequence[CodeMeaning]) -> bool:
    return any(code.ours not in (None, UNKNOWN_CODE) for code in codes)


def _without_codes(meaning: Meaning) -> Meaning:
    name = meaning.field.name if meaning.field else ""
    said = f"it looks like {name}, and not one of its codes is known here"
    if name == OPERATION:
        said += ". CHECK: if it says what each row does to its record, files do not list everything (`kind: delta`)"
    return Meaning(meaning.source, None, 0.0, (said,))


def _role(found: Sequence[Meaning], wanted: Wanted) -> str:
    """The role that was asked for; an insurer's only where its columns are there, so that the draft can be loaded."""
    if wanted.insurer_code and is_cover(found):
        return "insurer"
    if wanted.role and wanted.role != "insurer":
        return wanted.role
    names = {each.field.name for each in found if each.field}
    return next((role for name, role in ROLES_BY_FIELD if name in names), "support")
