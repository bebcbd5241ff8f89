"""A reader fed by a fuzzer that follows its branches: ``python -m tests.fuzz.guided FORMAT [libFuzzer's options] FOLDER``.

It begins with a good file and what ``corpus/<format>/`` holds, puts what leads to new branches into the folder, and leaves
what breaks a promise as ``crash-…``. A find worth keeping goes into the corpus, small.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["connectors", "json", "zipfile", "gzip"]):
    from tests.fuzz.target import CORPUS, bound, examine, seeds


def main(arguments: list[str]) -> None:
    """Feed one format's reader until the options say that it is enough."""
    program, name, *options = arguments
    assert name in seeds(), f"one of {', '.join(seeds())}"
    folder = Path(options[-1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "good").write_bytes(seeds()[name][1])
    bound()
    known = [str(found)] if (found := CORPUS / name).exists() else []
    atheris.Setup([program, *options, *known], lambda data: examine(name, bytes(data)) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
