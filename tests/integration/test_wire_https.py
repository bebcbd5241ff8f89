"""Files and pages fetched by HTTPS from a real server process."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.fetching import look
from hub.errors import DeliveryCorrupt, WireDown, WireError, WireRefused
from schemas.feed import Feed, FileFormat, Layout
from schemas.wires import Pages, Wire
from tests.integration.oil import FEED, NIGHT
from tests.integration.wire_world import NAME, QUICK, WireWorld
from tests.servers.certificates import Authority
from tests.servers.https import CLIENT, WRITTEN, HttpsServer, https_server
from tests.servers.process import free_port
from tests.unit.connectors.reading import everything, fates, layout

PAGED = replace(
    FEED,
    files="OIL_*.jsonl",
    business_date_pattern=FEED.business_date_pattern.replace("csv", "jsonl"),
    layouts=(Layout(FileFormat("jsonl"), ()),),
)
PAGES = [[{"no": "1", "name": "علی"}, {"no": "2", "name": "رضا"}], [{"no": "3", "name": "مریم"}]]
LINES = [record for page in PAGES for record in page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https") / "agency") as running:
        yield running


@pytest.fixture
def agency(server: HttpsServer) -> HttpsServer:
    """The server without files, pages or faults."""
    for path in (server.folder / "files").iterdir():
        path.unlink()
    (server.folder / "pages.json").write_text(json.dumps(PAGES))
    server.has_fault()
    server.requests()
    return server


def world_of(
    tmp_path: Path,
    agency: HttpsServer,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    pages: Pages | None = None,
    **more: object,
) -> WireWorld:
    feed: Feed = PAGED if pages else FEED
    world = WireWorld(tmp_path / "home", Wire("https", "oil", path, pages=pages), feed)
    world.connect(monkeypatch, **agency.access | more)
    return world


@pytest.fixture
def world(tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> WireWorld:
    return world_of(tmp_path, agency, monkeypatch, "/out/OIL_*.csv")


def put(agency: HttpsServer, content: bytes) -> None:
    (agency.folder / "files" / NAME).write_bytes(content)


def test_the_file_of_the_business_date_is_asked_for_and_kept(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, b"one")
    assert [each.file_name for each in world.fetch()] == [NAME]
    assert (world.inbox / NAME).read_bytes() == b"one"
    assert agency.requests()[0]["path"] == f"/out/{NAME}"
    assert len(world.land()) == 1


def test_a_file_that_is_not_there_yet_is_no_error(world: WireWorld) -> None:
    assert world.fetch() == []
    assert world.names() == []


def test_an_unchanged_file_costs_no_bytes(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, b"one")
    world.fetch()
    agency.requests()
    assert world.fetch() == []
    assert "if-none-match" in agency.requests()[0]


def test_a_changed_file_comes_again(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, b"one")
    world.fetch()
    put(agency, b"other")
    assert len(world.fetch()) == 1
    assert (world.inbox / NAME).read_bytes() == b"other"


def test_a_download_that_breaks_off_goes_on_where_it_stopped(world: WireWorld, agency: HttpsServer) -> None:
    content = bytes(range(256)) * 4000
    put(agency, content)
    agency.has_fault(cut_after=300_000)
    assert len(world.fetch(patience=QUICK)) == 1
    assert (world.inbox / NAME).read_bytes() == content
    assert [request.get("range") for request in agency.requests()] == [None, "bytes=300000-"]


def test_a_packed_file_comes_as_it_lies_there_whatever_the_server_calls_it(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, packed := gzip.compress(b"one" * 100))
    agency.has_fault(headers={"Content-Encoding": "gzip"})
    assert len(world.fetch()) == 1
    assert (world.inbox / NAME).read_bytes() == packed


def test_a_rest_of_another_version_is_not_joined_to_what_came(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, b"a" * 600_000)
    agency.has_fault(cut_after=300_000)
    with pytest.raises(WireDown):
        world.fetch()
    put(agency, b"b" * 600_000)
    world.fetch()
    assert (world.inbox / NAME).read_bytes() == b"b" * 600_000


def test_a_server_that_is_overloaded_is_asked_again(world: WireWorld, agency: HttpsServer) -> None:
    put(agency, b"one")
    agency.has_fault(status=[503, 429])
    assert len(world.fetch(patience=QUICK)) == 1


def test_a_server_that_stays_overloaded_makes_the_feed_late(world: WireWorld, agency: HttpsServer) -> None:
    agency.has_fault(status=[503] * 9)
    with pytest.raises(WireDown, match="503"):
        world.fetch(patience=QUICK)
    assert len(agency.requests()) == QUICK.attempts


def test_a_server_that_does_not_let_us_in_is_not_asked_again(world: WireWorld, agency: HttpsServer) -> None:
    agency.has_fault(status=[403, 200])
    with pytest.raises(WireRefused, match="403"):
        world.fetch(patience=QUICK)
    assert len(agency.requests()) == 1


def test_a_server_that_is_away_is_worth_trying_again(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, agency, monkeypatch, "/out/OIL_*.csv", url=f"https://127.0.0.1:{free_port()}")
    with pytest.raises(WireDown, match="does not answer"):
        world.fetch()


def test_a_certificate_of_another_authority_is_refused(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Authority(tmp_path)
    world = world_of(tmp_path, agency, monkeypatch, "/out/OIL_*.csv", ca=str(stranger.certificate))
    with pytest.raises(WireRefused, match="do not trust"):
        world.fetch()


def test_a_look_asks_for_nothing_but_an_answer(
    world: WireWorld, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.feed.wire is not None
    assert "HTTP/1.1" in look(world.settings, world.feed.wire)
    world.connect(monkeypatch, **agency.access | {"ca": None})
    with pytest.raises(WireRefused, match="do not trust"):
        look(world.settings, world.feed.wire)


@pytest.mark.parametrize("wrong", [{"ca": "nowhere"}, {"url": "https://["}, {"token_url": "/out/" + NAME}])
def test_a_connection_that_cannot_be_right_is_refused(
    world: WireWorld, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    world.connect(monkeypatch, **agency.access | wrong)
    with pytest.raises(WireError):
        world.fetch()


def test_no_connection_without_tls(tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, agency, monkeypatch, "/out/OIL_*.csv", url=f"http://127.0.0.1:{agency.port}")
    with pytest.raises(WireRefused, match="not https"):
        world.fetch()
    world.connect(monkeypatch, **agency.access | {"token_url": f"http://127.0.0.1:{agency.port}/token"})
    with pytest.raises(WireRefused, match="not https"):
        world.fetch()


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        ("/v1/linked", Pages("data.items", next="links.next")),
        ("/v1/members", Pages("data.items", number="page", size=2, size_name="limit")),
    ],
    ids=["next", "number"],
)
def test_all_pages_become_one_file_of_json_lines(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch, path: str, pages: Pages
) -> None:
    world = world_of(tmp_path, agency, monkeypatch, path, pages)
    (fetched,) = world.fetch()
    lines = (world.inbox / fetched.file_name).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == LINES
    assert world.manifest(fetched.file_name)["wire"]["rows"] == 3  # type: ignore[index]
    assert world.fetch() == [], "the same answer is no new delivery"
    assert world.fetch(NIGHT - timedelta(days=1)) == [], "an answer of today says nothing about a past day"


BOTH = layout("jsonl", ("no", "name")).columns
KEYED = replace(
    PAGED,
    layouts=(Layout(FileFormat("jsonl"), tuple(replace(each, is_key=each.source == "no") for each in BOTH)),),
)
BY_NUMBER = Pages("data.items", total="data.total")


def keyed_world(tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch, pages: Pages = BY_NUMBER) -> WireWorld:
    world = WireWorld(tmp_path / "home", Wire("https", "oil", "/v1/members", pages=pages), KEYED)
    world.connect(monkeypatch, **agency.access)
    return world


def test_data_that_shift_while_their_pages_are_read_are_read_again(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifted = [PAGES[0], [PAGES[0][1], *PAGES[1]]]
    (agency.folder / "pages.json").write_text(json.dumps(shifted))
    world = keyed_world(tmp_path, agency, monkeypatch)
    with pytest.raises(WireDown, match="records of page 1 come again on page 2"):
        world.fetch()
    assert not [name for name in world.names() if not name.startswith(".")]
    taken = keyed_world(tmp_path / "last", agency, monkeypatch, replace(BY_NUMBER, repeated="last"))
    (fetched,) = taken.fetch()
    assert len((taken.inbox / fetched.file_name).read_text().splitlines()) == 4, "staging lets the last one count"


def test_a_record_that_slipped_through_between_two_pages_is_missed(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.has_fault(total=4)
    world = keyed_world(tmp_path, agency, monkeypatch)
    with pytest.raises(WireDown, match="3 records came, and there are 4"):
        world.fetch()
    agency.has_fault()
    assert len(world.fetch()) == 1


def test_a_token_that_runs_out_between_two_pages_is_renewed(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token: dict[str, Any] = {"token_url": "/token", "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    pages = Pages("data.items", next="links.next")
    world = world_of(tmp_path, agency, monkeypatch, "/secured/linked", pages, **token)
    agency.has_fault(expired_on_page=2)
    (fetched,) = world.fetch()
    assert len((world.inbox / fetched.file_name).read_text().splitlines()) == 3
    assert [each["method"] for each in agency.requests()] == ["POST", "GET", "GET", "POST", "GET"]


def test_numbers_of_a_page_keep_their_digits_and_half_a_letter_costs_its_row_only(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (agency.folder / "pages.json").write_text(
        json.dumps([[{"no": float(WRITTEN), "name": "a"}, {"no": 2, "name": "\ud800"}]])
    )
    world = world_of(tmp_path, agency, monkeypatch, "/v1/linked", Pages("data.items", next="links.next"))
    (fetched,) = world.fetch()
    data = (world.inbox / fetched.file_name).read_bytes()
    rows, rejects = everything(tmp_path / "read.jsonl", data, layout("jsonl", ("no", "name")))
    assert (rows, fates(rejects)) == ({1: ("1.50", "a")}, {2: "illegal_byte"})


def test_a_page_that_cannot_be_unpacked_makes_the_feed_late(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.has_fault(headers={"Content-Encoding": "gzip"})
    world = world_of(tmp_path, agency, monkeypatch, "/v1/linked", Pages("data.items", next="links.next"))
    with pytest.raises(WireDown, match="broke off"):
        world.fetch()


def test_a_page_that_fails_leaves_nothing(tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, agency, monkeypatch, "/v1/linked", Pages("data.wrong", next="links.next"))
    with pytest.raises(DeliveryCorrupt, match="no list of records"):
        world.fetch()
    assert not [name for name in world.names() if not name.startswith(".")]


def test_a_next_page_on_another_server_is_not_followed(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.has_fault(next="https://elsewhere.example/v1/linked?page=2")
    world = world_of(tmp_path, agency, monkeypatch, "/v1/linked", Pages("data.items", next="links.next"))
    with pytest.raises(WireRefused, match="another server"):
        world.fetch()


def test_client_credentials_open_what_is_secured(
    tmp_path: Path, agency: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(agency, b"one")
    token: dict[str, Any] = {"token_url": "/token", "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    world = world_of(tmp_path, agency, monkeypatch, "/secured/OIL_*.csv", **token)
    assert len(world.fetch()) == 1
    world.connect(monkeypatch, **agency.access | token | {"client_secret": "wrong"})
    with pytest.raises(WireRefused, match="401"):
        world.fetch()


def test_a_client_certificate_opens_a_server_that_wants_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with https_server(tmp_path / "agency", wants_certificate=True) as agency:
        put(agency, b"one")
        certificate, key = agency.authority.issue("databank")
        world = world_of(tmp_path, agency, monkeypatch, "/out/OIL_*.csv", certificate=str(certificate), key=str(key))
        assert len(world.fetch()) == 1
        world.connect(monkeypatch, **agency.access)
        with pytest.raises(WireRefused, match="wants one of ours"):
            world.fetch()
