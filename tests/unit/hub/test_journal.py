"""Journals keep every entry, whatever was cut."""

from dataclasses import dataclass
from pathlib import Path

from hub.journal import Journal


@dataclass(frozen=True)
class Note:
    who: str
    facts: dict[str, str | None]


FIRST, SECOND = Note("مریم\u2028", {"a": None}), Note("x", {})


def test_entries_are_read_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "notes.jsonl"
    journal = Journal(path, Note)
    assert list(journal.entries) == []
    journal.add(FIRST)
    Journal(path, Note).add(SECOND)
    assert list(Journal(path, Note).entries) == [FIRST, SECOND]
    assert len(path.read_bytes().split(b"\n")) == 3


def test_a_torn_entry_is_none_and_the_next_one_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    Journal(path, Note).add(FIRST)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    journal = Journal(path, Note)
    assert list(journal.entries) == [FIRST]
    journal.add(SECOND)
    assert list(Journal(path, Note).entries) == [FIRST, SECOND]
