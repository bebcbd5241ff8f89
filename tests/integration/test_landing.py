"""Landing on a real folder: repeats, corrections, late and corrupt files, and which delivery a night uses."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.current import CurrentDelivery, current_deliveries
from connectors.deliveries import (
    accept,
    acceptance,
    deliveries_of,
    delivery_named,
    refusals_of,
    repeat_count,
    unstaged_deliveries,
)
from connectors.landing import Landed, land, waiting_files
from connectors.retractions import RETRACT, note_act
from connectors.seen import SeenIndex
from connectors.staged import held_path, refused_path
from hub.errors import ContractBreach, DeliveryCorrupt, DeliveryError, NightRunning
from hub.settings import Settings
from hub.storage import exclusive, write_json
from tests.integration import oil
from tests.integration.oil import NIGHT

FEED = replace(oil.FEED, business_date_pattern=r"^OIL_(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")  # "_again" may follow


class Hub:
    """A state folder with one feed's inbox."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.inbox = home / "inbox" / FEED.name
        self.inbox.mkdir(parents=True)

    def drop(self, name: str, text: str, **manifest: object) -> Path:
        path = self.inbox / name
        path.write_text(text)
        if manifest:
            (self.inbox / f"{name}.manifest.json").write_text(json.dumps(manifest))
        return path

    def land(self, night: date = NIGHT) -> list[Landed]:
        return land(self.settings, FEED, night)

    def stage(self, delivery_id: str, rows: int = 3) -> None:
        """What staging leaves, as far as the choice of the current delivery looks at it."""
        folder = self.settings.staging / FEED.name / delivery_id
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"record_key": [f"oil:{i}" for i in range(rows)]}), folder / "rows.parquet")
        kept = delivery_named(self.settings, delivery_id)
        counts = {"received": rows, "accepted": rows, "quarantined": 0, "unchanged": 0, "superseded": 0}
        said = {"base_delivery_id": None, "hash_method": "", "counts": counts}
        write_json(folder / "counts.json", asdict(kept) | said)

    def current(self, night: date = NIGHT) -> CurrentDelivery | None:
        return next(iter(current_deliveries(self.settings, [FEED], night)), None)

    def states(self) -> dict[str, str]:
        return {each.delivery_id: each.state(self.settings) for each in deliveries_of(self.settings, FEED.name)}


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def test_a_delivery_is_kept_whole_with_what_is_known_about_it(hub: Hub) -> None:
    path = hub.drop("OIL_14050829.csv", "one", rows=1, business_date="2026-11-19")
    sha256 = hashlib.sha256(b"one").hexdigest()
    (landed,) = hub.land()
    kept = delivery_named(hub.settings, landed.delivery_id)
    assert kept.delivery_id == f"oil-2026-11-19-{sha256[:12]}"  # the manifest's day, not the name's
    assert (kept.sha256, kept.bytes, kept.contract_hash) == (sha256, 3, FEED.contract_hash)
    assert kept.manifest["rows"] == 1
    assert kept.path(hub.settings).read_text() == "one"
    assert path.read_text() == "one"
    assert unstaged_deliveries(hub.settings, FEED.name) == [kept.delivery_id]


