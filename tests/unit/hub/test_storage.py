"""A lock says who holds it, and forgets it when it is given back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.errors import NightRunning
from hub.storage import exclusive, holder_of


def test_a_lock_names_its_holder_while_it_is_held(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "night.lock"
    assert holder_of(lock) is None
    with exclusive(lock, "a night"):
        assert holder_of(lock) == os.getpid()
        with pytest.raises(NightRunning), exclusive(lock, "a night"):
            pytest.fail("two held it")
        assert holder_of(lock) == os.getpid()
    assert holder_of(lock) is None


def test_a_killed_holder_is_no_holder(tmp_path: Path) -> None:
    lock = tmp_path / "night.lock"
    lock.write_text("99999999")
    assert holder_of(lock) is None
