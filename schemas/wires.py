"""Wires: how a feed's files reach us when nobody puts them into the inbox, read from the contract's ``servers``.

A server of type ``local`` is the inbox itself and needs no wire. Of any other server the contract gives the path and names
a connection; host, port and secrets belong to the connection, so one contract serves a test and the real agency alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from schemas.document import Part

SFTP, HTTPS, S3, SQL, SOAP = "sftp", "https", "s3", "sql", "soap"
KINDS = {
    "sftp": SFTP, "api": HTTPS, "s3": S3, "custom": SOAP,
    "postgres": SQL, "postgresql": SQL, "mysql": SQL, "oracle": SQL, "sqlserver": SQL, "db2": SQL, "informix": SQL,
}  # fmt: skip
WIRE_CUSTOM = {
    SFTP: ("connection", "archive", "settleSeconds", "doneFile"),
    HTTPS: ("connection", "pages"),
    S3: ("connection", "archive"),
    SQL: ("connection", "table", "query", "watermark"),
    SOAP: ("connection", "dailyQuota", "openHours"),
}
WRITABLE = ("delimited", "jsonl", "parquet")
"""Formats that rows of a database can be kept in."""
PAGE_KEYS = ("items", "next", "number", "size", "sizeName", "total", "repeated")
REFUSED, LAST = "refused", "last"
CONNECTION_NAME = re.compile(r"[a-z][a-z0-9_]*")
SETTLE_SECONDS = 5.0
"""How long a file on an SFTP server must keep its size and time before it counts as finished."""
DAILY_QUOTA = 1_000
"""Inquiries a day where the contract does not say how many the agency allows."""
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")


@dataclass(frozen=True)
class Pages:
    """How a paged answer is walked.

    items: dotted path to the list of records. next: dotted path to the address of the next page; without it pages are asked
    for by ``number``, from 1, until one is empty. size and size_name: how many records a page has, and what to call that.
    total: dotted path to how many records there are on all pages. repeated: what a key means that stands on two pages in a
    row, as data that shift while they are read leave it: ``refused`` (ask again from the first page; the rule for
    snapshots) or ``last`` (the later one counts; the rule for deltas).
    """

    items: str = ""
    next: str | None = None
    number: str = "page"
    size: int | None = None
    size_name: str = "size"
    total: str | None = None
    repeated: str = REFUSED


@dataclass(frozen=True)
class Wire:
    """One remote server of a feed. ``path``: below the connection's host; for an object store the bucket and prefix.
    ``done_file``: name of the file by which the agency says that one is finished, with ``*`` for the file's own name."""

    kind: str
    connection: str
    path: str = ""
    archive: str | None = None
    settle_seconds: float = 0.0
    done_file: str | None = None
    pages: Pages | None = None
    table: str | None = None
    query: str | None = None
    watermark: str | None = None
    daily_quota: int = DAILY_QUOTA
    open_hours: str = "00:00-24:00"


def wire_of(root: Part) -> Wire | None:
    """The wire of a contract; None where its files come into the inbox by themselves.

    Raises:
        ContractError: a server of a kind that we do not speak, without connection, or with a wrong property.
    """
    remote = [server for server in root["servers"].each() if server["type"].value != "local"]
    if not remote:
        return None
    if len(remote) > 1:
        raise remote[1].wrong("names a second remote server", "A feed comes by one wire; keep one server beside the inbox.")
    return _wire(root, remote[0])


def _wire(root: Part, server: Part) -> Wire:
    kind = KINDS.get(server["type"].text())
    if kind is None:
        raise server["type"].unknown("kind of server", server["type"].text(), ("local", *KINDS))
    custom = server.custom(WIRE_CUSTOM[kind])
    if "connection" not in custom:
        raise server.wrong("has a server without a connection", "Add the customProperty connection: the name of one.")
    if not CONNECTION_NAME.fullmatch(custom["connection"].text()):
        raise custom["connection"].wrong(
            "names a connection unlike a name", "Use lower case letters, digits and underscores; secrets never stand here."
        )
    if kind == SQL:
        _check_sql(root, server, custom)
    said: dict[str, Any] = {
        name: custom[key].value
        for key, name in (("archive", "archive"), ("table", "table"), ("query", "query"), ("watermark", "watermark"))
        if key in custom
    }
    if kind == SFTP:  # an object store shows an object when it is whole
        given = custom.get("settleSeconds")
        said["settle_seconds"] = SETTLE_SECONDS if given is None else float(_at_least_0(given))
    if "doneFile" in custom:
        said["done_file"] = _done_file(custom["doneFile"])
    if "dailyQuota" in custom:
        said["daily_quota"] = int(_at_least_0(custom["dailyQuota"]))
    if "openHours" in custom:
        said["open_hours"] = _hours(custom["openHours"])
    if "pages" in custom:
        said["pages"] = _pages(root, custom["pages"])
    return Wire(kind, custom["connection"].text(), _path(server["location"], kind), **said)


