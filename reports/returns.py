"""Conflict returns: what each insurer must know about its own members, and nothing about anybody else's.

``returns/<business_date>/<insurer_code>/`` holds ``conflicts_<date>.csv`` (machine file) with metadata (CSV on the Web) and
``dictionary.csv`` (what the columns mean), ``conflicts_<date>.xlsx`` (for people), ``summary.html`` and
``summary.en.html`` (to print), and ``manifest.json`` (counts and hashes). What tells of somebody's health stands in lists of
its own, ``special_patients_<date>``, for those with that purpose (C15). A return says what changed this night, each change
once (C11). Conflicts of persons under clerical review wait (C13).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from hub.runs import Run
from hub.settings import Settings
from hub.storage import replaced_folder, sha256_of, write_json
from reports.excel import ROW_LIMIT, Sheet, write_workbook
from reports.persian import jalali_text, number, persian_digits
from reports.return_columns import COLUMNS, TEXT_NOTE_FA
from reports.return_dictionary import csv_metadata, dictionary
from reports.return_page import ReturnSummary, write_summary
from reports.return_rows import InsurerRows, prepare, rows_of_insurer
from schemas.codes import insurers
from schemas.conflict_kinds import sensitive_kinds

MANIFEST = "manifest.json"
CONFLICTS, SPECIAL = "conflicts", "special_patients"
SCHEMA_VERSION = "2"
"""Of columns and manifest; a program that reads returns compares it."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write_returns(settings: Settings, run: Run) -> list[Path]:
    """Write the return of every insurer that delivers cover, also where nothing changed.

    Returns:
        The folders, in order of insurer code. A folder of an earlier run for the same business date is replaced whole.
    """
    folders = []
    with run.runner(settings) as runner:
        for insurer_code in prepare(runner.con, run.business_date):
            target = settings.returns / run.business_date.isoformat() / insurer_code
            part = rows_of_insurer(runner, insurer_code)
            with replaced_folder(target) as folder:
                _write(folder, run, part)
            folders.append(target)
    return folders


def _write(folder: Path, run: Run, part: InsurerRows) -> None:
    health = pc.is_in(part.rows.column("kind_code"), pa.array(sensitive_kinds(), pa.string()))
    shown_count = _write_lists(folder, run, part.insurer_code, CONFLICTS, part.rows.filter(pc.invert(health)))
    if (told := part.rows.filter(health)).num_rows:
        shown_count += _write_lists(folder, run, part.insurer_code, SPECIAL, told)
    with (folder / "dictionary.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(dictionary())
    summary = ReturnSummary.of(part)
    write_summary(folder, run, summary)
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.run_id,
        "business_date": run.business_date.isoformat(),
        "as_of": part.as_of,
        "insurer_code": part.insurer_code,
        "conflict_count": part.rows.num_rows,
        "excel_row_count": shown_count,
        "by_kind": summary.by_kind,
        "by_outcome": summary.by_outcome,
        "by_change": summary.by_change,
        "open_by_kind": summary.open_by_kind,
        "files": {path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in sorted(folder.iterdir())},
    }
    write_json(folder / MANIFEST, manifest)


def _write_lists(folder: Path, run: Run, insurer_code: str, stem: str, rows: pa.Table) -> int:
    """One list for programs, with its metadata, and for people; returns how many rows people see."""
    machine = folder / f"{stem}_{run.business_date.isoformat()}.csv"
    with machine.open("wb") as file:
        file.write(BYTE_ORDER_MARK)
        arrow_csv.write_csv(rows, file, arrow_csv.WriteOptions(quoting_style="all_valid"))
    write_json(folder / f"{machine.name}-metadata.json", csv_metadata(machine.name))
    shown = rows.slice(0, ROW_LIMIT)
    layout = _sheet(run, insurer_code, rows.num_rows)
    write_workbook(machine.with_suffix(".xlsx"), layout, _tuples(shown), shown.num_rows, run.business_date)
    return int(shown.num_rows)


def _sheet(run: Run, insurer_code: str, row_count: int) -> Sheet:
    known = insurers().get(insurer_code)
    title = (
        f"تعارض‌های پوشش — {known.name_fa if known else insurer_code} — "
        f"{persian_digits(jalali_text(run.business_date))} — {number(row_count, is_persian=True)} ردیف"
    )
    if row_count > ROW_LIMIT:
        title += f" — این برگه تنها {number(ROW_LIMIT, is_persian=True)} ردیف نخست را دارد؛ فهرست کامل در فایل CSV است."
    return Sheet(
        name="تعارض‌ها",
        title=title,
        headers=[column.title_fa for column in COLUMNS],
        widths=[column.width for column in COLUMNS],
        notes=[*dictionary(), [], [TEXT_NOTE_FA], [f"شناسهٔ اجرا: {run.run_id}"]],
    )


def _tuples(rows: pa.Table) -> Any:
    """Rows as the sheet shows them."""
    columns = []
    for column in COLUMNS:
        values, words = rows.column(column.name).to_pylist(), column.words_fa
        columns.append(values if words is None else [words[value] for value in values])
    return zip(*columns, strict=True)