def test_what_merely_lies_in_the_inbox_is_no_arrival(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    assert len(hub.land()) == 1
    assert hub.land() == []


def test_unfinished_foreign_and_future_files_wait(hub: Hub) -> None:
    for name in (".OIL_14050829.csv", "OIL_14050829.csv.part", "readme.txt", "OIL_14050830.csv"):
        hub.drop(name, "x")
    (hub.inbox / "OIL_14050828.csv").symlink_to(hub.inbox / "readme.txt")
    assert hub.land() == []
    assert [each.file_name for each in hub.land(date(2026, 11, 21))] == ["OIL_14050830.csv"]


def test_D01_the_same_file_again_is_recorded_as_a_repeat(hub: Hub) -> None:
    path = hub.drop("OIL_14050829.csv", "one")
    (first,) = hub.land()
    os.utime(path, ns=(1, 1))  # dropped again under its name
    hub.drop("OIL_14050829_again.csv", "one")
    again = hub.land()
    assert [(each.delivery_id, each.is_repeat) for each in again] == [(first.delivery_id, True)] * 2
    assert repeat_count(hub.settings, delivery_named(hub.settings, first.delivery_id)) == 2
    assert len(deliveries_of(hub.settings, FEED.name)) == 1


def test_an_unchanged_state_of_another_day_is_a_delivery_of_its_own(hub: Hub) -> None:
    hub.drop("OIL_14050828.csv", "one")
    hub.drop("OIL_14050829.csv", "one")
    landed = hub.land()
    assert [(each.business_date.day, each.is_repeat) for each in landed] == [(19, False), (20, False)]


def test_D02_a_correction_supersedes_and_both_stay(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (first,) = hub.land()
    hub.drop("OIL_14050829.csv", "two")
    (second,) = hub.land()
    assert second.supersedes_delivery_id == first.delivery_id
    texts = [each.path(hub.settings).read_text() for each in deliveries_of(hub.settings, FEED.name)]
    assert texts == ["one", "two"]
    hub.stage(first.delivery_id)
    hub.stage(second.delivery_id, rows=5)
    current = hub.current()
    assert current is not None
    assert (current.delivery_id, current.row_count) == (second.delivery_id, 5)


def test_D03_yesterday_s_file_after_today_s_is_evidence_only(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "today")
    (today,) = hub.land()
    hub.drop("OIL_14050828.csv", "yesterday")
    (late,) = hub.land()
    assert (today.is_late, late.is_late) == (False, True)
    hub.stage(today.delivery_id)
    hub.stage(late.delivery_id)
    current = hub.current()
    assert current is not None
    assert current.delivery_id == today.delivery_id


def test_D04_a_wrong_checksum_is_refused_and_the_delivery_before_stays(hub: Hub) -> None:
    hub.drop("OIL_14050828.csv", "good")
    (good,) = hub.land()
    hub.stage(good.delivery_id)
    hub.drop("OIL_14050829.csv", "cut", sha256=hashlib.sha256(b"whole").hexdigest())
    with pytest.raises(DeliveryCorrupt, match="SHA-256"):
        hub.land()
    (refusal,) = refusals_of(hub.settings, FEED.name)
    assert (refusal.file_name, refusal.reason_code, refusal.business_date) == ("OIL_14050829.csv", "DeliveryCorrupt", NIGHT)
    assert "SHA-256" in refusal.reason
    assert hub.land() == []  # not looked at again as it is
    current = hub.current()
    assert current is not None
    assert (current.delivery_id, current.as_of_days) == (good.delivery_id, 1)


def test_D04_a_mended_file_lands_after_all(hub: Hub) -> None:
    sha256 = hashlib.sha256(b"whole").hexdigest()
    hub.drop("OIL_14050829.csv", "cut", sha256=sha256)
    with pytest.raises(DeliveryCorrupt):
        hub.land()
    hub.drop("OIL_14050829.csv", "whole", sha256=sha256)
    assert [each.is_repeat for each in hub.land()] == [False]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"rows": "many"}', '{"control_totals": {"a": "x"}}', '{"business_date": "tomorrow"}', '{"sha256": "abc"}'],
)
def test_D04_a_manifest_that_cannot_be_read_refuses_its_file(hub: Hub, text: str) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (hub.inbox / "OIL_14050829.csv.manifest.json").write_text(text)
    with pytest.raises(DeliveryCorrupt, match="manifest"):
        hub.land()
    assert deliveries_of(hub.settings, FEED.name) == []


def test_a_corrupt_file_does_not_keep_out_a_good_one(hub: Hub) -> None:
    hub.drop("OIL_14050828.csv", "good")
    hub.drop("OIL_14050829.csv", "cut", sha256="0" * 64)
    assert [each.business_date.day for each in hub.land()] == [19]
    assert len(refusals_of(hub.settings, FEED.name)) == 1


@pytest.mark.parametrize("name", ["OIL_members.csv", "OIL_14041230.csv"])
def test_a_file_that_does_not_say_its_day_is_refused(hub: Hub, name: str) -> None:
    hub.drop(name, "one")
    with pytest.raises(ContractBreach, match="which day"):
        hub.land()


