"""Sample files of the worked examples (``docs/examples``): persons of a small nation as three more agencies list them.

``python -m synthetic.samples`` writes them anew. The nation is that of `databank synth` with the same number of persons and
seed, so a databank of that nation knows these people.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hub.settings import CONTRACTS_IN_TREE
from schemas.contracts import load_feeds
from synthetic.nation import generate
from synthetic.options import NationOptions

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
CONTRACTS, SAMPLES = EXAMPLES / "feeds", EXAMPLES / "samples"
NATION = NationOptions(persons=2_000, seed=7, nights=1)


def write_samples(folder: Path) -> list[Path]:
    """One file of each example's feed."""
    examples = load_feeds(CONTRACTS)
    with tempfile.TemporaryDirectory() as scratch:
        generate(NATION, Path(scratch), [*load_feeds(CONTRACTS_IN_TREE), *examples])
        found = [path for feed in examples for path in sorted((Path(scratch) / "inbox" / feed.name).iterdir())]
        folder.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(path, folder / path.name)) for path in found]


if __name__ == "__main__":
    write_samples(SAMPLES)
