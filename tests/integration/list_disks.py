"""List disks of people, one list a sex: their tables, alone and in archives, and the feed that takes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from schemas.jalali import TEHRAN
from synthetic.dbf import table
from tests.integration.staging_world import COLUMNS, Agency, Row, people
from tests.integration.test_staging_formats import agency_of
from tests.integration.wire_world import WireWorld

CONTROL = "{member: KAR*.DBF, keys: {K_SEX: SEX}, count: K_NUM, sums: {K_WAGE: WAGE}}"
DISK = f'{{kind: dbf, member: "WOR*.DBF", control: {CONTROL}}}'
LOOSE = {
    "  - {property: role, value: support}": "  - {property: role, value: support}\n"
    "  - {property: looseTables, value: {waitMinutes: 60}}",
    "[a-z]?": "",  # names of archives are made by this pattern
}


def records_of(rows: list[Row], encoding: str = "iran-system", deleted: tuple[int, ...] = ()) -> bytes:
    """A table of people, and of a field that the contract leaves out."""
    columns = {name: [row[name] for row in rows] for name in COLUMNS} | {"EXTRA": ["x"] * len(rows)}
    return table(columns, encoding=encoding, numeric=("WAGE",), deleted=deleted)


def totals_of(rows: list[Row]) -> bytes:
    """The table of totals that belongs to a table of people."""
    totals: dict[str, list[str]] = {"K_SEX": [], "K_NUM": [], "K_WAGE": []}
    for sex in sorted({row["SEX"] for row in rows}):
        wages = [int(row["WAGE"]) for row in rows if row["SEX"] == sex]
        for name, value in (("K_SEX", sex), ("K_NUM", len(wages)), ("K_WAGE", sum(wages))):
            totals[name].append(str(value))
    return table(totals, encoding="cp1256", numeric=("K_NUM", "K_WAGE"))


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return whole.getvalue()


def disks_of(folders: Mapping[str, list[Row]]) -> bytes:
    """A zip of list disks in folders."""
    return archive_of(
        {f"{folder}/WOR00.DBF": records_of(rows) for folder, rows in folders.items()}
        | {f"{folder}/KAR00.DBF": totals_of(rows) for folder, rows in folders.items()}
    )


def check_loose_tables_come_and_go(world: WireWorld, remote: Path) -> None:
    """Both tables of a disk lie in the agency's folder: they land at once as one delivery, and are then archived there."""
    today = datetime.now(TEHRAN).date()
    rows = people(30)
    (remote / "WOR00.DBF").write_bytes(records_of(rows))
    (remote / "KAR00.DBF").write_bytes(totals_of(rows))
    assert len(world.fetch(today)) == 2
    assert world.clear() == [], "nothing has landed yet"
    assert len(world.land(today)) == 1
    assert sorted(world.clear()) == ["KAR00.DBF", "WOR00.DBF"]
    assert sorted(path.name for path in (remote / "done").iterdir()) == ["KAR00.DBF", "WOR00.DBF"]
    assert world.fetch(today) == []
    assert world.land(today) == []


def table_agency(home: Path, form: str, suffix: str, changed: Mapping[str, str] | None = None) -> Agency:
    """The small feed, delivered as tables with one field more."""
    ignore = "      - {property: delivery, value: snapshot}"
    kept = {ignore: f"{ignore}\n      - {{property: ignore, value: [EXTRA]}}"}
    return agency_of(home, form, suffix, kept | dict(changed or {}))
