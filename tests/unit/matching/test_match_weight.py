"""The SQL of match weights finds what Splink finds, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.duck import DuckConnection, connection
from hub.settings import Settings
from matching.by_splink import weigh_apart, weigh_by_splink
from matching.comparisons import LISTS, compared_columns, list_columns, term_frequency_columns
from matching.model import CURRENT, IN_TREE, load_model
from matching.weights import term_frequencies, weigh
from schemas.tables import PERSON_RECORD

MODEL = load_model(IN_TREE / f"{CURRENT}.json")
PRIOR = 1e-3
LEAST = -200.0  # every pair
NAMES = (("علی", "کریمی"), ("علیرضا", "کریمی"), ("كریمی", "علی"), ("رضا", "احمدی"), (None, "احمدی"))
BIRTHS = ("1981-03-21", "1981-03-22", "1982-08-21", None)
TOLD = (
    {"national_code": "'0012345679'", "mobile_no_key": "'9121234567'"},
    {"national_code": "'0012345678'", "address_key": "'آزادی12'", "province_code": "'01'"},
    {"postal_code_key": "'1234567891'", "passport_no": "'A1'", "sex_code": "'1'", "province_code": "'01'"},
)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[DuckConnection]:
    """A connection with records, all pairs of them, and how common their values are."""
    kinds = PERSON_RECORD.columns
    rest = " union all ".join(
        "select "
        + ", ".join(f"{row.get(name, 'null')}::{kinds[name]} as {name}" for name in {n: 0 for r in TOLD for n in r})
        for row in TOLD
    )
    names = ", ".join(f"({', '.join('null' if n is None else repr(n) for n in pair)})" for pair in NAMES)
    births = ", ".join("(null)" if b is None else f"(date '{b}')" for b in BIRTHS)
    forms = ", ".join(f"{n}_key as {n}_{form}" for n in ("given_name", "surname") for form in ("phonetic", "letters"))
    with connection(Settings(home=tmp_path)) as con:
        con.execute(
            f"""create table said as
                select *, {forms}, year(birth_date) - 621 as birth_year, month(birth_date) as birth_month,
                       day(birth_date) as birth_day
                from (values {names}) as n(given_name_key, surname_key), (values {births}) as b(birth_date), ({rest}) as t"""
        )
        held = {name for (name, *_) in con.execute("describe said").fetchall()}
        missing = ", ".join(f"null::{kinds[name]} as {name}" for name in compared_columns() if name not in held)
        con.execute(f"create table person as select row_number() over () as record_no, *, {missing} from said")
        con.execute(f"create table record as select *, {list_columns('person')} from person")
        con.execute(
            """create table pair as select l.record_no as record_no_l, r.record_no as record_no_r
               from record as l join record as r on l.record_no < r.record_no"""
        )
        term_frequencies(con, "record", "record")
        yield con


def test_weights_are_splinks_own(told: DuckConnection) -> None:
    found = []
    for way in (weigh, weigh_by_splink):
        way(told, MODEL, PRIOR, records="record", pairs="pair", least_weight=LEAST)
        found.append(told.execute("from weighed_pair order by all").fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == 60 * 59 // 2
    assert len({weight for *_, weight in found[0]}) > len(term_frequency_columns()) + len(LISTS), "they tell pairs apart"


def test_a_weighing_that_fails_leaves_no_table_behind(told: DuckConnection) -> None:
    before = told.execute("show tables").fetchall()
    told.execute("create temp table no_pair as from pair limit 0")
    with pytest.raises(IndexError):
        weigh_apart(told, MODEL, PRIOR, records="record", pairs="no_pair")
    told.execute("drop table no_pair")
    assert told.execute("show tables").fetchall() == before
