"""Answers of a synthetic nation's insurers to the returns that they got: some agree, some dispute, some say nothing yet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from schemas.feed import Feed, Layout
from schemas.file_names import file_name
from synthetic.chance import salt, which, words

#: What insurers say, and how often; the rest waits for another night.
ANSWERS = {"agree": 0.55, "dispute": 0.15, "already_cancelled": 0.10}
REASON = "این شخص با حکم کارگزینی نزد ما بیمه است."
RESOLVED = "resolved"


@dataclass(frozen=True)
class _Told:
    """One row of a return: to whom, about which conflict."""

    insurer_code: str
    conflict_no: int


def write_answers(
    feeds: Sequence[Feed], returns: Path, inbox: Path, told_date: date, business_date: date, seed: int = 1
) -> dict[Path, int]:
    """Write a file for each agency that answers by contract; how many answers are in each.

    Args:
        returns: folder of returns, of which the CSV files of ``told_date`` are read.

    Equal returns and seeds give equal files.
    """
    written = {}
    for feed in feeds:
        layout = feed.layout_on(business_date)
        if not feed.is_occasional or layout is None:
            continue
        insurers = sorted({each.insurer_code for each in feeds if each.agency == feed.agency and each.insurer_code})
        told = [row for code in insurers for row in _told(returns / told_date.isoformat() / code, code)]
        path = inbox / feed.name / file_name(feed, business_date)
        path.parent.mkdir(parents=True, exist_ok=True)
        written[path] = _write(layout, path, told, told_date, seed)
    return written


def _told(folder: Path, insurer_code: str) -> Iterator[_Told]:
    for path in sorted(folder.glob("conflicts_*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["change_code"] != RESOLVED:
                    yield _Told(insurer_code, int(row["conflict_no"]))


def _write(layout: Layout, path: Path, told: Sequence[_Told], told_date: date, seed: int) -> int:
    codes = {column.name: {ours: theirs for theirs, ours in column.codes.items()} for column in layout.columns}
    count = 0
    with path.open("w", encoding=layout.format.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=layout.format.delimiter)
        writer.writerow([column.source for column in layout.columns])
        for each in told:
            bits = words(np.array([each.conflict_no], dtype=np.uint64), salt(seed, "answers", each.insurer_code))
            said = int(which(bits, tuple(ANSWERS.values()))[0])
            if not said:
                continue
            answer = list(ANSWERS)[said - 1]
            row = {
                "answer_no": f"{each.insurer_code}-{each.conflict_no}-{told_date:%Y%m%d}",
                "operation_code": "insert",
                "insurer_code": each.insurer_code,
                "conflict_no": str(each.conflict_no),
                "told_date": told_date.isoformat(),
                "answer_code": answer,
                "dispute_reason": REASON if answer == "dispute" else "",
            }
            values = (row[column.name] for column in layout.columns)
            writer.writerow(
                codes[column.name].get(value, value) for column, value in zip(layout.columns, values, strict=True)
            )
            count += 1
    return count
