"""Conflict returns: what each insurer must know about its own members, and nothing about anybody else's.

``returns/<business_date>/<insurer_code>/`` holds ``conflicts_<date>.csv`` (machine file), ``conflicts_<date>.xlsx`` (for
people), ``dictionary.csv`` (what the columns mean) and ``manifest.json`` (counts and hashes). A return says what changed
this night: each change is reported once (C11). Conflicts of persons under clerical review wait (C13).
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from hub.duck import Connection
from hub.runs import Run
from hub.settings import Settings
from hub.storage import replaced_folder, sha256_of, write_json
from reports.excel import ROW_LIMIT, Sheet, write_workbook
from reports.persian import jalali_text, number, persian_digits
from reports.return_columns import COLUMNS, KINDS_FA, OUTCOMES_FA, REPORTED_KINDS, TEXT_NOTE_FA
from schemas.codes import insurers

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write_returns(settings: Settings, run: Run) -> list[Path]:
    """Write the return of every insurer that delivers cover, also where nothing changed.

    Returns:
        The folders, in order of insurer code. A folder of an earlier run for the same business date is replaced whole.
    """
    folders = []
    with run.runner(settings) as runner:
        _prepare(runner.con, run.business_date)
        codes = [row[0] for row in runner.con.execute(_INSURERS).fetchall()]
        for insurer_code in codes:
            target = settings.returns / run.business_date.isoformat() / insurer_code
            rows = runner.files.sql(_OF_INSURER, params={"insurer_code": insurer_code}).to_arrow_table()
            with replaced_folder(target) as folder:
                _write(folder, run, insurer_code, rows)
            folders.append(target)
    return folders


def _prepare(con: Connection, business_date: date) -> None:
    con.execute(_SIDES, {"business_date": business_date, "kinds": list(REPORTED_KINDS)})
    days = [row[0] for row in con.execute(_DAYS).fetchall()]
    con.register("jalali_day", pa.table({"day": pa.array(days, pa.date32()), "text": [jalali_text(day) for day in days]}))
    con.register("kind_name", pa.table({"kind_code": list(KINDS_FA), "name_fa": list(KINDS_FA.values())}))
    con.register("outcome_name", pa.table({"outcome_code": list(OUTCOMES_FA), "name_fa": list(OUTCOMES_FA.values())}))
    known = insurers()
    con.register("insurer_name", pa.table({"insurer_code": list(known), "name_fa": [known[code].name_fa for code in known]}))
    con.execute(_ROWS)


def _write(folder: Path, run: Run, insurer_code: str, rows: pa.Table) -> None:
    day = run.business_date.isoformat()
    machine, sheet, words = folder / f"conflicts_{day}.csv", folder / f"conflicts_{day}.xlsx", folder / "dictionary.csv"
    with machine.open("wb") as file:
        file.write(BYTE_ORDER_MARK)
        arrow_csv.write_csv(rows, file, arrow_csv.WriteOptions(quoting_style="all_valid"))
    shown = rows.slice(0, ROW_LIMIT)
    write_workbook(sheet, _sheet(run, insurer_code, rows.num_rows), _tuples(shown), shown.num_rows, run.business_date)
    with words.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_dictionary())
    files = {path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in (machine, sheet, words)}
    manifest: dict[str, Any] = {
        "run_id": run.run_id,
        "business_date": day,
        "insurer_code": insurer_code,
        "conflict_count": rows.num_rows,
        "excel_row_count": shown.num_rows,
        "by_kind": _counts(rows, "kind_code"),
        "by_outcome": _counts(rows, "outcome_code"),
        "by_change": _counts(rows, "change_code"),
        "files": files,
    }
    write_json(folder / "manifest.json", manifest)


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
        notes=[*_dictionary(), [], [TEXT_NOTE_FA], [f"شناسهٔ اجرا: {run.run_id}"]],
    )


def _dictionary() -> list[list[str]]:
    header = ["column", "title_fa", "meaning_fa", "meaning_en"]
    return [header, *([column.name, column.title_fa, column.meaning_fa, column.meaning_en] for column in COLUMNS)]


def _tuples(rows: pa.Table) -> Any:
    """Rows as the sheet shows them."""
    columns = []
    for column in COLUMNS:
        values, words = rows.column(column.name).to_pylist(), column.words_fa
        columns.append(values if words is None else [words[value] for value in values])
    return zip(*columns, strict=True)


def _counts(rows: pa.Table, column: str) -> dict[str, int]:
    return dict(sorted(Counter(rows.column(column).to_pylist()).items()))


_INSURERS = "select insurer_code from cover.record union select insurer_code from return_side order by 1"

# One row per conflict and insurer concerned; two booklets at one insurer are one row.
_SIDES = """
    create or replace temp table return_side as
    with told as (
        select * from cover.conflict
        where changed_date = $business_date and not coalesce(is_under_review, false) and kind_code in (select unnest($kinds))
    )
    select conflict_no, insurer_a as insurer_code, insurer_b as other_insurer_code, booklet_no_a as booklet_no,
           if(kind_code = 'same_insurer', booklet_no_b, null) as other_booklet_no, record_key_a as record_key,
           principal_person_id_a as principal_person_id, kind_code, person_id, from_date,
           nullif(to_date, date '9999-12-31') as to_date, overlap_days, outcome_code, keeper_insurer_code, rule_code,
           reason_fa, status_code, opened_date = $business_date as is_new
    from told
    union all
    select conflict_no, insurer_b, insurer_a, booklet_no_b, null, record_key_b, principal_person_id_b, kind_code, person_id,
           from_date, nullif(to_date, date '9999-12-31'), overlap_days, outcome_code, keeper_insurer_code, rule_code,
           reason_fa, status_code, opened_date = $business_date
    from told where insurer_b <> insurer_a
