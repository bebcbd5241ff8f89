"""What person records are made of: rows of the current deliveries, and which of them the night before saw otherwise."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from hub.duck import Connection, literal, no_rows, quote
from hub.steps import Runner
from matching import evidence, names, persian, phonetic
from matching.answers import ANSWER, IS_PERSON, turned_records
from schemas import jalali
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.standardising_tables import SOURCE

SOURCE_COLUMNS = {
    "national_code": "varchar", "foreign_id": "varchar", "passport_no": "varchar", "given_name": "varchar",
    "surname": "varchar", "full_name": "varchar", "father_name": "varchar", "sex_code": "varchar", "birth_date": "date",
    "birth_date_partial": "varchar", "birth_certificate_no": "varchar", "nationality_code": "varchar",
    "vital_status_code": "varchar", "death_date": "date", "province_code": "varchar", "address": "varchar",
    "postal_code": "varchar", "city_name": "varchar", "mobile_no": "varchar", "email": "varchar",
    "inquiry_answer_code": "varchar",
}  # fmt: skip
# What differs in nothing but its letters' case and blanks is counted, compared and found generic as one.
_FOLDED = {"email": "lower(regexp_replace({0}, '\\s', '', 'g'))"}
# Above this share of changed records, working on all is no slower.
MOST_CHANGED_RATIO = 0.15
_METHOD = (evidence, names, persian, phonetic, jalali)


def source_rows(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> str:
    """SQL of all rows of all current deliveries by record_key, with one set of columns; what a feed lacks is null."""
    used = sorted(deliveries, key=lambda delivery: f"{delivery.feed}:")  # as record keys begin, so that they come in order
    if not used:
        own = dict.fromkeys(("record_key", "since_delivery_id", "feed"), "varchar") | {"is_registry": "boolean"}
        return no_rows(own | SOURCE_COLUMNS)
    declared = {feed.name: feed for feed in feeds}
    present = {name for delivery in used for name in declared[delivery.feed].staging_table.columns}
    columns = ", ".join(
        f"cast({_FOLDED.get(name, '{0}').format(quote(name)) if name in present else 'null'} as {kind}) as {name}"
        for name, kind in SOURCE_COLUMNS.items()
    )
    of_file = {  # one scan of all files keeps their order, which a union of scans does not
        "feed": [literal(delivery.feed) for delivery in used],
        "is_registry": [str(declared[delivery.feed].is_registry).lower() for delivery in used],
    }
    told = ", ".join(f"[{', '.join(values)}][file_index::bigint + 1] as {name}" for name, values in of_file.items())
    paths = ", ".join(literal(delivery.rows_path) for delivery in used)
    rows = f"select record_key, since_delivery_id, {told}, {columns} from read_parquet([{paths}], union_by_name = true)"
    return f"{rows} where {IS_PERSON}" if ANSWER in present else rows


def keep_sources(runner: Runner, feeds: Sequence[Feed], deliveries: Iterable[Delivery], making: str) -> None:
    """Write down what tonight's person records are made of, and how.

    Args:
        making: the SQL that makes them.

    Leaves:  linkage.source
    """
    contracts = {feed.name: feed.contract_hash for feed in feeds}
    told = sorted((each.feed, str(each.rows_path)) for each in deliveries)
    columns = {
        "feed": [feed for feed, _ in told],
        "rows_path": [path for _, path in told],
        "file_mark": [_mark(Path(path)) for _, path in told],
        "contract_hash": [contracts[feed] for feed, _ in told],
        "method_hash": [_method_hash(runner.con, making)] * len(told),
    }
    runner.keep(SOURCE.name, SOURCE.grain, pa.table({name: pa.array(rows, pa.string()) for name, rows in columns.items()}))


def is_made_alike(runner: Runner, base_folder: Path) -> bool:
    """Whether the person records of the night before were made as tonight's are, of staged rows that are still there.

    Reads:   linkage.source
    """
    path = base_folder / f"{SOURCE.name}.parquet"
    if not path.exists():
        return False
    runner.attach("base.source", path)
    told = runner.con.execute(
        f"""select b.rows_path, b.file_mark,
                   n.feed is null or (n.contract_hash = b.contract_hash and n.method_hash = b.method_hash)
            from base.source as b left join {SOURCE.name} as n using (feed)"""
    ).fetchall()
    return bool(told) and all(is_alike and _mark(Path(rows_path)) == mark for rows_path, mark, is_alike in told)


def find_changed_rows(con: Connection) -> bool:
    """Find the records whose row is new, gone, or not what it was in the night before, or whose code is refused since.

    Reads:   linkage.source, base.source and the staged rows that they name; see ``matching.answers.turned_records``
    Leaves:  temp table changed_row (record_key)

    Returns: False when too much has changed to be worked on alone.
    """
    files = con.execute(
        f"""select n.rows_path, b.rows_path from {SOURCE.name} as n full join base.source as b using (feed)
            where n.rows_path is distinct from b.rows_path order by feed"""
    ).fetchall()
    now, before = (_printed([path for path in paths if path]) for paths in (zip(*files, strict=True) if files else ((), ())))
    con.execute(
        f"""create or replace temp table changed_row as
            select distinct coalesce(n.record_key, b.record_key) as record_key
            from ({now}) as n full join ({before}) as b using (own, row_hash)
            where n.record_key is null or b.record_key is null"""
    )
    con.execute(f"insert into changed_row select * from ({turned_records()}) anti join changed_row using (record_key)")
    paths = [path for (path,) in con.execute("select rows_path from base.source").fetchall()]
    counted = " + ".join(f"(select count(*) from read_parquet({literal(path)}))" for path in paths)
    return bool(con.execute(f"select count(*) <= {MOST_CHANGED_RATIO} * ({counted}) from changed_row").fetchall()[0][0])


def _printed(paths: Sequence[str]) -> str:
    """SQL of the fingerprints of staged rows: equal ones make equal person records."""
    if not paths:
        return "select '' as record_key, 0::ubigint as own, 0::ubigint as row_hash where false"
    files = ", ".join(map(literal, paths))
    rows = f"read_parquet([{files}], union_by_name = true)"
    return f"select record_key, hash(record_key, since_delivery_id) as own, row_hash from {rows}"


def _mark(path: Path) -> str | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return f"{told.st_size}-{told.st_mtime_ns}"


def _method_hash(con: Connection, making: str) -> str:
    digest = hashlib.sha256(making.encode())
    digest.update(con.execute("select version()").fetchall()[0][0].encode())
    digest.update(importlib.metadata.version("databank").encode())
    digest.update(repr(sorted(names.nicknames().items())).encode())
    for module in _METHOD:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]
