"""Reading contracts: YAML of the Open Data Contract Standard into Feeds, checked before anything runs.

A contract passes three gates: the standard's own JSON schema, our rules about the feed (here), our rules about its layouts
(``schemas.layouts``). Each refusal names file, line and remedy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, time
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError as SchemaFault
from open_data_contract_standard.model import OpenDataContractStandard

from hub.errors import ContractError
from schemas.codes import BENEFIT_KINDS, insurers
from schemas.document import Part, read_document
from schemas.feed import FACT_ROLES, Feed
from schemas.file_names import file_name
from schemas.layouts import layouts, loose_wait_minutes
from schemas.wires import wire_of

STANDARD_VERSION = "v3.2.0"
ROLES = ("registry", "address", "insurer", "support", "employment", "education", "banking", *FACT_ROLES)
CALENDARS = ("jalali", "gregorian")
SURVIVORSHIP = ("identity", "address", "contact")
CUSTOM = (
    "titleFa", "agency", "role", "insurerCode", "benefitKind", "files", "businessDate", "looseTables", "survivorship",
    "isOurLayout",
)  # fmt: skip
NEEDED_CUSTOM = ("titleFa", "agency", "role", "files", "businessDate")
SUFFIX = ".odcs.yaml"
FEED_NAME = re.compile(r"[a-z][a-z0-9_]*")
MESSAGE_LENGTH = 200
SOME_DAY = date(2026, 11, 20)


def load_feeds(folder: Path) -> list[Feed]:
    """All feeds declared in a folder, by name.

    Raises:
        ContractError: with file, line and remedy. No feed is returned when one is wrong.
    """
    feeds = [load_feed(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    if not feeds:
        raise ContractError(
            f"There is no contract (*.odcs.yaml) in {folder}; nothing ran.",
            hint="Point DATABANK_CONTRACTS to a folder of contracts; see docs/adding_a_feed.md.",
        )
    return feeds


def load_feed(path: Path) -> Feed:
    """Read one contract and check it.

    Raises:
        ContractError: it is no YAML, not what the standard or the field dictionary says, or breaks a rule of ours.
    """
    status = path.stat()
    return _load_feed(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _load_feed(path: Path, mtime_ns: int, size: int) -> Feed:
    document = read_document(path)
    root = document.root
    _check_standard(root)
    custom = root.custom(CUSTOM)
    name = _name(root)
    role = _role(root, custom)
    pattern, calendar = _business_date(custom["businessDate"])
    feed = Feed(
        name=name,
        version=root["version"].text(),
        title_fa=custom["titleFa"].text(),
        purpose=root["description"]["purpose"].text(),
        agency=custom["agency"].text(),
        role=role,
        files=custom["files"].text(),
        business_date_pattern=pattern,
        business_date_calendar=calendar,
        layouts=layouts(root, role),
        insurer_code=custom["insurerCode"].text() if role == "insurer" else None,
        benefit_kind_code=custom["benefitKind"].text() if role == "insurer" else None,
        survivorship=_survivorship(custom.get("survivorship")),
        due=_due(root),
        is_our_layout=custom["isOurLayout"].value is not False if "isOurLayout" in custom else True,
        wire=wire_of(root),
        loose_wait_minutes=loose_wait_minutes(custom.get("looseTables"), root),
        contract_hash=document.sha256,
        document=OpenDataContractStandard.model_validate(document.value),
    )
    if feed.loose_patterns:
        file_name(feed, SOME_DAY)  # archives of loose tables are named by the contract
    return feed


def standard_faults(value: Any) -> Sequence[SchemaFault]:
    """Where a document departs from the standard's own JSON schema, the most telling fault first."""
    if _is_standard().is_valid(value):  # a hundred times as fast; but where something is wrong it says less
        return []
    # A fault deep inside also makes its surroundings "unevaluated"; the deep one is the one to tell.
    return sorted(
        _standard().iter_errors(value),
        key=lambda fault: (fault.validator == "unevaluatedProperties", -len(fault.absolute_path), str(fault.absolute_path)),
    )


@cache
def _standard() -> Draft201909Validator:
    return Draft201909Validator(_standard_schema())


