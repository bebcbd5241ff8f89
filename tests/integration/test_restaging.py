"""Staged again without a retracted delivery: what followed it says what it would have said, and comes back as it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.contracts_then import contracts_then, feeds_ever, keep_contract
from connectors.current import current_deliveries
from connectors.restaging import restage
from connectors.retractions import RETRACT, UNDO, note_act
from hub.errors import DeliveryError
from schemas.contracts import SUFFIX, load_feeds
from tests.integration.staging_world import CONTRACT, DAY, FEED, Agency, lines_of, people, person
from tests.integration.test_staging_deltas import DELTAS, delta, full, state
from tests.integration.test_staging_ledger import asked

LAST = DAY + timedelta(days=9)


def act(agency: Agency, act_code: str, delivery: str) -> list[str]:
    """Retract a delivery or bring it back, and stage again what followed it."""
    note_act(agency.settings, act_code, FEED, delivery, "a test file", "steward")
    return restage(agency.settings, agency.feed)


def current(agency: Agency) -> list[str]:
    return [each.delivery_id for each in current_deliveries(agency.settings, [agency.feed], LAST)]


def test_D13_a_snapshot_after_a_retracted_one_is_compared_with_the_one_before_that(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, CONTRACT)
    first, wrong, third = (
        agency.send(lines_of(people(40, changed)), DAY + timedelta(days=number))
        for number, changed in enumerate([{}, {7: {"WAGE": "1"}, 9: {"WAGE": "1"}}, {7: {"WAGE": "1"}, 9: {"SEX": "9"}}])
    )
    for delivery in (first, wrong, third):
        agency.stage(delivery)
    rows = "record_key, wage_rials, change_code, since_delivery_id"
    before = agency.read(third, "rows", rows)
    assert (f"{FEED}:K000009", 1, "carried", wrong) in before

    assert act(agency, RETRACT, wrong) == [third]
    now = {row[0]: row[1:] for row in agency.read(third, "rows", rows)}
    assert now[f"{FEED}:K000007"] == (1, "changed", third)
    assert now[f"{FEED}:K000009"] == (1_000_009, "carried", first), "what the wrong one said is not carried"
    assert agency.state(wrong) == "retracted"
    assert current(agency) == [third]
    assert asked(agency, "select state_code, reason from ops.delivery order by business_date") == [
        ("staged", None),
        ("retracted", "a test file"),
        ("staged", None),
    ]
    assert restage(agency.settings, agency.feed) == [], "once"

    assert act(agency, UNDO, wrong) == [third]
    assert agency.read(third, "rows", rows) == before


def test_D13_the_newest_delivery_retracted_leaves_the_one_before_it_current(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, CONTRACT)
    first = agency.send(lines_of(people(40)))
    wrong = agency.send(lines_of(people(41)), DAY + timedelta(days=1))
    for delivery in (first, wrong):
        agency.stage(delivery)
    assert act(agency, RETRACT, wrong) == []
    assert current(agency) == [first]
    again = agency.send(lines_of(people(42)), DAY + timedelta(days=1), "b")
    assert agency.stage(again).accepted == 2
    assert agency.document(again, "counts")["base_delivery_id"] == first


def test_D13_a_delta_retracted_is_not_missing_to_those_after_it(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, DELTAS)
    agency.stage(full(agency, people(40), number="_0"))
    told = [[("U", person(1, WAGE="1"))], [("D", person(2)), ("U", person(3, WAGE="2"))], [("U", person(4, WAGE="3"))]]
    first, wrong, third = (delta(agency, number, rows) for number, rows in enumerate(told, start=1))
    for delivery in (first, wrong, third):
        agency.stage(delivery)
    assert act(agency, RETRACT, wrong) == [third]
    found = state(agency, third)
    assert [found[f"K00000{n}"][0] for n in range(1, 5)] == [1, 1_000_002, 1_000_003, 3]
    assert [row[1] for row in agency.read(third, "changes")] == ["changed"]
    assert act(agency, UNDO, wrong) == [third]
    assert "K000002" not in state(agency, third)


def test_D13_what_is_staged_again_is_staged_by_the_contract_of_then(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, CONTRACT)
    deliveries = [agency.send(lines_of(people(40 + n)), DAY + timedelta(days=n)) for n in range(2)]
    for delivery in deliveries:
        agency.stage(delivery)
    renamed = agency.under(CONTRACT.replace("physicalName: WAGE", "physicalName: PAY"))
    assert act(renamed, RETRACT, deliveries[0]) == [deliveries[1]], "today's contract would find no column PAY"
    assert renamed.document(deliveries[1], "counts")["contract_hash"] == agency.feed.contract_hash


def test_D13_a_night_finds_the_contracts_that_it_had(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, CONTRACT)
    then = {FEED: agency.feed.contract_hash}
    assert contracts_then(agency.settings, then) == agency.settings.contracts
    keep_contract(agency.settings, agency.feed)
    agency = agency.under(CONTRACT.replace("role, value: support", "role, value: address"))
    (found,) = load_feeds(contracts_then(agency.settings, then))
    assert (found.role, agency.feed.role) == ("support", "address")
    (agency.settings.contracts / f"{FEED}{SUFFIX}").unlink()
    assert [feed.role for feed in feeds_ever(agency.settings, [], [then])] == ["support"], "it has left since"
    assert [feed.contract_hash for feed in load_feeds(contracts_then(agency.settings, then))] == [then[FEED]]


def test_an_act_needs_a_reason(tmp_path: Path) -> None:
    agency = Agency.at(tmp_path, CONTRACT)
    with pytest.raises(DeliveryError, match="Nothing says why"):
        note_act(agency.settings, RETRACT, FEED, "x", "  ", None)
