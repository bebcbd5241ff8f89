"""What the records of a known person tell beside it, as far as open records are compared with it."""

from __future__ import annotations

import duckdb
import pytest

from matching.profiles import gather_evidence
from schemas.tables import PERSON_RECORD

PERSON, OPEN, ITS_RECORD = 1, 2, 3


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """An open record with a phone, beside a known person of whom another record tells something."""
    con = duckdb.connect()
    columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in PERSON_RECORD.columns.items())
    con.execute(f"create table numbered_record as select n as record_no, {columns} from range(1, 4) as t(n)")
    con.execute("update numbered_record set mobile_no_key = '0912' where record_no = ?", [OPEN])
    con.execute(
        """create view profile as
           select * replace (false as is_registry), false as is_verified, 1 as record_count
           from numbered_record where record_no = 2"""
    )
    con.execute(
        """create table link_record as
           select record_no, record_no = 1 as is_verified, true as is_registry, false as is_dead from numbered_record"""
    )
    con.execute("create table attached as select 3 as record_no, 1 as node_no, 'sso' as feed")
    con.execute("create table candidate_pair as select 2 as record_no_l, 1 as record_no_r")

    return con


@pytest.mark.parametrize(
    ("told", "expected"),
    [("'0912'", ["0912"]), ("'0935'", []), ("null", None)],
    ids=["shared", "another: it differs", "none: unknown"],
)
def test_a_phone_that_its_records_tell(con: duckdb.DuckDBPyConnection, told: str, expected: list[str] | None) -> None:
    con.execute(f"update numbered_record set mobile_no_key = {told}, foreign_id = 'F1' where record_no = {ITS_RECORD}")
    gather_evidence(con)
    found = con.execute(
        f"select mobile_nos, postal_codes, foreign_id from scored_record where record_no = {PERSON}"
    ).fetchall()
    assert found == [(expected, None, "F1")]
