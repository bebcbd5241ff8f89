"""A TLS server on loopback that plays an agency: files with ETag and Range, pages, OAuth2, client certificates.

``python -m tests.servers.https FOLDER PORT``: serves ``FOLDER/files`` and ``FOLDER/pages.json``. What is to go wrong stands
in ``FOLDER/faults.json``: ``{"cut_after": bytes, "status": [503, …], "expired_on_page": 2}``, each used once; each request
is one line of ``FOLDER/requests.jsonl``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import ssl
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.servers.certificates import Authority
from tests.servers.process import free_port, running

TOKEN, CLIENT = "the-token", ("databank", "client-secret")
WRITTEN = "1.5e+300"
"""A number of a page that the agency writes as 1.50, which json would not."""


@dataclass(frozen=True)
class HttpsServer:
    """Where it is, whom it trusts, and what it was asked."""

    port: int
    folder: Path
    authority: Authority

    @property
    def access(self) -> dict[str, object]:
        return {"url": f"https://127.0.0.1:{self.port}", "ca": str(self.authority.certificate)}

    def has_fault(self, **fault: Any) -> None:
        (self.folder / "faults.json").write_text(json.dumps(fault))

    def requests(self) -> list[dict[str, Any]]:
        """Everything that was asked since the last look."""
        path = self.folder / "requests.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]


@contextmanager
def https_server(folder: Path, *, wants_certificate: bool = False) -> Iterator[HttpsServer]:
    """A running server."""
    (folder / "files").mkdir(parents=True)
    authority = Authority(folder)
    authority.issue("server")
    port = free_port()
    mode = "mtls" if wants_certificate else "tls"
    with running([sys.executable, "-m", "tests.servers.https", str(folder), str(port), mode], port):
        yield HttpsServer(port, folder, authority)


class _Agency(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_HEAD(self) -> None:
        self._answer(404)

    def do_POST(self) -> None:
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._note()
        is_known = self.headers.get("Authorization") == _basic(*CLIENT) and form["grant_type"] == ["client_credentials"]
        if is_known:
            self._answer(200, json.dumps({"access_token": TOKEN, "token_type": "Bearer"}).encode())
        else:
            self._answer(401)

    def do_GET(self) -> None:
        self._note()
        faults = self._faults()
        if statuses := faults.get("status"):
            self._save(faults | {"status": statuses[1:]})
            return self._answer(statuses[0], b"", {"Retry-After": "0"})
        parts = urllib.parse.urlsplit(self.path)
        if parts.path.startswith("/secured/") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._answer(401)
        if parts.path.endswith(("/members", "/linked")):
            return self._page(parts)
        path = self.folder / "files" / parts.path.rpartition("/")[2]
        if not path.is_file():
            return self._answer(404)
        return self._file(path, faults)

    def _page(self, parts: urllib.parse.SplitResult) -> None:
        pages = json.loads((self.folder / "pages.json").read_text())
        number = int(dict(urllib.parse.parse_qsl(parts.query)).get("page", "1"))
        items = pages[number - 1] if number <= len(pages) else []
        if (faults := self._faults()).get("expired_on_page") == number:
            self._save({name: fault for name, fault in faults.items() if name != "expired_on_page"})
            return self._answer(401)
        more = f"{parts.path}?page={number + 1}" if number < len(pages) else None
        following = self._faults().get("next", more)
        total = self._faults().get("total", sum(map(len, pages)))
        said = json.dumps({"data": {"items": items, "total": total}, "links": {"next": following}}).replace(WRITTEN, "1.50")
        return self._answer(200, said.encode(), self._faults().get("headers"))

    def _file(self, path: Path, faults: dict[str, Any]) -> None:
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            return self._answer(304)
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.headers.get("If-Range") == etag else 0
        headers = (
            {"ETag": etag}
            | faults.get("headers", {})
            | ({"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {})
        )
        rest = content[start:]
        if cut := faults.get("cut_after"):
            self._save({})
            self._answer(206 if start else 200, rest[:cut], headers | {"Content-Length": str(len(rest))})
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        return self._answer(206 if start else 200, rest, headers)

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> None:
        line = {"method": self.command, "path": self.path} | {k.lower(): v for k, v in self.headers.items()}
        with (self.folder / "requests.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _faults(self) -> dict[str, Any]:
        path = self.folder / "faults.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _save(self, faults: dict[str, Any]) -> None:
        (self.folder / "faults.json").write_text(json.dumps(faults))

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _serve(folder: Path, port: int, mode: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if mode == "mtls":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "ca.pem")
    _Agency.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", port), _Agency)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
