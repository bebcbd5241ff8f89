"""Layouts of a contract: file format, columns, codes, limits, and the rules that bind them to the field dictionary."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise

from schemas.date_formats import DATE_FORMATS, MONTH_FORMATS
from schemas.deltas import delta
from schemas.document import Part
from schemas.feed import (
    DEFAULT_QUARANTINED_PERCENT,
    OPERATION,
    UNKNOWN_CODE,
    Column,
    Control,
    FileFormat,
    Layout,
    characters_of,
    parts_of,
)
from schemas.fields import Field, field_dictionary
from schemas.patterns import FORMER, own_shape, pattern_of
from schemas.text_formats import KNOWN_ENCODINGS, check_marks, text_encoding

FORMATS = {
    "delimited": ("encoding", "delimiter", "quote", "escape", "header", "columns"),
    "fixed": ("encoding", "header"),
    "jsonl": ("encoding", "record"),
    "json": ("encoding", "record"),
    "xml": ("record",),
    "excel": ("sheet", "header_row", "header_rows"),
    "parquet": (),
    "dbf": ("encoding", "control"),
}
FORMAT_KEYS = ("kind", "member")  # of every format
CONTROL_KEYS = ("member", "keys", "count", "sums")
DETECTED = "detect"
DBF_ENCODINGS = (DETECTED, "cp1256", "iran-system", "utf-8")
LOGICAL_TYPES = {"text": "string", "code": "string", "month": "string", "date": "date", "int": "integer", "bool": "boolean"}
PHYSICAL_TYPES = ("text", "number", "date")
NEEDED_FIELDS = {"insurer": ("member_no", "cover_from_date"), "registry": ("national_code",)}
LAYOUT_CUSTOM = ("format", "delivery", "ignore", "validFrom", "validTo")
COLUMN_CUSTOM = ("start", "width")
COLUMN_METRICS = ("nullValues", "invalidValues")
LAYOUT_METRICS = ("quarantinedRows", "changedRows", "rowCountChange")
ENGINE = "databank"
LOOSE_WAIT = "waitMinutes"


def layouts(root: Part, role: str) -> tuple[Layout, ...]:
    """Every schema object of a contract, in order of validity.

    Raises:
        ContractError: names file, line and remedy.
    """
    found = sorted(((_layout(part, role), part) for part in root["schema"].each()), key=lambda pair: pair[0].valid_from)
    if not found:
        raise root["schema"].wrong("has no schema object", "Describe the layout under schema.")
    for (earlier, _), (later, part) in pairwise(found):
        if later.valid_from < earlier.valid_to:
            raise part.wrong(
                "has two layouts that hold on the same days", "Set validFrom and validTo (the day after the last)."
            )
    return tuple(layout for layout, _ in found)


def _layout(part: Part, role: str) -> Layout:
    custom = part.custom(LAYOUT_CUSTOM)
    if "format" not in custom:
        raise part.wrong("has no format", "Add the customProperty format to the schema object.")
    form = _format(custom["format"])
    columns = tuple(_column(prop, form.kind) for prop in part["properties"].each())
    ignored = tuple(str(name) for name in (custom["ignore"].value if "ignore" in custom else ()))
    if form.kind == "fixed" and (strange := [name for name in ignored if characters_of(name) is None]):
        raise custom["ignore"].wrong(
            f"ignores {strange[0]!r} in a fixed width file", "Write first and last character, as 45-52."
        )
    _check_columns(part, columns, ignored, form.kind, role)
    limits = _layout_limits(part["quality"])
    return Layout(
        format=form,
        columns=columns,
        ignored=ignored,
        valid_from=_day(custom.get("validFrom"), date.min),
        valid_to=_day(custom.get("validTo"), date.max),
        row_count_between=_row_count(part["quality"]),
        max_quarantined_percent=limits.get("quarantinedRows", DEFAULT_QUARANTINED_PERCENT),
        max_changed_percent=limits.get("changedRows"),
        max_row_count_change_percent=limits.get("rowCountChange"),
        delta=delta(custom.get("delivery", part["delivery"]), columns),
    )


def loose_wait_minutes(part: Part | None, root: Part) -> int | None:
    """How long a table that lies loose may wait for those that belong to it; None where tables come in archives only.

    Raises:
        ContractError: the property is not as it should be, or a layout does not say which files its archive holds.
    """
    if part is None:
        return None
    for key in part.value if isinstance(part.value, dict) else ():
        if key != LOOSE_WAIT:
            raise part[key].unknown("key of looseTables", key, (LOOSE_WAIT,))
    for layout in root["schema"].each():
        form = layout.custom(LAYOUT_CUSTOM)["format"]
        if form["member"].value is None:
            raise form.wrong("has loose tables but no member", "Write the pattern of their names as member.")
    return _whole(part[LOOSE_WAIT])


def _format(part: Part) -> FileFormat:
    kind = part["kind"].text()
    if kind not in FORMATS:
        raise part.unknown("format", kind, FORMATS)
    known = (*FORMAT_KEYS, *FORMATS[kind])
    for key in part.value:
        if key not in known:
            raise part[key].unknown(f"key of the format {kind}", key, known)
    if kind == "xml" and not part["record"].value:
        raise part.wrong("does not say where in the XML the records are", 'Write record: "list/person", from the root on.')
    check_marks(part)
    return FileFormat(
        kind=kind,
        encoding=_encoding(part["encoding"], kind),
        delimiter=part["delimiter"].text(","),
        quote=part["quote"].text('"'),
        escape=part["escape"].text(),
        header=kind != "fixed" if part["header"].value is None else part["header"].value is True,
        sheet=part["sheet"].value,
        header_row=_whole(part["header_row"], 1),
        header_rows=_whole(part["header_rows"], 1),
        record=part["record"].text(),
        member=part["member"].value,
        control=_control(part["control"]),
        columns=tuple(column.text() for column in part["columns"].each()),
    )


def _encoding(part: Part, kind: str) -> str:
    if kind == "dbf":
        encoding = part.text(DETECTED).lower()
        if encoding not in DBF_ENCODINGS:
            raise part.unknown("encoding", encoding, DBF_ENCODINGS)
        return encoding
    encoding = part.text("utf-8").lower()
    if text_encoding(encoding) is None:
        raise part.wrong(f"has an unknown encoding {encoding!r}", f"Use {KNOWN_ENCODINGS}.")
    return encoding


def _control(part: Part) -> Control | None:
    if part.value is None:
        return None
    for key in part.value:
        if key not in CONTROL_KEYS:
            raise part[key].unknown("key of control", key, CONTROL_KEYS)
    for key in CONTROL_KEYS:
        if not part[key].value:
            raise part.wrong(f"has a control without {key}", f"Give {', '.join(CONTROL_KEYS)}.")
    keys, sums = dict(part["keys"].value), dict(part["sums"].value)
    return Control(part["member"].text(), keys, part["count"].text(), sums)


def _column(prop: Part, kind: str) -> Column:
    name = prop["name"].text()
    field = field_dictionary().get(name)
    if field is None:
        raise prop["name"].unknown("field", name, field_dictionary().keys())
    custom = prop.custom(COLUMN_CUSTOM)
    if kind == "fixed" and set(custom) != set(COLUMN_CUSTOM):
        raise prop.wrong(f"gives no start and width for {name}", "A fixed width file needs both as customProperties.")
    limits = _column_limits(prop["quality"])
    shape = own_shape(prop["logicalTypeOptions"]["pattern"], field)
    _check_pattern(prop["quality"], shape or pattern_of(field, prop["logicalTypeOptions"]["format"].value))
    _check_same(prop["logicalType"], LOGICAL_TYPES[field.type], name)
    _check_same(prop["classification"], field.sensitivity, name)
    if prop["physicalType"].value is not None and prop["physicalType"].value not in PHYSICAL_TYPES:
        raise prop["physicalType"].unknown("physicalType", prop["physicalType"].text(), PHYSICAL_TYPES)
    return Column(
        field=field,
        source=prop["physicalName"].text(name),
        is_required=prop["required"].value is True,
        is_key=prop["primaryKey"].value is True,
        date_format=_date_format(prop, field),
        codes=_codes(prop, field),
        start=_whole(custom["start"]) if "start" in custom else None,
        width=_whole(custom["width"]) if "width" in custom else None,
        max_null_percent=limits.get("nullValues"),
        max_invalid_percent=limits.get("invalidValues"),
        physical_type=prop["physicalType"].value,
        shape=shape,
    )


def _check_same(part: Part, declared: str, name: str) -> None:
    if part.value is not None and part.value != declared:
        raise part.wrong(f"calls {name} {part.text()}, schemas/fields.yaml says {declared}", f"Write {declared}.")


def _date_format(prop: Part, field: Field) -> str | None:
    form = prop["logicalTypeOptions"]["format"]
    days = DATE_FORMATS if field.role == "birth_date" else [each for each in DATE_FORMATS if not each.startswith("age:")]
    known = {"date": days, "month": MONTH_FORMATS}.get(field.type)
    if known is None:
        return None
    if form.value not in known:
        raise form.unknown(f"{field.type} format for {field.name}", form.text(), known)
    return form.text()


def _codes(prop: Part, field: Field) -> dict[str, str]:
    codes: dict[str, str] = {}
    known = field.codes if field.name == OPERATION else (*field.codes, UNKNOWN_CODE)
    for entry in prop["enum"].each():
        theirs, ours = entry["value"].text(), entry["description"].text()
        if field.type == "code" and ours not in known:
            raise entry.unknown(f"code of {field.name}", ours, known)
        if theirs in codes:
            raise entry.wrong(f"lists the code {theirs!r} of {field.name} twice", "Keep one of them.")
        codes[theirs] = ours
    if field.type == "code" and set(codes.values()) <= {UNKNOWN_CODE}:
        raise prop.wrong(f"lists no codes (enum) for {field.name}", f"Ours are: {', '.join(field.codes)}.")
    return codes


def _check_columns(part: Part, columns: Sequence[Column], ignored: Sequence[str], kind: str, role: str) -> None:
    place = part["properties"]
    for number, column in enumerate(columns):
        before = columns[:number]
        if column.name in [other.name for other in before]:
            raise place[number].wrong(f"maps two columns to {column.name}", "Map one of them, put the other under ignore.")
        if column.source in [other.source for other in before]:
            raise place[number].wrong(f"reads the column {column.source!r} twice", "Read each column once.")
        for theirs in parts_of(column.source, kind):
            if theirs in ignored:
                raise place[number].wrong(f"maps the column {theirs!r} and also ignores it", "Take it out of ignore.")
        if column.start and column.width and any(_is_overlapping(column, other) for other in before):
            raise place[number].wrong(f"lets {column.name} overlap another column", "Correct start or width.")
        for name in ignored if kind == "fixed" else ():
            if _is_ignored(column, name):
                raise place[number].wrong(
                    f"reads {column.name} from characters {name}, which it ignores", "Correct one of them."
                )
    if not any(column.is_key for column in columns):
        raise place.wrong("has no primaryKey column", "Mark what makes a row unique with primaryKey: true.")
    for needed in NEEDED_FIELDS.get(role, ()):
        if needed not in [column.name for column in columns]:
            raise place.wrong(f"has the role {role} but no {needed}", "Map it.")


def _is_overlapping(one: Column, other: Column) -> bool:
    if one.start is None or one.width is None or other.start is None or other.width is None:
        return False
    return one.start < other.start + other.width and other.start < one.start + one.width


def _is_ignored(column: Column, name: str) -> bool:
    both = characters_of(name)
    return bool(both and column.start and column.width and column.start <= both[1] and both[0] < column.start + column.width)


def _column_limits(quality: Part) -> dict[str, float]:
    return dict(_limit(entry, entry["metric"], entry, COLUMN_METRICS) for entry in quality.each())


def _check_pattern(quality: Part, pattern: str | None) -> None:
    """What public tools are told of a column's valid values is what ``schemas.patterns`` says."""
    for entry in quality.each():
        said = entry["arguments"]["pattern"]
        if said.value not in (None, pattern, FORMER.get(pattern or "")):
            remedy = f"Write arguments: {{pattern: '{pattern}'}}." if pattern else "Leave the arguments out."
            raise said.wrong(f"gives invalidValues the pattern {said.text()!r}, which is not this column's", remedy)


