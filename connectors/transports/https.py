"""HTTPS: one file by its address, or an answer in pages that becomes JSON lines.

A file is asked for by ETag, so an unchanged one costs nothing, and continued by Range where the line broke. Who we are is
said by user and password, by OAuth2 client credentials, by a client certificate, or by headers that the agency wants.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import SecretStr

from connectors.connections import Access, connection_named, file_of
from connectors.transports.receiving import Fetched, Inbox, Part
from connectors.transports.rows import write_rows
from hub.errors import DeliveryCorrupt, WireDown, WireRefused
from hub.settings import Settings
from schemas.feed import Feed
from schemas.file_names import date_in_name, file_name
from schemas.wires import REFUSED, Pages, Wire

TIMEOUT_SECONDS = 60.0
MOST_PAGES = 100_000
_NEXT = "The feed is late; nothing was changed."
_REFUSED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.PROXY_AUTHENTICATION_REQUIRED)


class HttpsAccess(Access):
    """Keys of an HTTPS connection. ``ca``, ``certificate`` and ``key`` name files; ``url`` must be https."""

    url: str
    user: str | None = None
    password: SecretStr | None = None
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    headers: dict[str, SecretStr] = {}


def fetch(settings: Settings, feed: Feed, wire: Wire, inbox: Inbox, business_date: date) -> list[Fetched]:
    """Ask for the file, or the pages, of a business date; nothing where the agency has nothing yet or nothing new.

    Raises:
        WireDown: no answer, a fault of the server, or the line broke.
        WireRefused: it does not let us in, or its certificate is not signed by whom we trust.
        DeliveryCorrupt: an answer is not what pages are made of.
    """
    name = file_name(feed, business_date)
    with _client(settings, wire) as client:
        if wire.pages is None:
            kept = _download(client, wire, inbox, name, wire.path.replace("*", date_in_name(feed, business_date)))
        else:
            kept = _collect(client, feed, wire, wire.pages, inbox, name, business_date)
    return [kept] if kept else []


def look(settings: Settings, wire: Wire) -> str:
    """Whether the server answers and lets us in."""
    with _client(settings, wire) as client:
        response = client.head(urlsplit(wire.path).path.rpartition("/")[0] + "/")
        _check(response, wire, allowed=(httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED))
        return f"it answers ({response.http_version}, status {response.status_code})"


def _download(client: httpx.Client, wire: Wire, inbox: Inbox, name: str, path: str) -> Fetched | None:
    part = inbox.part(name)
    begun = part.version()
    headers = {"Accept-Encoding": "identity"}
    if begun and (offset := part.offset(begun)):
        headers |= {"Range": f"bytes={offset}-", "If-Range": begun}
    elif known := inbox.version(name):
        headers |= {"If-None-Match": known} if known.startswith(('"', "W/")) else {"If-Modified-Since": known}
    with client.stream("GET", path, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.drop()
            raise WireDown(f"What came of {name} does not fit what the server has now; it was dropped.", hint="Fetch again.")
        if response.status_code in (httpx.codes.NOT_MODIFIED, httpx.codes.NOT_FOUND):
            return None
        _check(response, wire)
        is_rest = response.status_code == httpx.codes.PARTIAL_CONTENT
        version = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if is_rest and not response.headers.get("content-range", "").startswith(f"bytes {part.offset(version)}-"):
            part.drop()
            raise WireDown(f"The rest of {name} is of another version; what came was dropped.", hint="Fetch again.")
        size = _size(response, part, is_rest)
        part.grow(_strong(version), response.iter_raw(), offset=part.offset(version) if is_rest else 0)
    part.check_size(size, name)
    return inbox.keep(name, version, f"{wire.kind} {wire.connection}")


def _strong(version: str) -> str:
    """A version by which a download can be continued; a weak ETag does not promise the same bytes."""
    return "" if version.startswith("W/") else version


def _size(response: httpx.Response, part: Part, is_rest: bool) -> int | None:
    said = response.headers.get("content-length")
    if said is None:
        return None
    return int(said) + (part.path.stat().st_size if is_rest else 0)


def _collect(
    client: httpx.Client, feed: Feed, wire: Wire, pages: Pages, inbox: Inbox, name: str, business_date: date
) -> Fetched | None:
    layout = feed.layout_on(business_date)
    if layout is None or inbox.is_past(business_date):
        return None
    part = inbox.part(name)
    part.drop()
    keys = [column.source for column in layout.keys] if pages.repeated == REFUSED and layout.delta is None else []
    count = write_rows(part.path, name, layout.format, (), _records(client, wire, pages, keys))
    return inbox.keep(name, "", f"{wire.kind} {wire.connection}", rows=count)


def _records(client: httpx.Client, wire: Wire, pages: Pages, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The records of all pages; a page that breaks off fails the whole, so a short answer is never taken for all.

    Args:
        keys: the fields that tell records apart; none where a record may come again on the next page.
    """
    count, before = 0, set[tuple[str, ...]]()
    size = {pages.size_name: str(pages.size)} if pages.size is not None else {}
    address: str | None = wire.path
    for number in range(1, MOST_PAGES + 1):
        asked = size if pages.next else size | {pages.number: str(number)}
        response = client.get(str(address), params=asked if address == wire.path else None)
        _check(response, wire)
        try:
            answer = response.json(parse_float=str)  # digits as they were written
            found = _at(answer, pages.items)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise DeliveryCorrupt(
                f"Page {number} of {wire.connection} holds no list of records; nothing was taken over.",
                hint="Compare pages.items of the contract with the agency's answer.",
            )
        here = {tuple(str(_at(each, key)) for key in keys) for each in found} if keys else set()
        if not before.isdisjoint(here):
            raise _shifted(wire, f"records of page {number - 1} come again on page {number}")
        before = here
        yield from found
        count += len(found)
        following = _at(answer, pages.next) if pages.next else found
        if not following:
            _check_total(wire, pages, answer, count)
            return
        if pages.next is None:
            continue
        address = _same_host(urljoin(str(response.url), str(following)), client, wire)
    raise DeliveryCorrupt(f"{wire.connection} has more than {MOST_PAGES:,} pages; nothing was taken over.", hint="Ask why.")


