"""Sample returns in ``docs/examples/returns``: what two insurers get of the first night of a small synthetic nation.

``make samples`` writes them again.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.nation import FIRST, Home, make_nation

SAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples" / "returns"
INSURERS = ("IHIO-RUR", "SSO")
PERSONS, SEED = 1_500, 11


def write_samples(target: Path = SAMPLES) -> None:
    """Run the nation's night in a throw-away home and copy the returns; samples of before are replaced."""
    with tempfile.TemporaryDirectory(prefix="databank-samples-") as scratch:
        home = Home(Path(scratch) / "home", make_nation(Path(scratch) / "nation", persons=PERSONS, seed=SEED, nights=1))
        try:
            home.sync(FIRST)
            for insurer in INSURERS:
                shutil.rmtree(target / insurer, ignore_errors=True)
                shutil.copytree(home.settings.returns / FIRST / insurer, target / insurer)
        finally:
            home.close()
    for path in target.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


if __name__ == "__main__":
    write_samples()
