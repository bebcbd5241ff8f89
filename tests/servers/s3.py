"""An object store on loopback that speaks as much S3 as reading, copying and removing need, and checks who asks.

``python -m tests.servers.s3 FOLDER PORT``: buckets are the folders of FOLDER.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import shutil
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.servers.process import free_port, running

ACCESS_KEY, SECRET_KEY = "AKIDATABANK", "store-secret"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+), ?SignedHeaders=(?P<names>[^,]+), ?Signature=(?P<sign>\w+)"
)


@dataclass(frozen=True)
class ObjectStore:
    """Where it is; a bucket is a folder."""

    port: int
    folder: Path

    @property
    def access(self) -> dict[str, object]:
        return {
            "endpoint": f"127.0.0.1:{self.port}", "tls": False, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY,
        }  # fmt: skip


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """A running store."""
    port = free_port()
    with running([sys.executable, "-m", "tests.servers.s3", str(folder), str(port)], port):
        yield ObjectStore(port, folder)


class _Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        path, query = self._asked()
        if not self._is_signed():
            return self._fail(403, "SignatureDoesNotMatch")
        if "list-type" in query:
            return self._list(path, query)
        return self._read(path)

    def do_HEAD(self) -> None:
        path, _ = self._asked()
        if not self._is_signed():
            return self._answer(403)
        return self._answer(200) if path.parent == self.folder and path.is_dir() else self._read(path)

    def do_PUT(self) -> None:
        path, _ = self._asked()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path.parent.mkdir(parents=True, exist_ok=True)
        if source := self.headers.get("x-amz-copy-source"):
            shutil.copyfile(self.folder / urllib.parse.unquote(source).lstrip("/"), path)
            return self._answer(200, b"<CopyObjectResult><ETag>&quot;1&quot;</ETag></CopyObjectResult>")
        if not self.path.endswith("/"):
            path.write_bytes(body)
        return self._answer(200)

    def do_DELETE(self) -> None:
        path, _ = self._asked()
        path.unlink(missing_ok=True)
        self._answer(204)

    def _asked(self) -> tuple[Path, dict[str, str]]:
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        return self.folder / urllib.parse.unquote(parts.path).lstrip("/"), query

    def _list(self, bucket: Path, query: dict[str, str]) -> None:
        if not bucket.is_dir():
            return self._fail(404, "NoSuchBucket")
        prefix, entries = query.get("prefix", ""), []
        for path in sorted(each for each in bucket.rglob("*") if each.is_file()):
            key = path.relative_to(bucket).as_posix()
            if key.startswith(prefix) and ("delimiter" not in query or "/" not in key[len(prefix) :]):
                when = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                entries.append(
                    f"<Contents><Key>{escape(key)}</Key><LastModified>{when}</LastModified>"
                    f"<Size>{path.stat().st_size}</Size></Contents>"
                )
        body = f"<ListBucketResult><KeyCount>{len(entries)}</KeyCount>{''.join(entries)}</ListBucketResult>"
        return self._answer(200, body.encode(), {"Content-Type": "application/xml"})

    def _read(self, path: Path) -> None:
        if not path.is_file():
            return self._fail(404, "NoSuchKey")
        size, headers = path.stat().st_size, {"Last-Modified": self.date_time_string(int(path.stat().st_mtime))}
        if self.command == "HEAD":
            return self._answer(200, headers=headers | {"Content-Length": str(size)})
        with path.open("rb") as file:
            if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
                start, end = int(wanted[1]), min(int(wanted[2] or size), size - 1)
                file.seek(start)
                headers["Content-Range"] = f"bytes {start}-{end}/{size}"
                return self._answer(206, file.read(end + 1 - start), headers)
            return self._answer(200, file.read(), headers)

    def _is_signed(self) -> bool:
        """Signature version 4 over what was asked, as the store's makers describe it."""
        said = _AUTHORIZATION.match(self.headers.get("Authorization", ""))
        if said is None or said["key"] != ACCESS_KEY:
            return False
        parts = urllib.parse.urlsplit(self.path)
        names = said["names"].split(";")
        headers = "".join(f"{name}:{' '.join((self.headers.get(name) or '').split())}\n" for name in names)
        query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
        asked = "\n".join(
            (self.command, parts.path, query, headers, said["names"], str(self.headers["x-amz-content-sha256"]))
        )
        digest = hashlib.sha256(asked.encode()).hexdigest()
        text = "\n".join(("AWS4-HMAC-SHA256", str(self.headers["x-amz-date"]), said["scope"], digest))
        key = f"AWS4{SECRET_KEY}".encode()
        for step in said["scope"].split("/"):
            key = hmac.digest(key, step.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), said["sign"])

    def _fail(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body)), "Content-Type": "text/xml"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    _Store.folder = Path(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), _Store).serve_forever()
