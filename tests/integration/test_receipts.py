"""What an agency is told of its deliveries: signed, readable, true, and without anybody's name."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors.deliveries import accept
from connectors.retractions import RETRACT, UNDO, note_act
from hub.errors import DeliveryCorrupt, DeliveryError, SettingsError, VolumeBreach
from hub.signing import PRIVATE_KEY, PUBLIC_KEY, is_signed, make_keys
from nights.outbox import tell_agency
from reports.receipts import RECEIPT, ranges
from tests.integration.staging_world import FEED, Agency, lines_of, people

BAD = {3: {"BORN": "1370/13/45"}, 4: {"SEX": "7"}, 5: {"SEX": "8"}, 9: {"CASE": ""}}


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.at(tmp_path)


def told(agency: Agency, delivery_id: str) -> dict[str, Any]:
    """The receipt as the agency gets it."""
    tell_agency(agency.settings, agency.feed)
    found: dict[str, Any] = json.loads((folder_of(agency, delivery_id) / RECEIPT).read_text(encoding="utf-8"))
    return found


def folder_of(agency: Agency, delivery_id: str) -> Path:
    return agency.settings.outbox / FEED / delivery_id


def staged(agency: Agency) -> str:
    delivery = agency.send(lines_of(people(200, BAD)))
    agency.stage(delivery)
    return delivery


def test_rows_in_reasons_and_lines(agency: Agency) -> None:
    receipt = told(agency, staged(agency))
    assert receipt["state"] == "accepted"
    assert receipt["as_of"] == "2026-11-20"
    assert {name: receipt["rows"][name] for name in ("received", "accepted", "quarantined")} == {
        "received": 200,
        "accepted": 196,
        "quarantined": 4,
    }
    reasons = {(each["column"], each["reason"]): each["lines"] for each in receipt["quarantined"]}
    assert reasons[("sex_code", "unknown_code")] == [5, 6]
    assert reasons[("case_no", "missing")] == [10]
    assert receipt["columns"]["sex_code"] == "SEX"
    page = (folder_of(agency, receipt["delivery_id"]) / "receipt.html").read_text(encoding="utf-8")
    assert ">SEX<" in page, "the agency reads its own names"
    assert "sex_code" not in page


def test_the_signature_holds_for_these_bytes_only(agency: Agency) -> None:
    folder = folder_of(agency, told(agency, staged(agency))["delivery_id"])
    public = (folder.parent / PUBLIC_KEY).read_bytes()
    data, signature = (folder / RECEIPT).read_bytes(), (folder / f"{RECEIPT}.sig").read_bytes()
    assert is_signed(public, data, signature)
    assert not is_signed(public, data.replace(b'"accepted": 196', b'"accepted": 200'), signature)
    other = Agency.at(agency.settings.home / "other").settings
    assert not is_signed(make_keys(other).read_bytes(), data, signature)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_an_agency_verifies_with_openssl_alone(agency: Agency) -> None:
    folder = folder_of(agency, told(agency, staged(agency))["delivery_id"])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"../{PUBLIC_KEY}", "-rawin", "-in", RECEIPT]
    done = subprocess.run([*command, "-sigfile", f"{RECEIPT}.sig"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_private_key_is_for_its_owner_and_is_never_replaced(agency: Agency) -> None:
    make_keys(agency.settings)
    private = agency.settings.keys / PRIVATE_KEY
    before = private.read_bytes()
    make_keys(agency.settings)
    assert private.read_bytes() == before
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(agency.settings.keys.stat().st_mode) == 0o700


def test_a_lost_private_key_is_not_replaced_under_the_public_one_that_agencies_have(agency: Agency) -> None:
    public = make_keys(agency.settings)
    before = public.read_bytes()
    (agency.settings.keys / PRIVATE_KEY).unlink()
    with pytest.raises(SettingsError, match="nothing was signed"):
        make_keys(agency.settings)
    assert not (agency.settings.keys / PRIVATE_KEY).exists()
    assert public.read_bytes() == before


def test_the_page_is_persian_offline_and_names_nobody(agency: Agency) -> None:
    folder = folder_of(agency, told(agency, staged(agency))["delivery_id"])
    page = (folder / "receipt.html").read_text(encoding="utf-8")
    assert '<html lang="fa" dir="rtl">' in page
    assert "کدی که در قرارداد نیست" in page
    assert "<bdi>۵–۶</bdi>" in page
    assert "۲۰۰" in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    persons = {row[name] for row in people(200) for name in ("CODE", "FAMILY", "MOBILE", "CASE")}
    for file in ("receipt.html", "receipt.en.html", RECEIPT):
        text = (folder / file).read_text(encoding="utf-8")
        assert not [value for value in persons if value in text]


def test_rows_to_mend_lie_beside(agency: Agency) -> None:
    receipt = told(agency, staged(agency))
    folder = folder_of(agency, receipt["delivery_id"])
    rows = (folder / "mend" / receipt["rows_to_mend"]).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + receipt["rows"]["quarantined"]
    assert f'href="mend/{receipt["rows_to_mend"]}"' in (folder / "receipt.html").read_text(encoding="utf-8")


def test_a_retracted_delivery_invites_nobody_to_mend(agency: Agency) -> None:
    """Its rows count for nothing; brought back, they are to be mended again."""
    receipt = told(agency, staged(agency))
    page = folder_of(agency, receipt["delivery_id"]) / "receipt.en.html"
    for act, is_invited in ((RETRACT, False), (UNDO, True)):
        note_act(agency.settings, act, FEED, receipt["delivery_id"], "a file of another year", None)
        assert (told(agency, receipt["delivery_id"])["rows_to_mend"] is not None) == is_invited
        assert ("to be mended" in page.read_text(encoding="utf-8")) == is_invited


def test_D04_a_cut_file_has_a_receipt_that_says_so(agency: Agency) -> None:
    delivery = agency.send(lines_of(people(30)), manifest={"rows": 31})
    with pytest.raises(DeliveryCorrupt):
        agency.stage(delivery)
    receipt = told(agency, delivery)
    assert (receipt["state"], receipt["reason_code"]) == ("refused", "DeliveryCorrupt")
    assert "31" in receipt["reason"]
    assert "فایل بریده است" in (folder_of(agency, delivery) / "receipt.html").read_text(encoding="utf-8")


def test_D04_a_file_that_landing_refused_has_one_too(agency: Agency) -> None:
    with pytest.raises(DeliveryError):
        agency.send(lines_of(people(5)), manifest={"sha256": "0" * 64})
    assert tell_agency(agency.settings, agency.feed) == 1
    [path] = (agency.settings.outbox / FEED).glob(f"*/{RECEIPT}")
    assert json.loads(path.read_text(encoding="utf-8"))["state"] == "refused"


def test_D07_a_held_delivery_says_so_until_it_is_released(agency: Agency) -> None:
    delivery = agency.send(lines_of(people(40, {n: {"SEX": "9"} for n in range(1, 9)})))
    with pytest.raises(VolumeBreach):
        agency.stage(delivery)
    assert told(agency, delivery)["state"] == "held"
    accept(agency.settings, delivery, "the codes are new", "a tester")
    agency.stage(delivery)
    released = told(agency, delivery)
    assert (released["state"], released["released_because"]) == ("accepted", "the codes are new")


def test_D02_a_correction_changes_the_receipt_of_what_it_replaced(agency: Agency) -> None:
    first = staged(agency)
    assert told(agency, first)["state"] == "accepted"
    second = agency.send(lines_of(people(200)), mark="b")
    agency.stage(second)
    assert told(agency, second)["supersedes"] == first
    assert told(agency, first)["state"] == "superseded"


def test_what_was_told_is_not_written_again(agency: Agency) -> None:
    staged(agency)
    assert tell_agency(agency.settings, agency.feed) == 1
    assert tell_agency(agency.settings, agency.feed) == 0


def test_neighbouring_lines_are_drawn_together() -> None:
    assert ranges([9, 3, 5, 4, 12, 13]) == ["3–5", "9", "12–13"]
    assert ranges([]) == []
