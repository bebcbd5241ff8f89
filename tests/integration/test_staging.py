"""Staging on real files: rows typed, set aside, compared and counted."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connectors.deliveries import accept
from hub.errors import ContractBreach, DeliveryCorrupt, VolumeBreach
from tests.integration.staging_world import CONTRACT, DAY, Agency, lines_of, people, person

NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.at(tmp_path)


def test_rows_become_the_declared_staging_table_in_order_of_their_record_keys(agency: Agency) -> None:
    delivery = agency.send(lines_of(reversed(people(30))))
    counts = agency.stage(delivery)
    assert (counts.received, counts.accepted) == (30, 30)
    rows = agency.read(delivery, "rows", "record_key, line_no, sex_code, birth_date, wage_rials, notes")
    assert [row[0] for row in rows] == sorted(f"relief_clients:K{n:06d}" for n in range(1, 31))
    assert rows[0] == ("relief_clients:K000001", 31, "male", date(1952, 4, 22), 1_000_001, [])
    names = pq.read_schema(agency.folder(delivery) / "rows.parquet").names
    assert names == list(agency.feed.staging_table.columns)


def test_staging_again_changes_nothing_and_returns_the_same_counts(agency: Agency) -> None:
    delivery = agency.send(lines_of(people(30)))
    counts = agency.stage(delivery)
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in agency.folder(delivery).iterdir()}
    assert agency.stage(delivery) == counts
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in agency.folder(delivery).iterdir()} == before


def test_D02_a_correction_is_compared_with_the_delivery_that_it_corrects(agency: Agency) -> None:
    first = agency.send(lines_of(people(40)))
    agency.stage(first)
    second = agency.send(lines_of(people(40, {3: {"FAMILY": "رضایی"}, 9: {"WAGE": "5"}})), mark="b")
    counts = agency.stage(second)
    assert (counts.accepted, counts.unchanged) == (2, 38)
    assert agency.document(second, "counts")["base_delivery_id"] == first
    changed = agency.read(second, "rows", "record_key, change_code")
    assert [row[0] for row in changed if row[1] == "changed"] == ["relief_clients:K000003", "relief_clients:K000009"]
    assert agency.folder(first).is_dir(), "both stay on disk"


def test_D03_a_late_delivery_is_compared_with_the_day_before_it_not_with_today(agency: Agency) -> None:
    early, late, today = DAY, NEXT_DAY, DAY + timedelta(days=2)
    first = agency.send(lines_of(people(30)), day=early)
    agency.stage(first)
    third = agency.send(lines_of(people(30, {1: {"WAGE": "7"}})), day=today)
    agency.stage(third)
    second = agency.send(lines_of(people(30)), day=late)
    assert agency.stage(second).unchanged == 30
    assert agency.document(second, "counts")["base_delivery_id"] == first


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"rows": 31}, "rows should be 31, found 30"),
        ({"control_totals": {"WAGE": 30_000_464}}, "the control total of WAGE should be 30000464, found 30000465"),
        ({"control_totals": {"wage_rials": 1}}, "the control total of wage_rials should be 1, found 30000465"),
    ],
)
def test_D04_a_wrong_control_total_is_refused_and_named(agency: Agency, manifest: dict[str, object], told: str) -> None:
    before = agency.send(lines_of(people(30)))
    agency.stage(before)
    delivery = agency.send(lines_of(people(30)), day=NEXT_DAY, manifest=manifest)
    with pytest.raises(DeliveryCorrupt) as refusal:
        agency.stage(delivery)
    assert told in refusal.value.summary
    assert agency.state(delivery) == "refused"
    assert not agency.folder(delivery).exists()
    assert agency.state(before) == "staged"


def test_D04_right_control_totals_pass(agency: Agency) -> None:
    manifest = {"rows": 30, "control_totals": {"WAGE": 30_000_465}}
    assert agency.stage(agency.send(lines_of(people(30)), manifest=manifest)).accepted == 30


def test_D04_a_file_that_is_cut_while_it_streams_stages_nothing(agency: Agency) -> None:
    """The reader's error passes through the engine as it is."""
    before = agency.send(lines_of(people(30)))
    agency.stage(before)
    agency = agency.under(CONTRACT.replace("clients_*.csv", "clients_*").replace("\\.csv$", "\\.csv(\\.gz)?$"))
    packed = gzip.compress("\n".join(lines_of(people(20_000))).encode())
    delivery = agency.send_file("clients_2026-11-21.csv.gz", packed[: len(packed) // 2])
    with pytest.raises(DeliveryCorrupt):
        agency.stage(delivery)
    assert not agency.folder(delivery).exists()
    assert agency.state(delivery) == "refused"


def test_D05_columns_that_differ_only_in_case_are_refused(agency: Agency) -> None:
    agency = agency.under(
        CONTRACT.replace("value: snapshot}", "value: snapshot}\n      - {property: ignore, value: [code]}")
    )
    lines = [line + (",code" if n == 0 else ",x") for n, line in enumerate(lines_of(people(30)))]
    with pytest.raises(ContractBreach, match="differ only in case: CODE, code"):
        agency.stage(agency.send(lines))


def test_D05_swapped_columns_of_other_types_are_named(agency: Agency) -> None:
    rows = [row | {"CODE": row["BORN"], "BORN": row["CODE"]} for row in people(50)]
    delivery = agency.send(lines_of(rows))
    with pytest.raises(ContractBreach) as breach:
        agency.stage(delivery)
    assert breach.value.facts["columns"] == "national_code, birth_date"
    assert "CODE" in breach.value.summary
    assert "BORN" in breach.value.summary
    assert not agency.folder(delivery).exists()
    assert agency.state(delivery) == "refused"


def test_D05_swapped_columns_of_one_type_are_found_by_their_fill(agency: Agency) -> None:
    def rows(filled: str, empty: str) -> list[dict[str, str]]:
        return [row | {filled: row["BORN"], empty: row["SINCE"] if n % 10 == 0 else ""} for n, row in enumerate(people(60))]

    agency.stage(agency.send(lines_of(rows("BORN", "SINCE"))))
    swapped = [row | {"BORN": row["SINCE"], "SINCE": row["BORN"]} for row in rows("BORN", "SINCE")]
    with pytest.raises(ContractBreach) as breach:
        agency.stage(agency.send(lines_of(swapped), day=NEXT_DAY))
    assert "changed places" in breach.value.summary
    assert breach.value.facts["columns"] == "birth_date, support_from_date"


def test_D05_swapped_names_are_found_by_how_many_there_are(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people_with_many_names())))
    swapped = [row | {"NAME": row["FAMILY"], "FAMILY": row["NAME"]} for row in people_with_many_names()]
    with pytest.raises(ContractBreach) as breach:
        agency.stage(agency.send(lines_of(swapped), day=NEXT_DAY))
    assert breach.value.facts["columns"] == "given_name, surname"


