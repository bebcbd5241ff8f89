"""A table that is an earlier night's but for some rows reads as if it had been written whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from hub import layers
from hub.duck import DuckConnection, connection
from hub.errors import GrainError
from hub.settings import Settings
from hub.steps import Amendment, Runner, Step

GRAIN = ("feed", "row_no")
TABLE = "linkage.seen"
Rows = dict[tuple[str, int], str]


@pytest.fixture
def con(tmp_path: Path) -> Iterator[DuckConnection]:
    with connection(Settings(home=tmp_path)) as con:
        yield con


def step(rows: Rows) -> Step:
    values = ", ".join(f"('{feed}', {row_no}, '{said}')" for (feed, row_no), said in rows.items())
    nothing = "select null::varchar, null::integer, null::varchar where false"
    return Step(TABLE, GRAIN, f"select * from ({f'values {values}' if rows else nothing}) as t(feed, row_no, said)")


def night(con: DuckConnection, folder: Path, made: Step | Amendment) -> Path:
    folder.mkdir(exist_ok=True)
    runner = Runner(con, folder)
    return (runner.run(made) if isinstance(made, Step) else runner.amend(made)).path


def seen(con: DuckConnection, path: Path) -> Rows:
    found = con.execute(f"select feed, row_no, said from {layers.rows_of(path)}").fetchall()
    assert len(found) == len({row[:2] for row in found})
    return {(feed, row_no): said for feed, row_no, said in found}


def told_apart(con: DuckConnection, earlier: Path, path: Path) -> list[set[tuple[tuple[str, int], str]]] | None:
    apart = layers.difference(earlier, path)
    if apart is None:
        return None
    found = (con.execute(f"select feed, row_no, said from ({sql})").fetchall() for sql in (apart.before, apart.now))
    return [{((feed, row_no), said) for feed, row_no, said in rows} for rows in found]


def first_night(con: DuckConnection, folder: Path, count: int = 400) -> tuple[Path, Rows]:
    rows = {(feed, row_no): "first" for feed in ("a", "b") for row_no in range(count // 2)}
    return night(con, folder, step(rows)), rows


@pytest.mark.parametrize("seed", range(3))
def test_amended_night_after_night_a_table_holds_what_it_should(con: DuckConnection, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    path, rows = first_night(con, tmp_path / "0")
    was_layered = []
    for number in range(1, 9):
        changed = {key: f"night {number}" for key in rows if random.random() < 0.02}
        changed |= {(random.choice("abc"), random.randrange(1000, 2000)): "new" for _ in range(4)}
        gone = [key for key in rows if random.random() < 0.01]
        out = ", ".join(f"('{feed}', {row_no})" for feed, row_no in [*gone, *changed])
        amendment = Amendment(step(changed), path, f"(feed, row_no) in ({out})")
        earlier, before = path, rows
        path = night(con, tmp_path / str(number), amendment)
        rows = {key: said for key, said in (rows | changed).items() if key not in gone or key in changed}
        assert seen(con, path) == rows
        assert layers.count_rows(con, path) == len(rows)
        told = told_apart(con, earlier, path)
        assert (told is None) == (not layers.is_layered(path)), (
            "a table that was written whole says nothing of the night before"
        )
        if told is not None:
            assert (told[0] - told[1], told[1] - told[0]) == (before.items() - rows.items(), rows.items() - before.items())
            assert len(told[0] | told[1]) < len(rows), "most rows are not read"
        was_layered.append(layers.is_layered(path))
    assert was_layered[0], "little has changed"
    assert not all(was_layered), "as much has changed as is written whole again"


def test_a_row_put_in_must_not_have_the_key_of_one_that_stays(con: DuckConnection, tmp_path: Path) -> None:
    path, rows = first_night(con, tmp_path / "0")
    with pytest.raises(GrainError, match="1 repeated"):
        night(con, tmp_path / "1", Amendment(step({("a", 1): "again"}), path, "false"))
    assert not (tmp_path / "1" / path.name).exists()
    path = night(con, tmp_path / "1", Amendment(step({("c", 1): "new"}), path, "false"))
    with pytest.raises(GrainError, match="1 repeated"):
        night(con, tmp_path / "2", Amendment(step({("c", 1): "again"}), path, "false"))
    assert seen(con, path) == rows | {("c", 1): "new"}


def test_rows_are_taken_out_by_their_keys(con: DuckConnection, tmp_path: Path) -> None:
    one_key = "select feed || row_no as record_key, said from ({})"
    made = Step(TABLE, ("record_key",), one_key.format(step({("a", 1): "first", ("a", 2): "first", ("b", 1): "first"}).sql))
    path = night(con, tmp_path / "0", made)
    again = Step(TABLE, ("record_key",), one_key.format(step({("a", 1): "again", ("c", 1): "new"}).sql))
    with pytest.raises(GrainError, match="1 repeated"):
        night(con, tmp_path / "1", Amendment(again, path, out_keys="select 'b1'"))
    path = night(con, tmp_path / "2", Amendment(again, path, out_keys="select unnest(['a1', 'b1', 'z9'])"))
    found = con.execute(f"select * from {layers.rows_of(path)} order by record_key").fetchall()
    assert found == [("a1", "again"), ("a2", "first"), ("c1", "new")]


def test_rows_that_are_put_in_as_they_were_are_not_written(con: DuckConnection, tmp_path: Path) -> None:
    one_key = "select feed || row_no as record_key, said from ({})"
    rows = {("a", row_no): "first" for row_no in range(40)}
    path = night(con, tmp_path / "0", Step(TABLE, ("record_key",), one_key.format(step(rows).sql)))
    for night_no, said in enumerate(("again", "once more"), start=1):
        put_in = step({("a", 1): said, ("a", 2): "first", ("a", 3): "first", ("c", night_no): "new"})
        made = Step(TABLE, ("record_key",), one_key.format(put_in.sql))
        then = f"from {layers.rows_of(path)} where record_key in ('a1', 'a2', 'a3', 'a4')"
        path = night(con, tmp_path / str(night_no), Amendment(made, path, out_rows=then))
        assert layers.count_rows(con, path) == 39 + night_no  # a4 went, and came not back
    found = dict(con.execute(f"select record_key, said from {layers.rows_of(path)}").fetchall())
    assert found == {f"a{n}": "first" for n in range(40) if n != 4} | {"a1": "once more", "c1": "new", "c2": "new"}
    changed = con.execute(f"select record_key from '{path.parent}/changed/{path.name}' order by all").fetchall()
    assert changed == [("a1",), ("c1",), ("c2",)]


def test_a_key_that_went_may_come_back(con: DuckConnection, tmp_path: Path) -> None:
    path, rows = first_night(con, tmp_path / "0")
    path = night(con, tmp_path / "1", Amendment(step({}), path, "feed = 'a' and row_no = 7"))
    assert seen(con, path) == {key: said for key, said in rows.items() if key != ("a", 7)}
    path = night(con, tmp_path / "2", Amendment(step({("a", 7): "back"}), path, "false"))
    assert seen(con, path) == rows | {("a", 7): "back"}


def test_an_amended_table_is_read_back_and_gives_way_to_a_whole_one(con: DuckConnection, tmp_path: Path) -> None:
    path, rows = first_night(con, tmp_path / "0")
    amendment = Amendment(step({("c", 1): "new"}), path, "false")
    night(con, tmp_path / "1", amendment)
    assert Runner(con, tmp_path / "1").amend(amendment).is_reused
    one = night(con, tmp_path / "1", step({("z", 1): "only"}))
    assert not layers.is_layered(one)
    assert seen(con, one) == {("z", 1): "only"}
    assert seen(con, path) == rows, "the earlier night's file is its own"


def test_made_whole_a_table_comes_in_order(con: DuckConnection, tmp_path: Path) -> None:
    path, rows = first_night(con, tmp_path / "0")
    path = night(con, tmp_path / "1", Amendment(step({("a", 500): "new"}), path, "row_no = 3"))
    runner = Runner(con, tmp_path / "1")
    runner.make_whole(TABLE, GRAIN)
    found = con.execute("select feed, row_no from linkage.seen").fetchall()
    assert found == sorted({*rows, ("a", 500)} - {("a", 3), ("b", 3)})


def test_another_folder_holds_a_table_with_its_layers(con: DuckConnection, tmp_path: Path) -> None:
    path, rows = first_night(con, tmp_path / "0")
    path = night(con, tmp_path / "1", Amendment(step({("c", 1): "new"}), path, "false"))
    (tmp_path / "2").mkdir()
    held = tmp_path / "2" / "linkage.held.parquet"
    layers.link_table(path, held)
    layers.remove_table(path)
    assert seen(con, held) == rows | {("c", 1): "new"}
