"""A small feed with its own contract and inbox, landed and staged by the real parts."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from connectors.deliveries import delivery_named
from connectors.landing import land
from connectors.staging import StageCounts, stage
from hub.duck import connection
from hub.settings import Settings
from hub.storage import read_json
from schemas.contracts import load_feed
from schemas.feed import Feed

FEED = "relief_clients"
DAY = date(2026, 11, 20)
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: relief-clients
version: 1.0.0
name: relief_clients
status: active
description: {purpose: "Supported persons, full snapshot."}
customProperties:
  - {property: titleFa, value: مددجویان}
  - {property: agency, value: relief}
  - {property: role, value: support}
  - {property: files, value: "clients_*.csv"}
  - property: businessDate
    value: {pattern: '^clients_(?P<y>\\d{4})-(?P<m>\\d{2})-(?P<d>\\d{2})[a-z]?\\.csv$', calendar: gregorian}
schema:
  - name: relief_clients
    physicalName: "clients_*.csv"
    physicalType: file
    customProperties:
      - {property: format, value: {kind: delimited, encoding: utf-8, delimiter: ",", header: true}}
      - {property: delivery, value: snapshot}
    properties:
      - {name: case_no, physicalName: CASE, logicalType: string, primaryKey: true, required: true}
      - {name: national_code, physicalName: CODE, logicalType: string}
      - {name: given_name, physicalName: NAME, logicalType: string}
      - {name: surname, physicalName: FAMILY, logicalType: string}
      - {name: sex_code, physicalName: SEX, logicalType: string,
         enum: [{value: "1", description: male}, {value: "2", description: female}]}
      - {name: birth_date, physicalName: BORN, logicalType: date, logicalTypeOptions: {format: "jalali:yyyy/mm/dd"}}
      - {name: support_from_date, physicalName: SINCE, logicalType: date, logicalTypeOptions: {format: "jalali:yyyymmdd"}}
      - {name: wage_rials, physicalName: WAGE, logicalType: integer}
      - {name: mobile_no, physicalName: MOBILE, logicalType: string}
    quality:
      - {type: custom, engine: databank, implementation: {metric: quarantinedRows, unit: percent, mustBeLessThan: 5}}
      - {type: custom, engine: databank, implementation: {metric: rowCountChange, unit: percent, mustBeLessThan: 30}}
"""
COLUMNS = ("CASE", "CODE", "NAME", "FAMILY", "SEX", "BORN", "SINCE", "WAGE", "MOBILE")
Row = dict[str, str]


def national_code(serial: int) -> str:
    """A valid code with leading zeros: nine digits and their check digit (facts 1.1)."""
    nine = f"{serial:09d}"
    rest = sum(int(digit) * (10 - i) for i, digit in enumerate(nine)) % 11
    return f"{nine}{rest if rest < 2 else 11 - rest}"


def person(number: int, **changed: str) -> Row:
    """One row; every value is valid unless it is given."""
    row = {
        "CASE": f"K{number:06d}",
        "CODE": national_code(1_230_000 + 37 * number),
        "NAME": ("علی", "زهرا", "حسین", "مریم", "رضا")[number % 5],
        "FAMILY": f"احمدی {number % 97}",
        "SEX": "1" if number % 2 else "2",
        "BORN": f"{1330 + number % 60}/{1 + number % 12:02d}/{1 + number % 29:02d}",
        "SINCE": f"{1398 + number % 6}{1 + number % 12:02d}01",
        "WAGE": str(1_000_000 + number),
        "MOBILE": f"0912{3_000_000 + number}",
    }
    return row | changed


def people(count: int, changed: dict[int, Row] | None = None) -> list[Row]:
    """Rows 1 to ``count``, some of them with other values."""
    return [person(n, **(changed or {}).get(n, {})) for n in range(1, count + 1)]


def lines_of(rows: Iterable[Row]) -> list[str]:
    """The lines of a file, header first."""
    return [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]


@dataclass(frozen=True)
class Agency:
    """One agency's inbox and the databank behind it."""

    settings: Settings
    feed: Feed

    @classmethod
    def at(cls, home: Path, contract: str = CONTRACT) -> Agency:
        """A new databank under ``home`` with this one feed."""
        contracts = home / "contracts"
        contracts.mkdir(parents=True, exist_ok=True)
        (contracts / f"{FEED}.odcs.yaml").write_text(contract, encoding="utf-8")
        settings = Settings(home=home, contracts=contracts, memory="500MB", threads=1)
        return cls(settings, load_feed(contracts / f"{FEED}.odcs.yaml"))

    def under(self, contract: str) -> Agency:
        """The same databank after the contract changed."""
        return replace(self, feed=Agency.at(self.settings.home, contract).feed)

    def send(self, lines: list[str], day: date = DAY, mark: str = "", manifest: dict[str, Any] | None = None) -> str:
        """Put a file into the inbox and land it. Returns the delivery's id."""
        name = f"clients_{day}{mark}.csv"
        if manifest is not None:
            inbox = self.settings.inbox / FEED
            inbox.mkdir(parents=True, exist_ok=True)
            (inbox / f"{name}.manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return self.send_file(name, ("\n".join(lines) + "\n").encode())

    def send_file(self, name: str, data: bytes) -> str:
        """Put any bytes into the inbox and land them. Returns the delivery's id."""
        path = self.settings.inbox / FEED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        an_hour_ago = time.time() - 3600
        os.utime(path, (an_hour_ago, an_hour_ago))
        return land(self.settings, self.feed, date(2099, 1, 1))[-1].delivery_id

    def stage(self, delivery_id: str) -> StageCounts:
        """Stage one delivery."""
        return stage(self.settings, self.feed, delivery_id)

    def folder(self, delivery_id: str) -> Path:
        """Where it is staged."""
        return self.settings.staging / FEED / delivery_id

    def state(self, delivery_id: str) -> str:
        """landed, staged, held or refused."""
        return delivery_named(self.settings, delivery_id).state(self.settings)

    def read(self, delivery_id: str, file: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Rows of a staged Parquet file, in its order."""
        with connection(self.settings) as con:
            path = self.folder(delivery_id) / f"{file}.parquet"
            return con.execute(f"select {columns} from read_parquet('{path}')").fetchall()

    def document(self, delivery_id: str, file: str) -> dict[str, Any]:
        """A staged JSON document."""
        return dict(read_json(self.folder(delivery_id) / f"{file}.json"))
