"""Feeds: what an agency sends us, read from its contract (Open Data Contract Standard 3.2).

The standard's document is the source; ``Feed`` is the frozen view of it that code works with. Our customProperties:

on the schema object (a layout)
    format        {kind: delimited | fixed | jsonl | json | xml | excel | parquet | dbf, encoding, delimiter, quote, escape,
                  header, sheet, header_row, header_rows, record, member, control}
    delivery      snapshot | {kind: delta, sequence: regex with the group n, snapshot: regex}, both over the file name: the
                  number of a delta, and which files are snapshots all the same. A delta's rows need operation_code
    ignore        [physical names of columns that we leave out on purpose; of fixed width files characters, as 45-52]
    validFrom, validTo   ISO dates between which this layout holds (a second layout is a second schema object)
on the contract
    titleFa       the feed's Persian title
    agency        agency code
    role          registry | address | insurer | support | employment | education | banking; of rows about persons known
                  otherwise, which linking leaves out: benefit | special_mark | special_claim | answers
    insurerCode, benefitKind   for role insurer; code of schemas/codes/insurers.csv; basic | supplementary | pension
    files         glob of file names in the inbox folder
    businessDate  {pattern: regex with named groups y, m, d over the file name, calendar: jalali | gregorian}
    looseTables   {waitMinutes}: the files of an archive may also lie loose in the inbox and its folders, one disk a folder
    survivorship  {identity, address, contact: rank, 1 is best}
    (servers: a server that is not local is a wire; see schemas/wires.py)
    isOurLayout   true where the agency's real layout is not public and this one is ours
on a property
    start, width  position (from 1) and width in characters, for fixed width files
physicalType (optional): text | number | date, how cells of a workbook or Parquet file are stored; readers take any.
Dates: logicalTypeOptions {format: "jalali:yyyymmdd"}; also yyyy/mm/dd, yyyy-mm-dd, yyyy.mm.dd, yy/mm/dd, dd/mm/yyyy,
dd/mm/yy, dd-mon-yyyy (19-NOV-1958), "gregorian:…", of which also mm/dd/yyyy, mm/dd/yy, dd-mon-yy; "hijri:…",
"buddhist:…", also yyyymmdd, yyyy-mm-dd, yyyy/mm/dd, dd/mm/yyyy, the latter dd-mon-yyyy too; "excel:serial"; "age:years".
Postal codes, mobile numbers, foreigners' codes of another country: logicalTypeOptions {pattern: regular expression}.
Months: logicalType string with {format: "jalali:yymm"} or "jalali:yyyy-mm".
Codes: enum entries {value: the agency's, description: ours, or unknown where the code says that nobody knows}.
Quality: property metrics nullValues, invalidValues (percent, mustBeLessThan); schema metric rowCount (mustBeBetween), and
our own, in the standard's form for engines: {type: custom, engine: databank, implementation: {metric, unit: percent,
mustBeLessThan}} with metric quarantinedRows, changedRows or rowCountChange (up or down against the delivery before).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from schemas.fields import Field
from schemas.tables import STAGING_META, Table
from schemas.wires import Wire

DEFAULT_QUARANTINED_PERCENT = 5.0
JOINT = "+"
"""Joins the columns of a file of which one is made, as year, month and day; twice where a name has it in itself."""
_JOINTS = re.compile(r"(?<!\+)\+(?!\+)")
_CHARACTERS = re.compile(r"(\d{1,5})-(\d{1,5})")
UNJOINED = ("fixed",)
"""Formats whose columns have no names of their own."""
OPERATION = "operation_code"
SUBJECT, ORGANISATION = "subject_kind_code", "organisation"
"""The column that says whether a row is of a person, and its code for rows that are of none."""
UNKNOWN_CODE = "unknown"
"""What an agency's code means that says nothing, in a contract: its cell is empty, its row stays."""
ANSWERS_ROLE = "answers"
FACT_ROLES = ("benefit", "special_mark", "special_claim", ANSWERS_ROLE)
"""Roles of feeds whose rows are facts about persons whom other feeds list."""


@dataclass(frozen=True)
class FileFormat:
    """How bytes become rows.

    delimiter: one character or several. quote: '' where values are never quoted. escape: the character after it stands for
    itself, and ``\\N`` alone for nothing where it is a backslash; '' for none. member: pattern of the file's name inside an
    archive. record: where the records are in a JSON or XML document, or in each line of JSON lines. header_rows: how many
    rows the header of a sheet takes, the last of which is ``header_row``. columns: all columns of a delimited file without a
    header, in its order; empty: the mapped ones in the contract's order, then the ignored ones.
    """

    kind: str
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    header: bool = True
    sheet: str | None = None
    header_row: int = 1
    header_rows: int = 1
    record: str = ""
    member: str | None = None
    control: Control | None = None
    columns: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """Patterns of the names of all files that a delivery is made of, inside its archive."""
        return tuple(name for name in (self.member, self.control and self.control.member) if name)


@dataclass(frozen=True)
class Control:
    """A second table in the same archive that says how many rows each list has and what their sums are.

    member: pattern of its file name. keys: its key columns to those of the rows. count: its column with the number of
    rows. sums: its columns of sums to the columns summed.
    """

    member: str
    keys: dict[str, str]
    count: str
    sums: dict[str, str]


