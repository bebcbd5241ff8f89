"""Steps whose rows come in order are not sorted, and still prove what every step proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.duck import connection, one_by_one
from hub.errors import GrainError
from hub.settings import Settings
from hub.steps import Runner, Step


def step(rows: str) -> Step:
    return Step("mart.seen", ("feed", "row_no"), f"select * from (values {rows}) as t(feed, row_no)", comes_in_order=True)


def written(settings: Settings, folder: Path, made: Step) -> list[tuple[str, int]]:
    with connection(settings) as con:
        result = Runner(con, folder).run(made)
        found = con.execute(f"select feed, row_no from read_parquet('{result.path}')").fetchall()
    return [(str(feed), int(row_no)) for feed, row_no in found]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_rows_that_come_in_order_stay_as_they_come(settings: Settings, tmp_path: Path) -> None:
    assert written(settings, tmp_path, step("('a', 1), ('a', 2), ('b', 1)")) == [("a", 1), ("a", 2), ("b", 1)]


def test_rows_that_came_out_of_order_are_sorted_after_all(settings: Settings, tmp_path: Path) -> None:
    assert written(settings, tmp_path, step("('b', 1), ('a', 2), ('a', 1)")) == [("a", 1), ("a", 2), ("b", 1)]


@pytest.mark.parametrize("rows", ["('a', 1), ('a', 1)", "('a', 1), ('b', 1), ('a', 1)", "('a', 1), ('b', null)"])
def test_repeated_or_missing_keys_are_found_without_a_sort(settings: Settings, tmp_path: Path, rows: str) -> None:
    with pytest.raises(GrainError):
        written(settings, tmp_path, step(rows))


def test_rows_that_come_one_by_one_are_made_on_one_thread_and_later_ones_on_all_again(tmp_path: Path) -> None:
    made = Step("mart.seen", ("threads",), "select current_setting('threads') as threads", {}, True, True)
    with connection(Settings(home=tmp_path, threads=2)) as con:
        runner = Runner(con, tmp_path)
        assert con.execute(f"from read_parquet('{runner.run(made).path}')").fetchall() == [(1,)]
        assert con.execute("select current_setting('threads')").fetchall() == [(2,)]


def test_the_few_rows_at_a_files_end_come_out_of_joins_in_their_place(settings: Settings, tmp_path: Path) -> None:
    with connection(settings) as con:
        for name, first, last in (("a", 0, 2055), ("b", 2056, 6000)):
            con.execute(f"copy (select range as row_no from range({first}, {last + 1})) to '{tmp_path}/{name}.parquet'")
        joined = f"""
            select row_no from read_parquet(['{tmp_path}/a.parquet', '{tmp_path}/b.parquet'])
            left join (select range * 7 as row_no, true as is_seventh from range(1000)) using (row_no)
        """
        with one_by_one(con):
            found = [row_no for (row_no,) in con.execute(joined).fetchall()]
    assert found == list(range(6001))
