"""List disks that lie loose in the inbox, alone or in folders, are one delivery as soon as all tables of all are there."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.deliveries import delivery_named, refusals_of
from connectors.gathering import gathered_folder
from connectors.landing import Landed, land, waiting_dates
from hub.errors import ContractError, DeliveryCorrupt, DeliveryMissing
from schemas.jalali import TEHRAN
from tests.integration.list_disks import DISK, LOOSE, records_of, table_agency, totals_of
from tests.integration.staging_world import FEED, Agency, Row, people

LAST_DAY = date(2099, 1, 1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return table_agency(tmp_path, DISK, ".zip", LOOSE)


def put(agency: Agency, name: str, data: bytes, minutes_ago: float = 10) -> Path:
    path = agency.settings.inbox / FEED / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    then = time.time() - 60 * minutes_ago
    os.utime(path, (then, then))
    return path


def put_disk(agency: Agency, rows: list[Row], folder: str = "", minutes_ago: float = 10) -> None:
    put(agency, f"{folder}WOR00.DBF", records_of(rows), minutes_ago)
    put(agency, f"{folder}kar00.dbf", totals_of(rows), minutes_ago)


def announce(agency: Agency, name: str, data: bytes, minutes_ago: float = 10) -> None:
    """The agency's manifest beside a table, as if the table were these bytes."""
    said = json.dumps({"sha256": hashlib.sha256(data).hexdigest()})
    put(agency, f"{name}.manifest.json", said.encode(), minutes_ago)


def landed(agency: Agency) -> list[Landed]:
    return land(agency.settings, agency.feed, LAST_DAY)


def test_two_loose_tables_are_one_delivery_of_the_day_on_which_they_came(agency: Agency) -> None:
    put_disk(agency, people(30))
    today = (datetime.now(UTC) - timedelta(minutes=10)).astimezone(TEHRAN).date()
    assert waiting_dates(agency.settings, agency.feed) == {today}
    [one] = landed(agency)
    assert (one.file_name, one.business_date) == (f"clients_{today}.zip", today)
    assert agency.stage(one.delivery_id).accepted == 30
    assert landed(agency) == []
    assert waiting_dates(agency.settings, agency.feed) == {today}


def test_the_first_table_waits_for_the_second_and_both_until_they_lie_still(agency: Agency) -> None:
    rows = people(30)
    put(agency, "KAR00.DBF", totals_of(rows))
    assert landed(agency) == []
    path = put(agency, "WOR00.DBF", records_of(rows), minutes_ago=0)
    assert landed(agency) == []
    os.utime(path, (time.time() - 60, time.time() - 60))
    assert len(landed(agency)) == 1


def test_D04_a_table_that_stays_alone_is_refused_with_what_is_missing(agency: Agency) -> None:
    put(agency, "KAR00.DBF", totals_of(people(30)), minutes_ago=90)
    with pytest.raises(DeliveryMissing, match=r"KAR00.DBF came without WOR\*.DBF"):
        landed(agency)
    assert [each.file_name for each in refusals_of(agency.settings, FEED)] == ["KAR00.DBF"]
    assert landed(agency) == []
    put(agency, "WOR00.DBF", records_of(people(30)))
    assert len(landed(agency)) == 1


def test_disks_of_several_workshops_in_folders_are_one_delivery(agency: Agency) -> None:
    rows = people(60)
    put_disk(agency, rows[:20], "workshop 1/")
    put(agency, "workshop 2/WOR00.DBF", records_of(rows[20:]))
    assert landed(agency) == []
    put_disk(agency, rows[20:], "workshop 2/")
    [one] = landed(agency)
    with zipfile.ZipFile(delivery_named(agency.settings, one.delivery_id).path(agency.settings)) as archive:
        tables = [f"workshop {n}/{name}" for n in (1, 2) for name in ("WOR00.DBF", "kar00.dbf")]
        assert archive.namelist() == tables


def test_D02_a_disk_that_comes_anew_is_a_correction_and_half_of_it_waits(agency: Agency) -> None:
    put_disk(agency, people(30), minutes_ago=300)
    [first] = landed(agency)
    changed = people(30, {3: {"WAGE": "7"}})
    put(agency, "WOR00.DBF", records_of(changed), minutes_ago=299)
    with pytest.raises(DeliveryMissing, match=r"WOR00.DBF came without kar00.dbf"):
        landed(agency)
    put_disk(agency, changed, minutes_ago=298)
    [second] = landed(agency)
    assert second.delivery_id != first.delivery_id


def test_D08_an_archive_that_was_made_before_a_kill_is_no_second_delivery(agency: Agency) -> None:
    put_disk(agency, people(30))
    assert len(landed(agency)) == 1
    assert not list(gathered_folder(agency.settings, agency.feed).glob("*.zip")), "the evidence is in landing"
    (gathered_folder(agency.settings, agency.feed) / "tables.json").unlink()
    assert [each.is_repeat for each in landed(agency)] == [True]


def test_a_contract_without_names_of_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="has loose tables but no member"):
        table_agency(tmp_path, "{kind: dbf}", ".zip", LOOSE)


def test_D04_a_table_is_whole_when_it_is_what_its_manifest_says(agency: Agency) -> None:
    rows = people(30)
    put_disk(agency, rows, minutes_ago=0)
    assert landed(agency) == [], "it may still be written"
    for name, data in (("WOR00.DBF", records_of(rows)), ("kar00.dbf", totals_of(rows))):
        announce(agency, name, data)
    assert len(landed(agency)) == 1


def test_D04_a_table_that_is_not_what_its_manifest_says_is_refused_until_it_is(agency: Agency) -> None:
    put_disk(agency, people(30))
    announce(agency, "WOR00.DBF", b"another")
    with pytest.raises(DeliveryCorrupt, match=r"WOR00.DBF has another SHA-256"):
        landed(agency)
    assert landed(agency) == []
    announce(agency, "WOR00.DBF", records_of(people(30)), minutes_ago=1)
    assert len(landed(agency)) == 1
