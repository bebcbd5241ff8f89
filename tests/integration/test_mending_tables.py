"""Quarantined records of DBF tables and list disks go out byte for byte, are mended, and come back as a supplement."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest

from connectors.deliveries import delivery_named
from connectors.mending import Mendable, write_mendable
from hub.errors import DeliveryError
from tests.integration.list_disks import DISK, archive_of, disks_of, records_of, table_agency
from tests.integration.staging_world import DAY, FEED, Agency, people

BAD_DATE, GOOD_DATE = "1352/13/45", "1352/11/05"


def sent_back(agency: Agency, done: Mendable, mended: bytes) -> str:
    """Send mended bytes with the manifest that came with them."""
    name = agency.feed.files.replace("*", f"{DAY}a")
    shutil.copy(done.manifest, agency.settings.inbox / FEED / f"{name}.manifest.json")
    return agency.send_file(name, mended)


@pytest.mark.parametrize("encoding", ["cp1256", "iran-system"])
def test_D06_records_of_a_table_keep_their_bytes_and_come_back(tmp_path: Path, encoding: str) -> None:
    agency = table_agency(tmp_path, "{kind: dbf}", ".dbf.gz")
    whole = records_of(people(60, {5: {"BORN": BAD_DATE}}), encoding, deleted=(7,))
    delivery = agency.send_file(f"clients_{DAY}.dbf.gz", gzip.compress(whole))
    assert agency.stage(delivery).quarantined == 2
    done = write_mendable(agency.settings, agency.feed, delivery, tmp_path / "bad.dbf")
    data = done.path.read_bytes()
    size = int.from_bytes(whole[10:12], "little")
    start = int.from_bytes(whole[8:10], "little")
    assert data[:4] + data[8:start] == whole[:4] + whole[8:start], "the same fields, announced for fewer records"
    assert data[start:-1] == whole[start + 4 * size : start + 5 * size] + whole[start + 7 * size : start + 8 * size]
    assert [line.split("\t")[1:] for line in done.reasons.read_text(encoding="utf-8-sig").splitlines()[1:]] == [
        ["5", "BORN", "bad_date"],
        ["8", "", "deleted_record"],
    ]
    second = sent_back(agency, done, gzip.compress(data.replace(BAD_DATE.encode(), GOOD_DATE.encode())))
    counts = agency.stage(second)
    assert (counts.received, counts.accepted, counts.quarantined) == (2, 1, 1)
    rows = {row[0]: row[1:] for row in agency.read(second, "rows", "record_key, given_name, birth_date")}
    name, born = rows[f"{FEED}:K000005"]
    assert (len(rows), name.translate(str.maketrans("ي", "ی")), born) == (59, "علی", date(1974, 1, 25))


def test_D06_records_of_list_disks_come_back_without_totals(tmp_path: Path) -> None:
    agency = table_agency(tmp_path, DISK, ".zip")
    rows = people(80, {50: {"BORN": BAD_DATE}})
    delivery = agency.send_file(f"clients_{DAY}.zip", disks_of({"first": rows[:40], "second": rows[40:]}))
    assert agency.stage(delivery).quarantined == 1
    with pytest.raises(DeliveryError, match="holds tables in an archive"):
        write_mendable(agency.settings, agency.feed, delivery, tmp_path / "bad.dbf")
    done = write_mendable(agency.settings, agency.feed, delivery, tmp_path / "bad.zip")
    with zipfile.ZipFile(done.path) as archive:
        assert archive.namelist() == ["second/WOR00.DBF"]
        data = archive.read("second/WOR00.DBF")
    mended = archive_of({"WOR00.DBF": data.replace(BAD_DATE.encode(), GOOD_DATE.encode())})
    second = sent_back(agency, done, mended)
    assert delivery_named(agency.settings, second).supplements_delivery_id == delivery
    counts = agency.stage(second)
    assert (counts.received, counts.accepted) == (1, 1)
    assert len(agency.read(second, "rows", "record_key")) == 80