def people_with_many_names() -> list[dict[str, str]]:
    return [row | {"NAME": f"نام {n % 40}", "FAMILY": f"خاندان {n % 170}"} for n, row in enumerate(people(400))]


def test_D06_one_bad_row_is_set_aside_with_reason_line_and_text(agency: Agency) -> None:
    bad = {
        5: {"BORN": "1352/13/45"},
        6: {"SEX": "9"},
        7: {"SINCE": "14021301"},
        8: {"WAGE": "many"},
        9: {"CASE": ""},
        10: {"FAMILY": "رض\ufffdیی"},
    }
    lines = lines_of(people(200, bad))
    lines.insert(20, "K000999,cut")
    delivery = agency.send(lines)
    counts = agency.stage(delivery)
    assert (counts.received, counts.accepted, counts.quarantined) == (201, 194, 7)
    found = agency.read(delivery, "quarantine", "line_no, column_name, reason_code, raw_text, file_name")
    assert [row[:3] for row in found] == [
        (6, "birth_date", "bad_date"),
        (7, "sex_code", "unknown_code"),
        (8, "support_from_date", "bad_date"),
        (9, "wage_rials", "bad_number"),
        (10, "case_no", "missing"),
        (11, "surname", "illegal_byte"),
        (21, None, "cut_line"),
    ]
    assert found[0][3] == lines[5]
    assert {row[4] for row in found} == {"clients_2026-11-20.csv"}


def test_D06_the_last_line_of_a_key_is_kept_and_earlier_ones_are_told_apart(agency: Agency) -> None:
    rows = [*people(100), person(1), person(2, FAMILY="دیگر")]
    delivery = agency.send(lines_of(rows))
    counts = agency.stage(delivery)
    assert (counts.accepted, counts.superseded, counts.quarantined) == (100, 1, 1)
    assert agency.read(delivery, "fates", "line_no, fate_code")[:2] == [(2, "superseded"), (3, "quarantined")]
    assert agency.read(delivery, "quarantine", "line_no, reason_code") == [(3, "duplicate_key")]
    kept = {row[0]: row[1] for row in agency.read(delivery, "rows", "record_key, surname")}
    assert kept["relief_clients:K000002"] == "دیگر"


def test_D07_half_the_rows_missing_is_held_until_accepted_with_a_reason(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(100))))
    delivery = agency.send(lines_of(people(50)), day=NEXT_DAY)
    with pytest.raises(VolumeBreach) as breach:
        agency.stage(delivery)
    assert "rows more or fewer than before under 30 % (is 50)" in breach.value.summary
    assert agency.state(delivery) == "held"
    assert not agency.folder(delivery).exists()
    accept(agency.settings, delivery, "Half the province moved to another agency", "steward")
    assert agency.stage(delivery).unchanged == 50
    assert agency.state(delivery) == "staged"
    assert agency.document(delivery, "counts")["accepted_reason"] == "Half the province moved to another agency"
    assert agency.document(delivery, "validation")["success"] is False, "what was accepted stays visible"


def test_D07_too_many_bad_rows_are_held(agency: Agency) -> None:
    delivery = agency.send(lines_of(people(100, {n: {"SEX": "9"} for n in range(1, 11)})))
    with pytest.raises(VolumeBreach, match=r"rows in quarantine under 5 % \(is 10\)"):
        agency.stage(delivery)


