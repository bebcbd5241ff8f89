"""The draft as YAML of the Open Data Contract Standard: comments say why, and what to check by hand."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.drafting.code_lists import CodeMeaning
from connectors.drafting.file_names import FilePattern
from connectors.drafting.keys import RecordKey, nearest
from connectors.drafting.meanings import Meaning
from connectors.drafting.recognise import Recognised
from connectors.drafting.shapes import Shape
from schemas.contracts import STANDARD_VERSION
from schemas.feed import DEFAULT_QUARANTINED_PERCENT, JOINT, OPERATION, UNKNOWN_CODE, FileFormat, source_of
from schemas.fields import Field
from schemas.layouts import LOGICAL_TYPES
from schemas.patterns import pattern_of

MOST_EMPTY_PERCENT = 60
"""A column that is emptier than this in the sample gets no limit."""
SHOWN_KEYS, CODES_IN_LINE = 4, 3
CHANGED_PERCENT, ROW_COUNT_CHANGE_PERCENT = 40, 30
USUAL_DAY, USUAL_MONTH, AGES = "jalali:yyyy/mm/dd", "jalali:yyyy-mm", "age:years"
_SERVER_FORMATS = {"delimited": "csv", "jsonl": "json"}
_SURVIVORSHIP = {"identity": ("surname", "full_name"), "address": ("address",), "contact": ("mobile_no",)}
JOINED = {"address": "parts of one address", "given_name": "first and middle name"}
"""What columns look like of which one is made; others are days."""
LAST_RANK = 90
"""A new source is asked last, until somebody ranks it."""


@dataclass(frozen=True)
class Drafted:
    """Everything that the draft says. ``insurer``: code and benefit kind; None for other roles. ``parts``: the agency's
    columns of those that are made of several."""

    feed: str
    title_fa: str
    agency: str
    role: str
    insurer: tuple[str, str] | None
    files: FilePattern
    recognised: Recognised
    row_count: int
    parts: Mapping[str, tuple[str, ...]]
    meanings: Sequence[Meaning]
    shapes: Mapping[str, Shape]
    codes: Mapping[str, Sequence[CodeMeaning]]
    keys: Sequence[RecordKey]

    @property
    def mapped(self) -> list[tuple[Meaning, Field]]:
        """Columns that have a word of ours."""
        return [(each, each.field) for each in self.meanings if each.field is not None]

    @property
    def operation(self) -> str | None:
        """The column that says what each row does to its record; None where files list everything."""
        return next((meaning.source for meaning, field in self.mapped if field.name == OPERATION), None)

    def columns_of(self, source: str) -> tuple[str, ...]:
        """The agency's columns of which one is made."""
        return self.parts.get(source, (source,))


def written(drafted: Drafted) -> str:
    """The contract's text."""
    return "\n".join([*_head(drafted), *_layout(drafted), *_columns(drafted), *_limits(drafted), ""])


def _head(drafted: Drafted) -> Iterator[str]:
    files, form = drafted.files, drafted.recognised.format
    yield f"# Drafted from a sample of {drafted.row_count} rows. Read each comment, correct what is wrong, then"
    yield "# `databank feeds try` it. Comments marked CHECK need somebody who knows the agency."
    yield f"apiVersion: {STANDARD_VERSION}"
    yield "kind: DataContract"
    yield f"id: {drafted.feed.replace('_', '-')}"
    yield "version: 0.1.0"
    yield f"name: {drafted.feed}"
    yield "status: draft"
    yield f"domain: {'insurance' if drafted.role == 'insurer' else 'persons'}"
    yield "description:"
    what = "what changed" if drafted.operation else "full snapshot"
    yield f'  purpose: "{drafted.feed}, {what}."   # CHECK what is in it, and whether each file lists everything'
    yield '  usage: "Person linkage."'
    yield '  limitations: "Drafted from one sample; its codes and limits are ours."'
    yield "servers:"
    path = _text(f"inbox/{drafted.feed}/{files.glob}")
    yield f"  - {{server: inbox, type: local, path: {path}, format: {_SERVER_FORMATS.get(form.kind, form.kind)}}}"
    yield f"team: {{name: {_text(drafted.title_fa)}, description: Answers for content and delivery of this feed}}   # CHECK"
    yield "slaProperties:"
    yield "  - {property: frequency, value: 1, unit: d}   # CHECK how often it comes"
    due = 'value: "22:30+03:30", description: Iran standard time on the business date'
    yield f"  - {{property: timeOfAvailability, {due}}}   # CHECK"
    yield "  - {property: retention, value: 90, unit: d}"
    yield "customProperties:"
    yield f"  - {{property: titleFa, value: {_text(drafted.title_fa)}}}   # CHECK"
    yield f"  - {{property: agency, value: {_text(drafted.agency)}}}"
    yield f"  - {{property: role, value: {drafted.role}}}   # by its columns; CHECK"
    if drafted.insurer:
        yield f"  - {{property: insurerCode, value: {_text(drafted.insurer[0])}}}"
        yield f"  - {{property: benefitKind, value: {drafted.insurer[1]}}}"
    why = "the day in the sample's name" if files.is_found else "the sample's name holds no day: CHECK how files are named"
    yield f"  # {why}"
    yield f"  - {{property: files, value: {_text(files.glob)}}}"
    yield f"  - {{property: businessDate, value: {{pattern: {_text(files.pattern)}, calendar: {files.calendar}}}}}"
    given = {field.name for _, field in drafted.mapped}
    ranks = ", ".join(f"{group}: {LAST_RANK}" for group, names in _SURVIVORSHIP.items() if given.intersection(names))
    if ranks:
        yield f"  - {{property: survivorship, value: {{{ranks}}}}}   # asked last; CHECK"
    yield "  - {property: isOurLayout, value: false}"


