"""The true conflicts of a nation: what its last night's files give reason to find, were everybody known for who they are.

Table conflict: kind_code, true_person_id, record_key_a, record_key_b (empty where a kind has one side; a < b otherwise).
Rows that a file shows unreadable give no reason for anything; so do members whom their insurer lists no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from schemas.feed import Feed
from synthetic import facts
from synthetic.chance import Ints, Mask
from synthetic.codes import DUMMIES, check_digit
from synthetic.covers import Covers, Insurers
from synthetic.draft import Cells, Draft
from synthetic.people import NONE, People
from synthetic.sheet import Sheet
from synthetic.truth import true_ends

FAR = np.int64(1 << 40)


@dataclass(frozen=True)
class Shown:
    """Readable rows of one file."""

    feed: Feed
    keys: Cells
    person: Ints
    cover: Ints
    columns: dict[str, Ints]

    @classmethod
    def of(cls, draft: Draft, sheet: Sheet) -> Shown:
        """What of a file can be read."""
        rows = np.flatnonzero(sheet.row_faults == 0)
        known = draft.shown | draft.facts
        columns = {name: values[rows] for name, values in known.items() if len(values) == len(draft)}
        return cls(draft.feed, sheet.keys.take(pa.array(rows)), draft.person[rows], draft.cover[rows], columns)


@dataclass(frozen=True)
class Found:
    """True conflicts of some kinds: rows of one or two records, as places in all keys."""

    kind_code: str
    person: Ints
    one: Ints
    two: Ints


class ConflictTruth:
    """Collects a night's files, and tells what conflicts they give reason to find."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = list(feeds)
        self._shown: dict[str, Shown] = {}

    def add(self, draft: Draft, sheet: Sheet) -> None:
        """Note a file; a later night's takes its place."""
        if draft.feed.role in ("insurer", "registry", "employment", *facts.MADE):
            self._shown[draft.feed.name] = Shown.of(draft, sheet)

    def table(self, people: People, covers: Covers, insurers: Insurers) -> pa.Table:
        """All true conflicts as of the last night."""
        files = [self._shown[feed.name] for feed in self._feeds if feed.name in self._shown]
        keys = pa.concat_arrays([shown.keys for shown in files]) if files else pa.array([], pa.string())
        starts = dict(
            zip((f.feed.name for f in files), np.cumsum([0, *(len(f.keys) for f in files)]).tolist(), strict=False)
        )
        listed = _Listed.of([f for f in files if f.feed.role == "insurer"], starts, covers, insurers, self._feeds)
        world = _World(people, covers, insurers, _registered(files, people), keys)
        found = [*_booklets(world, listed), *_dead(world, listed), *_codes(world, listed), *_foreign(world, listed)]
        for shown in files:
            if shown.feed.role in ("special_mark", "special_claim"):
                found.append(_special(shown, starts[shown.feed.name]))
            elif shown.feed.role == "benefit":
                workers = [f.person for f in files if f.feed.role == "employment"]
                found.append(_benefits(shown, starts[shown.feed.name], workers))
        return _as_table(found, keys)


@dataclass(frozen=True)
class _World:
    people: People
    covers: Covers
    insurers: Insurers
    registered: Mask
    keys: Cells


@dataclass(frozen=True)
class _Listed:
    """Readable rows of insurers: places of their keys, covers, persons, and what they show."""

    place: Ints
    cover: Ints
    code: Ints
    foreign: Ints
    principal: Ints

    @classmethod
    def of(
        cls, files: list[Shown], starts: dict[str, int], covers: Covers, insurers: Insurers, feeds: list[Feed]
    ) -> _Listed:
        place = [starts[f.feed.name] + np.arange(len(f.keys)) for f in files]
        code = [_readable_code(f) for f in files]
        foreign = [f.columns.get("foreign_id", np.full(len(f.keys), NONE)) for f in files]
        cover = [f.cover for f in files]
        rows = _joined(cover)
        is_listed = np.zeros(len(covers), dtype=np.bool_)
        is_listed[rows] = True
        told = [_principals(f, covers, is_listed) for f in files]
        return cls(_joined(place), rows, _joined(code), _joined(foreign), _joined(told))


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.array([], dtype=np.int64)


