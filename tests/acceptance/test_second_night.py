"""A night writes what has changed and leaves the rest alone: a second night of which about 1 % is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hub import postgres
from hub.duck import Connection, connection, literal
from hub.layers import rows_of
from hub.runs import Run, find_run
from hub.settings import Settings
from nights.setup import make_ready
from nights.sync import sync
from schemas.contracts import load_feeds
from schemas.tables import TABLES
from synthetic.nation import generate
from synthetic.options import EventRates, NationOptions
from warehouse.runs import latest_runs

PERSONS = 2_000
MOST_CHANGED_RECORDS, MOST_WRITTEN = 0.03, 0.05
OF_PERSONS = ("person.golden", "person.crosswalk", "person.person", "cover.period", "cover.booklet")
LIVELY = EventRates(
    birth=0.002, death=0.002, move=0.002, marriage=0.001, surname_change=0.001, cover_start=0.003, cover_end=0.003
)


@dataclass(frozen=True)
class SecondNight:
    """Two nights that were run: what publishing the second wrote, and both run folders."""

    con: Connection
    first: Run
    second: Run
    written: dict[str, int]

    def count(self, query: str) -> int:
        """The only value of a query."""
        return int(self.con.execute(query).fetchall()[0][0])

    def rewritten(self, table: str) -> str:
        """SQL: rows of a table that differ between the nights, as they were and as they are."""
        columns = ", ".join(TABLES[table].columns)
        old, new = (f"select {columns} from {literal(run.table(table))}" for run in (self.first, self.second))
        return f"(({old} except {new}) union all ({new} except {old}))"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondNight]:
    settings = Settings(home=tmp_path_factory.mktemp("second") / "home", memory="2GB")
    options = NationOptions(persons=PERSONS, seed=9, nights=2, events=LIVELY)
    dates = generate(options, settings.home, load_feeds(settings.contracts)).business_dates
    try:
        make_ready(settings)
        for business_date in dates:
            sync(settings.on(business_date))
        second, first = (find_run(settings, state.run_id) for state in latest_runs(settings, 2))
        counts = latest_runs(settings, 1)[0].counts or {}
        with connection(settings) as con:
            con.execute(f"create view changed as {changed_records(settings, second)}")
            yield SecondNight(con, first, second, {table: count["written"] for table, count in counts.items()})
    finally:
        postgres.stop(settings, mode="immediate")


def changed_records(settings: Settings, run: Run) -> str:
    """SQL: keys of the records that a night's deliveries brought, changed or no longer list."""
    staged = [settings.staging / feed / delivery_id for feed, delivery_id in run.inputs["deliveries"].items()]
    rows = [
        f"select record_key from {literal(folder / 'rows.parquet')} where change_code <> 'unchanged'" for folder in staged
    ]
    ended = [f"select record_key from {literal(folder / 'ended.parquet')}" for folder in staged]
    return " union all ".join([*rows, *ended])


def test_the_second_night_of_this_test_brings_about_one_percent(nights: SecondNight) -> None:
    share = nights.count("select count(*) from changed") / nights.count(
        f"select count(*) from {rows_of(nights.second.table('person.crosswalk'))}"
    )
    assert 0.002 < share < MOST_CHANGED_RECORDS


@pytest.mark.parametrize("table", OF_PERSONS)
def test_a_second_night_writes_few_rows(table: str, nights: SecondNight) -> None:
    held = nights.count(f"select count(*) from {literal(nights.second.table(table))}")
    assert 0 < nights.written[table] < MOST_WRITTEN * held


def test_a_second_night_leaves_the_review_queue_but_for_few_pairs(nights: SecondNight) -> None:
    held = nights.count(f"select count(*) from {rows_of(nights.second.table('person.review_pair'))}")
    assert held > 0
    assert nights.written["person.review_pair"] <= max(1, MOST_WRITTEN * held)


@pytest.mark.parametrize("table", ["person.golden", "person.crosswalk", "cover.period", "cover.booklet", "cover.conflict"])
def test_G01_rows_of_persons_without_a_changed_record_stay_as_they_are(table: str, nights: SecondNight) -> None:
    concerned = " union all ".join(
        f"select person_id from {rows_of(run.table('person.crosswalk'))} semi join changed using (record_key)"
        for run in (nights.first, nights.second)
    )
    named = [name for name in TABLES[table].columns if "person_id" in name]  # the person, and the principals of its covers
    is_concerned = " or ".join(f"coalesce({name} in ({concerned}), false)" for name in named)
    rows = f"select person_id from {nights.rewritten(table)} group by person_id having not bool_or({is_concerned})"
    assert nights.count(f"select count(*) from ({rows})") == 0


def test_G01_provenance_names_the_delivery_in_which_a_row_first_came(nights: SecondNight) -> None:
    told = f"""
        select json_extract_string(provenance, '$.identity.record_key') as record_key,
               json_extract_string(provenance, '$.identity.business_date') as business_date
        from {literal(nights.second.table("person.golden"))}
    """
    first, second = (run.business_date.isoformat() for run in (nights.first, nights.second))
    assert nights.count(f"select count(*) from ({told}) semi join changed using (record_key)") > 0
    misdated = f"business_date <> case when c.record_key is null then '{first}' else '{second}' end"
    joined = f"({told}) as told left join (select distinct record_key from changed) as c using (record_key)"
    assert nights.count(f"select count(*) from {joined} where {misdated}") == 0
