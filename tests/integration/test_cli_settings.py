"""Settings and folders that cannot be used, as whoever types them sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import SettingsError, meaning
from tests.nation import Home

REFUSED = meaning(SettingsError("")).exit_code


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    (tmp_path / "inbox").mkdir()
    return Home(tmp_path / "state", tmp_path)


def test_a_folder_that_cannot_be_made_is_named(empty: Home, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    written = empty.run("synth", "--out", str(file / "nation"))
    assert (written.returncode, str(file) in written.stderr) == (REFUSED, True)
    night = empty.run("sync", DATABANK_HOME=str(file / "state"))
    assert (night.returncode, "DATABANK_HOME" in night.stderr) == (REFUSED, True)


def test_an_address_that_is_none_is_refused_without_its_words(empty: Home) -> None:
    night = empty.run("sync", DATABANK_DATABASE_URL="topsecret")
    assert (night.returncode, "DATABANK_DATABASE_URL" in night.stderr) == (REFUSED, True)
    assert "topsecret" not in night.stderr + night.stdout


def test_settings_that_cannot_be_used_name_the_variable(empty: Home) -> None:
    night = empty.run("status", DATABANK_THREADS="many")
    assert (night.returncode, "DATABANK_THREADS" in night.stderr) == (REFUSED, True)
    assert empty.run("sync", "--date", "yesterday").returncode == 2