def _registered(files: list[Shown], people: People) -> Mask:
    known = np.zeros(len(people), dtype=np.bool_)
    for shown in files:
        if shown.feed.is_registry:
            known[shown.person] = True
    return known


def _readable_code(shown: Shown) -> Ints:
    """The national code that a row gives, by itself or by the certificate's number; NONE where none is valid."""
    nothing = np.full(len(shown.keys), NONE, dtype=np.int64)
    code = shown.columns.get("national_code", nothing)
    nine = code // 10
    is_valid = (code != NONE) & (check_digit(nine) == code % 10) & ~np.isin(code, DUMMIES)
    is_valid &= (nine % 1_000_000) != 0
    return np.where(is_valid, code, shown.columns.get("birth_certificate_no", nothing))


def _principals(shown: Shown, covers: Covers, is_listed: Mask) -> Ints:
    """Person of each row's principal as far as the file tells it, by number or by national code."""
    row = covers.principal[shown.cover]
    columns = {column.name for layout in shown.feed.layouts for column in layout.columns}
    by_code = shown.columns.get("principal_national_code", np.full(len(row), NONE)) != NONE
    is_told = (("principal_member_no" in columns) & is_listed[row]) | by_code
    return np.where((row != NONE) & is_told, covers.person[row], NONE)


def _booklets(world: _World, listed: _Listed) -> Iterator[Found]:
    """Two basic covers on the same days, by kind; two pension memberships."""
    covers = world.covers
    ends = true_ends(world.people, covers)
    for feeds, is_basic in ((world.insurers.basic, True), (world.insurers.of_kind("pension"), False)):
        rows = np.flatnonzero(np.isin(covers.feed[listed.cover], feeds))
        cover = listed.cover[rows]
        order = rows[np.lexsort((cover, covers.person[cover]))]
        cover = listed.cover[order]
        person, start = covers.person[cover], covers.from_day[cover]
        end = np.where(ends[cover] == NONE, FAR, ends[cover])
        codes = np.array([world.insurers.code_of.get(i, "") for i in range(int(covers.feed.max(initial=0)) + 1)])
        insurer, principal, place = codes[covers.feed[cover]], listed.principal[order], listed.place[order]
        for step in range(1, int(np.bincount(person).max(initial=1)) if len(person) else 1):
            a, b = np.arange(len(order) - step), np.arange(step, len(order))
            meets = (person[a] == person[b]) & (np.maximum(start[a], start[b]) < np.minimum(end[a], end[b]))
            is_same = insurer[a] == insurer[b]
            by_two = (principal[a] != NONE) & (principal[b] != NONE) & (principal[a] != principal[b])
            kinds = (
                {"two_principals": by_two, "same_insurer": is_same & ~by_two, "two_basic": ~is_same & ~by_two}
                if is_basic
                else {"two_pensions": ~is_same}
            )
            for kind_code, mask in kinds.items():
                hit = np.flatnonzero(meets & mask)
                yield Found(kind_code, person[a[hit]], place[a[hit]], place[b[hit]])


def _dead(world: _World, listed: _Listed) -> Iterator[Found]:
    """Covers that go on after a death that the registry knows."""
    covers, cover = world.covers, listed.cover
    person = covers.person[cover]
    death = np.where(world.registered[person], world.people.death[person], NONE)
    end = np.where(covers.to_day[cover] == NONE, FAR, covers.to_day[cover])
    hit = np.flatnonzero((death != NONE) & (end > death + 1) & (covers.from_day[cover] < end))
    yield _single("deceased", person[hit], listed.place[hit])


def _codes(world: _World, listed: _Listed) -> Iterator[Found]:
    """Codes that the registry gave to somebody else, or to nobody."""
    people, covers = world.people, world.covers
    person = covers.person[listed.cover]
    end = np.where(covers.to_day[listed.cover] == NONE, FAR, covers.to_day[listed.cover])
    known = np.flatnonzero(world.registered)
    order = known[np.argsort(people.code[known], kind="stable")]
    holder = np.full(len(person), NONE, dtype=np.int64)
    if len(order):
        at = np.minimum(np.searchsorted(people.code[order], listed.code), len(order) - 1)
        holder = np.where((people.code[order][at] == listed.code) & (listed.code != NONE), order[at], NONE)
    lasts = covers.from_day[listed.cover] < end
    other = np.flatnonzero(lasts & (holder != NONE) & (holder != person))
    yield _single("code_of_other", person[other], listed.place[other])
    citizen = people.code[person] != NONE
    nobody = np.flatnonzero(lasts & (listed.code != NONE) & (holder == NONE) & ~world.registered[person] & citizen)
    yield _single("unknown_to_registry", person[nobody], listed.place[nobody])


