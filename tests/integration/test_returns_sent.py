"""Returns sealed for one insurer each and sent to a real OpenSSH server: read with openssl alone, once, with proof."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.fetching import Patience
from connectors.recipients import accept_certificate, certificate_file, certificate_state
from hub.envelopes import CERTIFICATE
from hub.errors import SettingsError, WireDown, WireRefused
from hub.settings import Settings
from hub.storage import read_json, sha256_of, write_json, write_text
from nights.returns import ReturnState, counted, deliver_returns, needing_people, return_states, send_returns, verify_returns
from nights.sealing import seal_returns
from tests.servers.breaking import breaking_line
from tests.servers.certificates import client_certificate
from tests.servers.process import free_port
from tests.servers.sftp import SSHD, SshServer, ssh_server

pytestmark = pytest.mark.skipif(not SSHD.exists(), reason="no OpenSSH server: apt-get install openssh-server")
QUICK = Patience(attempts=3, first_wait_seconds=0.05, longest_wait_seconds=0.1)
TODAY = datetime.now(UTC).date()
NIGHT, RUN = "2026-11-20", "2026-11-20-0a1b2c3d4e5f"
SECRET = "کد ملی 0012345679"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys of insurers: ``<name>.pem``, ``<name>.key``; making RSA keys is dear, so once."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("SSO", "OIL"):
        client_certificate(folder, name, bits=2048)
    return folder


class Insurers:
    """A home with returns on disk, and folders that play the insurers' servers."""

    def __init__(self, home: Path, server: SshServer, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.server, self.keys, self._patch = Settings(home=home), server, keys, monkeypatch
        self.drop = server.folder / home.parent.name
        self.drop.mkdir()

    def write(self, insurer: str, run_id: str = RUN, day: str = NIGHT, text: str = SECRET) -> Path:
        folder = self.settings.returns / day / insurer
        write_text(folder / "conflicts.csv", text)
        digest = sha256_of(folder / "conflicts.csv")
        manifest = {"insurer_code": insurer, "business_date": day, "run_id": run_id, "conflict_count": 3}
        write_json(folder / "manifest.json", manifest | {"files": {"conflicts.csv": {"sha256": digest, "bytes": 1}}})
        return folder

    def trust(self, insurer: str) -> None:
        accept_certificate(self.settings, insurer, self.keys / f"{insurer}.pem", "a tester", TODAY)

    def connect(self, insurer: str, **other: object) -> None:
        access = json.dumps(self.server.access | {"folder": str(self.drop)} | other)
        self._patch.setenv(f"DATABANK_CONNECTION_RETURNS_{insurer}", access)

    def send(self) -> list[ReturnState]:
        return send_returns(self.settings, patience=QUICK)

    def state(self, insurer: str = "SSO") -> ReturnState:
        return next(each for each in reversed(return_states(self.settings)) if each.insurer_code == insurer)

    def arrived(self) -> list[str]:
        return sorted(path.name for path in self.drop.iterdir())


@pytest.fixture
def insurers(server: SshServer, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Insurers:
    made = Insurers(tmp_path / "home", server, keys, monkeypatch)
    made.write("SSO")
    return made


def openssl(*arguments: object, fails: bool = False) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert (done.returncode != 0) is fails, done.stderr.decode()


def test_a_return_is_opened_and_proved_with_openssl_alone(insurers: Insurers, tmp_path: Path) -> None:
    """The commands of docs/operating.md, as an insurer runs them."""
    insurers.trust("SSO")
    insurers.connect("SSO")
    (sent,) = insurers.send()
    assert (sent.state_code, sent.proof_code, sent.attempts) == ("delivered", "content", 1)
    taken = insurers.drop / f"SSO-{RUN}.zip.p7m"
    assert SECRET.encode() not in taken.read_bytes()
    key, mine, hub = insurers.keys / "SSO.key", insurers.keys / "SSO.pem", insurers.settings.keys / CERTIFICATE
    signed, archive = tmp_path / "return.p7s", tmp_path / "return.zip"
    openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", taken, "-recip", mine, "-inkey", key, "-out", signed)
    openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", signed, "-CAfile", hub, "-out", archive)
    with zipfile.ZipFile(archive) as files:
        manifest = json.loads(files.read("manifest.json"))
        assert files.read("conflicts.csv").decode() == SECRET
        assert hashlib.sha256(files.read("conflicts.csv")).hexdigest() == manifest["files"]["conflicts.csv"]["sha256"]
    shown = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", taken], capture_output=True, check=True
    ).stdout
    assert b"aes-256-cbc" in shown


def test_nobody_else_can_open_it_and_a_changed_one_is_found(insurers: Insurers, tmp_path: Path) -> None:
    insurers.trust("SSO")
    (sealed,) = seal_returns(insurers.settings)
    path = insurers.settings.outbox / "returns" / "SSO" / RUN / sealed.file_name
    mine, key, out = insurers.keys / "SSO.pem", insurers.keys / "SSO.key", tmp_path / "out"
    wrong = ("-recip", insurers.keys / "OIL.pem", "-inkey", insurers.keys / "OIL.key")
    openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", path, *wrong, "-out", out, fails=True)
    openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", path, "-recip", mine, "-inkey", key, "-out", out)
    changed = tmp_path / "changed"
    changed.write_bytes(out.read_bytes().replace(b"conflicts.csv", b"conflictz.csv"))
    hub = insurers.settings.keys / CERTIFICATE
    verify = ("cms", "-verify", "-binary", "-inform", "DER", "-CAfile", hub, "-out", tmp_path / "zip", "-in")
    openssl(*verify, out)
    openssl(*verify, changed, fails=True)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (check,) = verify_returns(insurers.settings)
    assert check.wrong == (sealed.file_name,)


def test_an_insurer_without_certificate_gets_nothing_and_status_says_so(insurers: Insurers) -> None:
    insurers.connect("SSO")
    assert insurers.send() == []
    assert (insurers.state().state_code, insurers.state().certificate_code) == ("unsealed", "missing")
    assert counted(return_states(insurers.settings)) == {"certificate missing": 1}
    assert insurers.arrived() == []
    assert not list(insurers.settings.outbox.rglob("*.p7m"))


def test_once_there_is_a_certificate_what_was_not_told_yet_goes_out_oldest_first(insurers: Insurers) -> None:
    insurers.connect("SSO")
    insurers.write("SSO", "2026-11-21-aaaaaaaaaaaa", "2026-11-21")
    insurers.trust("SSO")
    assert [each.business_date for each in insurers.send()] == ["2026-11-20", "2026-11-21"]
    assert insurers.arrived() == [f"SSO-{RUN}.zip.p7m", "SSO-2026-11-21-aaaaaaaaaaaa.zip.p7m"]


def test_sending_again_doubles_nothing(insurers: Insurers) -> None:
    insurers.trust("SSO")
    insurers.connect("SSO")
    insurers.send()
    taken = insurers.drop / f"SSO-{RUN}.zip.p7m"
    before = (taken.stat().st_mtime_ns, taken.read_bytes())
    assert insurers.send() == []
    insurers.write("SSO", text="written again after an upgrade")
    assert insurers.send() == []
    assert (taken.stat().st_mtime_ns, taken.read_bytes()) == before
    assert insurers.arrived() == [taken.name]


def test_killed_before_it_was_written_down_it_is_found_there_and_not_sent_again(insurers: Insurers) -> None:
    insurers.trust("SSO")
    insurers.connect("SSO")
    insurers.send()
    (insurers.settings.outbox / "returns" / "SSO" / "sendings.jsonl").unlink()
    inode = (insurers.drop / f"SSO-{RUN}.zip.p7m").stat().st_ino
    (sent,) = insurers.send()
    assert sent.state_code == "delivered"
    assert (insurers.drop / f"SSO-{RUN}.zip.p7m").stat().st_ino == inode


def test_a_line_that_breaks_is_tried_again_and_leaves_no_half_file(insurers: Insurers) -> None:
    insurers.write("SSO", text="".join(hashlib.sha256(bytes([n % 251, n // 251])).hexdigest() for n in range(60_000)))
    insurers.trust("SSO")
    with breaking_line(insurers.server.port, after_bytes=500_000) as line:
        insurers.connect("SSO", port=line.port, known_hosts=None, host_key=insurers.server.host_key)
        (sent,) = insurers.send()
        assert line.broken == 1
    assert sent.state_code == "delivered"
    assert insurers.arrived() == [f"SSO-{RUN}.zip.p7m"]
    assert sent.file is not None
    assert sha256_of(insurers.drop / sent.file.name) == sha256_of(sent.file)


def test_a_server_that_is_away_is_said_and_the_next_time_goes_on(insurers: Insurers) -> None:
    insurers.write("OIL")
    for insurer in ("OIL", "SSO"):
        insurers.trust(insurer)
    insurers.connect("OIL")
    insurers.connect("SSO", port=free_port())
    found = {each.insurer_code: each for each in insurers.send()}
    assert (found["OIL"].state_code, found["SSO"].state_code) == ("delivered", "failed")
    assert "does not answer" in str(found["SSO"].reason)
    assert [each.insurer_code for each in needing_people(return_states(insurers.settings))] == ["SSO"]
    insurers.connect("SSO")
    deliver_returns(insurers.settings)
    assert (insurers.state().state_code, insurers.state().attempts) == ("delivered", 2)


def test_a_scheduler_hears_of_what_failed(insurers: Insurers) -> None:
    insurers.trust("SSO")
    insurers.connect("SSO", known_hosts=None)
    with pytest.raises(WireDown, match="1 of 1 returns"):
        deliver_returns(insurers.settings)
    assert "host key" in str(insurers.state().reason)


def test_without_a_connection_a_return_waits_sealed(insurers: Insurers) -> None:
    insurers.trust("SSO")
    assert insurers.send() == []
    assert insurers.state().state_code == "no_connection"
    assert insurers.state().file is not None


def test_a_later_run_of_the_same_day_takes_the_place_of_one_not_yet_sent(insurers: Insurers) -> None:
    insurers.trust("SSO")
    seal_returns(insurers.settings)
    insurers.write("SSO", "2026-11-20-bbbbbbbbbbbb", text="corrected")
    insurers.connect("SSO")
    assert [each.run_id for each in insurers.send()] == ["2026-11-20-bbbbbbbbbbbb"]
    assert {each.run_id: each.state_code for each in return_states(insurers.settings)}[RUN] == "replaced"


def test_a_new_certificate_seals_anew_what_was_not_sent(insurers: Insurers) -> None:
    insurers.trust("SSO")
    (old,) = seal_returns(insurers.settings)
    shutil.copy(insurers.keys / "OIL.pem", certificate_file(insurers.settings, "SSO"))
    (new,) = seal_returns(insurers.settings)
    assert new.fingerprint != old.fingerprint
    assert seal_returns(insurers.settings) == []


def test_what_was_taken_or_changed_there_is_seen(insurers: Insurers) -> None:
    insurers.trust("SSO")
    insurers.connect("SSO")
    insurers.send()
    assert [each.remote_code for each in verify_returns(insurers.settings, is_remote=True)] == ["content"]
    (insurers.drop / f"SSO-{RUN}.zip.p7m").unlink()
    assert [each.remote_code for each in verify_returns(insurers.settings, is_remote=True)] == ["gone"]


@pytest.mark.parametrize(
    ("name", "made", "words"),
    [
        ("small", {"bits": 1024}, "RSA key of at least 2048"),
        ("curve", {"bits": None}, "RSA key of at least 2048"),
        ("signing", {"bits": 2048, "for_encryption": False}, "keyEncipherment"),
        ("old", {"bits": 2048, "last": timedelta(days=-1)}, "nothing was changed"),
    ],
)
def test_certificates_that_cannot_serve_are_refused(tmp_path: Path, name: str, made: dict[str, object], words: str) -> None:
    path = client_certificate(tmp_path, name, **made)[0]  # type: ignore[arg-type]
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(SettingsError, match=words):
        accept_certificate(settings, "SSO", path, None, TODAY)
    assert not certificate_file(settings, "SSO").exists()


def test_a_certificate_says_when_it_expires_and_who_took_it(insurers: Insurers) -> None:
    insurers.trust("SSO")
    accepted = json.loads((insurers.settings.certificates / "accepted.jsonl").read_text())  # one line
    assert (accepted["insurer_code"], accepted["who"], len(accepted["fingerprint"])) == ("SSO", "a tester", 95)
    last = date.fromisoformat(accepted["last_date"])
    states = [
        certificate_state(insurers.settings, "SSO", day).state_code
        for day in (last - timedelta(days=31), last - timedelta(days=30), last, last + timedelta(days=1))
    ]
    assert states == ["valid", "expiring", "expiring", "expired"]
    certificate_file(insurers.settings, "SSO").chmod(0o666)
    assert certificate_state(insurers.settings, "SSO", TODAY).state_code == "exposed"


def test_a_wrong_key_of_the_server_never_gets_a_return(insurers: Insurers) -> None:
    insurers.trust("SSO")
    other = (insurers.server.private_key.with_suffix(".pub").read_text().split())[1]
    insurers.connect("SSO", known_hosts=None, host_key=f"ssh-ed25519 {other}")
    (state,) = insurers.send()
    assert (state.state_code, insurers.arrived()) == ("failed", [])
    assert WireRefused.__name__ not in str(state.reason)
    assert "another host key" in str(state.reason)


def test_the_proof_is_kept(insurers: Insurers) -> None:
    insurers.trust("SSO")
    insurers.connect("SSO")
    insurers.send()
    folder = insurers.settings.outbox / "returns" / "SSO"
    proof = json.loads((folder / "sendings.jsonl").read_text())
    sealed = read_json(folder / RUN / "sealed.json")
    assert (proof["outcome_code"], proof["sha256"], proof["bytes"]) == ("delivered", sealed["sha256"], sealed["bytes"])
    assert datetime.fromisoformat(proof["at"]).tzinfo is not None
