"""A real PostgreSQL for all tests here: one embedded server a session, one fresh migrated database a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from hub import postgres
from hub.settings import Settings
from tests.integration.tiny import TinyNation
from warehouse.migrate import migrate

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """The session's server, with a migrated database to copy from."""
    home = Settings(home=tmp_path_factory.mktemp("server"))
    server = postgres.start(home)
    migrate(home)
    yield server
    postgres.stop(home, mode="immediate")


@contextmanager
def fresh_database(server: postgres.Server, home: Path) -> Iterator[Settings]:
    """A state folder and a migrated database of its own."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(_beside(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {server.database}")
    yield Settings(home=home, database_url=_beside(server, name), memory="1GB", threads=1)
    with psycopg.connect(_beside(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def settings(server: postgres.Server, tmp_path: Path) -> Iterator[Settings]:
    """A state folder and a database of the test's own."""
    with fresh_database(server, tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Settings]:
    """A state folder with an embedded server of its own, for tests that kill it."""
    settings = Settings(home=tmp_path / "own", memory="1GB", threads=1)
    postgres.start(settings)
    migrate(settings)
    yield settings
    postgres.stop(settings, mode="immediate")


@pytest.fixture
def nation(settings: Settings) -> TinyNation:
    """A nation of made-up run folders, ready to publish."""
    return TinyNation(settings)


def _beside(server: postgres.Server, database: str) -> str:
    return f"{server.url.rpartition('/')[0]}/{database}"