def _layout_limits(quality: Part) -> dict[str, float]:
    return dict(
        _limit(entry, entry["implementation"]["metric"], entry["implementation"], LAYOUT_METRICS)
        for entry in quality.each()
        if entry["metric"].value != "rowCount"
    )


def _limit(entry: Part, metric: Part, limit: Part, known: Collection[str]) -> tuple[str, float]:
    if metric.text() not in known:
        raise entry.unknown("quality metric", metric.text(), known)
    if known is LAYOUT_METRICS and entry["engine"].value != ENGINE:
        raise entry.wrong(f"gives {metric.text()} to the engine {entry['engine'].text()!r}", f"Write engine: {ENGINE}.")
    percent = limit["mustBeLessThan"].value
    if limit["unit"].text("percent") != "percent" or type(percent) not in (int, float):
        raise entry.wrong(f"limits {metric.text()} otherwise than in percent", "Write unit: percent, mustBeLessThan: 5.")
    return metric.text(), float(percent)


def _row_count(quality: Part) -> tuple[int, int] | None:
    for entry in quality.each():
        if entry["metric"].value == "rowCount":
            between = entry["mustBeBetween"].value
            if between is None:
                raise entry.wrong("limits rowCount otherwise than by mustBeBetween", "Write mustBeBetween: [least, most].")
            return int(between[0]), int(between[1])
    return None


def _day(part: Part | None, default: date) -> date:
    if part is None:
        return default
    try:
        return date.fromisoformat(part.text())
    except ValueError as error:
        raise part.wrong(f"has the day {part.text()!r}", "Write an ISO date, as 2026-11-20.") from error


def _whole(part: Part, default: int | None = None) -> int:
    if part.value is None and default is not None:
        return default
    if type(part.value) is not int or part.value < 1:
        raise part.wrong(f"has {part.text()!r} where a whole number from 1 belongs", "Count from 1.")
    return int(part.value)