def _path(location: Part, kind: str) -> str:
    parts = urlsplit(location.text())
    if parts.password is not None or parts.username is not None:
        raise location.wrong("has a user or password in a location", "Put them into the connection.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc}{parts.path}" if kind == S3 else f"{parts.path}{query}"


def _check_sql(root: Part, server: Part, custom: dict[str, Part]) -> None:
    if ("table" in custom) == ("query" in custom):
        raise server.wrong("has a database server without one table or one query", "Give table or query, not both.")
    if unwritable := _format_kinds(root) - set(WRITABLE):
        raise server.wrong(
            f"pulls rows from a database into {min(unwritable)}, which nobody writes", f"Use one of: {', '.join(WRITABLE)}."
        )
    if any(_unquoted(layout.custom_value("format")) for layout in root["schema"].each()):
        raise server.wrong(
            "pulls rows from a database into text that is never quoted, which not every value can be", "Leave quote out."
        )
    are_deltas = all(_is_delta(layout.custom_value("delivery")) for layout in root["schema"].each())
    if "watermark" in custom and not are_deltas:
        raise custom["watermark"].wrong(
            "has a watermark, but its deliveries list everything",
            "Say delivery: {kind: delta}, or leave the watermark out.",
        )


def _format_kinds(root: Part) -> set[str]:
    formats = (layout.custom_value("format") for layout in root["schema"].each())
    return {str(each.get("kind")) for each in formats if isinstance(each, dict)}


def _unquoted(form: Any) -> bool:
    return isinstance(form, dict) and form.get("quote") == ""


def _is_delta(delivery: Any) -> bool:
    return isinstance(delivery, dict) and delivery.get("kind") == "delta"


def _pages(root: Part, part: Part) -> Pages:
    for key in part.value if isinstance(part.value, dict) else ():
        if key not in PAGE_KEYS:
            raise part[key].unknown("key of pages", key, PAGE_KEYS)
    if _format_kinds(root) != {"jsonl"}:
        raise part.wrong("walks pages, but its format is not jsonl", "Pages are kept as JSON lines: say kind: jsonl.")
    size = part["size"].value
    return Pages(
        items=part["items"].text(),
        next=part["next"].value,
        number=part["number"].text("page"),
        size=None if size is None else int(_at_least_0(part["size"])),
        size_name=part["sizeName"].text("size"),
        total=part["total"].value,
        repeated=_repeated(root, part["repeated"]),
    )


def _repeated(root: Part, part: Part) -> str:
    are_deltas = any(_is_delta(layout.custom_value("delivery")) for layout in root["schema"].each())
    said = part.text(LAST if are_deltas else REFUSED)
    if said not in (REFUSED, LAST):
        raise part.unknown("rule for repeated keys", said, (REFUSED, LAST))
    return said


def _done_file(part: Part) -> str:
    if part.text().count("*") != 1 or "/" in part.text() or part.text() == "*":
        raise part.wrong(
            f"names {part.text()!r} as done file", 'Write "*.done", with * for the name of the file it is about.'
        )
    return part.text()


def _at_least_0(part: Part) -> int | float:
    value = part.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise part.wrong(f"has {part.text()!r} where a number belongs", "Give a number of at least 0.")
    return value


def _hours(part: Part) -> str:
    if not _HOURS.fullmatch(part.text()):
        raise part.wrong(f"is open at {part.text()!r}", 'Write hours of Tehran as "07:30-20:00".')
    return part.text()
