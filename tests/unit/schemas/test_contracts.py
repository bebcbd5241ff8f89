"""Contracts become feeds; the standard's YAML keeps its text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hub.errors import ContractError
from schemas.contracts import load_feed, load_feeds
from schemas.document import read_document
from tests.unit.connectors.reading import everything
from tests.unit.schemas.contract import RIGHT, write_contract


def test_a_right_contract_becomes_a_feed(tmp_path: Path) -> None:
    feed = load_feed(write_contract(tmp_path))
    layout = feed.layouts[0]
    assert (feed.name, feed.role, feed.insurer_code, feed.benefit_kind_code) == (
        "village_fund",
        "insurer",
        "IHIO-RUR",
        "basic",
    )
    assert [(column.source, column.name) for column in layout.columns][:3] == [
        ("SH_BIME", "member_no"),
        ("MELI", "national_code"),
        ("TT", "birth_date"),
    ]
    assert [column.name for column in layout.keys] == ["member_no"]
    assert (layout.format.encoding, layout.format.delimiter, layout.ignored) == ("cp1256", "|", ("RADIF",))
    assert (feed.due, feed.survivorship) == ("22:30+03:30", {"identity": 20})


def test_text_may_be_without_quotes(tmp_path: Path) -> None:
    unquoted = RIGHT.replace('delimiter: "|"', 'delimiter: "|", quote: ""')
    layout = load_feed(write_contract(tmp_path, unquoted)).layouts[0]
    line = b'"1|2|"3'
    names = ("a", "b", "c")
    columns = tuple(replace(layout.columns[0], source=name) for name in names)
    rows, rejects = everything(tmp_path / "f.csv", b"a|b|c\n" + line, replace(layout, columns=columns, ignored=()))
    assert (rows, rejects) == ({2: ('"1', "2", '"3')}, [])


def test_limits_are_read_in_percent(tmp_path: Path) -> None:
    layout = load_feed(write_contract(tmp_path)).layouts[0]
    assert layout.columns[1].max_null_percent == 10
    assert layout.columns[1].max_invalid_percent is None
    assert (layout.max_row_count_change_percent, layout.max_changed_percent) == (30, None)
    assert layout.max_quarantined_percent == 5, "the default holds where the contract is silent"


def test_a_pattern_that_drafts_gave_before_stays_right(tmp_path: Path) -> None:
    """A night would stop for it: days that end with their year were not written with dots then."""
    former = "^([0-9]{1,2}/[0-9]{1,2}/|[0-9]{4})[0-9]{4}$"
    limit = f"quality: [{{metric: invalidValues, arguments: {{pattern: '{former}'}}, unit: percent, mustBeLessThan: 3}}]"
    text = RIGHT.replace('{format: "jalali:yy/mm/dd"}', f'{{format: "jalali:dd/mm/yyyy"}}, {limit}')
    assert load_feed(write_contract(tmp_path, text)).layouts[0].columns[2].max_invalid_percent == 3


def test_an_absolute_row_count_band_is_supported(tmp_path: Path) -> None:
    text = RIGHT.replace("    quality:\n", "    quality:\n      - {metric: rowCount, mustBeBetween: [100, 200]}\n")
    assert load_feed(write_contract(tmp_path, text)).layouts[0].row_count_between == (100, 200)


def test_codes_keep_their_zeros_and_words(tmp_path: Path) -> None:
    assert load_feed(write_contract(tmp_path)).layouts[0].columns[4].codes == {"01": "male", "NO": "female"}


@pytest.mark.parametrize("word", ["NO", "on", "01", "yes", "Off", "2026-11-20", "1_000", "0x1F", "1e3", "12:30:45"])
def test_words_that_yaml_usually_types_stay_text(tmp_path: Path, word: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(f"value: {word}\n", encoding="utf-8")
    assert read_document(path).value == {"value": word}


def test_a_second_layout_holds_from_its_own_day(tmp_path: Path) -> None:
    head, layout = RIGHT.split("schema:\n")
    first = layout.replace(
        "delivery, value: snapshot}", "delivery, value: snapshot}\n      - {property: validTo, value: 2026-03-21}"
    )
    second = first.replace("validTo", "validFrom").replace("physicalName: MELI", "physicalName: CODE_MELI")
    feed = load_feed(write_contract(tmp_path, head + "schema:\n" + second + first))
    sources = {day: feed.layout_on(date.fromisoformat(day)) for day in ("2026-03-20", "2026-03-21")}
    assert [layout and layout.columns[1].source for layout in sources.values()] == ["MELI", "CODE_MELI"]


def test_a_folder_without_contracts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract"):
        load_feeds(tmp_path)


def test_one_wrong_contract_stops_all(tmp_path: Path) -> None:
    write_contract(tmp_path)
    (tmp_path / "other.odcs.yaml").write_text("name: other\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"other\.odcs\.yaml"):
        load_feeds(tmp_path)


def test_the_hash_changes_with_the_file(tmp_path: Path) -> None:
    before = load_feed(write_contract(tmp_path)).contract_hash
    assert load_feed(write_contract(tmp_path, RIGHT + "# a word more\n")).contract_hash != before
