"""Bad files, read in this process under a limit on memory: ``python -m tests.fuzz.mutations COUNT``.

What a fuzzer once found (``corpus/<format>/``), then good files made bad by hypothesis, and files that mean harm.
"""

from __future__ import annotations

import signal
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.hostile import HOSTILE
from tests.fuzz.target import CORPUS, SECONDS_EACH, bound, examine, seeds

#: Bytes that mean something to some reader.
TELLING = [
    b"\0", b"\xff", b"\n", b"\r", b'"', b"|", b"<", b"&a;", b"]]>", b"[", b"{", b"\\u", b"\xef\xbb\xbf", b"\xff\xfe", b"*",
    b"\x1a", b"PK\x05\x06", b"\x80" * 4, b"9" * 30, b"<!DOCTYPE a>", b"\xd8\xa7", b"\xf2\xfc",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("put", "over", "cut", "twice", "end")),
        st.floats(0, 1),
        st.one_of(st.sampled_from(TELLING), st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=6,
)


def spoilt(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """A file after some edits."""
    for kind, share, new in edits:
        place = int(share * len(data))
        if kind == "put":
            data = data[:place] + new + data[place:]
        elif kind == "over":
            data = data[:place] + new + data[place + len(new) :]
        elif kind == "cut":
            data = data[:place] + data[place + 4 * len(new) :]
        elif kind == "twice":
            data = data[:place] + data[place : place + 64] + data[place:]
        else:
            data = data[:place]
    return data


def main(count: int) -> None:
    """So many spoilt files of each format; a workbook costs a process, so there are fewer of them."""
    bound()
    for name, (file, good) in seeds().items():
        assert examine(name, good), f"the good file of {name} is refused"
        found = sorted((CORPUS / name).glob("*"))
        for path in found:
            _in_time(name, path.read_bytes())
        examples = max(10, count // 10) if file.layout.format.kind == "excel" else count
        _many(name, st.builds(spoilt, st.just(good), EDITS), examples)
        _many(name, HOSTILE.get(name, st.nothing()), examples)
        print(f"{name}: {len(found)} found before, {examples} made")  # noqa: T201


def _many(name: str, files: st.SearchStrategy[bytes], examples: int) -> None:
    if files.is_empty:
        return

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(data=files)
    def one(data: bytes) -> None:
        _in_time(name, data)

    one()


def _in_time(name: str, data: bytes) -> None:
    signal.alarm(SECONDS_EACH)
    examine(name, data)
    signal.alarm(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
