"""Connections: where they are looked for, who may read them, and that nothing of them is ever told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.connections import connection_named, connections_set, place_of
from connectors.transports.sftp import SftpAccess
from hub.errors import WireRefused
from hub.settings import Settings

SECRET = "Geheimnis-4711"
RIGHT = {"host": "sftp.oil.example", "user": "databank", "password": SECRET}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DATABANK_CONNECTION_OIL", "AIRFLOW_CONN_OIL"):
        monkeypatch.delenv(name, raising=False)
    return Settings(home=tmp_path)


def write(settings: Settings, value: object, mode: int = 0o600) -> None:
    path = settings.home / "connections" / "oil.json"
    path.parent.mkdir()
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    path.chmod(mode)


def told(caught: pytest.ExceptionInfo[WireRefused]) -> str:
    error = caught.value
    return f"{error} {error!r} {error.facts} {error.__cause__!r}"


def test_a_file_of_the_state_folder(settings: Settings) -> None:
    write(settings, RIGHT)
    access = connection_named(settings, "oil").access(SftpAccess)
    assert (access.host, access.port, access.user) == ("sftp.oil.example", 22, "databank")
    assert access.password is not None
    assert access.password.get_secret_value() == SECRET


def test_the_environment_wins_over_the_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write(settings, RIGHT)
    monkeypatch.setenv("DATABANK_CONNECTION_OIL", json.dumps(RIGHT | {"host": "other.example"}))
    assert connection_named(settings, "oil").access(SftpAccess).host == "other.example"
    assert place_of(settings, "oil") == "DATABANK_CONNECTION_OIL"
    assert connections_set(settings) == ["oil"]


def test_airflows_own_form_is_understood(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"conn_type": "sftp", "host": "h", "login": "u", "password": SECRET, "port": 2222, "extra": {"host_key": "k"}}
    monkeypatch.setenv("AIRFLOW_CONN_OIL", json.dumps(value))
    access = connection_named(settings, "oil").access(SftpAccess)
    assert (access.host, access.port, access.user, access.host_key) == ("h", 2222, "u", "k")


def test_a_connection_that_is_not_set_says_where_to_set_it(settings: Settings) -> None:
    with pytest.raises(WireRefused, match="is not set") as caught:
        connection_named(settings, "oil")
    assert "DATABANK_CONNECTION_OIL" in caught.value.hint
    assert "oil.json" in caught.value.hint


def test_a_file_that_others_may_read_is_refused(settings: Settings) -> None:
    write(settings, RIGHT, mode=0o640)
    with pytest.raises(WireRefused, match="others may read") as caught:
        connection_named(settings, "oil")
    assert SECRET not in told(caught)


@pytest.mark.parametrize("value", [f'{{"password": "{SECRET}"', f'"{SECRET}"', f'["{SECRET}"]'])
def test_what_is_no_json_object_is_refused_without_its_words(settings: Settings, value: str) -> None:
    write(settings, value)
    with pytest.raises(WireRefused, match="no JSON object") as caught:
        connection_named(settings, "oil")
    assert SECRET not in told(caught)


@pytest.mark.parametrize(
    ("value", "key"),
    [(RIGHT | {"pasword": SECRET}, "pasword"), (RIGHT | {"port": SECRET}, "port"), ({"host": SECRET}, "user")],
    ids=["unknown", "wrong type", "missing"],
)
def test_wrong_keys_are_named_and_their_values_are_not(settings: Settings, value: object, key: str) -> None:
    write(settings, value)
    with pytest.raises(WireRefused, match=key) as caught:
        connection_named(settings, "oil").access(SftpAccess)
    assert SECRET not in told(caught)


def test_a_connection_shows_nothing_of_itself(settings: Settings) -> None:
    write(settings, RIGHT)
    found = connection_named(settings, "oil")
    assert SECRET not in f"{found!r} {found.access(SftpAccess)!r}"
