"""Connections: where an agency's server is and how it lets us in. Contracts name them; secrets live here only.

A connection is a JSON object, looked for in this order, so that the nearest to the process wins:

    DATABANK_CONNECTION_<NAME>          in the environment
    connections/<name>.json             under the state folder, readable by its owner only
    AIRFLOW_CONN_<NAME>                 in the environment, in the JSON form of Airflow's connections

Its keys are those of the wire's ``Access``. Files that it names (keys, certificates, known hosts) are paths, relative ones
from ``connections/``. No message says more of a connection than its name and the names of its keys.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.errors import WireRefused
from hub.settings import Settings

PREFIX, AIRFLOW_PREFIX = "DATABANK_CONNECTION_", "AIRFLOW_CONN_"
_AIRFLOW_KEYS = {"login": "user", "password": "password", "host": "host", "port": "port"}
_OTHERS = 0o077


class Access(BaseModel):
    """What one kind of wire needs of a connection; any other key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


AnyAccess = TypeVar("AnyAccess", bound=Access)


@dataclass(frozen=True)
class Connection:
    """One connection as it was found. ``place`` says where; values are never shown."""

    name: str
    place: str
    values: Mapping[str, Any] = field(repr=False)

    def access(self, model: type[AnyAccess]) -> AnyAccess:
        """Its values as a wire needs them.

        Raises:
            WireRefused: a key is missing, unknown or of the wrong type; names the keys.
        """
        try:
            return model.model_validate(dict(self.values))
        except ValidationError as error:
            wrong = sorted({".".join(str(step) for step in each["loc"]) + f" ({each['type']})" for each in error.errors()})
            known = ", ".join(sorted(model.model_fields))
            raise _refused(self.name, f"has wrong keys: {', '.join(wrong)}", f"Its keys are: {known}.") from None


def connection_named(settings: Settings, name: str) -> Connection:
    """Find a connection.

    Raises:
        WireRefused: it is nowhere, is no JSON object, or others may read its file.
    """
    found = _find(settings, name, os.environ)
    if found is None:
        raise _refused(name, "is not set", f"Set {PREFIX}{name.upper()} or write {_file(settings, name)} (mode 600).")
    return found


def place_of(settings: Settings, name: str) -> str | None:
    """Where a connection would be read from; None where it is not set."""
    if f"{PREFIX}{name.upper()}" in os.environ:
        return f"{PREFIX}{name.upper()}"
    if _file(settings, name).is_file():
        return f"connections/{name}.json"
    return f"{AIRFLOW_PREFIX}{name.upper()}" if f"{AIRFLOW_PREFIX}{name.upper()}" in os.environ else None


def connections_set(settings: Settings) -> list[str]:
    """Names of all connections that are set."""
    files = [path.stem for path in _folder(settings).glob("*.json")]
    named = [key.removeprefix(PREFIX).lower() for key in os.environ if key.startswith(PREFIX)]
    return sorted({*files, *named})


def file_of(settings: Settings, path: str) -> Path:
    """A file that a connection names."""
    return _folder(settings) / path


def _find(settings: Settings, name: str, environment: Mapping[str, str]) -> Connection | None:
    place = place_of(settings, name)
    if place is None:
        return None
    if place.startswith(PREFIX):
        return Connection(name, place, _json(name, environment[place]))
    if place.startswith(AIRFLOW_PREFIX):
        return Connection(name, place, _from_airflow(name, _json(name, environment[place])))
    path = _file(settings, name)
    if path.stat().st_mode & _OTHERS:
        raise _refused(name, "lies in a file that others may read", f"chmod 600 {path}; then change its secrets.")
    return Connection(name, place, _json(name, path.read_text(encoding="utf-8")))


def _json(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:  # its words would quote the secret
        value = None
    if not isinstance(value, dict):
        raise _refused(name, "is no JSON object", 'Write it as {"host": …, "user": …}; see docs/operating.md.')
    return value


def _from_airflow(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    extra = value.get("extra") or {}
    ours = {_AIRFLOW_KEYS[key]: given for key, given in value.items() if key in _AIRFLOW_KEYS and given is not None}
    return ours | (_json(name, extra) if isinstance(extra, str) else dict(extra))


def _folder(settings: Settings) -> Path:
    return settings.home / "connections"


def _file(settings: Settings, name: str) -> Path:
    return _folder(settings) / f"{name}.json"


def _refused(name: str, what: str, hint: str) -> WireRefused:
    return WireRefused(f"The connection {name} {what}; nothing went over it.", hint=hint, connection=name)
