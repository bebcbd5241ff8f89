"""Every mistake in a contract is refused with the file, the line of the mistake, and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import ContractError, meaning
from schemas.contracts import load_feed
from tests.unit.schemas.contract import RIGHT, write_contract

FIXED = ('kind: delimited, encoding: cp1256, delimiter: "|"', "kind: fixed, encoding: cp1256")
LIMITS = (
    "      - {type: custom, engine: databank, implementation: {metric: rowCountChange, unit: percent, mustBeLessThan: 30}}"
)

# what is wrong: (text of the right contract, what stands there instead, piece of the message, piece of the remedy)
MISTAKES = {
    "unknown field": ("name: national_code", "name: natonal_code", "unknown field 'natonal_code'", "national_code"),
    "unknown role": ("role, value: insurer", "role, value: ensurer", "unknown role 'ensurer'", "insurer"),
    "unknown insurer": ("value: IHIO-RUR", "value: IHIO-RURAL", "unknown insurerCode", "IHIO-RUR"),
    "unknown benefit kind": ("benefitKind, value: basic", "benefitKind, value: base", "unknown benefitKind", "basic"),
    "benefit kind of another": ("benefitKind, value: basic", "benefitKind, value: pension", "IHIO-RUR", "basic"),
    "no insurer": ("  - {property: insurerCode, value: IHIO-RUR}\n", "", "names no insurerCode", "Add it"),
    "insurer code on another role": ("role, value: insurer", "role, value: support", "is no insurer's", "Leave it out"),
    "no title": ("  - {property: titleFa, value: صندوق روستا}\n", "", "no customProperty titleFa", "Add it"),
    "typo in a property of the contract": (
        "property: agency",
        "property: agencey",
        "unknown customProperty 'agencey'",
        "agency",
    ),
    "typo in a property of the layout": (
        "property: ignore",
        "property: ignored",
        "unknown customProperty 'ignored'",
        "ignore",
    ),
    "property given twice": ("property: agency", "property: titleFa", "titleFa twice", "Keep one"),
    "typo in the standard's words": ("primaryKey: true", "primarykey: true", "'primarykey' was unexpected", "Compare"),
    "another version of the standard": ("apiVersion: v3.2.0", "apiVersion: v3.1.0", "v3.1.0", "Write v3.2.0"),
    "other name than the file's": (
        "name: village_fund\nstatus",
        "name: village\nstatus",
        "not its file's name",
        "village_fund",
    ),
    "two columns to one name": (
        "name: birth_date",
        "name: cover_from_date",
        "maps two columns to cover_from_date",
        "ignore",
    ),
    "one column read twice": ("physicalName: TT", "physicalName: MELI", "reads the column 'MELI' twice", "once"),
    "column mapped and ignored": ("physicalName: TT", "physicalName: RADIF", "also ignores it", "ignore"),
    "no key": ("primaryKey: true, ", "", "no primaryKey column", "primaryKey: true"),
    "insurer without first day of cover": ("name: cover_from_date", "name: death_date", "no cover_from_date", "Map it"),
    "unknown date format": ("jalali:yy/mm/dd", "jalali:mm/dd/yy", "unknown date format for birth_date", "jalali:yy/mm/dd"),
    "an age that is no birth": (
        "jalali:yyyymmdd",
        "age:years",
        "unknown date format for cover_from_date",
        "jalali:yyyymmdd",
    ),
    "no date format": (
        ', logicalTypeOptions: {format: "jalali:yy/mm/dd"}',
        "",
        "unknown date format for birth_date",
        "jalali:yyyymmdd",
    ),
    "pattern of a number that has none": (
        "name: national_code,",
        'name: national_code, logicalTypeOptions: {pattern: "[0-9]+"},',
        "gives national_code a pattern",
        "postal_code",
    ),
    "code without list": (
        ",\n         enum: [{value: 01, description: male}, {value: NO, description: female}]",
        "",
        "lists no codes (enum) for sex_code",
        "male, female",
    ),
    "code that is none of ours": ("description: male", "description: mail", "unknown code of sex_code 'mail'", "male"),
    "code listed twice": ("value: NO", "value: 01", "'01' of sex_code twice", "Keep one"),
    "other type than the dictionary's": (
        'logicalType: date, logicalTypeOptions: {format: "jalali:yy',
        'logicalType: string, logicalTypeOptions: {format: "jalali:yy',
        "calls birth_date string",
        "Write date",
    ),
    "other sensitivity than the dictionary's": (
        "classification: restricted",
        "classification: public",
        "says restricted",
        "Write restricted",
    ),
    "unknown format": ("kind: delimited", "kind: csv", "unknown format 'csv'", "delimited"),
    "key that the format does not have": (
        'delimiter: "|"',
        'delimitor: "|"',
        "unknown key of the format delimited 'delimitor'",
        "delimiter",
    ),
    "no delimiter": ('delimiter: "|"', 'delimiter: ""', "no delimiter of 1 to 8 characters", "tab"),
    "delimiter of lines": ('delimiter: "|"', 'delimiter: "|\\n"', "no delimiter of 1 to 8 characters", "line end"),
    "quote of two characters": ('delimiter: "|"', 'delimiter: "|", quote: "<<"', "quote that is not one", 'quote: ""'),
    "quote in the delimiter": ('delimiter: "|"', 'delimiter: "|~", quote: "~"', "part of the delimiter", "Correct"),
    "escape that is the quote": ('delimiter: "|"', """delimiter: "|", escape: '"'""", "escape that is the quote", "Leave"),
    "encoding of no file": ("encoding: cp1256", "encoding: idna", "unknown encoding 'idna'", "cp1256"),
    "unknown encoding": ("encoding: cp1256", "encoding: cp1265", "unknown encoding 'cp1265'", "cp1256"),
    "fixed width without positions": (*FIXED, "no start and width for member_no", "customProperties"),
    "unknown delivery kind": ("value: snapshot", "value: snapshots", "unknown delivery kind", "snapshot"),
    "deltas without operation": (
        "value: snapshot",
        "value: {kind: delta}",
        "no required column is operation_code",
        "insert",
    ),
    "unknown key of deltas": ("value: snapshot", "value: {kind: delta, number: x}", "unknown key of delivery", "sequence"),
    "unknown metric of a column": ("metric: nullValues", "metric: duplicateValues", "unknown quality metric", "nullValues"),
    "unknown metric of a layout": (
        "metric: rowCountChange",
        "metric: rowChange",
        "unknown quality metric 'rowChange'",
        "rowCountChange",
    ),
    "metric that the standard does not have": (
        LIMITS,
        "      - {metric: changedRows, unit: percent, mustBeLessThan: 5}",
        "'changedRows' is not one of",
        "Compare",
    ),
    "limit in rows": (
        "unit: percent, mustBeLessThan: 30",
        "unit: rows, mustBeLessThan: 30",
        "otherwise than in percent",
        "unit: percent",
    ),
    "limit for another engine": ("engine: databank", "engine: soda", "'soda'", "engine: databank"),
    "no time of day": ('"22:30+03:30"', '"at night"', "due at 'at night'", "22:30+03:30"),
    "unknown calendar": ("calendar: jalali", "calendar: hijri", "unknown calendar 'hijri'", "jalali"),
    "date pattern without month": ("(?P<m>\\d{2})", "\\d{2}", "named groups y, m and d", "(?P<m>"),
    "broken date pattern": ("(?P<y>", "(?P<y", "no regular expression", "Mend"),
    "unknown survivorship group": ("{identity: 20}", "{identiy: 20}", "unknown survivorship group 'identiy'", "identity"),
    "rank that is no number": ("{identity: 20}", "{identity: best}", "ranks identity", "1 is best"),
    "key given twice": ("status: active", "status: active\nstatus: draft", "the key 'status' twice", "keep one"),
    "broken YAML": ("status: active", "status: [active", "is no YAML", "quotes"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_with_a_remedy(tmp_path: Path, mistake: str) -> None:
    right, spoilt, message, remedy = MISTAKES[mistake]
    assert right in RIGHT
    path = write_contract(tmp_path, RIGHT.replace(right, spoilt, 1))
    with pytest.raises(ContractError) as caught:
        load_feed(path)
    assert message in caught.value.summary
    assert caught.value.summary.startswith("Contract village_fund.odcs.yaml:")
    assert caught.value.summary.endswith("Nothing ran.")
    assert remedy in caught.value.hint
    assert str(path) in caught.value.hint
    assert meaning(caught.value).exit_code == 3


# Mistakes that leave something out, break the text itself, or clash with another line point to the other end of the mistake.
ELSEWHERE = {
    "no insurer",
    "insurer code on another role",
    "no title",
    "no key",
    "insurer without first day of cover",
    "broken YAML",
    "key given twice",
    "fixed width without positions",
    "code without list",
    "typo in a property of the layout",
    "property given twice",
    "two columns to one name",
}


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name not in ELSEWHERE])
def test_the_error_points_to_the_line_of_the_mistake(tmp_path: Path, mistake: str) -> None:
    right, spoilt, *_ = MISTAKES[mistake]
    path = write_contract(tmp_path, RIGHT.replace(right, spoilt, 1))
    with pytest.raises(ContractError) as caught:
        load_feed(path)
    line = RIGHT[: RIGHT.index(right)].count("\n") + 1
    assert caught.value.summary.startswith(f"Contract village_fund.odcs.yaml:{line} ")


@pytest.mark.parametrize(
    ("apart", "ignored", "message"),
    [
        (9, "61-70", "national_code overlap"),
        (10, "RADIF", "ignores 'RADIF'"),
        (10, "70-61", "ignores '70-61'"),
        (10, "50-61", "from characters 50-61, which it ignores"),
    ],
)
def test_places_of_a_fixed_width_file_that_cannot_be_are_refused(
    tmp_path: Path, apart: int, ignored: str, message: str
) -> None:
    text = RIGHT.replace(*FIXED).replace("[RADIF]", f"[{ignored}]")
    for number, name in enumerate(("SH_BIME", "MELI", "TT", "AZ", "JENS")):
        position = f"[{{property: start, value: {1 + apart * number}}}, {{property: width, value: 10}}]"
        text = text.replace(f"physicalName: {name},", f"physicalName: {name}, customProperties: {position},")
    with pytest.raises(ContractError, match=message):
        load_feed(write_contract(tmp_path, text))


def test_layouts_that_hold_on_the_same_days_are_refused(tmp_path: Path) -> None:
    head, layout = RIGHT.split("schema:\n")
    with pytest.raises(ContractError, match="two layouts that hold on the same days"):
        load_feed(write_contract(tmp_path, head + "schema:\n" + layout + layout))


def test_a_contract_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write_contract(tmp_path)
    path.write_bytes(RIGHT.replace("صندوق روستا", "روستا").encode("cp1256"))
    with pytest.raises(ContractError, match=r"village_fund\.odcs\.yaml:11 is not UTF-8"):
        load_feed(path)
