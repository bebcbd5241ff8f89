"""Code lists and tables of facts: every CSV of ``schemas/codes``, typed and read once.

Sources, licences and how far each list can be trusted: ``schemas/codes/README.md``.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from hub.errors import ContractError

FOLDER = Path(__file__).parent / "codes"
ANY_OTHER = "ANY_OTHER"
BENEFIT_KINDS = {
    "basic": "basic_health",
    "supplementary": "supplementary",
    "pension": "pension",
    "special_patient": "special_patient",
}
OUTCOMES = ("block_a", "block_b", "choose", "case", "inform")
DEPENDANT = "dependant"
RELATIONS = ("", "principal", DEPENDANT, "spouse", "child", "parent", "other")
SEXES = ("", "male", "female")
THAI = re.compile("[\u0e00-\u0e7f]")


@dataclass(frozen=True)
class Insurer:
    """An insurer or fund; ``benefit_kinds`` in our words, see ``BENEFIT_KINDS`` (none: a support body)."""

    code: str
    name_fa: str
    name_en: str
    benefit_kinds: frozenset[str]
    confidence: str


@dataclass(frozen=True)
class Province:
    """A province. Units: ``population_thousands`` about the census of 1395."""

    code: str
    name_fa: str
    name_en: str
    iso_code: str
    population_thousands: int


@dataclass(frozen=True)
class OverlapRule:
    """One dated rule between two basic covers of a person; the lowest priority number that fits decides.

    Conditions that are empty fit anybody: ``member_kind_a``; ``relation_a`` and ``relation_b``, where dependant stands for
    all but principals; ``sex_code_a``; the person's age on the day in completed years, ``[from_age_a, to_age_a)``.
    ``insurer_b`` ANY_OTHER: any other insurer. ``outcome_code`` block_a: a's booklet is blocked and b keeps; block_b: the
    other way round; choose: the person decides; case: people decide; inform. In force on days ``[from_date, to_date)``; a
    first day of 0001-01-01: no source states one.
    """

    rule_code: str
    priority: int
    insurer_a: str
    member_kind_a: str
    insurer_b: str
    outcome_code: str
    from_date: date
    to_date: date
    basis: str
    source: str
    confidence: str
    reason_fa: str
    reason_en: str = ""
    relation_a: str = ""
    sex_code_a: str = ""
    from_age_a: int | None = None
    to_age_a: int | None = None
    relation_b: str = ""


@dataclass(frozen=True)
class NationalCodePrefix:
    """First three digits of a national code: where it was issued. A soft hint, never a reason to reject."""

    prefix: str
    province_fa: str
    city_fa: str
    note: str


@dataclass(frozen=True)
class NameFrequency:
    """How often a name occurs; ``count`` None where the source gives only a rank (in ``note``)."""

    kind: str
    name_fa: str
    count: int | None
    note: str
    source: str


@cache
def insurers() -> dict[str, Insurer]:
    """All insurers and funds by code."""
    return {
        row["code_ours"]: Insurer(
            code=row["code_ours"],
            name_fa=row["name_fa"],
            name_en=row["name_en"],
            benefit_kinds=frozenset(ours for ours, theirs in BENEFIT_KINDS.items() if theirs in row["kind"]),
            confidence=row["confidence"],
        )
        for row in read_rows("insurers")
    }


def basic_insurers() -> frozenset[str]:
    """Codes of the insurers that give basic cover."""
    return frozenset(code for code, insurer in insurers().items() if "basic" in insurer.benefit_kinds)


@cache
def provinces() -> dict[str, Province]:
    """The 31 provinces by code."""
    return {
        row["province_code"]: Province(
            row["province_code"], row["name_fa"], row["name_en"], row["iso_code"], int(row["population_thousands"])
        )
        for row in read_rows("provinces")
    }


@cache
def overlap_rules() -> tuple[OverlapRule, ...]:
    """The rules of the tree, in order of priority."""
    return read_overlap_rules(FOLDER / "overlap_rules.csv")


def read_overlap_rules(path: Path) -> tuple[OverlapRule, ...]:
    """Read and check a rule table.

    Raises:
        ContractError: names file, line and remedy.
    """
    rules: list[OverlapRule] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            try:
                rules.append(overlap_rule(row))
            except (ValueError, KeyError) as error:
                raise ContractError(
                    f"Rule table {path.name}:{reader.line_num} cannot be used: {error}. Nothing ran.",
                    hint=f"Mend {path}; its columns are explained in schemas/codes/README.md.",
                ) from error
    return tuple(sorted(rules, key=lambda rule: (rule.priority, rule.rule_code, rule.from_date)))


def overlap_rule(row: Mapping[str, str]) -> OverlapRule:
    """A rule from the texts of its columns.

    Raises:
        ValueError: says which text cannot be used.
        KeyError: a column is missing.
    """
    if row["insurer_a"] not in insurers():
        raise ValueError(f"no insurer {row['insurer_a']!r} in insurers.csv")
    if row["insurer_b"] not in insurers() and row["insurer_b"] != ANY_OTHER:
        raise ValueError(f"no insurer {row['insurer_b']!r} in insurers.csv, nor {ANY_OTHER}")
    if row["outcome_code"] not in OUTCOMES:
        raise ValueError(f"outcome_code {row['outcome_code']!r} is not one of {', '.join(OUTCOMES)}")
    for name, known in (("relation_a", RELATIONS), ("relation_b", RELATIONS), ("sex_code_a", SEXES)):
        if row[name] not in known:
            raise ValueError(f"{name} {row[name]!r} is not one of {', '.join(filter(None, known))}, or empty")
    typed = {
        "priority": int(row["priority"]),
        "from_date": date.fromisoformat(row["from_date"]),
        "to_date": date.fromisoformat(row["to_date"]),
        "from_age_a": int(row["from_age_a"]) if row["from_age_a"] else None,
        "to_age_a": int(row["to_age_a"]) if row["to_age_a"] else None,
    }
    rule = OverlapRule(**{name: row[name] for name in OverlapRule.__dataclass_fields__} | typed)  # type: ignore[arg-type]
    if rule.from_date >= rule.to_date:
        raise ValueError("it ends before it begins")
    if rule.from_age_a is not None and rule.to_age_a is not None and rule.from_age_a >= rule.to_age_a:
        raise ValueError("its ages end before they begin")
    return rule


@cache
def national_code_prefixes() -> dict[str, NationalCodePrefix]:
    """Known prefixes of national codes."""
    return {
        row["prefix"]: NationalCodePrefix(row["prefix"], row["province_fa"], row["city_fa"], row["note"])
        for row in read_rows("national_code_prefixes")
    }


@cache
def name_frequencies() -> tuple[NameFrequency, ...]:
    """Published counts and ranks of names; kind: surname, female_given, male_given. A name may occur twice."""
    return tuple(
        NameFrequency(row["kind"], row["name_fa"], int(row["count"]) if row["count"] else None, row["note"], row["source"])
        for row in read_rows("name_frequencies")
    )


@cache
def month_names() -> dict[str, dict[str, int]]:
    """Numbers of months by calendar and name, in lower case and without accents."""
    names: dict[str, dict[str, int]] = {}
    for row in read_rows("month_names"):
        numbers = names.setdefault(row["calendar"], {})
        numbers.update((without_accents(name), int(row["month_no"])) for name in row["names"].split())
    return names


def without_accents(text: str) -> str:
    """A text in lower case, its letters without marks, as DuckDB's ``lower(strip_accents(text))`` has it; Thai stays as it
    is, whose marks are vowels."""
    return (
        text
        if THAI.search(text)
        else "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)).lower()
    )


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of ``schemas/codes/<name>.csv`` as text."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