def test_D07_a_held_delivery_is_released_with_a_reason_that_is_kept(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (landed,) = hub.land()
    write_json(held_path(hub.settings, FEED.name, landed.delivery_id), {})
    assert hub.states() == {landed.delivery_id: "held"}
    assert unstaged_deliveries(hub.settings, FEED.name) == []
    with pytest.raises(DeliveryError, match="without a reason"):
        accept(hub.settings, landed.delivery_id, " ")
    accept(hub.settings, landed.delivery_id, "half a province moved", "steward")
    kept = acceptance(hub.settings, delivery_named(hub.settings, landed.delivery_id))
    assert kept is not None
    assert (kept["reason"], kept["who"]) == ("half a province moved", "steward")
    assert unstaged_deliveries(hub.settings, FEED.name) == [landed.delivery_id]


def test_D05_a_refused_delivery_is_tried_again_when_its_contract_changes(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (landed,) = hub.land()
    write_json(refused_path(hub.settings, FEED.name, landed.delivery_id), {"contract_hash": FEED.contract_hash})
    hub.land()
    assert hub.states() == {landed.delivery_id: "refused"}
    write_json(refused_path(hub.settings, FEED.name, landed.delivery_id), {"contract_hash": "b" * 64})
    hub.land()
    assert hub.states() == {landed.delivery_id: "landed"}


def test_D12_an_absent_delivery_leaves_the_last_one_current_as_of_its_day(hub: Hub) -> None:
    assert hub.current() is None
    hub.drop("OIL_14050820.csv", "old")
    (old,) = hub.land()
    assert hub.current() is None  # landed, not staged
    hub.stage(old.delivery_id)
    current = hub.current()
    assert current is not None
    assert (current.delivery_id, current.as_of_days) == (old.delivery_id, 9)
    assert hub.current(date(2026, 11, 10)) is None  # nothing was known on that day yet


def test_O02_two_landings_of_one_feed_do_not_mix(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    with exclusive(hub.settings.landing / FEED.name / ".lock", "test"), pytest.raises(NightRunning):
        hub.land()
    assert len(hub.land()) == 1


def test_a_file_that_still_grows_is_left_for_the_next_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    path = hub.drop("OIL_14050829.csv", "first half")

    def grows(stage: str, done: int, total: int | None = None) -> None:
        if done == 0:
            path.write_text("first half, second half")

    assert land(hub.settings, FEED, NIGHT, grows) == []
    assert SeenIndex(hub.settings.landing / FEED.name / "seen.jsonl").entries == []
    (landed,) = hub.land()
    assert delivery_named(hub.settings, landed.delivery_id).bytes == len("first half, second half")


def test_D01_what_comes_again_after_it_was_corrected_is_refused_with_what_to_do(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (first,) = hub.land()
    hub.stage(first.delivery_id)
    hub.drop("OIL_14050829_again.csv", "two")
    (second,) = hub.land()
    hub.stage(second.delivery_id)
    hub.drop("OIL_14050829_third.csv", "one")
    with pytest.raises(ContractBreach, match=f"{second.delivery_id} has corrected since") as caught:
        hub.land()
    assert f"databank retract {second.delivery_id}" in caught.value.hint
    assert len(refusals_of(hub.settings, FEED.name)) == 1
    note_act(hub.settings, RETRACT, FEED.name, second.delivery_id, "the first was right", "steward")
    hub.drop("OIL_14050829_fourth.csv", "one")
    assert [each.is_repeat for each in hub.land()] == [True], "it is in force again"


def test_D03_a_file_is_not_late_behind_one_that_counts_as_if_it_had_never_come(hub: Hub) -> None:
    hub.drop("OIL_14050829.csv", "one")
    (wrong,) = hub.land()
    hub.stage(wrong.delivery_id)
    note_act(hub.settings, RETRACT, FEED.name, wrong.delivery_id, "a test file", "steward")
    hub.drop("OIL_14050828.csv", "two")
    (earlier,) = hub.land()
    assert not earlier.is_late


def test_a_file_about_a_day_to_come_is_told_until_its_day(hub: Hub) -> None:
    hub.drop("OIL_14060829.csv", "one")
    hub.drop("OIL_14050829.csv", "one")
    hub.land()
    assert waiting_files(hub.settings, FEED, NIGHT) == ["OIL_14060829.csv"]