@cache
def _is_standard() -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(_standard_schema())


def _standard_schema() -> Any:
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def _check_standard(root: Part) -> None:
    faults = standard_faults(root.value)
    if faults:
        part = root
        for step in faults[0].absolute_path:
            part = part[step]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise part.wrong(
            f"does not fit the Open Data Contract Standard: {faults[0].message[:MESSAGE_LENGTH]}{more}",
            "Compare with a contract in schemas/feeds.",
        )
    if root["apiVersion"].value != STANDARD_VERSION:
        raise root["apiVersion"].wrong(f"is for {root['apiVersion'].text()} of the standard", f"Write {STANDARD_VERSION}.")


def _name(root: Part) -> str:
    name = root["name"].text()
    stem = root.document.path.name.removesuffix(SUFFIX)
    if name != stem:
        raise root["name"].wrong(f"declares the name {name!r}, which is not its file's name", f"Write name: {stem}.")
    if not FEED_NAME.fullmatch(name):
        raise root["name"].wrong(f"declares the name {name!r}", "Use lower case letters, digits and underscores.")
    return name


def _role(root: Part, custom: dict[str, Part]) -> str:
    for needed in NEEDED_CUSTOM:
        if not custom.get(needed, root["nothing"]).value:
            raise root["customProperties"].wrong(f"has no customProperty {needed}", "Add it; see docs/adding_a_feed.md.")
    role = custom["role"].text()
    if role not in ROLES:
        raise custom["role"].unknown("role", role, ROLES)
    for name in ("insurerCode", "benefitKind"):
        if role == "insurer" and name not in custom:
            raise root["customProperties"].wrong(f"is an insurer's but names no {name}", "Add it as a customProperty.")
        if role != "insurer" and name in custom:
            raise custom[name].wrong(f"is no insurer's but names an {name}", "Leave it out, or correct the role.")
    if role == "insurer":
        _check_insurer(custom["insurerCode"], custom["benefitKind"])
    return role


def _check_insurer(code: Part, kind: Part) -> None:
    insurer = insurers().get(code.text())
    if insurer is None:
        raise code.unknown("insurerCode", code.text(), insurers().keys())
    if kind.value not in BENEFIT_KINDS:
        raise kind.unknown("benefitKind", kind.text(), BENEFIT_KINDS)
    if kind.value not in insurer.benefit_kinds:
        raise kind.wrong(
            f"says {kind.text()} for {insurer.code}, which schemas/codes/insurers.csv does not list with that kind",
            f"It lists: {', '.join(sorted(insurer.benefit_kinds)) or 'none'}.",
        )


def _business_date(part: Part) -> tuple[str, str]:
    for key in part.value if isinstance(part.value, dict) else ():
        if key not in ("pattern", "calendar"):
            raise part[key].unknown("key in businessDate", key, ("pattern", "calendar"))
    pattern, calendar = part["pattern"].text(), part["calendar"].text("gregorian")
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as error:
        raise part["pattern"].wrong(f"has a businessDate pattern that is no regular expression: {error}", "") from error
    if groups != {"y", "m", "d"}:
        raise part["pattern"].wrong(
            "has a businessDate pattern without exactly the named groups y, m and d",
            r"For example: _(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})\.",
        )
    if calendar not in CALENDARS:
        raise part["calendar"].unknown("calendar", calendar, CALENDARS)
    return pattern, calendar


def _survivorship(part: Part | None) -> dict[str, int]:
    if part is None:
        return {}
    for key, rank in part.value.items():
        if key not in SURVIVORSHIP:
            raise part[key].unknown("survivorship group", key, SURVIVORSHIP)
        if type(rank) is not int or rank < 1:
            raise part[key].wrong(f"ranks {key} as {rank!r}", "Give a whole number; 1 is best.")
    return dict(part.value)


def _due(root: Part) -> str | None:
    for entry in root["slaProperties"].each():
        if entry["property"].value == "timeOfAvailability":
            due = entry["value"].text()
            try:
                time.fromisoformat(due)
            except ValueError as error:
                raise entry["value"].wrong(f"is due at {due!r}", 'Write a time of day as "22:30+03:30".') from error
            return due
    return None
