"""A SOAP server on loopback that plays civil registration: ``getEstelam3`` over TLS, behind HTTP Basic.

``python -m tests.servers.soap FOLDER PORT``: persons stand in ``FOLDER/persons.json`` by national code; an answer that is
no person is the key of an error. ``FOLDER/refusals.json`` lists keys that come first, one a question. Each question is a
line of ``FOLDER/questions.jsonl``.
"""

from __future__ import annotations

import base64
import json
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.servers.certificates import Authority
from tests.servers.process import free_port, running

USER, PASSWORD = "databank", "bus-secret"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
CUT = "cut"
_NAMES = ("name", "family", "fatherName", "officeName", "shenasnameSeri")


@dataclass(frozen=True)
class SoapServer:
    """Where it is, whom it trusts, and what it was asked."""

    port: int
    folder: Path
    authority: Authority

    @property
    def access(self) -> dict[str, object]:
        return {
            "url": f"https://127.0.0.1:{self.port}/EstelamService",
            "ca": str(self.authority.certificate),
            "user": USER,
            "password": PASSWORD,
        }

    def knows(self, persons: dict[str, Any], refusals: list[str] | None = None) -> None:
        (self.folder / "persons.json").write_text(json.dumps(persons))
        (self.folder / "refusals.json").write_text(json.dumps(refusals or []))
        (self.folder / "questions.jsonl").unlink(missing_ok=True)

    def questions(self) -> list[dict[str, str]]:
        path = self.folder / "questions.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextmanager
def soap_server(folder: Path) -> Iterator[SoapServer]:
    """A running server."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(folder)
    authority.issue("server")
    port = free_port()
    with running([sys.executable, "-m", "tests.servers.soap", str(folder), str(port)], port):
        yield SoapServer(port, folder, authority)


def _application(folder: Path) -> Any:
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    def answer(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ.get("HTTP_AUTHORIZATION") != wanted:
            start("401 Unauthorized", [("Content-Type", "text/plain")])
            return [b"who are you"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if not body:
            start("405 Method Not Allowed", [("Content-Type", "text/plain")])
            return [b""]
        said = _said(folder, body)
        if said == CUT:
            start("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
            return [f'<e:Envelope xmlns:e="{_ENVELOPE}"><e:Body><r:getEstelam3Response xmlns:r="http://est">'.encode()]
        status = "500 Internal Server Error" if "Fault>" in said else "200 OK"
        start(status, [("Content-Type", "text/xml; charset=utf-8")])
        return [f'<e:Envelope xmlns:e="{_ENVELOPE}"><e:Body>{said}</e:Body></e:Envelope>'.encode()]

    return answer


def _said(folder: Path, body: bytes) -> str:
    asked = ElementTree.fromstring(body)[-1][0]
    question = {child.tag: child.text or "" for child in asked}
    with (folder / "questions.jsonl").open("a") as file:
        file.write(json.dumps(question) + "\n")
    refusals = json.loads((folder / "refusals.json").read_text())
    if refusals:
        (folder / "refusals.json").write_text(json.dumps(refusals[1:]))
        return _refusal(refusals[0])
    person = json.loads((folder / "persons.json").read_text()).get(question["nin"].zfill(10), "err.record.not.found")
    if isinstance(person, str):
        return _refusal(person)
    if str(person["birthDate"]) != question["birthDate"]:
        return _refusal("err.record.not.found")
    fields = "".join(f"<{name}>{_written(name, value)}</{name}>" for name, value in person.items())
    return f'<r:getEstelam3Response xmlns:r="http://est"><return>{fields}</return></r:getEstelam3Response>'


def _refusal(key: str) -> str:
    if key == CUT:
        return CUT
    if key.startswith("fault:"):
        return f"<e:Fault><faultcode>e:Server</faultcode><faultstring>{escape(key[6:])}</faultstring></e:Fault>"
    said = f"<exceptionMessage>{escape(key)}</exceptionMessage>"
    return f'<r:getEstelam3Response xmlns:r="http://est"><return>{said}</return></r:getEstelam3Response>'


def _written(name: str, value: Any) -> str:
    return base64.b64encode(str(value).encode()).decode() if name in _NAMES else escape(str(value))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(sys.argv[1], "server.pem"), Path(sys.argv[1], "server.key"))
    server = make_server("127.0.0.1", int(sys.argv[2]), _application(Path(sys.argv[1])), handler_class=_Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
