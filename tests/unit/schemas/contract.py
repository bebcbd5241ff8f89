"""A small contract that is right, for tests that spoil one thing in it."""

from __future__ import annotations

from pathlib import Path

NAME = "village_fund"
RIGHT = """\
apiVersion: v3.2.0
kind: DataContract
id: village-fund
version: 1.0.0
name: village_fund
status: active
description: {purpose: "Members of a village fund."}
slaProperties:
  - {property: timeOfAvailability, value: "22:30+03:30"}
customProperties:
  - {property: titleFa, value: صندوق روستا}
  - {property: agency, value: village}
  - {property: role, value: insurer}
  - {property: insurerCode, value: IHIO-RUR}
  - {property: benefitKind, value: basic}
  - {property: files, value: "V_*.txt"}
  - {property: businessDate, value: {pattern: '^V_(?P<y>\\d{4})(?P<m>\\d{2})(?P<d>\\d{2})', calendar: jalali}}
  - {property: survivorship, value: {identity: 20}}
schema:
  - name: village_fund
    customProperties:
      - {property: format, value: {kind: delimited, encoding: cp1256, delimiter: "|"}}
      - {property: delivery, value: snapshot}
      - {property: ignore, value: [RADIF]}
    properties:
      - {name: member_no, physicalName: SH_BIME, logicalType: string, primaryKey: true, required: true}
      - {name: national_code, physicalName: MELI, logicalType: string, classification: restricted,
         quality: [{metric: nullValues, unit: percent, mustBeLessThan: 10}]}
      - {name: birth_date, physicalName: TT, logicalType: date, logicalTypeOptions: {format: "jalali:yy/mm/dd"}}
      - {name: cover_from_date, physicalName: AZ, logicalType: date, logicalTypeOptions: {format: "jalali:yyyymmdd"}}
      - {name: sex_code, physicalName: JENS, logicalType: string,
         enum: [{value: 01, description: male}, {value: NO, description: female}]}
    quality:
      - {type: custom, engine: databank, implementation: {metric: rowCountChange, unit: percent, mustBeLessThan: 30}}
"""


def write_contract(folder: Path, text: str = RIGHT) -> Path:
    """The contract as a file under its name."""
    path = folder / f"{NAME}.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    return path
