"""SOAP: the civil registration's inquiry ``getEstelam3``, one question at a time.

It wants a national code and a birth date as numbers and answers names as base64 of UTF-8. A refusal comes as an error key,
in the answer or in a fault; ``schemas/inquiries`` says what each key means.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from pydantic import SecretStr
from zeep import Client, Plugin
from zeep.cache import InMemoryCache
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault, TransportError
from zeep.helpers import serialize_object
from zeep.transports import Transport

from connectors.connections import Access, connection_named, file_of
from hub.errors import WireDown, WireRefused
from hub.settings import Settings
from schemas.inquiries import FOUND, UNREADABLE, WSDL, Question, Reply, key_in
from schemas.wires import Wire

TIMEOUT_SECONDS = 30
CODE_DIGITS = 10
_BINDING, _RESULT = "{http://est}EstelamBinding", "{http://est}estelamResult3"
_REFUSED = (requests.codes.unauthorized, requests.codes.forbidden)
_NO_DATE = (0, "0", "")
_NEXT = "What was answered is kept; nothing else was changed."


class SoapAccess(Access):
    """Keys of an inquiry service: HTTP Basic for the bus, headers for the service behind it, certificates as files."""

    url: str
    user: str | None = None
    password: SecretStr | None = None
    headers: dict[str, SecretStr] = {}
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class Service:
    """The open service."""

    def __init__(self, proxy: Any, connection: str) -> None:
        self._proxy, self._connection = proxy, connection

    def ask(self, question: Question) -> Reply:
        """One inquiry.

        Raises:
            WireDown: no answer. WireRefused: the bus does not let us in.
        """
        with _errors(self._connection):
            try:
                unread = _UNREAD.count
                answer = self._proxy.getEstelam3(birthDate=int(question.birth_date), nin=int(question.national_code))
            except Fault as fault:
                return Reply(key_in(str(fault.message)), {})
        return _reply(serialize_object(answer, dict) or {}) if _UNREAD.count == unread else Reply(UNREADABLE, {})


class _OnlyKnown(Plugin):  # type: ignore[misc]  # zeep says no types
    """Leaves aside fields that the service added since our description was written. Zeep's own leniency would also take an
    answer that broke off for a whole one."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> tuple[Any, Any]:
        """The answer without them."""
        for result in envelope.iter("return"):
            for field in list(result):
                if field.tag not in self.names:
                    result.remove(field)
        return envelope, http_headers


class _Unread(logging.Filter):
    """Hears of values that zeep cannot read: it would log them, and go on without them."""

    count = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Count, and let nothing through: the record quotes the value."""
        self.count += 1
        return False


_UNREAD = _Unread()


@contextmanager
def open_service(settings: Settings, wire: Wire) -> Iterator[Service]:
    """The service behind a connection.

    Raises:
        WireRefused: the connection is not set or wrong.
    """
    access = connection_named(settings, wire.connection).access(SoapAccess)
    logging.getLogger("zeep.xsd.types.simple").addFilter(_UNREAD)
    logging.getLogger("zeep.transports").setLevel(logging.WARNING)  # below, it logs questions and answers whole
    with _session(settings, wire, access) as session:
        transport = Transport(
            session=session, timeout=TIMEOUT_SECONDS, operation_timeout=TIMEOUT_SECONDS, cache=InMemoryCache()
        )
        client = Client(str(WSDL), transport=transport)
        client.plugins.append(_OnlyKnown({name for name, _ in client.get_type(_RESULT).elements}))
        yield Service(client.create_service(_BINDING, access.url), wire.connection)


def look(settings: Settings, wire: Wire) -> str:
    """Whether the server answers and lets us in; asks about nobody.

    Raises:
        WireDown: no answer. WireRefused: it does not let us in.
    """
    access = connection_named(settings, wire.connection).access(SoapAccess)
    with _errors(wire.connection), _session(settings, wire, access) as session:
        status = session.get(access.url, timeout=TIMEOUT_SECONDS, allow_redirects=False).status_code
    if status in _REFUSED:
        raise _refused(wire.connection, status)
    return f"it answers (status {status})"


@contextmanager
def _session(settings: Settings, wire: Wire, access: SoapAccess) -> Iterator[requests.Session]:
    if not access.url.startswith("https://"):
        raise WireRefused(f"The connection {wire.connection} is not https; nothing was asked.", hint="Give an https url.")
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(file_of(settings, access.ca)) if access.ca else True
        session.headers.update({name: value.get_secret_value() for name, value in access.headers.items()})
        if access.user:
            session.auth = (access.user, access.password.get_secret_value() if access.password else "")
        if access.certificate:
            key = str(file_of(settings, access.key or access.certificate))
            session.cert = (str(file_of(settings, access.certificate)), key)
        yield session


def _reply(answer: Mapping[str, Any]) -> Reply:
    if said := str(answer.get("exceptionMessage") or "").strip():
        return Reply(key_in(said), {})
    if not answer.get("nin") and (said := _messages(answer.get("message"))):
        return Reply(key_in(said), {})
    try:
        fields = {name: _text(name, value) for name, value in answer.items() if name not in ("exceptionMessage", "message")}
    except UnicodeDecodeError:
        return Reply(UNREADABLE, {})
    return Reply(FOUND if fields.get("nin") else UNREADABLE, fields)


def _messages(message: Any) -> str:
    """What an answer without a person says instead."""
    items = message.get("item") if isinstance(message, Mapping) else message
    return " ".join(map(str, items)) if isinstance(items, list) else str(items or "")


def _text(name: str, value: Any) -> str | None:
    """Names from bytes, codes with the zeros that a number loses, and 0 for no date."""
    if value is None or (name.endswith("Date") and value in _NO_DATE):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8").strip() or None
    return str(value).zfill(CODE_DIGITS) if name == "nin" else str(value)


@contextmanager
def _errors(connection: str) -> Iterator[None]:
    try:
        yield
    except TransportError as error:
        if error.status_code in _REFUSED:
            raise _refused(connection, error.status_code) from None
        raise _down(connection, f"status {error.status_code}") from None
    except requests.exceptions.SSLError:
        raise WireRefused(
            f"The inquiry service of {connection} has a certificate that we do not trust, or wants one of ours. {_NEXT}",
            hint="Compare ca, certificate and key of the connection with what the agency gave.",
        ) from None
    except ZeepError:
        raise _down(connection, "an answer of another form") from None
    except (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
        raise WireRefused(
            f"The url of the connection {connection} is none; nothing was asked.", hint="Give an https url."
        ) from None
    except requests.exceptions.RequestException as error:
        raise _down(connection, type(error).__name__) from None
    except OSError:
        raise WireRefused(
            f"A certificate or key of the connection {connection} cannot be read; nothing was asked.",
            hint="Name PEM files that the databank's user can read.",
        ) from None


def _refused(connection: str, status: int) -> WireRefused:
    return WireRefused(
        f"The inquiry service of {connection} does not let us in (status {status}). {_NEXT}",
        hint="Compare the connection with what the agency gave.",
    )


def _down(connection: str, why: str) -> WireDown:
    return WireDown(
        f"The inquiry service of {connection} does not answer or broke off ({why}). {_NEXT}",
        hint="Try again later; if it lasts, tell the agency.",
    )
