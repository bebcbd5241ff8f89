"""Files fetched from an object store that speaks S3, a real server process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import WireDown, WireError, WireRefused
from hub.storage import write_json
from schemas.wires import Wire
from tests.integration.list_disks import DISK, LOOSE, check_loose_tables_come_and_go, table_agency
from tests.integration.wire_world import NAME, WireWorld
from tests.servers.process import free_port
from tests.servers.s3 import ObjectStore, object_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with object_store(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture
def agency(store: ObjectStore, tmp_path: Path) -> Path:
    """The prefix of one test in the agency's bucket."""
    folder = store.folder / "oil-bucket" / tmp_path.name
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def world(store: ObjectStore, agency: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WireWorld:
    wire = Wire("s3", "oil", f"oil-bucket/{agency.name}", archive="done", settle_seconds=0.0)
    world = WireWorld(tmp_path / "home", wire)
    world.connect(monkeypatch, **store.access)
    return world


def test_an_object_comes_whole_once_and_lands(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_bytes(os.urandom(2_500_000))
    (agency / "notes.txt").write_text("x")
    write_json(agency / f"{NAME}.manifest.json", {"rows": 7})
    assert [each.file_name for each in world.fetch()] == [NAME]
    assert (world.inbox / NAME).read_bytes() == (agency / NAME).read_bytes()
    assert world.manifest()["rows"] == 7
    assert world.fetch() == []
    assert len(world.land()) == 1


def test_what_has_landed_is_moved_below_the_archive(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("one")
    world.fetch()
    world.land()
    assert world.clear() == [NAME]
    assert not (agency / NAME).exists()
    assert (agency / "done" / NAME).read_text() == "one"
    assert world.fetch() == []


def test_loose_tables_of_a_disk_are_one_delivery_and_then_archived(world: WireWorld, agency: Path, tmp_path: Path) -> None:
    world.take(table_agency(tmp_path / "disk", DISK, ".zip", LOOSE).feed)
    check_loose_tables_come_and_go(world, agency)


def test_a_broken_download_goes_on_where_it_stopped(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("abcdefgh")
    world.fetch()
    version = world.manifest()["wire"]["version"]  # type: ignore[index]
    for path in (world.inbox, world.settings.home / "wires" / "oil"):
        for file in path.glob("[!.]*"):
            file.unlink()
    (world.inbox / f".{NAME}.part").write_text("ABCD")  # capitals: to see that these bytes were not asked for again
    write_json(world.inbox / f".{NAME}.part.json", {"version": version})
    world.fetch()
    assert (world.inbox / NAME).read_text() == "ABCDefgh"


def test_wrong_keys_are_refused_and_told_nowhere(
    world: WireWorld, store: ObjectStore, agency: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (agency / NAME).write_text("one")
    world.connect(monkeypatch, **store.access | {"secret_key": "wrong-secret"})
    with pytest.raises(WireRefused, match="does not let us in") as caught:
        world.fetch()
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.facts}"


@pytest.mark.parametrize("wrong", [{"endpoint": "http://["}, {"tls": True, "ca": "nowhere"}])
def test_a_connection_that_cannot_be_right_is_told_as_one(
    world: WireWorld, store: ObjectStore, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
) -> None:
    world.connect(monkeypatch, **store.access | wrong)
    with pytest.raises(WireError):
        world.fetch()


def test_a_bucket_that_is_not_there_is_refused(world: WireWorld) -> None:
    assert world.feed.wire is not None
    world.feed = replace(world.feed, wire=replace(world.feed.wire, path="nobodys-bucket/x"))
    with pytest.raises(WireRefused, match="no such bucket"):
        world.fetch()


def test_a_store_that_is_away_makes_the_feed_late(
    world: WireWorld, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(monkeypatch, **store.access | {"endpoint": f"127.0.0.1:{free_port()}"})
    with pytest.raises(WireDown, match="does not answer"):
        world.fetch()
