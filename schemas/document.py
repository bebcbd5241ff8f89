"""A contract's YAML and where each part of it stands, so that an error can point to file and line.

The YAML is read so that ``NO``, ``on``, ``01`` and ``2026-11-20`` stay text; a key that occurs twice is an error.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hub.errors import ContractError

Where = tuple[str | int, ...]


class TextLoader(yaml.CSafeLoader):
    """YAML in which only true, false, null and plain numbers are typed; everything else is text."""


TextLoader.yaml_implicit_resolvers = {}
TextLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
TextLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|[1-9][0-9]*)$"), list("0123456789"))
TextLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[0-9]+\.[0-9]+$"), list("0123456789"))
TextLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


@dataclass(frozen=True)
class Document:
    """One contract file: its content, the hash of its bytes, and the line of every part."""

    path: Path
    value: Any
    sha256: str
    lines: dict[Where, int]

    @property
    def root(self) -> Part:
        """The whole contract."""
        return Part(self, (), self.value)


@dataclass(frozen=True)
class Part:
    """One part of a contract: where it stands and its value; None where the contract does not have it."""

    document: Document
    where: Where
    value: Any

    def __getitem__(self, step: str | int) -> Part:
        value = self.value.get(step) if isinstance(self.value, dict) and isinstance(step, str) else None
        if isinstance(self.value, list) and isinstance(step, int):
            value = self.value[step]
        return Part(self.document, (*self.where, step), value)

    def each(self) -> list[Part]:
        """The elements of a list."""
        return [self[n] for n in range(len(self.value or ()))]

    def text(self, default: str = "") -> str:
        """The value as text."""
        return default if self.value is None else str(self.value)

    def custom(self, known: Collection[str]) -> dict[str, Part]:
        """Our customProperties of this part by name.

        Raises:
            ContractError: one is not known here, or occurs twice.
        """
        found: dict[str, Part] = {}
        for entry in self["customProperties"].each():
            name = entry["property"].text()
            if name not in known:
                raise entry.unknown("customProperty", name, known)
            if name in found:
                raise entry.wrong(f"gives the customProperty {name} twice", "Keep one of them.")
            found[name] = entry["value"]
        return found

    def custom_value(self, name: str) -> Any:
        """The value of one customProperty; None where this part does not have it."""
        entries = self["customProperties"].each()
        return next((each["value"].value for each in entries if each["property"].value == name), None)

    def unknown(self, what: str, name: str, known: Collection[str]) -> ContractError:
        """An error about a name that is not on a list, with the nearest names that are."""
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"Perhaps {near[0]} is meant. " if near else ""
        listing = f"Known here: {', '.join(sorted(known))}." if len(known) <= 40 else ""
        return self.wrong(f"has an unknown {what} {name!r}", remedy + listing)

    def wrong(self, what: str, remedy: str) -> ContractError:
        """An error that points to this part, or to the nearest part around it that the file has."""
        where = self.where
        while where not in self.document.lines:
            where = where[:-1]
        return wrong(self.document.path, what, remedy, self.document.lines[where])


def wrong(path: Path, what: str, remedy: str, line: int | None = None) -> ContractError:
    """An error about a contract file."""
    place = f"{path.name}:{line}" if line else path.name
    return ContractError(
        f"Contract {place} {what}. Nothing ran.", hint=f"{remedy.strip()} Mend {path}, then run `databank check`."
    )


def read_document(path: Path) -> Document:
    """Read a contract file.

    Raises:
        ContractError: it is not UTF-8, not YAML, or repeats a key.
    """
    raw = path.read_bytes()
    try:
        loader = TextLoader(raw.decode("utf-8"))
        node = loader.get_single_node()
        value = loader.construct_document(node) if node else None
    except UnicodeDecodeError as error:
        raise wrong(path, "is not UTF-8", "Save it as UTF-8.", raw[: error.start].count(b"\n") + 1) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise wrong(
            path, f"is no YAML: {getattr(error, 'problem', error)}", "Check indentation and quotes.", line
        ) from error
    if node is None or not isinstance(value, dict):
        raise wrong(path, "holds no contract", "Start from one of the contracts in schemas/feeds.")
    lines: dict[Where, int] = {(): 1}
    _mark_lines(path, node, (), lines)
    return Document(path, value, hashlib.sha256(raw).hexdigest(), lines)


def _mark_lines(path: Path, node: yaml.Node, where: Where, lines: dict[Where, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            line = key.start_mark.line + 1
            place = (*where, key.value)
            if place in lines:
                raise wrong(
                    path, f"gives the key {key.value!r} twice", f"The first is in line {lines[place]}; keep one.", line
                )
            lines[place] = line
            _mark_lines(path, child, place, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            lines[(*where, number)] = child.start_mark.line + 1
            _mark_lines(path, child, (*where, number), lines)
