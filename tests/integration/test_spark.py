"""Linking on Spark gives the persons that DuckDB gives: a second night of 20,000 persons, with judgements in between.

Needs the extra ``spark`` and Java; a local Spark stands for a cluster.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from hub.runs import Run
from hub.settings import ENGINES, Settings
from hub.steps import Runner
from matching.engine import linking_engine
from matching.identity import attach_previous, identify
from matching.link import link
from nights.intake import take_in_all
from nights.records import staged_records
from schemas.tables import JUDGEMENT
from tests.nation import FIRST, SECOND, make_nation

PERSONS = 20_000
MOST_WEIGHT_MOVED = 1e-6  # Java and C round logarithms otherwise
# The quickest way to be ready rather than the quickest code: a short run of many small statements.
QUICK_START = {
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "PYSPARK_SUBMIT_ARGS": "--conf spark.sql.codegen.wholeStage=false pyspark-shell",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
        reason="the extra `spark` or Java is not installed",
    ),
]


def link_night(runner: Runner, settings: Settings, night: str, base: Path | None) -> None:
    run = Run(night, date.fromisoformat(night), runner.folder, "", None, {})
    with linking_engine(runner, settings):
        attach_previous(runner, base)
        link(runner, settings)
        identify(runner, run, base)


def judge(runner: Runner, base: Path) -> None:
    """One person of the night before is two, and two persons are one."""
    crosswalk = f"read_parquet('{base}/person.crosswalk.parquet')"
    of_one, of_another = runner.files.execute(
        f"""select min(record_key), max(record_key) from {crosswalk} where method_code in ('score', 'cluster')
            group by person_id having count(*) > 1 order by person_id limit 2"""
    ).fetchall()
    pairs = [(of_one[0], of_one[1], False), (of_one[0], of_another[0], True)]
    rows = [(n, a, b, same, "steward", "seen", datetime(2026, 11, 19, tzinfo=UTC)) for n, (a, b, same) in enumerate(pairs)]
    runner.keep(
        JUDGEMENT.name, JUDGEMENT.grain, pa.table(dict(zip(JUDGEMENT.columns, zip(*rows, strict=True), strict=True)))
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The second night's run folder of each engine, over the same first one."""
    home = make_nation(tmp_path_factory.mktemp("spark"), persons=PERSONS, seed=11)
    settings = Settings(home=home, memory="2GB")
    days = [date.fromisoformat(night) for night in (FIRST, SECOND)]
    for day in days:
        take_in_all(settings, day)
    with staged_records(settings, days[0]) as first, staged_records(settings, days[1]) as second:
        with first.runner(settings, "first") as runner:
            link_night(runner, settings, FIRST, None)
            base = runner.folder
        found = {}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in QUICK_START.items():
                patch.setenv(name, value)
            for engine in ENGINES:
                chosen = replace(settings, engine=engine)
                with second.runner(chosen, engine) as runner:
                    judge(runner, base)
                    link_night(runner, chosen, SECOND, base)
                    found[engine] = runner.folder
        yield found


def differing(folders: dict[str, Path], table: str, columns: str = "*") -> int:
    """Rows of a table that one engine found and the other did not."""
    ours, theirs = (f"select {columns} from read_parquet('{folders[engine]}/{table}.parquet')" for engine in ENGINES)
    return count(f"({ours} except {theirs}) union all ({theirs} except {ours})")


def count(rows: str) -> int:
    return int(duckdb.sql(f"select count(*) from ({rows})").fetchall()[0][0])


def test_the_same_records_are_the_same_persons(folders: dict[str, Path]) -> None:
    assert differing(folders, "person.crosswalk", "record_key, person_id, method_code, since_run") == 0


def test_the_same_happened_to_identities(folders: dict[str, Path]) -> None:
    assert differing(folders, "person.identity_event") == 0
    assert count(
        f"select * from read_parquet('{folders['spark']}/person.identity_event.parquet') where event_code = 'judge'"
    )


def test_the_same_pairs_wait_for_people(folders: dict[str, Path]) -> None:
    assert differing(folders, "person.review_pair", "record_key_a, record_key_b, reason_code") == 0


def test_the_same_pairs_weigh_the_same(folders: dict[str, Path]) -> None:
    assert differing(folders, "linkage.scored_pair", "record_key_a, record_key_b, decision_code, reason_code") == 0
    ours, theirs = (f"read_parquet('{folders[engine]}/linkage.scored_pair.parquet')" for engine in ENGINES)
    both = f"{ours} as l join {theirs} as r using (record_key_a, record_key_b)"
    assert count(f"select * from {both} where abs(l.match_weight - r.match_weight) > {MOST_WEIGHT_MOVED}") == 0


def test_what_spark_computed_is_kept_like_any_step(folders: dict[str, Path]) -> None:
    tables = {engine: sorted(path.name for path in folder.glob("*.parquet")) for engine, folder in folders.items()}
    assert tables["spark"] == tables["duckdb"]