"""
_DAYS = """
    select from_date from return_side union select to_date from return_side where to_date is not null order by 1
"""


def _safe(expression: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"if(regexp_matches({expression}, '^[=+\\-@\\t\\r]'), '''' || {expression}, {expression})"


_ROWS = f"""
    create or replace temp table return_row as
    with judged as (
        select s.*, case when outcome_code <> 'block' then outcome_code
                         when keeper_insurer_code = insurer_code then 'keep' else 'block' end as own_outcome_code
        from return_side as s
    )
    select j.insurer_code, j.conflict_no,
           case when j.status_code = 'resolved' then 'resolved' when j.is_new then 'opened' else 'changed' end
               as change_code,
           j.kind_code, k.name_fa as kind_fa, {_safe("r.member_no")} as member_no, {_safe("j.booklet_no")} as booklet_no,
           g.national_code, {_safe("g.given_name")} as given_name, {_safe("g.surname")} as surname,
           {_safe("nullif(concat_ws(' ', p.given_name, p.surname), '')")} as principal_name,
           cast(j.from_date as varchar) as from_date, cast(j.to_date as varchar) as to_date,
           f.text as from_jalali, t.text as to_jalali, cast(j.overlap_days as bigint) as overlap_days,
           j.other_insurer_code, i.name_fa as other_insurer_fa, {_safe("j.other_booklet_no")} as other_booklet_no,
           j.own_outcome_code as outcome_code, o.name_fa as outcome_fa, j.rule_code, j.reason_fa
    from judged as j
    left join cover.record as r using (record_key)
    left join person.golden as g on g.person_id = j.person_id
    left join person.golden as p on p.person_id = j.principal_person_id
    left join kind_name as k on k.kind_code = j.kind_code
    left join outcome_name as o on o.outcome_code = j.own_outcome_code
    left join insurer_name as i on i.insurer_code = j.other_insurer_code
    left join jalali_day as f on f.day = j.from_date
    left join jalali_day as t on t.day = j.to_date
"""
_OF_INSURER = """
    select * exclude (insurer_code) from return_row where insurer_code = $insurer_code order by conflict_no
"""
