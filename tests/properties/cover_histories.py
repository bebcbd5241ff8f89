"""A small nation whose cover changes in every way between nights: lists, who is who, acts, rules, retractions."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.duck import literal
from hub.settings import CONTRACTS_IN_TREE
from schemas.codes import OverlapRule, overlap_rules
from schemas.contracts import load_feed
from schemas.tables import TABLES
from tests.tables import World
from warehouse import cover
from warehouse.rules import rule

FEEDS = {
    name: load_feed(CONTRACTS_IN_TREE / f"{name}.odcs.yaml") for name in ("sso_members", "ihio_gov", "ihio_rural", "oil")
}
FIRST_DAY, DAYS, END = date(2026, 10, 1), 60, date(9999, 12, 31)
KINDS = ("two_basic", "same_insurer", "two_principals")


@dataclass(frozen=True)
class Listed:
    """What an insurer lists, or listed until ``ended_date``."""

    record_key: str
    booklet_no: str
    relation_code: str
    from_date: date
    to_date: date
    ended_date: date | None = None

    @property
    def feed(self) -> str:
        """The insurer's feed."""
        return self.record_key.partition(":")[0]


@dataclass
class Told:
    """All that a night is told and a retraction takes back."""

    records: dict[str, Listed] = field(default_factory=dict)
    person_of: dict[str, int] = field(default_factory=dict)
    under_review: set[str] = field(default_factory=set)
    deaths: dict[int, date] = field(default_factory=dict)


