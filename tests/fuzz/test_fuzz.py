"""D14: any bytes under any format end in rows with fates or in a refusal, within limits of memory and time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.target import seeds
from tests.house.tree import PROJECT

MUTATIONS, GUIDED_RUNS, SECONDS = 30, 300, 240


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A module of this folder in a process of its own."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=SECONDS)


def test_D14_bad_files_of_every_format_are_refused_or_read_whole() -> None:
    done = run("tests.fuzz.mutations", str(MUTATIONS))
    assert done.returncode == 0, done.stderr[-3000:]
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == list(seeds())


@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not made for this machine")
def test_D14_a_fuzzer_that_follows_branches_finds_nothing_at_once(tmp_path: Path) -> None:
    options = (f"-runs={GUIDED_RUNS}", "-seed=1405", f"-artifact_prefix={tmp_path}/", str(tmp_path))
    done = run("tests.fuzz.guided", "xml", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {GUIDED_RUNS} runs" in done.stderr
