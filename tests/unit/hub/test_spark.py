"""Spark is an extra: nothing needs it that does not ask for it, and who asks without having it is told what to install."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from hub.duck import connection
from hub.errors import SettingsError
from hub.settings import Settings, settings_from_environment
from hub.spark import spark_connection


def refusal(home: Path) -> str:
    settings = Settings(home=home, engine="spark")
    with (
        connection(settings) as con,
        pytest.raises(SettingsError) as refused,
        spark_connection(settings, con),
    ):
        pass
    return str(refused.value)


def test_a_night_does_not_import_pyspark() -> None:
    seen = "import sys, nights.night; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], check=False).returncode == 0


def test_without_pyspark_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    told = refusal(tmp_path)
    assert "pyspark is not installed" in told
    assert "constraints-spark.txt" in told


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed")
def test_without_java_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Java 17" in refusal(tmp_path)


def test_the_environment_chooses_engine_and_cluster() -> None:
    chosen = settings_from_environment({"DATABANK_ENGINE": "spark", "DATABANK_SPARK_MASTER": "spark://head:7077"})
    assert (chosen.engine, chosen.spark_master) == ("spark", "spark://head:7077")
