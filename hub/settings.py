"""Settings: read from the environment once, by an entry point, into one frozen object that is passed down."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hub.errors import SettingsError

CONTRACTS_IN_TREE = Path(__file__).resolve().parent.parent / "schemas" / "feeds"
ENGINES = ("duckdb", "spark")
CHANGES, FULL = "changes", "full"
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])i?B", re.IGNORECASE)
_MEGABYTES = {"K": 0.001, "M": 1.0, "G": 1_000.0, "T": 1_000_000.0}
_DATABASE = re.compile(r"postgres(ql)?://\S+")


@dataclass(frozen=True)
class Settings:
    """Where state lives and what limits hold.

    Columns of the environment: DATABANK_HOME, DATABANK_CONTRACTS, DATABANK_DATABASE_URL, DATABANK_ENGINE,
    DATABANK_SPARK_MASTER, DATABANK_MEMORY, DATABANK_THREADS, DATABANK_BUSINESS_DATE, DATABANK_SCORING.
    """

    home: Path
    contracts: Path = CONTRACTS_IN_TREE
    database_url: str | None = None
    engine: str = "duckdb"
    memory: str = "4GB"
    threads: int = 2
    business_date: date | None = None
    spark_master: str | None = None
    """The cluster that Spark works on, as Spark names it; None for this machine."""
    scoring: str = CHANGES
    """What a night scores: only what changed, where that gives the same, or everything."""
    has_plain_plans: bool = False
    """DuckDB plans queries without its newest tricks; set for a second try after it failed inside."""
    trial_model: Path | None = None
    """A model to link with instead of the one in force; set where models are compared, never by the environment."""

    @property
    def inbox(self) -> Path:
        """Where agencies' files arrive: ``inbox/<feed>/<file>``."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """Write-once copies of what arrived: ``landing/<feed>/<delivery_id>/``."""
        return self.home / "landing"

    @property
    def staging(self) -> Path:
        """Typed rows and quarantine: ``staging/<feed>/<delivery_id>/``."""
        return self.home / "staging"

    @property
    def runs(self) -> Path:
        """One folder a run: ``runs/<run_id>/``."""
        return self.home / "runs"

    @property
    def returns(self) -> Path:
        """What leaves for insurers: ``returns/<business_date>/<insurer_code>/``."""
        return self.home / "returns"

    @property
    def pages(self) -> Path:
        """Offline HTML pages."""
        return self.home / "pages"

    @property
    def outbox(self) -> Path:
        """What leaves for agencies about their deliveries: ``outbox/<feed>/<delivery_id>/``."""
        return self.home / "outbox"

    @property
    def certificates(self) -> Path:
        """Certificates of insurers, for which their returns are sealed."""
        return self.home / "certificates"

    @property
    def keys(self) -> Path:
        """The hub's keys; for their owner only."""
        return self.home / "keys"

    @property
    def postgres(self) -> Path:
        """Data, password and log of the embedded PostgreSQL."""
        return self.home / "postgres"

    @property
    def scratch(self) -> Path:
        """Spill space of DuckDB; safe to delete when nothing runs."""
        return self.home / "scratch"

    @property
    def megabytes(self) -> float:
        """The memory limit as a number."""
        size = _MEMORY.fullmatch(self.memory)
        assert size is not None, "checked when settings were read"
        return float(size[1]) * _MEGABYTES[size[2].upper()]

    def sharing_memory(self, workers: int) -> Settings:
        """The same settings for one of several workers that run at the same time: each gets its part of the memory."""
        return replace(self, memory=f"{max(self.megabytes / max(workers, 1), 1):.0f}MB")

    def on(self, business_date: date) -> Settings:
        """The same settings for another business date."""
        return replace(self, business_date=business_date)


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; a variable that is set to nothing counts as unset.

    Raises:
        SettingsError: a value cannot be used; names the variable and the values that can.
    """
    found = os.environ if environment is None else environment
    env = {name: value for name, value in found.items() if value}
    engine = env.get("DATABANK_ENGINE", "duckdb")
    if engine not in ENGINES:
        raise SettingsError(f"DATABANK_ENGINE is {engine!r}; nothing ran.", hint=f"Use one of: {', '.join(ENGINES)}.")
    scoring = env.get("DATABANK_SCORING", CHANGES)
    if scoring not in (CHANGES, FULL):
        raise SettingsError(f"DATABANK_SCORING is {scoring!r}; nothing ran.", hint=f"Use one of: {CHANGES}, {FULL}.")
    contracts = Path(env.get("DATABANK_CONTRACTS", CONTRACTS_IN_TREE)).absolute()
    if not contracts.is_dir():
        raise SettingsError(
            f"DATABANK_CONTRACTS points to {contracts}, which is no folder; nothing ran.",
            hint="Point it to the folder of *.odcs.yaml contracts, or unset it.",
        )
    memory = env.get("DATABANK_MEMORY", "4GB")
    if not _MEMORY.fullmatch(memory):
        raise SettingsError(f"DATABANK_MEMORY is {memory!r}; nothing ran.", hint="Give a size as 4GB or 800MB.")
    database_url = env.get("DATABANK_DATABASE_URL")
    if database_url and not _DATABASE.fullmatch(database_url):  # its text is not told: it may hold a password
        raise SettingsError(
            "DATABANK_DATABASE_URL is no address of a PostgreSQL; nothing ran.",
            hint="Write it as postgresql://user:password@host:port/database, or unset it for the embedded one.",
        )
    return Settings(
        home=Path(env.get("DATABANK_HOME", "var")).absolute(),
        contracts=contracts,
        database_url=database_url,
        engine=engine,
        spark_master=env.get("DATABANK_SPARK_MASTER"),
        memory=memory,
        threads=_whole_number(env, "DATABANK_THREADS", os.cpu_count() or 2),
        business_date=_iso_date(env, "DATABANK_BUSINESS_DATE"),
        scoring=scoring,
    )


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{name} is {text!r}; nothing ran.", hint="Give a whole number of at least 1.")
    return int(text)


def _iso_date(env: Mapping[str, str], name: str) -> date | None:
    text = env.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; nothing ran.", hint="Give a date as 2026-11-20.") from error