def _layout(drafted: Drafted) -> Iterator[str]:
    form = drafted.recognised.format
    declared: dict[str, dict[str, object]] = {
        "delimited": {"encoding": form.encoding, "delimiter": form.delimiter, "header": form.header},
        "fixed": {"encoding": form.encoding},
        "jsonl": {"encoding": form.encoding},
        "json": {"encoding": form.encoding, "record": form.record},
        "xml": {"record": form.record},
        "excel": {"sheet": form.sheet, "header_row": form.header_row},
        "dbf": {"encoding": form.encoding},
    }
    if form.header_rows > 1:
        declared["excel"]["header_rows"] = form.header_rows
    if form.record:
        declared["jsonl"]["record"] = form.record
    usual = FileFormat("delimited")
    declared["delimited"] |= {
        key: value for key in ("quote", "escape") if (value := getattr(form, key)) != getattr(usual, key)
    }
    if form.kind == "delimited" and not form.header:
        declared["delimited"]["columns"] = list(drafted.recognised.names)
    yield "schema:"
    yield f"  - name: {drafted.feed}"
    yield f"    physicalName: {_text(drafted.files.glob)}"
    yield "    physicalType: file"
    yield from (f"    # {reason}" for reason in drafted.recognised.reasons)
    yield "    customProperties:"
    told = ", ".join(
        [f"kind: {form.kind}", *(f"{key}: {_text(value)}" for key, value in declared.get(form.kind, {}).items())]
    )
    yield f"      - {{property: format, value: {{{told}}}}}"
    if drafted.operation:
        yield f"      # {drafted.operation} says what each row does to its record, so a file brings only what changed, and"
        yield "      # whom it does not name goes on. CHECK, and say how files are numbered (sequence) and which of them"
        yield "      # list everything all the same (snapshot)."
    yield f"      - {{property: delivery, value: {'{kind: delta}' if drafted.operation else 'snapshot'}}}"
    ignored = [each for each in drafted.meanings if each.field is None]
    if ignored or drafted.recognised.lists:
        yield "      # Columns left out. CHECK each: whom does it serve, and has schemas/fields.yaml a word for it?"
        for each in ignored:
            yield f"      #   {each.source}: {_figures(drafted.shapes[each.source])}; {'; '.join(each.reasons)}"
        places = dict(zip(drafted.recognised.names, drafted.recognised.places, strict=False))
        left_out = [name for each in ignored for name in drafted.columns_of(each.source)] + list(drafted.recognised.lists)
        names = ", ".join(_text(_characters(*places[name]) if name in places else name) for name in left_out)
        yield f"      - {{property: ignore, value: [{names}]}}"


def _characters(start: int, width: int) -> str:
    return f"{start}-{start + width - 1}"


def _columns(drafted: Drafted) -> Iterator[str]:
    yield from _key(drafted)
    yield "    properties:"
    key = drafted.keys[0].columns if drafted.keys else ()
    places = dict(zip(drafted.recognised.names, drafted.recognised.places, strict=False))
    for meaning, field in drafted.mapped:
        shape = drafted.shapes[meaning.source]
        names = drafted.columns_of(meaning.source)
        if len(names) > 1:
            what = JOINED.get(field.name, "the year, month and day of one date")
            yield f"      # {', '.join(names)} look like {what}, so they are joined: CHECK"
        yield f"      # {meaning.source}: {'; '.join(meaning.reasons)}; {_figures(shape)}"
        parts = [
            f"name: {field.name}",
            f"physicalName: {_text(JOINT.join(source_of(name, drafted.recognised.format.kind) for name in names))}",
            f"logicalType: {LOGICAL_TYPES[field.type]}",
        ]
        if meaning.source in key:
            parts.append("primaryKey: true, required: true")
        elif meaning.source == drafted.operation:
            parts.append("required: true")
        parts.append(f"classification: {field.sensitivity}")
        lines = [", ".join(parts)]
        form = _date_form(drafted, field, shape)
        if form:
            lines.append(f'logicalTypeOptions: {{format: "{form}"}}')
        if meaning.own_shape:
            lines.append(f"logicalTypeOptions: {{pattern: '{meaning.own_shape.pattern}'}}")
        if meaning.source in drafted.codes:
            lines.append(f"enum: [{_enum(drafted.codes[meaning.source])}]")
            yield from _doubts(drafted.codes[meaning.source])
        if meaning.source in places:
            start, width = places[meaning.source]
            lines.append(f"customProperties: [{{property: start, value: {start}}}, {{property: width, value: {width}}}]")
        if (limits := _column_limits(drafted, meaning, field, form)) and meaning.source not in key:
            lines.append(f"quality: [{limits}]")
        yield "      - {" + ",\n         ".join(lines) + "}"


