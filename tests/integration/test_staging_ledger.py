"""The ledger: what arrived, where each row went, and why; for all deliveries that ever landed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.ledger import collect
from hub.duck import connection
from hub.errors import DeliveryError
from hub.steps import Runner
from tests.integration.staging_world import DAY, Agency, lines_of, people

NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency.at(tmp_path)


def asked(agency: Agency, query: str) -> list[tuple[object, ...]]:
    """Collect the ledger into a fresh run folder and ask it."""
    folder = agency.settings.home / "run"
    folder.mkdir(exist_ok=True)
    with connection(agency.settings) as con:
        collect(agency.settings, Runner(con, folder))
        return con.execute(query).fetchall()


def test_an_empty_databank_has_an_empty_ledger(agency: Agency) -> None:
    assert asked(agency, "select * from ops.delivery") == []
    assert asked(agency, "select * from ops.quarantine") == []


def test_D02_the_ledger_shows_the_corrected_delivery_and_how_many_rows_changed(agency: Agency) -> None:
    first = agency.send(lines_of(people(40)))
    agency.stage(first)
    second = agency.send(lines_of(people(40, {3: {"WAGE": "5"}})), mark="b")
    agency.stage(second)
    states = asked(agency, "select delivery_id, state_code, supersedes_delivery_id from ops.delivery order by landed_at")
    assert states == [(first, "superseded", None), (second, "staged", first)]
    query = f"select fate_code, row_count from ops.ledger where delivery_id = '{second}' and row_count > 0"
    assert dict(asked(agency, query)) == {"received": 40, "accepted": 1, "unchanged": 39}


def test_D03_a_late_delivery_is_in_the_ledger_as_late(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(30)), day=NEXT_DAY))
    late = agency.send(lines_of(people(30, {1: {"WAGE": "5"}})), day=DAY)
    agency.stage(late)
    assert asked(agency, "select delivery_id from ops.delivery where state_code = 'late'") == [(late,)]


def test_D08_received_is_the_sum_of_all_fates_over_all_deliveries(agency: Agency) -> None:
    bad = {n: {"SEX": "9"} for n in (4, 9)}
    agency.stage(agency.send([*lines_of(people(60, bad)), "cut"]))
    agency.stage(agency.send(lines_of(people(70)), day=NEXT_DAY))
    totals = dict(asked(agency, "select fate_code, sum(row_count) from ops.ledger group by fate_code"))
    assert totals == {"received": 131, "accepted": 70, "quarantined": 3, "unchanged": 58, "superseded": 0}
    lines = asked(agency, "select line_no, reason_code from ops.quarantine order by line_no")
    assert lines == [(5, "unknown_code"), (10, "unknown_code"), (62, "cut_line")]


def test_held_and_refused_deliveries_are_in_the_ledger_with_their_reason(agency: Agency) -> None:
    held = agency.send(lines_of(people(50, {n: {"SEX": "9"} for n in range(1, 11)})))
    refused = agency.send(lines_of(people(50)), day=NEXT_DAY, manifest={"rows": 51})
    for delivery in (held, refused):
        with pytest.raises(DeliveryError):
            agency.stage(delivery)
    found = asked(agency, "select delivery_id, state_code, reason from ops.delivery order by business_date")
    assert [row[:2] for row in found] == [(held, "held"), (refused, "refused")]
    assert "rows in quarantine under 5 %" in str(found[0][2])
    assert "rows should be 51, found 50" in str(found[1][2])


def test_profiles_of_all_deliveries_are_one_table(agency: Agency) -> None:
    agency.stage(agency.send(lines_of(people(60, {4: {"CODE": "1111111111"}, 5: {"CODE": ""}, 6: {"CODE": ""}}))))
    figures = asked(agency, "select figure_code, figure from ops.profile where column_name = 'national_code'")
    assert {"invalid_count": 1.0, "filled_count": 58.0}.items() <= dict(figures).items()