@dataclass
class Nation:
    """The nation, its nights so far, and what was true in each."""

    world: World
    told: Told = field(default_factory=Told)
    earlier: list[Told] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    survivor_of: dict[int, int] = field(default_factory=dict)
    person_count: int = 0
    rules: tuple[OverlapRule, ...] = overlap_rules()
    numbers: dict[int, frozenset[str]] = field(default_factory=dict)

    def new_person(self) -> int:
        """A number that nobody had."""
        self.person_count += 1
        return self.person_count

    def listed(self) -> list[Listed]:
        """What is listed now."""
        return [each for each in self.told.records.values() if each.ended_date is None]

    def cover(self, person: int, feed: str, start: int, length: int, relation: str) -> None:
        """An insurer lists a further cover of a person."""
        number = len(self.told.records) + 1000 * len(self.earlier)
        day = FIRST_DAY + timedelta(days=start)
        to_date = END if length > DAYS else day + timedelta(days=length)
        record = Listed(f"{feed}:{number}", f"B{person}-{number % 3}", relation, day, to_date)
        self.told.records[record.record_key] = record
        self.told.person_of[record.record_key] = person

    def correct(self, number: int, start: int) -> None:
        """An insurer corrects the first day of a cover."""
        if rows := self.listed():
            record = rows[number % len(rows)]
            day = FIRST_DAY + timedelta(days=start)
            self.told.records[record.record_key] = replace(record, from_date=day, to_date=max(record.to_date, day))

    def drop(self, number: int) -> None:
        """An insurer lists a cover no more."""
        if rows := self.listed():
            record = rows[number % len(rows)]
            self.told.records[record.record_key] = replace(record, ended_date=self.world.run.business_date)
            self.told.under_review.discard(record.record_key)

    def list_again(self, number: int) -> None:
        """An insurer lists a cover again that it had dropped."""
        if rows := [each for each in self.told.records.values() if each.ended_date]:
            record = rows[number % len(rows)]
            self.told.records[record.record_key] = replace(record, ended_date=None)

    def merge(self, one: int, other: int) -> None:
        """Two persons turn out to be one."""
        persons = self.persons()
        if len(persons) > 1:
            into, gone = sorted((persons[one % len(persons)], persons[other % len(persons)]))
            if into != gone:
                self.told.person_of = {key: into if who == gone else who for key, who in self.told.person_of.items()}
                self.survivor_of[gone] = into

    def split(self, number: int) -> None:
        """A record turns out to be of somebody else."""
        if rows := self.listed():
            self.told.person_of[rows[number % len(rows)].record_key] = self.new_person()

    def doubt(self, number: int) -> None:
        """A record waits for people, or they have decided."""
        if rows := self.listed():
            self.told.under_review ^= {rows[number % len(rows)].record_key}

    def die(self, one: int, day: int) -> None:
        """A death is registered."""
        if persons := self.persons():
            self.told.deaths[persons[one % len(persons)]] = FIRST_DAY + timedelta(days=day)

    def act(self, number: int, start: int, *, is_end: bool) -> None:
        """An insurer issues a booklet online, or ends one; whatever the database would say of it."""
        if rows := self.listed():
            record = rows[number % len(rows)]
            day = FIRST_DAY + timedelta(days=start)
            self.acts.append(
                {
                    "act_no": len(self.acts) + 1, "act_code": "end" if is_end else "issue",
                    "person_id": self.told.person_of[record.record_key], "insurer_code": FEEDS[record.feed].insurer_code,
                    "booklet_no": record.booklet_no if is_end else f"N{len(self.acts)}", "from_date": day, "to_date": END,
                    "acted_date": self.world.run.business_date, "record_key": record.record_key,
                    "held_from_date": record.from_date if is_end else None,
                }
            )  # fmt: skip

    def change_rules(self, number: int, start: int) -> None:
        """Officials decide otherwise from a day on, also so that rules run in a circle."""
        codes = sorted(feed.insurer_code or "" for feed in FEEDS.values())
        one, other = codes[number % len(codes)], codes[(number + 1 + number // 7 % (len(codes) - 1)) % len(codes)]
        outcome = ("block_a", "block_b", "block_a", "choose")[number % 4]
        name, day = f"T{len(self.rules)}", FIRST_DAY + timedelta(days=start)
        self.rules = (
            *self.rules,
            OverlapRule(name, number % 30, one, "", other, outcome, day, END, "", "", "", f"قاعدهٔ {name}", f"Rule {name}"),
        )

    def retract(self, number: int) -> None:
        """What was delivered since an earlier night counts as if it had never come; persons and acts stay."""
        if self.earlier:
            self.told = copy.deepcopy(self.earlier[number % len(self.earlier)])
            for key, who in self.told.person_of.items():
                while who in self.survivor_of:
                    who = self.survivor_of[who]
                self.told.person_of[key] = who

    def persons(self) -> list[int]:
        """Persons with a listed record."""
        return sorted({self.told.person_of[each.record_key] for each in self.listed()})

    def night(self) -> None:
        """Judge all of it as a night does."""
        world, told = self.world, self.told
        if self.earlier:
            world.next_night()
        current = {each.record_key for each in self.listed()}
        alive = self.persons()
        given = {
            "person.crosswalk": [{"record_key": key, "person_id": told.person_of[key]} for key in sorted(current)],
            "person.former": [
                {"record_key": key, "person_id": told.person_of[key], "reason_code": "gone"}
                for key in sorted(set(told.records) - current)
            ],
            "person.golden": [{"person_id": each, "death_date": told.deaths.get(each)} for each in alive],
            "person.person": [
                {
                    "person_id": each, "survivor_person_id": self.survivor_of.get(each),
                    "state_code": "merged" if each in self.survivor_of else "live" if each in alive else "dormant",
                }
                for each in range(1, self.person_count + 1)
            ],
            "person.review_pair": [
                {"record_key_a": key, "record_key_b": "z:1"} for key in sorted(told.under_review & current)
            ],
            "person.death_query": [],
            "linkage.person_record": [],
            "cover.booklet_act": self.acts,
        }  # fmt: skip
        for table, rows in given.items():
            path = world.run.table(table)
            _write(world, path, rows, TABLES[table].columns)
            world.runner.attach(table, path)
        world.when(rule(self.rules))
        cover.build(
            world.runner, world.run, list(FEEDS.values()), [self._deliver(name) for name in FEEDS], world.base_folder
        )
        self.earlier.append(copy.deepcopy(told))

    def _deliver(self, feed: str) -> Delivered:
        folder = self.world.home / "delivered" / f"{feed}-{len(self.earlier)}"
        folder.mkdir(parents=True)
        rows = [each for each in self.told.records.values() if each.feed == feed]
        for name, is_former in (("rows", False), ("former", True)):
            part = [_row(each) for each in rows if bool(each.ended_date) is is_former]
            _write(self.world, folder / f"{name}.parquet", part, _STAGED)
        return Delivered(feed, folder / "rows.parquet", self.world.run.business_date)


@dataclass(frozen=True)
class Delivered:
    """One current delivery."""

    feed: str
    rows_path: Path
    business_date: date


_STAGED = {
    "record_key": "varchar", "member_no": "varchar", "booklet_no": "varchar", "relation_code": "varchar",
    "cover_from_date": "date", "cover_to_date": "date", "ended_date": "date", "since_delivery_id": "varchar",
}  # fmt: skip


def _row(each: Listed) -> dict[str, Any]:
    return {
        "record_key": each.record_key, "member_no": each.record_key, "booklet_no": each.booklet_no,
        "relation_code": each.relation_code, "cover_from_date": each.from_date, "cover_to_date": each.to_date,
        "ended_date": each.ended_date,
    }  # fmt: skip


def _write(world: World, path: Path, rows: Iterable[dict[str, Any]], columns: dict[str, str] | Any) -> None:
    names = list(columns)
    world.con.execute(f"create or replace temp table given ({', '.join(f'{name} {columns[name]}' for name in names)})")
    values = [[each.get(name) for name in names] for each in rows]
    if values:
        world.con.executemany(f"insert into given values ({', '.join('?' * len(names))})", values)
    world.con.execute(f"copy given to {literal(path)} (format parquet)")