def _foreign(world: _World, listed: _Listed) -> Iterator[Found]:
    """Foreigners for whom insurers show several codes; a person's codes in pairs, in order, each by its first record."""
    rows = np.flatnonzero(listed.foreign != NONE)
    person = world.covers.person[listed.cover[rows]]
    several = np.flatnonzero(np.bincount(person, minlength=1) > 1)
    rows = rows[np.isin(person, several)]
    told: dict[int, dict[int, tuple[str, int]]] = {}
    keys = world.keys.take(pa.array(listed.place[rows])).to_pylist()
    for row, key in zip(rows.tolist(), keys, strict=True):
        mine = told.setdefault(int(world.covers.person[listed.cover[row]]), {})
        here = (key, int(listed.place[row]))
        mine[int(listed.foreign[row])] = min(here, mine.get(int(listed.foreign[row]), here))
    found = [
        (who, mine[a][1], mine[b][1])
        for who, mine in sorted(told.items())
        for a, b in pairwise(sorted(mine))
        if len(mine) > 1
    ]
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    yield Found("foreign_codes", columns[:, 0], columns[:, 1], columns[:, 2])


def _special(shown: Shown, start: int) -> Found:
    """Marks of one disease, or claims of one drug, at two insurers on the same days."""
    is_mark = shown.feed.role == "special_mark"
    same = shown.columns["disease_code" if is_mark else "drug_code"]
    first = shown.columns["mark_from_date" if is_mark else "dispensed_date"]
    last = np.full(len(first), FAR) if is_mark else first + shown.columns["supply_days"]
    insurer = shown.columns["insurer_code"]
    order = np.lexsort((first, shown.person))
    found: list[tuple[int, int, int]] = []
    for _, group in _groups(shown.person[order], order):
        for n, a in enumerate(group):
            found += [
                (int(shown.person[a]), start + a, start + b)
                for b in group[n + 1 :]
                if same[a] == same[b] and insurer[a] != insurer[b] and first[a] < last[b] and first[b] < last[a]
            ]
    columns = np.array(found, dtype=np.int64).reshape(-1, 3)
    return Found("special_mark_twice" if is_mark else "special_drug_twice", columns[:, 0], columns[:, 1], columns[:, 2])


def _groups(sorted_by: Ints, rows: Ints) -> Iterator[tuple[int, list[int]]]:
    bounds = np.flatnonzero(np.diff(sorted_by, prepend=NONE - 1, append=NONE - 1))
    for a, b in pairwise(bounds.tolist()):
        yield int(sorted_by[a]), rows[a:b].tolist()


def _benefits(shown: Shown, start: int, workers: list[Ints]) -> Found:
    """Benefits still paid to persons whom a list of last month shows at work."""
    works = np.isin(shown.person, _joined(workers))
    hit = np.flatnonzero(works & (shown.columns["benefit_to_date"] == NONE))
    return _single("benefit_while_employed", shown.person[hit], start + hit)


def _single(kind_code: str, person: Ints, place: Ints) -> Found:
    return Found(kind_code, person, place, np.full(len(place), NONE, dtype=np.int64))


def _as_table(found: Sequence[Found], keys: Cells) -> pa.Table:
    parts = []
    for each in found:
        one = keys.take(pa.array(each.one))
        two = keys.take(pa.array(each.two, mask=each.two == NONE))
        swap = np.array([b is not None and b < a for a, b in zip(one.to_pylist(), two.to_pylist(), strict=True)], dtype=bool)
        low, high = np.where(swap, each.two, each.one), np.where(swap, each.one, each.two)
        parts.append(pa.table({
            "kind_code": pa.array([each.kind_code] * len(each.one), pa.string()),
            "true_person_id": pa.array(each.person),
            "record_key_a": keys.take(pa.array(low)),
            "record_key_b": keys.take(pa.array(high, mask=high == NONE)),
        }))  # fmt: skip
    return pa.concat_tables(parts)
