"""Linking leaves the tables of its run folder, and nothing in memory: what it laid out on the way goes when it ends."""

from __future__ import annotations

from pathlib import Path

from hub.duck import connection
from hub.engine import passing_tables
from hub.settings import Settings
from matching.identity import attach_previous, identify
from matching.incremental import link_changes
from tests.properties.changing_nation import Nation
from tests.spec.people_world import People
from tests.tables import World

LAID_OUT = "select table_name from information_schema.tables where table_catalog = 'temp' order by 1"


def test_what_is_made_in_a_block_passes_with_it_but_for_what_is_asked_for_later(tmp_path: Path) -> None:
    with connection(Settings(home=tmp_path)) as con:
        con.execute("create temp table before as select 1 as n; create schema run; create view run.known as from before")
        with passing_tables(con, keep=("asked_for", "never_made")):
            con.execute("create or replace temp table before as select 2 as n; create temp table asked_for as from before")
            con.execute("create temp table passing as from before; create temp view passing_too as from passing")
            con.execute("create table run.written as from passing")
        assert con.execute(LAID_OUT).fetchall() == [("asked_for",), ("before",)]
        assert con.execute("select n from run.known union all select n from run.written").fetchall() == [(2,), (2,)]


def test_linking_leaves_nothing_in_memory(world: World) -> None:
    nation = Nation(7, persons=40)
    for because in ("first night", None):
        people = People(world)
        people.rows = nation.feeds()
        people.standardise()
        attach_previous(people.runner, world.base_folder)
        world.con.execute("create or replace temp table truth as select 1 as person_no")
        before = world.con.execute(LAID_OUT).fetchall()
        assert link_changes(people.runner, Settings(home=world.home), world.base_folder).full_because == because
        assert world.con.execute(LAID_OUT).fetchall() == before
        identify(people.runner, world.run, world.base_folder)
        nation.change(0.02)
        world.next_night()
