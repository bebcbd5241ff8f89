"""Lists that come with a table of their totals: the rows of each list must make them (the list disk of social security)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.dbf_table import LIVE, DbfTable, Records
from connectors.readers.unpack import corrupt, members
from hub.errors import DeliveryCorrupt
from schemas.feed import Control

NUMBER, NUMBER_TYPE = r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$", pa.decimal128(38, 6)
MOST_TOLD = 20
"""Totals of so many lists are named where they differ."""
ListKey = tuple[bytes, ...]


class Lists:
    """The totals of all lists of a delivery, gathered while its rows are read.

    A list is known by its table's folder and by its key columns. Deleted records do not count.
    """

    def __init__(self, control: Control) -> None:
        self.control = control
        self.totals: dict[ListKey, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * (1 + len(control.sums)))

    def add(self, member: str, table: DbfTable, records: Records) -> None:
        """Count some records of a table."""
        _check_fields(table, [*self.control.keys.values(), *self.control.sums.values()])
        live = records[records[:, 0] == LIVE]
        keys = {name: table.column(name, live).cast(pa.binary()) for name in self.control.keys.values()}
        numbers = {f"sum {name}": _numbers(table.column(name, live)) for name in self.control.sums.values()}
        grouped = pa.table(keys | numbers).group_by(list(keys))
        for row in grouped.aggregate([([], "count_all"), *((name, "sum") for name in numbers)]).to_pylist():
            found = [Decimal(row["count_all"]), *(row[f"{name}_sum"] or Decimal(0) for name in numbers)]
            key = (_folder(member), *(row[name] for name in keys))
            self.totals[key] = [old + new for old, new in zip(self.totals[key], found, strict=True)]

    def prove(self, path: Path) -> None:
        """Compare with the totals that came with the lists.

        Raises:
            DeliveryCorrupt: names every total that differs, by the record of the control table that gives it.
        """
        waiting, wrong = dict(self.totals), list[str]()
        for member, source in members(path, self.control.member):
            table = DbfTable(member.rpartition("/")[2], source)
            names = [self.control.count, *self.control.sums]
            _check_fields(table, [*self.control.keys, *names])
            number = 0
            for records in table.records():
                live = records[records[:, 0] == LIVE]
                keys = [table.column(name, live).cast(pa.binary()).to_pylist() for name in self.control.keys]
                announced = [_numbers(table.column(name, live)).to_pylist() for name in names]
                for key, said in zip(zip(*keys, strict=True), zip(*announced, strict=True), strict=True):
                    number += 1
                    found = waiting.pop((_folder(member), *key), [Decimal(0)] * len(names))
                    differing = [name for name, total, made in zip(names, said, found, strict=True) if total != made]
                    if differing:
                        wrong.append(f"{', '.join(differing)} of record {number} of {member} ({int(found[0])} rows)")
        if waiting:
            raise corrupt(path.name, f"holds {len(waiting)} lists without their totals", "Ask for the whole list disk.")
        if wrong:
            raise _differ(path, wrong)


def _check_fields(table: DbfTable, names: list[str]) -> None:
    lacking = [name for name in names if name not in table.fields]
    if lacking:
        raise corrupt(table.name, f"lacks {', '.join(lacking)}, of which totals are made", "Ask for the whole list disk.")


def _differ(path: Path, wrong: list[str]) -> DeliveryCorrupt:
    more = f"; and of {len(wrong) - MOST_TOLD} more records" if len(wrong) > MOST_TOLD else ""
    return corrupt(
        path.name,
        f"holds rows that do not make their lists' totals: {'; '.join(wrong[:MOST_TOLD])}{more}",
        "These lists are probably cut or were changed by hand. Ask the agency to make and send the disk again.",
    )


def _folder(member: str) -> bytes:
    return member.rpartition("/")[0].encode("utf-8", "surrogateescape")


def _numbers(column: pa.Array) -> pa.Array:
    """Numbers of a field, which a program that fills in no zeros leaves blank; null where something else stands."""
    column = pc.if_else(pc.equal(column, ""), pa.scalar("0"), column)
    is_number = pc.match_substring_regex(column, NUMBER)
    return pc.cast(pc.if_else(is_number, column, pa.scalar(None, pa.string())), NUMBER_TYPE)
