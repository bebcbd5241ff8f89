"""Reading contracts: YAML of the Open Data Contract Standard into Feeds, checked before anything runs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from hub.errors import ContractError
from schemas.feed import Column, Feed, FileFormat, Layout
from schemas.fields import Field, field_dictionary

ROLES = ("registry", "address", "insurer", "support", "employment")
FORMATS = ("delimited", "fixed", "jsonl", "excel", "parquet")
DATE_FORMATS = (
    "jalali:yyyymmdd",
    "jalali:yyyy/mm/dd",
    "jalali:yyyy-mm-dd",
    "jalali:yy/mm/dd",
    "gregorian:yyyymmdd",
    "gregorian:yyyy-mm-dd",
    "gregorian:yyyy/mm/dd",
    "excel:serial",
)
DEFAULT_QUARANTINED_PERCENT = 5.0
MONTH_FORMATS = ("jalali:yymm", "jalali:yyyy-mm")


class _TextLoader(yaml.SafeLoader):
    """YAML in which NO, on, 01 and 2026-11-20 stay text; only true, false and plain numbers are typed."""


_TextLoader.yaml_implicit_resolvers = {}
_TextLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_TextLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|[1-9][0-9]*)$"), list("0123456789"))
_TextLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[0-9]+\.[0-9]+$"), list("0123456789"))
_TextLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


def load_feeds(folder: Path) -> list[Feed]:
    """All feeds declared in a folder, by name.

    Raises:
        ContractError: with file, line where known, and remedy. No feed is returned when one is wrong.
    """
    feeds = [load_feed(path) for path in sorted(folder.glob("*.odcs.yaml"))]
    if not feeds:
        raise ContractError(
            f"There is no contract (*.odcs.yaml) in {folder}; nothing ran.",
            hint="Point DATABANK_CONTRACTS to a folder of contracts; see docs/adding_a_feed.md.",
        )
    names = [feed.name for feed in feeds]
    for name in names:
        if names.count(name) > 1:
            raise ContractError(f"Two contracts declare the feed {name}; nothing ran.", hint="Give each its own name.")
    return feeds


def load_feed(path: Path) -> Feed:
    """Read one contract and check it against the standard and the field dictionary."""
    raw = path.read_bytes()
    try:
        value = yaml.load(raw.decode("utf-8"), Loader=_TextLoader)
        contract = OpenDataContractStandard.model_validate(value)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _wrong(path, f"is no YAML: {getattr(error, 'problem', error)}", mark.line + 1 if mark else None) from error
    except (ValidationError, UnicodeDecodeError) as error:
        detail = (
            "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            if isinstance(error, ValidationError)
            else "it is not UTF-8"
        )
        raise _wrong(path, f"does not fit the Open Data Contract Standard: {detail}") from error
    return replace(_Reader(path, raw.decode("utf-8"), contract).feed(), contract_hash=hashlib.sha256(raw).hexdigest())


def _wrong(path: Path, what: str, line: int | None = None) -> ContractError:
    place = f"{path.name}:{line}" if line else path.name
    return ContractError(f"Contract {place} {what}. Nothing ran.", hint=f"Mend {path}, then run `databank check`.")


class _Reader:
    """One contract's document while it becomes a Feed; knows where to point when something is wrong."""

    def __init__(self, path: Path, text: str, contract: OpenDataContractStandard) -> None:
        self.path, self.lines, self.contract = path, text.splitlines(), contract

    def wrong(self, what: str, near: str = "") -> ContractError:
        line = next((n for n, text in enumerate(self.lines, 1) if near and near in text), None)
        return _wrong(self.path, what, line)

    def feed(self) -> Feed:
        custom = _custom(self.contract)
        name = self.contract.name or ""
        if name != self.path.name.removesuffix(".odcs.yaml"):
            raise self.wrong(f"declares the name {name!r}, which is not its file's name", "name:")
        role = custom.get("role")
        if role not in ROLES:
            raise self.wrong(f"has the role {role!r}, not one of {', '.join(ROLES)}", "role")
        if role == "insurer" and not (custom.get("insurerCode") and custom.get("benefitKind")):
            raise self.wrong("is an insurer's but names no insurerCode and benefitKind", "role")
        dates = custom.get("businessDate") or {}
        if "pattern" not in dates:
            raise self.wrong("does not say how to read the business date from a file's name (businessDate)")
        due = next((str(p.value) for p in self.contract.slaProperties or [] if p.property == "timeOfAvailability"), None)
        return Feed(
            name=name,
            version=self.contract.version or "",
            title_fa=custom.get("titleFa", name),
            purpose=(self.contract.description.purpose if self.contract.description else None) or "",
            agency=custom.get("agency", name),
            role=role,
            files=custom.get("files", "*"),
            business_date_pattern=dates["pattern"],
            business_date_calendar=dates.get("calendar", "gregorian"),
            layouts=tuple(self.layout(schema) for schema in self.contract.schema_ or []),
            insurer_code=custom.get("insurerCode"),
            benefit_kind_code=custom.get("benefitKind"),
            survivorship={k: int(v) for k, v in (custom.get("survivorship") or {}).items()},
            due=due,
            is_our_layout=bool(custom.get("isOurLayout", True)),
            document=self.contract,
        )

    def layout(self, schema: SchemaObject) -> Layout:
        custom = _custom(schema)
        form = custom.get("format") or {}
        if form.get("kind") not in FORMATS:
            raise self.wrong(f"has the format {form.get('kind')!r}, not one of {', '.join(FORMATS)}", "format")
        if custom.get("delivery", "snapshot") != "snapshot":
            raise self.wrong(f"has the delivery kind {custom['delivery']!r}; known is: snapshot", "delivery")
        columns = tuple(self.column(p, form["kind"]) for p in schema.properties or [])
        if not any(column.is_key for column in columns):
            raise self.wrong("has no primaryKey column", "properties")
        names = [column.name for column in columns]
        if len(set(names)) < len(names):
            raise self.wrong(f"maps two columns to {next(n for n in names if names.count(n) > 1)}", "properties")
        limits = {q.metric: q for q in schema.quality or []}
        ours = {q.implementation["metric"]: float(q.implementation["mustBeLessThan"]) for q in schema.quality or [] if q.engine == "databank"}
        between = limits["rowCount"].mustBeBetween if "rowCount" in limits else None
        return Layout(
            format=FileFormat(
                kind=form["kind"],
                encoding=str(form.get("encoding", "utf-8")).lower(),
                delimiter=form.get("delimiter", ","),
                quote=form.get("quote", '"'),
                header=bool(form.get("header", True)),
                sheet=form.get("sheet"),
                header_row=int(form.get("header_row", 1)),
            ),
            columns=columns,
            ignored=tuple(custom.get("ignore") or ()),
            valid_from=date.fromisoformat(custom.get("validFrom", "0001-01-01")),
            valid_to=date.fromisoformat(custom.get("validTo", "9999-12-31")),
            row_count_between=(int(between[0]), int(between[1])) if between else None,
            max_quarantined_percent=ours.get("quarantinedRows", DEFAULT_QUARANTINED_PERCENT),
            max_changed_percent=ours.get("changedRows"),
            max_row_count_change_percent=ours.get("rowCountChange"),
        )

    def column(self, prop: SchemaProperty, kind: str) -> Column:
        name = prop.name or ""
        declared = field_dictionary().get(name)
        if declared is None:
            raise self.wrong(f"maps to {name!r}, which schemas/fields.yaml does not declare", f"name: {name}")
        options = prop.logicalTypeOptions or {}
        custom = _custom(prop)
        if kind == "fixed" and not ("start" in custom and "width" in custom):
            raise self.wrong(f"gives no start and width for {name}", f"name: {name}")
        self.check_form(declared, prop, options)
        limits = {q.metric: q for q in prop.quality or []}
        return Column(
            field=declared,
            source=prop.physicalName or name,
            is_required=bool(prop.required),
            is_key=bool(prop.primaryKey),
            date_format=options.get("format"),
            codes={str(e.value): str(e.description) for e in prop.enum or []},
            start=_number(custom.get("start")),
            width=_number(custom.get("width")),
            max_null_percent=_limit(limits.get("nullValues")),
            max_invalid_percent=_limit(limits.get("invalidValues")),
        )

    def check_form(self, declared: Field, prop: SchemaProperty, options: dict[str, Any]) -> None:
        form = options.get("format")
        known = {"date": DATE_FORMATS, "month": MONTH_FORMATS}.get(declared.type)
        if known and form not in known:
            raise self.wrong(f"reads {declared.name} as {form!r}, not one of {', '.join(known)}", f"name: {declared.name}")
        if declared.type == "code" and not prop.enum:
            raise self.wrong(f"lists no codes (enum) for {declared.name}", f"name: {declared.name}")


def _custom(thing: Any) -> dict[str, Any]:
    return {p.property: p.value for p in thing.customProperties or []}


def _limit(quality: Any) -> float | None:
    return None if quality is None or quality.mustBeLessThan is None else float(quality.mustBeLessThan)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
