"""Every id ever issued resolves, as known at any moment; stewards' decisions are kept and undone by tombstone."""

from __future__ import annotations

import pytest

from hub.errors import IdentityError
from hub.settings import Settings
from tests.integration.tiny import Night, TinyNation
from warehouse.database import connect
from warehouse.judgements import add_judgement, export_judgements, judgements_version, undo_judgement
from warehouse.publish import publish

LOG = [  # event_no, event, person, other, hour of 2026-01-01
    (1, "mint", 1, None, 1),
    (2, "mint", 2, None, 1),
    (3, "mint", 3, None, 2),
    (4, "merge", 2, 1, 3),
    (5, "merge", 1, 3, 4),
    (6, "split", 4, 3, 5),
    (7, "mint", 5, None, 6),
    (8, "merge", 5, 4, 6),
    (9, "merge", 2, 4, 7),
    (10, "split", 1, 3, 8),
]


@pytest.mark.parametrize(
    ("person_id", "hour", "expected"),
    [
        (1, 0, None),
        (2, 0, None),
        (1, 1, 1),
        (2, 2, 2),
        (3, 1, None),
        (3, 2, 3),
        (2, 3, 1),
        (2, 4, 3),
        (1, 4, 3),
        (3, 9, 3),
        (4, 4, None),
        (4, 5, 4),
        (5, 6, 4),
        (2, 6, 3),
        (2, 7, 4),
        (1, 8, 1),
        (99, 9, None),
    ],
)
def test_I06_resolve_at_a_moment(person_id: int, hour: int, expected: int | None, settings: Settings) -> None:
    with connect(settings) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into person.identity_event (event_no, run_id, event_code, person_id, other_person_id, committed_at) "
            "values (%s, 'r', %s, %s, %s, timestamptz '2026-01-01 00:00Z' + %s * interval '1 hour')",
            LOG,
        )
        moment = f"2026-01-01 {hour:02d}:30Z"
        assert cursor.execute("select person.resolve(%s, %s)", (person_id, moment)).fetchone() == (expected,)


def test_I06_resolve_follows_published_nights(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    publish(settings, nation.make(Night(merged=((8, 2),)), first))
    with connect(settings) as connection:
        nights = connection.execute("select published_at from ops.run order by published_at").fetchall()
        known = [connection.execute("select person.resolve(8, %s)", night).fetchone() for night in nights]
        assert known == [(8,), (2,)]
        assert connection.execute("select person.resolve(8)").fetchone() == (2,)
        issued = connection.execute(
            "select count(*) from person.person where person.resolve(person_id) is distinct from "
            "coalesce(survivor_person_id, person_id)"
        ).fetchone()
    assert issued == (0,)


def test_judgements_in_force_reach_the_run_folder_and_undone_ones_do_not(settings: Settings, nation: TinyNation) -> None:
    empty = judgements_version(settings)
    kept = add_judgement(settings, ("b:1", "a:1"), is_same=False, judged_by="steward", reason="father and son")
    undone = add_judgement(settings, ("a:2", "b:2"), is_same=True, judged_by="steward", reason="same papers")
    assert judgements_version(settings) != empty
    undo_judgement(settings, undone, undone_by="steward", reason="forged papers")
    run = nation.make(Night())
    assert export_judgements(settings, run) == 1
    with run.runner(settings) as runner:
        exported = runner.con.execute("select judgement_id, record_key_a, record_key_b, is_same from person.judgement")
        assert exported.fetchall() == [(kept, "a:1", "b:1", False)]
    with connect(settings) as connection:
        tombstone = connection.execute(
            "select is_same, undone_by, undo_reason from person.judgement where undone_at is not null"
        )
        assert tombstone.fetchall() == [(True, "steward", "forged papers")]


def test_a_second_judgement_on_a_pair_is_refused_until_the_first_is_undone(settings: Settings) -> None:
    first = add_judgement(settings, ("a:1", "b:1"), is_same=True, judged_by="steward", reason="same papers")
    with pytest.raises(IdentityError, match="in force already"):
        add_judgement(settings, ("b:1", "a:1"), is_same=True, judged_by="other", reason="same again")
    with pytest.raises(IdentityError, match="in force say otherwise"):
        add_judgement(settings, ("b:1", "a:1"), is_same=False, judged_by="other", reason="not so")
    undo_judgement(settings, first, undone_by="other", reason="not so")
    add_judgement(settings, ("b:1", "a:1"), is_same=False, judged_by="other", reason="father and son")
    with pytest.raises(IdentityError, match="no judgement"):
        undo_judgement(settings, first, undone_by="other", reason="again")