def test_D07_all_birth_dates_empty_is_held(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(100))))
    delivery = agency.send(lines_of([row | {"BORN": ""} for row in people(100)]), day=NEXT_DAY)
    with pytest.raises(VolumeBreach, match=r"birth_date: empty under 30 % \(is 100\)"):
        agency.stage(delivery)


def test_D07_a_column_that_was_often_empty_may_be_so_throughout_in_a_small_file(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(15, {n: {"MOBILE": ""} for n in range(1, 10)}))))
    small = agency.send(lines_of([row | {"MOBILE": ""} for row in people(15)]), day=NEXT_DAY)
    assert agency.stage(small).received == 15


def test_D07_a_file_without_rows_is_held_even_when_it_is_the_first(agency: Agency) -> None:
    with pytest.raises(VolumeBreach, match=r"rows: at least one \(is 0\)"):
        agency.stage(agency.send(lines_of([])))


def test_D07_a_row_count_outside_the_declared_band_is_held(agency: Agency) -> None:
    band = "    quality:\n      - {metric: rowCount, mustBeBetween: [100, 200]}"
    agency = agency.under(CONTRACT.replace("    quality:", band))
    with pytest.raises(VolumeBreach, match=r"rows: 100 to 200 \(is 99\)"):
        agency.stage(agency.send(lines_of(people(99))))
    assert agency.stage(agency.send(lines_of(people(100)), mark="b")).accepted == 100


def test_D07_every_breach_is_a_readable_expectation(agency: Agency) -> None:
    contract = CONTRACT.replace(
        "physicalName: CODE, logicalType: string}",
        "physicalName: CODE, logicalType: string, quality: [{metric: invalidValues, unit: percent, mustBeLessThan: 2}]}",
    )
    agency = agency.under(contract)
    delivery = agency.send(lines_of(people(100, {n: {"CODE": "1111111111"} for n in range(1, 4)})))
    with pytest.raises(VolumeBreach, match=r"national_code: invalid under 2 % \(is 3\)"):
        agency.stage(delivery)
    accept(agency.settings, delivery, "known", "steward")
    agency.stage(delivery)
    results = agency.document(delivery, "validation")["results"]
    names = {result["expectation_config"]["meta"]["name"]: result["success"] for result in results}
    assert names == {
        "rows: at least one": True,
        "rows in quarantine under 5 %": True,
        "national_code: invalid under 2 %": False,
    }


def test_D09_a_snapshot_that_no_longer_lists_a_record_ends_it(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(50))))
    rows = people(50, {7: {"SEX": "9"}})
    delivery = agency.send(lines_of([row for row in rows if row["CASE"] != "K000009"]), day=NEXT_DAY)
    agency.stage(delivery)
    ended = agency.read(delivery, "ended", "record_key")
    assert ended == [("relief_clients:K000009",)], "a row in quarantine is still listed"


def test_only_what_changed_since_the_delivery_before_is_told_as_changed(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(50))))
    rows = [row for row in people(51, {3: {"WAGE": "5"}, 7: {"SEX": "9"}}) if row["CASE"] != "K000009"]
    delivery = agency.send(lines_of([*rows, rows[2]]), day=NEXT_DAY)
    agency.stage(delivery)
    assert agency.read(delivery, "changes") == [
        ("relief_clients:K000003", "changed"),
        ("relief_clients:K000009", "ended"),
        ("relief_clients:K000051", "new"),
    ]


def test_a_contract_with_one_more_column_changes_only_rows_that_have_it(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(40))))
    more = "      - {name: city_name, physicalName: TOWN, logicalType: string}\n    quality:"
    agency = agency.under(CONTRACT.replace("    quality:", more))
    lines = [f"{line},{'TOWN' if n == 0 else 'شیراز' if n == 3 else ''}" for n, line in enumerate(lines_of(people(40)))]
    delivery = agency.send(lines, day=NEXT_DAY)
    assert agency.stage(delivery).unchanged == 39
    assert agency.document(delivery, "counts")["changes"]["changed"] == 1


def test_the_receipt_tells_rows_reasons_and_lines_but_no_value(agency: Agency) -> None:
    marked = {5: {"BORN": "1352/13/45", "FAMILY": "نشانه"}, 8: {"BORN": "1352/14/45"}}
    delivery = agency.send(lines_of(people(100, marked)))
    agency.stage(delivery)
    receipt = agency.document(delivery, "receipt")
    assert receipt["as_of"] == "2026-11-20"
    assert receipt["rows"]["quarantined"] == 2
    assert receipt["quarantined"] == [
        {"column": "birth_date", "reason": "bad_date", "rows": 2, "lines": [6, 9], "is_cut": False}
    ]
    assert receipt["control_totals"] == {"wage_rials": 100_005_050}
    for file in agency.folder(delivery).glob("*.json"):
        text = file.read_text(encoding="utf-8")
        assert "نشانه" not in text
        assert "1352" not in text
