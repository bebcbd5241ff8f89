"""docs/adding_a_feed.md: its contract is sound and it explains every property of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.errors import ContractError
from schemas import contracts, date_formats, deltas, layouts, wires
from schemas.contracts import load_feed
from schemas.feed import OPERATION
from tests.house.tree import PROJECT

PAGE = (PROJECT / "docs" / "adding_a_feed.md").read_text(encoding="utf-8")
OURS = [
    *contracts.CUSTOM,
    *contracts.ROLES,
    *contracts.CALENDARS,
    *contracts.SURVIVORSHIP,
    *layouts.LAYOUT_CUSTOM,
    *layouts.COLUMN_CUSTOM,
    *deltas.KEYS,
    deltas.DELTA,
    OPERATION,
    *layouts.FORMATS,
    *(key for keys in layouts.FORMATS.values() for key in keys),
    *layouts.FORMAT_KEYS,
    *layouts.CONTROL_KEYS,
    *layouts.DBF_ENCODINGS,
    *date_formats.DATE_FORMATS,
    *date_formats.MONTH_FORMATS,
    *layouts.COLUMN_METRICS,
    *layouts.LAYOUT_METRICS,
    *layouts.PHYSICAL_TYPES,
    *(name for names in wires.WIRE_CUSTOM.values() for name in names),
    *wires.PAGE_KEYS,
]
SERVERS = re.findall(r"```\n(servers:\n.*?)```", PAGE, re.S)


def test_the_contract_on_the_page_is_sound(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert len(example) == 1
    path = tmp_path / "lawyers.odcs.yaml"
    path.write_text(example[0], encoding="utf-8")
    assert load_feed(path).insurer_code == "LAWYER"


@pytest.mark.parametrize("servers", SERVERS)
def test_each_wire_on_the_page_is_sound(tmp_path: Path, servers: str) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)[0]
    if "pages" in servers:
        example = re.sub(r"kind: delimited,[^}]*}", "kind: jsonl}", example)
    path = tmp_path / "lawyers.odcs.yaml"
    path.write_text(re.sub(r"^servers:\n  - .*\n", servers, example, flags=re.M), encoding="utf-8")
    wire = load_feed(path).wire
    assert wire is not None
    assert wire.connection == "lawyers"


def test_every_wire_of_a_feed_has_an_example() -> None:
    assert len(SERVERS) >= len(set(wires.KINDS.values()) - {wires.SOAP})


@pytest.mark.parametrize("word", sorted(set(OURS)))
def test_the_page_explains_every_property_of_ours(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_mistake_on_the_page_is_told_as_shown(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)[0].replace("name: national_code", "name: natonal_code")
    path = tmp_path / "lawyers.odcs.yaml"
    path.write_text(example, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_feed(path)
    assert caught.value.summary in PAGE
