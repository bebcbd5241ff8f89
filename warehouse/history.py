"""Cover in two times: who covered a person on a day, and what the databank believed of it at a moment.

``cover.period`` holds what the live night says, ``cover.former_period`` what was said before; the database moves a row from
one to the other when a night takes it out, with the moments between which it was believed. Nothing is ever deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from hub.errors import InquiryError
from hub.settings import Settings
from warehouse.database import connect

RECORD_KEY_MARK = ":"
ID_DIGITS = 18
"""What has more digits is no person id: PostgreSQL's bigint ends there."""


@dataclass(frozen=True)
class Cover:
    """One cover of a person on the day asked.

    Args:
        held_by_person_id: the person that the id asked for stood for at the moment asked.
        from_date: first day, ``to_date`` the day after the last; 9999-12-31 while cover goes on.
        known_from: the night went live then that first said so; ``known_to``: the one that said otherwise, None: none yet.
    """

    held_by_person_id: int
    insurer_code: str
    benefit_kind_code: str
    booklet_no: str
    relation_code: str | None
    member_kind_code: str | None
    principal_person_id: int | None
    from_date: date
    to_date: date
    feed: str | None
    known_from: datetime
    known_to: datetime | None


def cover_at(settings: Settings, person: str, day: date, known_at: datetime | None = None) -> list[Cover]:
    """A person's covers on a day as the databank knew them at a moment; now, when none is named.

    Args:
        person: a person id, also one that was merged since, or the record key of a current record.

    Raises:
        InquiryError: nobody had this id by then, or no current record this key.
    """
    with connect(settings) as connection:
        if RECORD_KEY_MARK in person:
            found = connection.execute("select person_id from person.crosswalk where record_key = %s", (person,)).fetchone()
        else:
            found = connection.execute(
                "select person.resolve(%s, coalesce(%s, clock_timestamp()))",
                (int(person) if person.isdecimal() and len(person) <= ID_DIGITS else None, known_at),
            ).fetchone()
        if found is None or found[0] is None:
            raise InquiryError(
                "No person had this id by then, and no current record has this key; nothing was asked further.",
                hint="Name a person id, or a record key as `sso_members:77`; for an id that is younger, a later --known-at.",
            )
        with connection.cursor(row_factory=class_row(Cover)) as cursor:
            return cursor.execute(
                "select * from cover.at(%s, %s, coalesce(%s, clock_timestamp()))", (found[0], day, known_at)
            ).fetchall()
