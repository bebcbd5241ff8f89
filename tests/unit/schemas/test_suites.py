"""What is left of a judgement's imports."""

from __future__ import annotations

import subprocess
import sys

JUDGED_THEN_IMPORTED = """
import sys, tests.integration.judged_once
print(*sorted({"altair.vegalite", "pyspark", "scipy.stats", "scipy.stats.distributions"} & set(sys.modules)), "|")
import altair, scipy.stats
print(altair.Chart.__name__, scipy.stats.entropy([1, 1], [1, 1]))
"""


def test_judging_leaves_out_what_nobody_asks_of_it_and_whoever_imports_that_later_gets_it_whole() -> None:
    done = subprocess.run([sys.executable, "-c", JUDGED_THEN_IMPORTED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["|", "Chart", "0.0"]
