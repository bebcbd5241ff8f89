"""What every reader promises about any bytes: batches or a refusal, and for each row that came out exactly one fate."""

from __future__ import annotations

import re
import resource
import signal
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.readers import LINE_NO, read
from hub.errors import ContractBreach, DeliveryCorrupt
from synthetic.plain_rows import PlainFile, write_plain_rows

CORPUS = Path(__file__).with_name("corpus")
SEED_ROWS, SECONDS_EACH = 6, 20
MEMORY_BYTES = 3 << 30
"""Address space, of which the libraries' own code and threads take most before anything is read."""
ESCAPED = "delimited, escapes"
_SLUG = re.compile(r"[^a-z0-9]+")
#: Formats that count their records, so that none can be missing among those that came out.
COUNTED = ("json", "xml", "parquet", "dbf")


@cache
def seeds() -> dict[str, tuple[PlainFile, bytes]]:
    """A small good file of every format, by a short name."""
    with TemporaryDirectory() as folder:
        files = {slug(file.format): file for file in write_plain_rows(SEED_ROWS, Path(folder))}
        del files["delimited-utf-8-and-escapes"]  # in which nothing is escaped
        files[slug(ESCAPED)] = _escaped(files["delimited-utf-8"], Path(folder) / "escaped.txt")
        return {name: (file, file.path.read_bytes()) for name, file in files.items()}


def slug(name: str) -> str:
    """A format's name as it can stand in a file's."""
    return _SLUG.sub("-", name.lower()).strip("-")


def examine(name: str, data: bytes) -> bool:
    """Read some bytes as a format; whether they were read to the end. Fails where a promise is broken."""
    file, _ = seeds()[name]
    numbers: list[int] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / file.path.name
        path.write_bytes(data)
        try:
            for batch in read(path, file.layout):
                batch.rows.validate(full=True)
                kept = batch.rows[LINE_NO].to_pylist()
                assert kept == sorted(kept), "line numbers ascend"
                assert all(each.reason_code and isinstance(each.raw_text, str) for each in batch.rejects)
                numbers += [*kept, *(each.line_no for each in batch.rejects)]
        except (DeliveryCorrupt, ContractBreach):
            return False
    assert len(set(numbers)) == len(numbers), "one fate each"
    if file.layout.format.kind in COUNTED:
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "none is missing"
    return True


def bound() -> None:
    """Bound this process's memory, and end it when one input takes too long."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _escaped(text: PlainFile, path: Path) -> PlainFile:
    """The rows with a long delimiter and escapes: of delimiters, quotes, line ends, and of nothing."""
    layout = replace(text.layout, format=replace(text.layout.format, delimiter="||", quote="'", escape="\\"))
    lines = text.path.read_text(encoding="utf-8").replace("|", "||").replace("تهران", "\\N").replace("خیابان", "'a\\'\n||b'")
    path.write_text(lines.replace("کوچه", "\\|\\\n|"), encoding="utf-8")
    return PlainFile(ESCAPED, path, layout, SEED_ROWS)
