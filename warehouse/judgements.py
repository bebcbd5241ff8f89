"""Judgements of stewards: which records are, or are not, the same person. They outlive every model; undo is a tombstone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.errors import IdentityError
from hub.runs import Run
from hub.settings import Settings
from schemas.tables import JUDGEMENT
from warehouse.database import connect
from warehouse.unload import write_log

_IN_FORCE = f"select {', '.join(JUDGEMENT.columns)} from person.judgement where undone_at is null order by judgement_id"


def export_judgements(settings: Settings, run: Run) -> int:
    """Write the judgements in force to ``person.judgement`` in the run folder; returns how many there are."""
    with connect(settings) as connection:
        rows = connection.execute(_IN_FORCE).fetchall()
    write_log(settings, run, JUDGEMENT, rows, judgements_version(settings))
    return len(rows)


def judgements_version(settings: Settings) -> str:
    """A hash of the judgements in force: part of what makes a run the run it is."""
    with connect(settings) as connection:
        row = connection.execute(f"select md5(coalesce(string_agg(j::text, '|'), '')) from ({_IN_FORCE}) as j").fetchone()
    return "" if row is None else str(row[0])


@dataclass(frozen=True)
class Judgement:
    """A judgement in force: who said of which two records, when and why, that they are or are not one person."""

    judgement_id: int
    record_key_a: str
    record_key_b: str
    is_same: bool
    judged_by: str
    reason: str
    judged_at: datetime


class ContradictingJudgement(IdentityError):
    """A judgement that those in force do not allow; ``others`` are these."""

    def __init__(self, others: tuple[Judgement, ...]) -> None:
        numbers = ", ".join(str(each.judgement_id) for each in others)
        super().__init__(
            f"The judgements in force say otherwise ({numbers}); nothing was changed.",
            hint="Look at both with `databank review list --judged`; undo the wrong one first: `databank review undo ID`.",
        )
        self.others = others


def judgements_in_force(settings: Settings) -> list[Judgement]:
    """All of them, oldest first."""
    with connect(settings) as connection, connection.cursor(row_factory=class_row(Judgement)) as cursor:
        return cursor.execute(_IN_FORCE).fetchall()


def contradicting(judgements: Iterable[Judgement], pair: tuple[str, str], *, is_same: bool) -> tuple[Judgement, ...]:
    """Judgements that together say the opposite of a new one; none when it may stand (I05).

    They say so directly or over a chain: A is B and B is C, so C is A; and what C is not, A is not.
    """
    in_force = list(judgements)
    links: dict[str, list[tuple[str, Judgement]]] = {}
    for each in in_force:
        if each.is_same:
            links.setdefault(each.record_key_a, []).append((each.record_key_b, each))
            links.setdefault(each.record_key_b, []).append((each.record_key_a, each))
    first, second = (_chains(links, record_key) for record_key in pair)
    if not is_same:
        return first.get(pair[1], ())
    for each in in_force:
        if each.is_same:
            continue
        for a, b in ((each.record_key_a, each.record_key_b), (each.record_key_b, each.record_key_a)):
            if a in first and b in second:
                return (*first[a], each, *reversed(second[b]))
    return ()


def _chains(links: dict[str, list[tuple[str, Judgement]]], start: str) -> dict[str, tuple[Judgement, ...]]:
    """Every record that judgements make one with ``start``, with a shortest chain of judgements to it."""
    reached: dict[str, tuple[Judgement, ...]] = {start: ()}
    waiting = [start]
    for record_key in waiting:
        for other, judgement in links.get(record_key, []):
            if other not in reached:
                reached[other] = (*reached[record_key], judgement)
                waiting.append(other)
    return reached


def add_judgement(settings: Settings, pair: tuple[str, str], *, is_same: bool, judged_by: str, reason: str) -> int:
    """Record a decision on two records; returns its judgement_id.

    Raises:
        ContradictingJudgement: those in force say the opposite, directly or over a chain.
        IdentityError: a judgement on this pair is in force already.
    """
    first, second = sorted(pair)
    if first == second:
        raise IdentityError("Both are the same record; nothing was changed.", hint="Name two records.")
    with connect(settings) as connection, connection.transaction():
        connection.execute("lock table person.judgement in share row exclusive mode")
        with connection.cursor(row_factory=class_row(Judgement)) as cursor:
            others = contradicting(cursor.execute(_IN_FORCE).fetchall(), (first, second), is_same=is_same)
        if others:
            raise ContradictingJudgement(others)
        row = connection.execute(
            "insert into person.judgement (record_key_a, record_key_b, is_same, judged_by, reason) "
            "values (%s, %s, %s, %s, %s) "
            "on conflict (record_key_a, record_key_b) where undone_at is null do nothing returning judgement_id",
            (first, second, is_same, judged_by, reason),
        ).fetchone()
    if row is None:
        raise IdentityError(
            "A judgement on this pair is in force already; nothing was changed.",
            hint="`databank review list --judged` shows it; undo it first if it is wrong.",
        )
    return int(row[0])


def undo_judgement(settings: Settings, judgement_id: int, *, undone_by: str, reason: str) -> None:
    """End a judgement; who, why and when stay on its row.

    Raises:
        IdentityError: there is no such judgement in force.
    """
    with connect(settings) as connection:
        done = connection.execute(
            "update person.judgement set undone_by = %s, undo_reason = %s, undone_at = clock_timestamp() "
            "where judgement_id = %s and undone_at is null",
            (undone_by, reason, judgement_id),
        ).rowcount
    if not done:
        raise IdentityError(
            f"There is no judgement {judgement_id} in force; nothing was changed.",
            hint="`databank review list --judged` lists them.",
            judgement_id=judgement_id,
        )
