"""What is left of a judgement's imports."""

from __future__ import annotations

import subprocess
import sys

JUDGED_THEN_IMPORTED = """
import tests.integration.judged_once
import altair, scipy.stats
print(altair.Chart.__name__, scipy.stats.entropy([1, 1], [1, 1]))
"""


def test_whoever_imports_after_a_judgement_what_it_left_out_gets_it_whole() -> None:
    done = subprocess.run([sys.executable, "-c", JUDGED_THEN_IMPORTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Chart", "0.0"]
