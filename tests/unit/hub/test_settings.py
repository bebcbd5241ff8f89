"""Settings that cannot be used are refused by name, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.settings import settings_from_environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABANK_ENGINE", "abacus"),
        ("DATABANK_CONTRACTS", "/no/such/folder"),
        ("DATABANK_DATABASE_URL", "topsecret"),
        ("DATABANK_MEMORY", "plenty"),
        ("DATABANK_MEMORY", "4"),
        ("DATABANK_THREADS", "0"),
        ("DATABANK_SCORING", "sometimes"),
        ("DATABANK_BUSINESS_DATE", "yesterday"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from_environment({name: value})
    assert name in refused.value.summary
    assert "nothing ran" in refused.value.summary
    assert refused.value.hint
    assert "topsecret" not in str(refused.value)


@pytest.mark.parametrize("memory", ["4GB", "800MB", "1.5 GiB", "512mib"])
def test_sizes_as_people_write_them(memory: str) -> None:
    assert settings_from_environment({"DATABANK_MEMORY": memory}).memory == memory


def test_a_variable_set_to_nothing_counts_as_unset() -> None:
    names = ("HOME", "CONTRACTS", "DATABASE_URL", "ENGINE", "MEMORY", "THREADS", "BUSINESS_DATE")
    assert settings_from_environment({f"DATABANK_{name}": "" for name in names}) == settings_from_environment({})
    assert settings_from_environment({}).home == Path("var").absolute()
