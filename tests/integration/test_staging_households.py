"""JSON lines of households, each with the list of its members: a member is a record, a household none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.mending import write_mendable
from hub.errors import ContractBreach
from tests.integration.drafting_world import ROWS, loaded, sample_of
from tests.integration.drafting_world import person as stranger
from tests.integration.staging_world import DAY, FEED, Agency, Row, people
from tests.integration.test_staging_formats import agency_of

LISTED = {
    "physicalName: CASE": 'physicalName: "/house"',
    "- {name: national_code, physicalName: CODE": (
        "- {name: member_no, physicalName: number, logicalType: string, primaryKey: true, required: true}\n"
        "      - {name: national_code, physicalName: code.text"
    ),
    "physicalName: SINCE": 'physicalName: "/relief.SINCE"',
    "- {property: delivery,": '- {property: ignore, value: ["/town", "/data.more"]}\n      - {property: delivery,',
}


def household(number: int, members: list[Row]) -> dict[str, Any]:
    rows = [
        {
            "number": n,
            "code": {"text": row["CODE"]},
            **{name: row[name] for name in row if name not in ("CASE", "CODE", "SINCE")},
        }
        for n, row in enumerate(members, start=1)
    ]
    return {"house": f"H{number}", "town": "قم", "relief": {"SINCE": members[0]["SINCE"]}, "family": {"members": rows}}


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return listing(tmp_path, "family.members")


def listing(folder: Path, path: str) -> Agency:
    """An agency whose lines hold their list of members at this path."""
    return agency_of(folder, f"{{kind: jsonl, record: {path}}}", ".jsonl", LISTED | {r"[a-z]?\.jsonl": r"\w*\.jsonl"})


def sent(agency: Agency, houses: list[Any], mark: str = "") -> str:
    lines = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in houses]
    return agency.send_file(f"clients_{DAY}{mark}.jsonl", "\n".join(lines).encode())


def houses_of(rows: list[Row]) -> list[Any]:
    return [household(n, rows[2 * n : 2 * n + 2]) for n in range(len(rows) // 2)]


def test_each_member_is_a_record_with_what_its_household_tells(agency: Agency) -> None:
    rows = people(60)
    delivery = sent(agency, [*houses_of(rows), {"house": "H99", "family": {"members": []}}])
    assert agency.stage(delivery).accepted == 60
    staged = agency.read(delivery, "rows", "record_key, national_code, support_from_date")
    assert [row[:2] for row in sorted(staged)] == sorted(
        (f"{FEED}:H{n // 2}|{n % 2 + 1}", row["CODE"]) for n, row in enumerate(rows)
    )
    assert len({row[2] for row in staged if row[0].startswith(f"{FEED}:H3|")}) == 1


@pytest.mark.parametrize(
    ("path", "spelt"),
    [
        ("family.members", lambda house: {"family.members": house["family"]["members"]}),
        ("data.v1.members", lambda house: {"data": {"more": 1}, "data.v1": house["family"]}),
    ],
)
def test_a_list_under_a_key_with_a_dot_in_it_is_read_as_it_is_drafted(
    tmp_path: Path, path: str, spelt: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    rows = people(60)
    houses = [spelt(house) | {"house": house["house"], "relief": house["relief"]} for house in houses_of(rows)]
    text = "\n".join(json.dumps(house, ensure_ascii=False) for house in houses).encode()
    assert sample_of(tmp_path, text, "sample.jsonl").sample.recognised.format.record == path
    agency = listing(tmp_path, path)
    assert agency.stage(agency.send_file(f"clients_{DAY}.jsonl", text)).accepted == len(rows)


def test_a_member_that_is_mended_comes_back_alone(agency: Agency, tmp_path: Path) -> None:
    """Of a line that has no list nobody knows the records, so none that is missing ends."""
    rows = people(60, {4: {"BORN": "1352/13/45"}})
    delivery = sent(agency, [*houses_of(rows), {"house": "H77"}, '{"house": '])
    counts = agency.stage(delivery)
    assert (counts.received, counts.accepted, counts.quarantined) == (62, 59, 3)
    done = write_mendable(agency.settings, agency.feed, delivery, tmp_path / "bad.jsonl")
    lines = done.path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["family"]["members"][0]["number"] for line in lines[:1]] == ["2"]
    assert lines[1:] == ['{"house": "H77"}', '{"house": ']
    shutil.copy(done.manifest, agency.settings.inbox / FEED / f"clients_{DAY}_mended.jsonl.manifest.json")
    mended = agency.send_file(f"clients_{DAY}_mended.jsonl", lines[0].replace("1352/13/45", "1352/12/05").encode())
    assert agency.stage(mended).quarantined == 0
    assert len(agency.read(mended, "rows", "record_key")) == 60


def test_a_line_that_says_two_things_of_its_household_is_set_aside_once(agency: Agency) -> None:
    rows = people(60)
    broken = household(99, rows[:2]) | {"relief.SINCE": "1400/01/01"}
    counts = agency.stage(sent(agency, [*houses_of(rows), broken]))
    assert (counts.received, counts.accepted, counts.quarantined) == (61, 60, 1)


def test_a_value_beside_the_list_that_nobody_knows_stops_the_delivery(agency: Agency) -> None:
    houses = [each | {"debt": 1} for each in houses_of(people(60))]
    with pytest.raises(ContractBreach, match="'/debt'"):
        agency.stage(sent(agency, houses))


def test_a_list_of_persons_in_each_line_is_drafted_as_the_records(tmp_path: Path) -> None:
    """Lists of anything else, as visits, stay values."""
    lines = []
    for n in range(ROWS):
        members = [member(k, stranger(2 * n + k), "" if n % 5 else "x") for k in (0, 1)]
        lines.append(json.dumps({"household_code": f"{700 + n}", "members": members}, ensure_ascii=False))
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "sample.jsonl")
    assert draft.sample.recognised.format.record == "members"
    assert draft.keys[0].columns == ("/household_code", "member_no")
    assert loaded(tmp_path, draft) == {
        "/household_code": "case_no", "national_id": "national_code", "name.first": "given_name", "name.last": "surname",
        "member_no": "member_no",
    }  # fmt: skip


def test_a_line_that_holds_something_else_in_place_of_the_list_is_drafted_past(tmp_path: Path) -> None:
    """Staging sets it aside; it is no reason to say nothing of the others."""
    houses: list[Any] = [
        {"household_code": f"{700 + n}", "members": [stranger(2 * n), stranger(2 * n + 1)]} for n in range(ROWS)
    ]
    for n, broken in enumerate((3, True, "none", None, {"1": {}})):
        houses[n]["members"] = broken
    lines = [json.dumps(house, ensure_ascii=False) for house in houses]
    draft = sample_of(tmp_path, "\n".join(lines).encode(), "sample.jsonl")
    assert draft.sample.recognised.format.record == "members"
    assert loaded(tmp_path, draft)["/household_code"] == "case_no"


def member(number: int, row: Row, lost: str) -> dict[str, Any]:
    return {
        "national_id": "" if lost else row["national_code"],
        "name": {"first": row["given_name"], "last": row["surname"]},
        "member_no": number + 1,
        "visits": [{"kind": "home", "number": row["house"]}],
    }