def _key(drafted: Drafted) -> Iterator[str]:
    """Which columns make a row unique; where none do, what to do about it."""
    if not drafted.keys:
        yield "    # CHECK: there is no record key, and without one this contract is not accepted. No number here, alone or"
        yield "    # beside another column, is filled and different in as good as every row."
        near = nearest(drafted.meanings, drafted.shapes)
        if near:
            yield f"    #   the nearest is {near.columns[0]}: {near.why}"
        yield "    # Ask the agency for a number that it gives to each record and keeps, and map it to record_no with"
        yield "    # `primaryKey: true, required: true`; or give that to several columns here that together tell the rows"
        yield "    # apart and do not change. Rows without a key are set aside; of rows that share one at most one counts."
        return
    key = drafted.keys[0]
    yield f"    # The record key is {' and '.join(key.columns)}: {key.why}."
    yield "    # CHECK that the agency keeps it for as long as the record."
    for other in drafted.keys[1:SHOWN_KEYS]:
        yield f"    #   also possible: {' and '.join(other.columns)} ({other.why})"


def _date_form(drafted: Drafted, field: Field, shape: Shape) -> str | None:
    """How a column's days or months are written; of a column that is empty in the sample, as those of the others are."""
    if field.type == "month":
        return shape.month_format or USUAL_MONTH
    if field.type != "date":
        return None
    if field.role == "birth_date" and shape.is_ages:
        return AGES
    others = Counter(form for each, _ in drafted.mapped if (form := drafted.shapes[each.source].date_format))
    return shape.date_format or (others.most_common(1)[0][0] if others else USUAL_DAY)


def _enum(codes: Sequence[CodeMeaning]) -> str:
    known = [f"{{value: {_text(code.text)}, description: {_text(str(code.ours))}}}" for code in codes if code.ours]
    lines = [", ".join(known[first : first + CODES_IN_LINE]) for first in range(0, len(known), CODES_IN_LINE)]
    return ",\n           ".join(lines)


def _doubts(codes: Sequence[CodeMeaning]) -> Iterator[str]:
    for code in codes:
        if not code.is_sure:
            yield f"      #   CHECK {code.text} ({code.row_count} rows) as {code.ours or 'nothing'}: {code.reason}"


def _column_limits(drafted: Drafted, meaning: Meaning, field: Field, date_form: str | None) -> str:
    shape = drafted.shapes[meaning.source]
    codes = drafted.codes.get(meaning.source, ())
    unknown = sum(code.row_count for code in codes if code.ours == UNKNOWN_CODE)
    empty = 100 * (1 - (shape.filled_count - unknown) / shape.row_count)
    limits = []
    if empty <= MOST_EMPTY_PERCENT:
        limits.append(f"{{metric: nullValues, unit: percent, mustBeLessThan: {math.ceil(1.5 * empty) + 5}}}")
    pattern = pattern_of(field, date_form)
    days = shape.birth_share if field.role == "birth_date" else shape.date_share
    valid = shape.valid.get(field.role or "", days if field.type == "date" else None)
    if meaning.own_shape:
        pattern, valid = meaning.own_shape.pattern, meaning.own_shape.share
    elif shape.is_years or date_form == AGES:
        pattern, valid = None, None
    elif pattern and shape.date_format and not any(re.fullmatch(pattern, look) for look in shape.looks):
        pattern = None  # the day's parts stand between other marks
    if valid is not None:
        wrong = 100 * (1 - valid) * shape.filled_share
        percent = min(100, math.ceil(2 * wrong) + 3)
        look = f"arguments: {{pattern: '{pattern}'}}, " if pattern else ""
        limits.append(f"{{metric: invalidValues, {look}unit: percent, mustBeLessThan: {percent}}}")
    return ", ".join(limits)


def _limits(drafted: Drafted) -> Iterator[str]:
    yield "    # CHECK after some nights: how much of the file changes, and how much its size does."
    yield "    quality:"
    for metric, percent in (
        ("quarantinedRows", DEFAULT_QUARANTINED_PERCENT),
        ("changedRows", CHANGED_PERCENT),
        ("rowCountChange", ROW_COUNT_CHANGE_PERCENT),
    ):
        limit = f"{{metric: {metric}, unit: percent, mustBeLessThan: {percent:g}}}"
        yield f"      - {{type: custom, engine: databank, implementation: {limit}}}"


def _figures(shape: Shape) -> str:
    return f"filled in {shape.filled_share:.1%} of the rows, {shape.distinct_count} distinct values"


def _text(value: object) -> str:
    """A value as YAML: JSON is a part of it."""
    return json.dumps(value, ensure_ascii=False)
