"""Small populations for linkage specs: rows as agencies stage them, standardised and linked by the real code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from hub.duck import Connection, literal, quote
from hub.settings import Settings
from hub.steps import Runner
from matching.link import LinkCounts, link
from matching.sources import SOURCE_COLUMNS
from matching.standardise import standardise
from matching.together import Together
from schemas.feed import Column, Feed, FileFormat, Layout
from schemas.fields import field_dictionary
from tests.tables import World, parse

REGISTRY = "civil"
FIELDS = tuple(name for name in SOURCE_COLUMNS if name != "birth_date_partial")
# Namesakes and neighbours, so that common names are common: without them every name is rare.
GIVEN = [
    "محمد",
    "علی",
    "حسین",
    "حسن",
    "رضا",
    "احمد",
    "مهدی",
    "امیر",
    "فاطمه",
    "زهرا",
    "مریم",
    "زینب",
    "سارا",
    "لیلا",
    "نرگس",
    "مینا",
]
SURNAMES = [
    "محمدی",
    "حسینی",
    "احمدی",
    "کریمی",
    "موسوی",
    "جعفری",
    "قاسمی",
    "عباسی",
    "رحیمی",
    "صادقی",
    "اکبری",
    "غلامی",
    "نوری",
    "شریفی",
]


@dataclass(frozen=True)
class Staged:
    """One staged delivery."""

    feed: str
    delivery_id: str
    rows_path: Path


class People:
    """A population written as ASCII tables, one a feed; ``link()`` runs standardising and linking."""

    def __init__(self, world: World) -> None:
        self.world, self.runner = world, world.runner
        self.rows: dict[str, list[dict[str, str | None]]] = {}

    @property
    def con(self) -> Connection:
        return self.runner.con

    def given(self, feed: str, text: str) -> None:
        """Add rows; ``key`` is the record's source key; a column left out is null."""
        header, rows = parse(text)
        self.rows.setdefault(feed, []).extend(dict(zip(header, row, strict=True)) for row in rows)

    def given_neighbours(self, *, are_fewer: bool = False) -> None:
        """Add a few hundred others to the registry, or three fifths of them: what agrees then weighs a little less."""
        for n, (given, surname) in enumerate((g, s) for g in GIVEN for s in SURNAMES):
            if are_fewer and n % 5 < 2:
                continue
            self.rows.setdefault(REGISTRY, []).append({
                "key": f"n{n}", "national_code": valid_code(400_000_000 + n * 37), "given_name": given, "surname": surname,
                "father_name": GIVEN[(n * 5) % 8], "sex_code": "male" if GIVEN.index(given) < 8 else "female",
                "birth_date": f"{1950 + n % 50}-{1 + n % 12:02d}-{1 + n % 28:02d}",
            })  # fmt: skip

    def stage(self, folder: Path) -> list[Staged]:
        """Write each feed's rows as staging would."""
        folder.mkdir(parents=True, exist_ok=True)
        return [self._staged(feed, rows, folder / f"{feed}.parquet") for feed, rows in self.rows.items()]

    def _staged(self, feed: str, rows: list[dict[str, str | None]], path: Path) -> Staged:
        columns = ("record_key", "since_delivery_id", *SOURCE_COLUMNS)
        values = [[f"{feed}:{row['key']}", f"{feed}-1", *(row.get(name) for name in SOURCE_COLUMNS)] for row in rows]
        told = {name: pa.array((row[place] for row in values), pa.string()) for place, name in enumerate(columns)}
        self.con.register("staged", pa.table(told))
        types = {"record_key": "varchar", "since_delivery_id": "varchar", **SOURCE_COLUMNS}
        casts = ", ".join(f"cast({quote(name)} as {types[name]}) as {quote(name)}" for name in columns)
        hashed = f"hash({', '.join(SOURCE_COLUMNS)}) as row_hash"
        self.con.execute(
            f"copy (select {casts}, {hashed} from staged order by record_key) to {literal(path)} (format parquet)"
        )
        return Staged(feed, f"{feed}-1", path)

    def standardise(self, *, is_full: bool = False, together: Together | None = None) -> None:
        """Standardise tonight's rows, on the base of the night before where there is one."""
        staged = self.stage(self.world.home / "staged" / self.world.run.run_id)
        feeds = [feed_of(each.feed) for each in staged]
        standardise(self.runner, feeds, staged, self.world.base_folder, is_full=is_full, together=together)

    def link(self) -> LinkCounts:
        self.standardise()
        return link(self.runner, Settings(home=self.world.home))

    def cluster(self, record_key: str) -> int:
        """The cluster of one record."""
        sql = "select cluster_no from linkage.cluster where record_key = ?"
        return int(self.con.execute(sql, [record_key]).fetchall()[0][0])

    def are_one(self, *record_keys: str) -> bool:
        """Whether all these records are one person."""
        return len({self.cluster(key) for key in record_keys}) == 1

    def method(self, record_key: str) -> str:
        sql = "select method_code from linkage.cluster where record_key = ?"
        return str(self.con.execute(sql, [record_key]).fetchall()[0][0])

    def review(self, left: str, right: str) -> str | None:
        """Why people must decide about two records; None when they need not."""
        sql = "select reason_code from person.review_pair where record_key_a = ? and record_key_b = ?"
        rows = self.con.execute(sql, sorted((left, right))).fetchall()
        return rows[0][0] if rows else None

    def judge(self, *judgements: tuple[str, str, bool]) -> None:
        """Put judgements in force."""
        lines = [f"{n} | {a} | {b} | {str(same).lower()}" for n, (a, b, same) in enumerate(judgements, 1)]
        self.world.given("person.judgement", "\n".join(["judgement_id | record_key_a | record_key_b | is_same", *lines]))


def valid_code(serial: int) -> str:
    """A national code with a right check digit."""
    digits = [int(c) for c in f"{serial:09d}"]
    remainder = sum(d * (10 - i) for i, d in enumerate(digits)) % 11
    return f"{serial:09d}{remainder if remainder < 2 else 11 - remainder}"


def code(serial: int) -> str:
    """The code of somebody of these stories, apart from those of the neighbours."""
    return valid_code(310_000_000 + serial * 37)


def feed_of(name: str) -> Feed:
    """A feed that has every column; ``civil`` is the registry."""
    fields = field_dictionary()
    columns = tuple(Column(fields[field], field, is_key=field == "national_code") for field in FIELDS)
    layout = Layout(FileFormat("parquet"), columns, valid_from=date.min)
    feed = Feed(name, "1.0.0", name, "", "agency", "insurer", "*", "", "gregorian", (layout,))
    return replace(feed, role="registry") if name == REGISTRY else feed


@pytest.fixture
def people(world: World) -> People:
    """An empty population."""
    return People(world)


def fresh_runner(people: People, name: str) -> Runner:
    """The same population in another run folder."""
    folder = people.world.home / "runs" / name
    folder.mkdir(parents=True)
    return Runner(people.con, folder, name)
