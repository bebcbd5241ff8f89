"""Files fetched by SFTP from a real OpenSSH server."""

from __future__ import annotations

import getpass
import gzip
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.deliveries import delivery_named
from connectors.fetching import look
from connectors.transports import remote
from hub.errors import DeliveryCorrupt, WireDown, WireRefused
from hub.storage import write_json
from nights.wires import fetch_feed
from schemas.feed import FileFormat, Layout
from schemas.wires import Wire
from tests.integration.list_disks import DISK, LOOSE, check_loose_tables_come_and_go, table_agency
from tests.integration.oil import NIGHT
from tests.integration.wire_world import NAME, WireWorld
from tests.servers.password_sftp import password_server
from tests.servers.process import free_port
from tests.servers.sftp import SSHD, SshServer, ssh_server

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="no OpenSSH server: apt-get install openssh-server")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def agency(server: SshServer, tmp_path: Path) -> Path:
    """The agency's folder of one test."""
    folder = server.folder / tmp_path.name
    folder.mkdir()
    return folder


@pytest.fixture
def world(server: SshServer, agency: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WireWorld:
    wire = Wire("sftp", "oil", str(agency), archive="done", settle_seconds=0.0)
    world = WireWorld(tmp_path / "home", wire)
    world.connect(monkeypatch, **server.access)
    return world


def test_a_new_file_comes_whole_and_says_where_it_came_from(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_bytes(os.urandom(3_000_000))
    (fetched,) = world.fetch()
    assert (world.inbox / NAME).read_bytes() == (agency / NAME).read_bytes()
    manifest = world.manifest()
    assert manifest["sha256"] == fetched.sha256
    assert manifest["wire"]["source"] == "sftp oil"  # type: ignore[index]
    assert [each.file_name for each in world.land()] == [NAME]


def test_what_was_fetched_is_not_fetched_again(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("one")
    world.fetch()
    assert world.fetch() == []
    world.land()
    assert world.fetch() == []
    assert world.land() == []


def test_D02_a_file_sent_again_with_other_content_is_a_correction(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("one")
    world.fetch()
    (first,) = world.land()
    (agency / NAME).write_text("other")
    world.fetch()
    (second,) = world.land()
    assert second.supersedes_delivery_id == first.delivery_id


def test_a_file_replaced_before_it_landed_is_set_aside_not_lost(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("one")
    world.fetch()
    (agency / NAME).write_text("other")
    world.fetch()
    (aside,) = (world.settings.home / "wires" / "oil" / "replaced").iterdir()
    assert aside.read_text() == "one"
    assert (world.inbox / NAME).read_text() == "other"


def test_D04_the_agencys_own_checksum_decides(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("cut")
    write_json(agency / f"{NAME}.manifest.json", {"sha256": "0" * 64, "rows": 7})
    world.fetch()
    assert world.manifest()["rows"] == 7
    with pytest.raises(DeliveryCorrupt, match="SHA-256"):
        world.land()


def test_an_upload_that_still_grows_is_left_until_it_rests(world: WireWorld, agency: Path) -> None:
    assert world.feed.wire is not None
    world.feed = replace(world.feed, wire=replace(world.feed.wire, settle_seconds=0.3))
    (agency / NAME).write_text("be")
    still_uploading = threading.Event()

    def upload() -> None:
        while not still_uploading.wait(0.05):
            with (agency / NAME).open("a") as file:
                file.write("gun")

    uploader = threading.Thread(target=upload)
    uploader.start()
    try:
        assert world.fetch() == []
    finally:
        still_uploading.set()
        uploader.join()
    assert [each.file_name for each in world.fetch()] == [NAME]


def test_a_file_is_finished_when_its_done_file_is_there(world: WireWorld, agency: Path) -> None:
    assert world.feed.wire is not None
    world.feed = replace(world.feed, wire=replace(world.feed.wire, done_file="*.ok"))
    (agency / NAME).write_text("begun")
    assert world.fetch() == []
    (agency / f"{NAME}.ok").touch()
    assert len(world.fetch()) == 1
    world.land()
    assert world.clear() == [NAME]
    assert sorted(path.name for path in (agency / "done").iterdir()) == [NAME, f"{NAME}.ok"]


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_upload_that_stopped_before_its_end_is_left_until_it_is_whole(
    world: WireWorld, agency: Path, is_packed: bool
) -> None:
    world.feed = replace(world.feed, layouts=(Layout(FileFormat("delimited"), ()),))
    whole = gzip.compress(os.urandom(9000)) if is_packed else b"1\n2\n3\n"
    if not is_packed:
        write_json(agency / f"{NAME}.manifest.json", {"bytes": len(whole)})
    (agency / NAME).write_bytes(whole[:-3])
    assert world.fetch() == world.fetch() == []
    (agency / NAME).write_bytes(whole)
    (fetched,) = world.fetch()
    assert fetched.size == len(whole)


def test_an_upload_that_never_gets_its_end_is_taken_over_so_that_the_agency_is_told(
    world: WireWorld, agency: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.feed = replace(world.feed, layouts=(Layout(FileFormat("delimited"), ()),))
    (agency / NAME).write_bytes(gzip.compress(os.urandom(9000))[:-8])
    assert world.fetch() == []
    monkeypatch.setattr(remote, "STALLED_SECONDS", 0.0)
    assert len(world.fetch()) == 1


def test_D02_a_file_that_grows_after_it_was_taken_is_a_correction_and_said_to_be_one(
    world: WireWorld, agency: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (agency / NAME).write_text("1\n2\n")
    world.fetch()
    (first,) = world.land()
    (agency / NAME).write_text("1\n2\n3\n")
    (fetched,) = fetch_feed(world.settings, world.feed, NIGHT).files
    (second,) = world.land()
    assert second.supersedes_delivery_id == first.delivery_id
    assert fetched.is_grown
    assert "taken before it was whole" in caplog.text
    assert delivery_named(world.settings, second.delivery_id).manifest["wire"]["is_grown"] is True


def test_temporary_names_are_left_alone(world: WireWorld, agency: Path) -> None:
    for name in (f"{NAME}.part", f".{NAME}", f"{NAME}.filepart", "notes.txt"):
        (agency / name).write_text("x")
    (agency / "OIL_14050830.csv").mkdir()
    assert world.fetch() == []


def test_a_broken_download_goes_on_where_it_stopped(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("abcdefgh")
    status = (agency / NAME).stat()
    world.inbox.mkdir(parents=True)
    (world.inbox / f".{NAME}.part").write_text("ABCD")  # capitals: to see that these bytes were not asked for again
    write_json(world.inbox / f".{NAME}.part.json", {"version": f"{status.st_size}:{int(status.st_mtime)}"})
    world.fetch()
    assert (world.inbox / NAME).read_text() == "ABCDefgh"
    assert world.names() == [NAME, f"{NAME}.manifest.json"]


def test_a_part_of_an_older_version_is_dropped(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("abcdefgh")
    world.inbox.mkdir(parents=True)
    (world.inbox / f".{NAME}.part").write_text("ABCD")
    write_json(world.inbox / f".{NAME}.part.json", {"version": "8:1"})
    world.fetch()
    assert (world.inbox / NAME).read_text() == "abcdefgh"


def test_only_what_has_landed_is_moved_into_the_archive(world: WireWorld, agency: Path) -> None:
    (agency / NAME).write_text("today")
    (agency / "OIL_14050830.csv").write_text("tomorrow")
    write_json(agency / f"{NAME}.manifest.json", {"rows": 1})
    world.fetch()
    assert world.clear() == []
    world.land()
    assert world.clear() == [NAME]
    assert sorted(path.name for path in agency.iterdir()) == ["OIL_14050830.csv", "done"]
    assert sorted(path.name for path in (agency / "done").iterdir()) == [NAME, f"{NAME}.manifest.json"]
    assert world.fetch() == []


def test_loose_tables_of_a_disk_are_one_delivery_and_then_archived(world: WireWorld, agency: Path, tmp_path: Path) -> None:
    world.take(table_agency(tmp_path / "disk", DISK, ".zip", LOOSE).feed)
    check_loose_tables_come_and_go(world, agency)


def test_an_unknown_host_is_refused_and_its_fingerprint_shown(
    world: WireWorld, server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(monkeypatch, **{key: value for key, value in server.access.items() if key != "known_hosts"})
    with pytest.raises(WireRefused, match=r"ssh-ed25519 SHA256:\S+"):
        world.fetch()


def test_a_changed_host_key_is_refused(world: WireWorld, server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    other = (server.private_key.with_suffix(".pub").read_text().split())[1]
    world.connect(monkeypatch, **server.access | {"known_hosts": None, "host_key": f"ssh-ed25519 {other}"})
    with pytest.raises(WireRefused, match="another host key"):
        world.fetch()


def test_a_host_key_can_stand_in_the_connection(
    world: WireWorld, server: SshServer, agency: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(monkeypatch, **server.access | {"known_hosts": None, "host_key": server.host_key})
    (agency / NAME).write_text("one")
    assert len(world.fetch()) == 1


def test_a_wrong_password_is_refused_and_told_nowhere(
    world: WireWorld, server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(
        monkeypatch, **server.access | {"private_key": None, "password": "wrong-secret", "user": getpass.getuser()}
    )
    with pytest.raises(WireRefused, match="does not accept") as caught:
        world.fetch()
    assert "wrong-secret" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.facts}"


@pytest.mark.parametrize(
    "wrong",
    [{"private_key": "nowhere"}, {"private_key": __file__}, {"host_key": "ssh-ed25519 xyz"}, {"known_hosts": "nowhere"}],
    ids=lambda wrong: " ".join(wrong),
)
def test_a_connection_that_cannot_be_right_is_refused(
    world: WireWorld, server: SshServer, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    world.connect(monkeypatch, **server.access | wrong)
    with pytest.raises(WireRefused, match=r"cannot be read|no host key"):
        world.fetch()


def test_a_key_with_a_passphrase(
    world: WireWorld, server: SshServer, agency: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "locked"
    key.write_bytes(server.private_key.read_bytes())
    key.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "phrase-secret", "-f", str(key)], check=True)
    (agency / NAME).write_text("one")
    world.connect(monkeypatch, **server.access | {"private_key": str(key), "passphrase": "phrase-secret"})
    assert len(world.fetch()) == 1


def test_a_password_opens_a_server_that_takes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / NAME).write_text("one")
    wire = Wire("sftp", "oil", "/")
    world = WireWorld(tmp_path / "home", wire)
    with password_server(tmp_path / "out") as access:
        world.connect(monkeypatch, **access)
        assert look(world.settings, wire) == "1 files lie there"
        world.connect(monkeypatch, **access | {"password": "wrong"})
        with pytest.raises(WireRefused, match="does not accept"):
            look(world.settings, wire)


def test_a_server_that_is_away_is_worth_trying_again(
    world: WireWorld, server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.connect(monkeypatch, **server.access | {"port": free_port()})
    started = time.monotonic()
    with pytest.raises(WireDown, match="does not answer"):
        world.fetch()
    assert time.monotonic() - started < 5


def test_a_folder_that_is_not_there_is_refused(world: WireWorld, agency: Path) -> None:
    agency.rmdir()
    with pytest.raises(WireRefused, match="folder"):
        world.fetch()