def _check_total(wire: Wire, pages: Pages, answer: Any, count: int) -> None:
    """Compare with how many records the last page says that there are."""
    said = _at(answer, pages.total) if pages.total else None
    if said is not None and str(said) != str(count):
        raise _shifted(wire, f"{count} records came, and there are {said}")


def _shifted(wire: Wire, what: str) -> WireDown:
    return WireDown(
        f"The data of {wire.connection} changed while their pages were read: {what}. {_NEXT}",
        hint="Try again at an hour at which the agency changes nothing; if it lasts, ask for pages that stand still.",
    )


def _same_host(address: str, client: httpx.Client, wire: Wire) -> str:
    """The next page's address; one that leads elsewhere would carry our secrets there."""
    if urlsplit(address)[:2] != urlsplit(str(client.base_url))[:2]:
        raise WireRefused(
            f"The next page of {wire.connection} lies on another server. {_NEXT}", hint="Ask the agency why it should."
        )
    return address


def _at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


@contextmanager
def _client(settings: Settings, wire: Wire) -> Iterator[httpx.Client]:
    access = connection_named(settings, wire.connection).access(HttpsAccess)
    if not all(each.startswith("https://") for each in (access.url, urljoin(access.url, access.token_url or ""))):
        raise WireRefused(
            f"The connection {wire.connection} is not https; nothing was fetched.", hint="Give an https url and token_url."
        )
    headers = {name: value.get_secret_value() for name, value in access.headers.items()}
    with (
        _errors(wire),
        httpx.Client(
            base_url=access.url,
            verify=_trust(settings, wire, access),
            timeout=TIMEOUT_SECONDS,
            headers=headers,
            trust_env=False,
        ) as client,
    ):
        if access.token_url:
            client.auth = _Token(client, wire, access)
        elif access.user:
            client.auth = httpx.BasicAuth(access.user, access.password.get_secret_value() if access.password else "")
        yield client


class _Token(httpx.Auth):
    """A token by client credentials; one that ran out, as between two pages, is renewed once for each request."""

    def __init__(self, client: httpx.Client, wire: Wire, access: HttpsAccess) -> None:
        secret = access.client_secret.get_secret_value() if access.client_secret else ""
        form = {"grant_type": "client_credentials"} | ({"scope": access.scope} if access.scope else {})
        asking = client.build_request("POST", str(access.token_url), data=form)
        self._asking = next(httpx.BasicAuth(access.client_id or "", secret).auth_flow(asking))
        self._wire, self._token = wire, ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with a token that is in force."""
        is_new = not self._token
        if is_new:
            self._token = self._read((yield self._asking))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and not is_new:
            self._token = self._read((yield self._asking))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _read(self, response: httpx.Response) -> str:
        response.read()
        if response.status_code == httpx.codes.BAD_REQUEST:
            raise _refused(self._wire, "does not know our client_id or client_secret")
        _check(response, self._wire)
        try:
            return str(response.json()["access_token"])
        except (ValueError, KeyError, TypeError):
            raise _refused(self._wire, "gives no token where the connection says token_url") from None


def _trust(settings: Settings, wire: Wire, access: HttpsAccess) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(file_of(settings, access.ca)) if access.ca else None)
        if access.certificate:
            key = str(file_of(settings, access.key)) if access.key else None
            context.load_cert_chain(str(file_of(settings, access.certificate)), key)
    except OSError as error:  # ssl.SSLError is one
        raise WireRefused(
            f"A certificate or key of the connection {wire.connection} cannot be read ({type(error).__name__}). {_NEXT}",
            hint="Name PEM files that the databank's user can read.",
        ) from None
    return context


def _check(response: httpx.Response, wire: Wire, allowed: tuple[int, ...] = ()) -> None:
    status = response.status_code
    if response.is_success or status in allowed:
        return
    if status in _REFUSED:
        raise _refused(wire, f"does not let us in (status {status})")
    if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        said = response.headers.get("retry-after", "")
        raise WireDown(
            f"The server of {wire.connection} cannot answer now (status {status}). {_NEXT}",
            hint="Try again later; if it lasts, tell the agency.",
            retry_after=int(said) if said.isdigit() else None,
        )
    raise _refused(wire, f"does not understand what we ask (status {status})")


def _refused(wire: Wire, what: str) -> WireRefused:
    return WireRefused(
        f"The server of {wire.connection} {what}. {_NEXT}",
        hint="Compare the connection, and the contract's location, with what the agency gave.",
    )


@contextmanager
def _errors(wire: Wire) -> Iterator[None]:
    try:
        yield
    except httpx.RequestError as error:
        if isinstance(error.__context__ and _root(error), ssl.SSLError):
            raise WireRefused(
                f"The server of {wire.connection} has a certificate that we do not trust, or wants one of ours. {_NEXT}",
                hint="Compare ca, certificate and key of the connection with what the agency gave.",
            ) from None
        raise WireDown(
            f"The server of {wire.connection} does not answer or broke off ({type(error).__name__}). {_NEXT}",
            hint="Try again later; if it lasts, tell the agency.",
        ) from None
    except httpx.InvalidURL:
        raise _refused(wire, "has an address that is none") from None


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