@dataclass(frozen=True)
class Column:
    """One mapped column: the agency's name, ours, and how to read it. ``codes``: the agency's value to ours. ``shape``:
    pattern of the values of another country, which the field's own rule does not fit.

    Units: ``max_null_percent`` and ``max_invalid_percent`` in percent of received rows; None means no limit.
    """

    field: Field
    source: str
    is_required: bool = False
    is_key: bool = False
    date_format: str | None = None
    codes: dict[str, str] = dataclasses.field(default_factory=dict)
    start: int | None = None
    width: int | None = None
    max_null_percent: float | None = None
    max_invalid_percent: float | None = None
    physical_type: str | None = None
    shape: str | None = None

    @property
    def name(self) -> str:
        """Our name."""
        return self.field.name


def parts_of(source: str, kind: str) -> tuple[str, ...]:
    """The agency's columns of which one is made, in a format."""
    return (source,) if kind in UNJOINED else tuple(part.strip().replace(2 * JOINT, JOINT) for part in _JOINTS.split(source))


def source_of(name: str, kind: str) -> str:
    """How a contract names one column of the agency's."""
    return name if kind in UNJOINED else name.replace(JOINT, 2 * JOINT)


def characters_of(ignored: str) -> tuple[int, int] | None:
    """First and last character, from 1, that a fixed width layout leaves out, as 45-52; None where the text names none."""
    found = _CHARACTERS.fullmatch(ignored)
    return (int(found[1]), int(found[2])) if found and 1 <= int(found[1]) <= int(found[2]) else None


@dataclass(frozen=True)
class Delta:
    """How deltas follow each other. ``sequence``: pattern of a file's name whose group n numbers it; None: nobody counts.
    ``snapshot``: pattern of the names of files that list everything; None: every file is a delta."""

    sequence: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True)
class Layout:
    """One schema object: format, columns and limits, with the days on which it holds (half-open).

    ``delta``: None where every file lists everything.
    """

    format: FileFormat
    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    valid_from: date = date.min
    valid_to: date = date.max
    row_count_between: tuple[int, int] | None = None
    max_quarantined_percent: float = DEFAULT_QUARANTINED_PERCENT
    max_changed_percent: float | None = None
    max_row_count_change_percent: float | None = None
    delta: Delta | None = None

    @property
    def operation(self) -> Column | None:
        """The column that says what a row does to its record; None where rows only list."""
        return next((column for column in self.columns if column.name == OPERATION), None)

    def of_snapshot(self) -> Layout:
        """The layout of a file that lists everything: where columns have names it may lack the operation."""
        operation = self.operation
        if operation is None or not self.format.header:
            return self
        columns = tuple(column for column in self.columns if column is not operation)
        return dataclasses.replace(self, columns=columns, ignored=(*self.ignored, operation.source))

    def of_supplement(self) -> Layout:
        """The layout of a file of single mended rows: they are not all rows of a list, so no totals prove them."""
        return dataclasses.replace(self, format=dataclasses.replace(self.format, control=None))

    def parts(self, column: Column) -> tuple[str, ...]:
        """The agency's columns of which one is made."""
        return parts_of(column.source, self.format.kind)

    @property
    def keys(self) -> tuple[Column, ...]:
        """Columns of the source key, in order."""
        return tuple(column for column in self.columns if column.is_key)


@dataclass(frozen=True)
class Feed:
    """One declared feed."""

    name: str
    version: str
    title_fa: str
    purpose: str
    agency: str
    role: str
    files: str
    business_date_pattern: str
    business_date_calendar: str
    layouts: tuple[Layout, ...]
    insurer_code: str | None = None
    benefit_kind_code: str | None = None
    survivorship: dict[str, int] = dataclasses.field(default_factory=dict)
    due: str | None = None
    is_our_layout: bool = True
    wire: Wire | None = None
    loose_wait_minutes: int | None = None
    contract_hash: str = ""
    document: Any = None

    def layout_on(self, business_date: date) -> Layout | None:
        """The layout in force on a date; None when no layout covers it."""
        return next((lay for lay in self.layouts if lay.valid_from <= business_date < lay.valid_to), None)

    @property
    def loose_patterns(self) -> tuple[str, ...]:
        """Patterns of the names of tables that may lie loose in the inbox; none where the contract does not say so."""
        if self.loose_wait_minutes is None:
            return ()
        return tuple(dict.fromkeys(name for layout in self.layouts for name in layout.format.members))

    def takes(self, file_name: str) -> bool:
        """Whether files of this name belong to the feed."""
        is_loose = any(fnmatchcase(file_name.lower(), pattern.lower()) for pattern in self.loose_patterns)
        return is_loose or fnmatchcase(file_name, self.files)

    @property
    def lists_persons(self) -> bool:
        """Whether its rows are records of persons; the others tell of persons by the number of a record or a code."""
        return self.role not in FACT_ROLES

    @property
    def is_occasional(self) -> bool:
        """Whether it comes only when there is something to say, so that nothing is missing without it."""
        return self.role == ANSWERS_ROLE

    @property
    def is_registry(self) -> bool:
        """Whether this feed is civil registration: the source of verified national codes."""
        return self.role == "registry"

    @property
    def staging_table(self) -> Table:
        """Declaration of ``staging.<feed>``: the meta columns, then every column of any layout.

        Beside ``birth_date``, ``birth_date_partial``: what is known of an incomplete Jalali date, as 1352-03-00. Beside
        ``national_code``, ``national_code_claimed``: the ten digits that the agency gave, also where the check digit is
        wrong; evidence for linking a code with one wrong digit, never a code.
        """
        columns = dict(STAGING_META)
        for layout in self.layouts:
            for column in layout.columns:
                if column.name == OPERATION:
                    continue
                columns[column.name] = column.field.duckdb_type
                if column.field.role == "birth_date":
                    columns["birth_date_partial"] = "varchar"
                if column.name == "national_code":
                    columns["national_code_claimed"] = "varchar"
        return Table(f"staging.{self.name}", ("record_key",), columns, self.purpose)
