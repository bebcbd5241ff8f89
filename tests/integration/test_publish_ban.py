"""The database itself keeps a person from holding two active basic booklets on one day."""

from __future__ import annotations

import threading

import psycopg
import pytest

from hub.settings import Settings
from tests.integration.locks import until_somebody_waits
from warehouse.database import connect

INSERT = (
    "insert into cover.booklet (person_id, insurer_code, booklet_no, from_date, to_date, status_code) "
    "values (%s, %s, %s, %s, %s, %s)"
)
SSO = (7, "SSO", "A1", "2026-01-01", "2026-07-01", "active")


def refused(settings: Settings, *booklets: tuple[object, ...]) -> bool:
    """Whether PostgreSQL refuses the last of these booklets (SQLSTATE 23P01)."""
    assert settings.database_url
    with psycopg.connect(settings.database_url) as connection:
        for booklet in booklets[:-1]:
            connection.execute(INSERT, booklet)
        try:
            connection.execute(INSERT, booklets[-1])
        except psycopg.errors.ExclusionViolation:
            connection.rollback()
            return True
    return False


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ((7, "IHIO-GOV", "B1", "2026-06-30", "2027-01-01", "active"), True),
        ((7, "IHIO-GOV", "B1", "2025-01-01", "2026-01-02", "active"), True),
        ((7, "IHIO-GOV", "B1", "2026-03-01", "2026-03-02", "active"), True),
        ((7, "SSO", "A2", "2026-01-01", "9999-12-31", "active"), True),
        ((7, "IHIO-GOV", "B1", "2026-07-01", "2027-01-01", "active"), False),
        ((7, "IHIO-GOV", "B1", "2025-01-01", "2026-01-01", "active"), False),
        ((8, "IHIO-GOV", "B1", "2026-01-01", "2026-07-01", "active"), False),
        ((6, "IHIO-GOV", "B1", "2026-01-01", "2026-07-01", "active"), False),
        ((7, "IHIO-GOV", "B1", "2026-01-01", "2026-07-01", "blocked"), False),
        ((7, "IHIO-GOV", "B1", "2026-01-01", "2026-07-01", "contested"), False),
    ],
    ids=[
        "last day shared",
        "first day shared",
        "within",
        "same insurer",
        "touching after",
        "touching before",
        "next person",
        "person before",
        "blocked",
        "contested",
    ],
)
def test_C14_second_active_booklet(second: tuple[object, ...], is_refused: bool, settings: Settings) -> None:
    assert refused(settings, SSO, second) is is_refused


def test_C14_very_large_person_ids_stay_apart(settings: Settings) -> None:
    largest = 9_007_199_254_740_991
    assert not refused(settings, (largest, *SSO[1:]), (largest - 1, *SSO[1:]))
    assert refused(settings, (largest - 2, *SSO[1:]), (largest - 2, "OIL", "B1", *SSO[3:]))


def test_C14_making_a_blocked_booklet_active_is_refused_too(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute(INSERT, SSO)
        connection.execute(INSERT, (7, "OIL", "B1", "2026-02-01", "2026-03-01", "blocked"))
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute("update cover.booklet set status_code = 'active' where insurer_code = 'OIL'")


def test_C14_two_connections_at_once_get_one_booklet(settings: Settings) -> None:
    assert settings.database_url
    outcomes: list[str] = []

    def write_second() -> None:
        with psycopg.connect(settings.database_url or "") as late:
            try:
                late.execute(INSERT, (7, "IHIO-GOV", "B1", "2026-06-01", "2027-01-01", "active"))
                outcomes.append("granted")
            except psycopg.errors.ExclusionViolation:
                outcomes.append("refused")

    with psycopg.connect(settings.database_url) as early:
        early.execute(INSERT, SSO)
        other = threading.Thread(target=write_second)
        other.start()
        until_somebody_waits(settings)
        assert outcomes == []  # the second waits for the first to commit or give up
    other.join(timeout=30)
    assert outcomes == ["refused"]
    with connect(settings) as connection:
        assert connection.execute("select insurer_code from cover.booklet").fetchall() == [("SSO",)]


def test_C14_the_second_gets_it_when_the_first_gives_up(settings: Settings) -> None:
    assert settings.database_url
    with psycopg.connect(settings.database_url) as early:
        early.execute(INSERT, SSO)
        early.rollback()
    assert not refused(settings, (7, "IHIO-GOV", "B1", "2026-06-01", "2027-01-01", "active"))
