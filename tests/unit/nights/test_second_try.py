"""A stage in which DuckDB itself fails runs again with plainer plans, once; its words never reach a message."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from hub.duck import connection
from hub.errors import EngineFault
from hub.settings import Settings
from nights.second_try import with_second_try

SECRET = "a value of a person"


def test_the_second_try_has_plain_plans(tmp_path: Path) -> None:
    tries: list[str] = []

    @with_second_try
    def stage(settings: Settings) -> int:
        with connection(settings) as con:
            tries.append(str(con.execute("select current_setting('disabled_optimizers')").fetchall()[0][0]))
            if len(tries) == 1:
                raise duckdb.InternalException(SECRET)
            return len(tries)

    assert stage(Settings(home=tmp_path)) == 2
    assert tries[0] == ""
    assert "statistics_propagation" in tries[1]
    assert "build_side_probe_side" in tries[1]


def test_a_second_failure_is_told_without_the_engines_words(tmp_path: Path) -> None:
    @with_second_try
    def stage(settings: Settings) -> None:
        with connection(settings):
            raise duckdb.InternalException(SECRET)

    with pytest.raises(EngineFault) as told:
        stage(Settings(home=tmp_path))
    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None
