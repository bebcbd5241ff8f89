"""Publishing: a night goes live whole, writes only what changed, and never on top of another."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import NightHeld, PublishError
from hub.settings import Settings
from schemas.tables import TABLES
from tests.integration.tiny import FEEDS, Night, TinyNation
from warehouse.audit import CHECKS, LIMITS
from warehouse.changes import NOT_PUBLISHED, PUBLISHED_SCHEMAS, published_tables
from warehouse.database import connect
from warehouse.migrate import migrate
from warehouse.publish import Manner, publish
from warehouse.runs import latest_runs, live_run_id


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with connect(settings) as connection:
        return connection.execute(sql).fetchall()


def versions(settings: Settings, table: str, key: str) -> dict[Any, Any]:
    """Which transaction wrote each row."""
    return dict(rows(settings, f"select {key}, xmin::text from {table}"))


def test_a_new_nation_has_no_live_run(settings: Settings) -> None:
    assert live_run_id(settings) is None


def test_first_night_goes_live_with_every_row_and_value(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night(persons=60))
    counts = publish(settings, run)
    assert counts.tables["person.golden"].written == 60
    assert live_run_id(settings) == run.run_id
    assert rows(settings, "select given_name, surname, address, province_code from person.golden where person_id = 35") == [
        ('علی, "رضا"', "محمدی", "", None)
    ]
    assert rows(settings, "select count(*), count(distinct committed_at) from person.identity_event") == [(180, 1)]
    assert rows(settings, "select count(*) > 5 from ops.step") == [(True,)]


def test_indexes_and_bans_are_back_after_the_first_load(settings: Settings, nation: TinyNation) -> None:
    named = "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint order by 1, 2"
    indexed = "select indexname, indexdef from pg_indexes where schemaname <> 'pg_catalog' order by 1"
    before = rows(settings, named), rows(settings, indexed)
    publish(settings, nation.make(Night()))
    assert (rows(settings, named), rows(settings, indexed)) == before


def test_second_night_writes_only_what_changed(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night(persons=60))
    publish(settings, first)
    before = versions(settings, "person.golden", "person_id")
    second = nation.make(Night(persons=62, renamed=frozenset({4, 9})), first)
    counts = publish(settings, second)
    after = versions(settings, "person.golden", "person_id")
    assert {person for person in after if after[person] != before.get(person)} == {4, 9, 61, 62}
    assert (counts.tables["person.golden"].written, counts.tables["person.golden"].removed) == (4, 2)
    assert counts.tables["cover.conflict"].written == 0
    assert counts.tables["person.review_pair"].written == 0
    assert live_run_id(settings) == second.run_id


def test_rows_that_are_gone_are_removed_and_the_log_only_grows(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night(persons=60))
    publish(settings, first)
    publish(settings, nation.make(Night(persons=60, merged=((8, 2),)), first))
    assert rows(settings, "select person_id from person.golden where person_id in (2, 8)") == [(2,)]
    assert rows(settings, "select person_id from person.crosswalk where record_key = 'sso_members:8'") == [(2,)]
    assert rows(settings, "select count(*), max(event_no) from person.identity_event") == [(181, 181)]


def test_publishing_the_live_run_again_changes_nothing(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night())
    publish(settings, run)
    before = versions(settings, "person.golden", "person_id"), latest_runs(settings)
    assert publish(settings, run).is_repeat
    assert (versions(settings, "person.golden", "person_id"), latest_runs(settings)) == before


def test_a_night_that_builds_on_another_than_the_live_one_is_refused(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    winner = nation.make(Night(renamed=frozenset({1})), first)
    loser = nation.make(Night(renamed=frozenset({2})), first)
    publish(settings, winner)
    with pytest.raises(PublishError, match="Another night was published meanwhile"):
        publish(settings, loser)
    assert live_run_id(settings) == winner.run_id
    assert rows(settings, "select person_id from person.golden where surname = 'حسینی'") == [(1,)]


def test_a_night_that_was_live_before_is_not_made_live_again(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    second = nation.make(Night(renamed=frozenset({1})), first)
    publish(settings, second)
    for manner in (Manner(), Manner(is_whole=True)):
        with pytest.raises(PublishError, match="nights only go forward"):
            publish(settings, first, manner=manner)
    assert live_run_id(settings) == second.run_id


def _replaced(person: int, **columns: str) -> str:
    """All rows, with other values for one person."""
    changes = ", ".join(f"if(person_id = {person}, {value}, {name}) as {name}" for name, value in columns.items())
    return f"select * replace ({changes}) from made"


SPOILED = {
    "every_record_has_one_person": {"linkage.person_record": "select * from made where record_key <> 'sso_members:5'"},
    "crosswalk_persons_are_live": {"person.person": _replaced(5, state_code="'dormant'")},
    "golden_persons_have_records": {"person.golden": "select * from made where person_id <> 5"},
    "redirects_end": {"person.person": _replaced(5, state_code="'merged'", survivor_person_id="99999")},
    "cover_belongs_to_persons": {"cover.period": _replaced(5, person_id="99999")},
    "one_active_booklet_a_day": {"cover.booklet": "select * replace ('active' as status_code) from made"},
    "blocked_days_have_a_keeper": {"cover.booklet": _replaced(5, status_code="'blocked'")},
    "ledger_adds_up": {"ops.ledger": "select * replace (if(fate_code = 'accepted', 98, row_count) as row_count) from made"},
}


@pytest.mark.parametrize("check", SPOILED)
def test_audit_stops_a_night_and_names_what_is_wrong(check: str, settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    spoiled = nation.make(Night(renamed=frozenset({1}), spoil=SPOILED[check]), first)
    with pytest.raises(PublishError, match=check) as caught:
        publish(settings, spoiled)
    assert caught.value.facts[check]
    assert live_run_id(settings) == first.run_id
    assert rows(settings, "select count(*) from person.golden where surname = 'حسینی'") == [(0,)]
    assert next(state.state_code for state in latest_runs(settings) if state.run_id == spoiled.run_id) == "failed"


def test_every_check_of_the_audit_is_broken_by_a_test() -> None:
    assert {check.name for check in CHECKS} - {"marts_add_up"} == set(SPOILED)


def test_audit_stops_marts_that_do_not_add_up(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night())
    night = run.table("mart.night")
    with run.runner(settings) as runner:
        runner.con.execute(
            f"create table n as select * replace (person_count + 1 as person_count) from read_parquet('{night}')"
        )
        runner.con.execute(f"copy n to '{night}' (format parquet)")
    with pytest.raises(PublishError, match="marts_add_up"):
        publish(settings, run)


def test_a_folder_without_a_published_table_is_refused(settings: Settings, nation: TinyNation) -> None:
    run = nation.make(Night())
    run.table("cover.booklet").unlink()
    with pytest.raises(PublishError, match=r"lacks cover\.booklet"):
        publish(settings, run)


def test_O04_a_night_that_merges_far_more_than_usual_is_held_until_released(settings: Settings, nation: TinyNation) -> None:
    limit = next(limit for limit in LIMITS if limit.name == "merged_persons")
    first = nation.make(Night(persons=3 * limit.floor_count))
    publish(settings, first)
    pairs = tuple((2 * n, 2 * n - 1) for n in range(1, limit.floor_count + 2))
    unusual = nation.make(Night(persons=3 * limit.floor_count, merged=pairs), first)
    with pytest.raises(NightHeld, match=f"merged_persons: {len(pairs)}"):
        publish(settings, unusual)
    assert live_run_id(settings) == first.run_id
    assert latest_runs(settings)[0].state_code == "held"
    publish(settings, unusual, manner=Manner(release_reason="two offices became one"))
    assert live_run_id(settings) == unusual.run_id


def test_a_database_changed_by_hand_is_noticed_and_written_anew(settings: Settings, nation: TinyNation) -> None:
    first = nation.make(Night())
    publish(settings, first)
    with connect(settings) as connection:
        connection.execute("delete from person.golden where person_id = 4")
    second = nation.make(Night(renamed=frozenset({4})), first)
    with pytest.raises(PublishError, match=r"person\.golden in the database is not what the live run left"):
        publish(settings, second)
    assert live_run_id(settings) == first.run_id
    publish(settings, second, manner=Manner(is_whole=True))
    assert rows(settings, "select count(*) from person.golden") == [(60,)]
    assert rows(settings, f"select count(*) from person.identity_event where run_id = '{first.run_id}'") == [(180,)]


def test_database_has_the_declared_columns_and_grain(settings: Settings) -> None:
    types = {"varchar": "text", "double": "double precision", "timestamptz": "timestamp with time zone"}
    for table in published_tables():
        schema, name = table.name.split(".")
        found = dict(
            rows(
                settings,
                "select column_name, data_type from information_schema.columns "
                f"where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position",
            )
        )
        wanted = {column: types.get(kind, kind) for column, kind in table.columns.items()}
        assert {column: found.get(column) for column in wanted} == wanted, table.name
        key = rows(
            settings,
            f"select string_agg(a.attname, ',' order by k.position) from pg_constraint as c "
            "cross join unnest(c.conkey) with ordinality as k(attnum, position) "
            "join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attnum "
            f"where c.conrelid = '{table.name}'::regclass and c.contype = 'p'",
        )
        assert key == [(",".join(table.grain),)], table.name


def test_every_declared_table_is_published_or_says_why_not() -> None:
    known = {table.name for table in published_tables()} | set(NOT_PUBLISHED)
    assert {name for name in TABLES if name.partition(".")[0] in PUBLISHED_SCHEMAS} == known


def test_migrating_again_does_nothing(settings: Settings) -> None:
    assert migrate(settings) is False


def test_as_of_feeds_names_each_feed(settings: Settings, nation: TinyNation) -> None:
    publish(settings, nation.make(Night()))
    ((feeds,),) = rows(settings, "select as_of_feeds from mart.night")
    assert feeds == " ".join(f"{feed}@2026-11-19" for feed in sorted(FEEDS))
