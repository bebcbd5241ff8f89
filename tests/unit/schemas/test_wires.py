"""Servers of a contract become wires; what cannot be one is refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import ContractError
from schemas.contracts import load_feed
from schemas.wires import Pages, Wire
from tests.unit.schemas.contract import RIGHT, write_contract

LOCAL = "servers: [{server: inbox, type: local, path: inbox, format: csv}]\n"


def server(kind: str, location: str = "", *properties: str) -> str:
    where = f", location: '{location}'" if location else ""
    custom = ", ".join(
        f"{{property: {name}, value: {value}}}" for name, _, value in (each.partition("=") for each in properties)
    )
    return f"servers: [{{server: agency, type: {kind}{where}, customProperties: [{custom}]}}]\n"


def wire(tmp_path: Path, servers: str, contract: str = RIGHT) -> Wire | None:
    return load_feed(write_contract(tmp_path, contract + servers)).wire


@pytest.mark.parametrize("servers", ["", LOCAL], ids=["none", "local"])
def test_the_folder_needs_no_wire(tmp_path: Path, servers: str) -> None:
    assert wire(tmp_path, servers) is None


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (
            server("sftp", "sftp://ihio.example/out/rural", "connection=ihio", "archive=done", "settleSeconds=30"),
            Wire("sftp", "ihio", "/out/rural", archive="done", settle_seconds=30),
        ),
        (
            server("sftp", "sftp://ihio.example/out", "connection=ihio", "doneFile='*.ok'"),
            Wire("sftp", "ihio", "/out", settle_seconds=5, done_file="*.ok"),
        ),
        (
            server("api", "https://ihio.example/v1/RUR_*.csv?kind=full", "connection=ihio"),
            Wire("https", "ihio", "/v1/RUR_*.csv?kind=full"),
        ),
        (server("s3", "s3://bucket/out/rural", "connection=ihio"), Wire("s3", "ihio", "bucket/out/rural")),
        (server("custom", "", "connection=ihio", "table=out.members"), None),
        (
            server("custom", "https://sabt.example/Estelam", "connection=sabt", "dailyQuota=50", "openHours=07:30-20:00"),
            Wire("soap", "sabt", "/Estelam", daily_quota=50, open_hours="07:30-20:00"),
        ),
    ],
    ids=["sftp", "done file", "https", "s3", "table of no database", "soap"],
)
def test_a_server_becomes_a_wire(tmp_path: Path, servers: str, expected: Wire | None) -> None:
    if expected is None:
        with pytest.raises(ContractError, match="unknown customProperty 'table'"):
            wire(tmp_path, servers)
    else:
        assert wire(tmp_path, servers) == expected


@pytest.mark.parametrize(
    ("form", "words"), [("kind: excel", "nobody writes"), ('kind: delimited, quote: ""', "never quoted")]
)
def test_rows_of_a_database_need_a_format_that_we_write(tmp_path: Path, form: str, words: str) -> None:
    contract = RIGHT.replace('kind: delimited, encoding: cp1256, delimiter: "|"', form)
    base = "servers: [{server: a, type: postgres, host: h, port: 5432, database: d, schema: out, customProperties: ["
    servers = f"{base}{{property: connection, value: ihio}}, {{property: table, value: t}}]}}]\n"
    with pytest.raises(ContractError, match=words):
        wire(tmp_path, servers, contract)


def test_a_database_is_one_table_or_one_query(tmp_path: Path) -> None:
    base = "servers: [{server: agency, type: postgres, host: h, port: 5432, database: d, schema: out, customProperties: ["
    named = "{property: connection, value: ihio}"
    table, query = "{property: table, value: out.members}", "{property: query, value: select 1}"
    assert wire(tmp_path, f"{base}{named}, {table}]}}]\n") == Wire("sql", "ihio", table="out.members")
    for properties in (named, f"{named}, {table}, {query}"):
        with pytest.raises(ContractError, match="one table or one query"):
            wire(tmp_path, f"{base}{properties}]}}]\n")
    changes = f"{base}{named}, {table}, {{property: watermark, value: changed_at}}]}}]\n"
    delta = RIGHT.replace("delivery, value: snapshot", "delivery, value: {kind: delta}").replace(
        "    properties:\n",
        "    properties:\n      - {name: operation_code, physicalName: ACT, logicalType: string, required: true,\n"
        "         enum: [{value: I, description: insert}, {value: U, description: update},\n"
        "                {value: D, description: delete}]}\n",
    )
    assert wire(tmp_path, changes, delta) == Wire("sql", "ihio", table="out.members", watermark="changed_at")
    with pytest.raises(ContractError, match="list everything"):
        wire(tmp_path, changes)


@pytest.mark.parametrize(
    ("servers", "words"),
    [
        (server("sftp", "sftp://h/out"), "without a connection"),
        (server("sftp", "sftp://user:secret@h/out", "connection=ihio"), "user or password"),
        (server("sftp", "sftp://h/out", "connection='sftp://user:secret@h'"), "unlike a name"),
        (server("sftp", "sftp://h/out", "connection=ihio", "settleSeconds=-1"), "number belongs"),
        (server("sftp", "sftp://h/out", "connection=ihio", "doneFile=ready"), "as done file"),
        (server("custom", "https://h/x", "connection=ihio", "openHours=25-26"), "is open at"),
        (server("kafka", "", "connection=ihio"), "does not fit|kafka"),
        (LOCAL.replace("}]", "}, {server: a, type: api, location: 'https://h/x'}, {server: b, type: api, location: 'https://h'}]"),
         "second remote server"),
    ],
)  # fmt: skip
def test_what_is_no_wire_is_refused_before_anything_runs(tmp_path: Path, servers: str, words: str) -> None:
    with pytest.raises(ContractError, match=words) as caught:
        wire(tmp_path, servers)
    assert "secret@" not in str(caught.value)


def test_pages_are_kept_as_json_lines_only(tmp_path: Path) -> None:
    pages = "{items: data, size: 500, sizeName: limit}"
    servers = server("api", "https://h/x", "connection=ihio", f"pages={pages}")
    with pytest.raises(ContractError, match="not jsonl"):
        wire(tmp_path, servers)
    contract = RIGHT.replace('kind: delimited, encoding: cp1256, delimiter: "|"', "kind: jsonl")
    assert wire(tmp_path, servers, contract) == Wire("https", "ihio", "/x", pages=Pages("data", size=500, size_name="limit"))
    shifting = servers.replace("limit}", "limit, total: n, repeated: last}")
    assert wire(tmp_path, shifting, contract) == Wire(
        "https", "ihio", "/x", pages=Pages("data", size=500, size_name="limit", total="n", repeated="last")
    )
    with pytest.raises(ContractError, match="rule for repeated keys 'first'"):
        wire(tmp_path, shifting.replace("last", "first"), contract)
    with pytest.raises(ContractError, match="key of pages 'item'"):
        wire(tmp_path, servers.replace("items:", "item:"), contract)
