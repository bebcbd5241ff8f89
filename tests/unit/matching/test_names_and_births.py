"""Sets that tell names and births alone, where one field of each second record is wrong: no single block shows what names
do, but all that blocks bring together do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.errors import ModelNotTrained
from hub.settings import Settings
from matching.comparisons import DIFFERS
from matching.evaluate import evaluate
from matching.link import link
from matching.model import Model, save_model
from matching.plain_splink import LEAST_OF_SMALL, PlainSplink, best_threshold
from matching.train import train
from tests.foreign import MEN, SURNAMES, WOMEN, Row
from tests.spec.people_world import People, people  # noqa: F401

PERSONS, TWICE, TWINS, SEED = 1_000, 400, 15, 5
LEAST_PRECISION, LEAST_RECALL, LEAST_OF_SPLINK = 0.97, 0.9, 0.7
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def with_one_error(row: Row, chance: random.Random) -> Row:
    """The same person, one field mistyped."""
    field = chance.choice(("given_name", "surname", "born"))
    if field == "born":
        assert row.born
        return replace(row, born=row.born.replace(year=row.born.year + chance.choice((-10, 10))))
    name = getattr(row, field)
    place = chance.randrange(1, len(name))
    return replace(row, **{field: name[:place] + chance.choice(LETTERS) + name[place + 1 :]})


def named_and_born(chance: random.Random) -> list[tuple[int, Row]]:
    """Persons, of some a second record, and twins of others; no two records tell the same."""
    given, surnames = (MEN + " " + WOMEN).split(), SURNAMES.split()
    first = [
        Row(chance.choice(given), chance.choice(surnames), "", date(1940, 1, 1) + timedelta(chance.randrange(20_000)), "")
        for _ in range(PERSONS)
    ]
    rows = list(enumerate(first))
    rows += [(n, with_one_error(first[n], chance)) for n in range(TWICE)]
    twins = range(TWICE, TWICE + TWINS)
    rows += [(PERSONS + n, replace(first[n], given_name=chance.choice(given[: n % 7 + 3]))) for n in twins]
    return rows


@pytest.fixture
def trained(people: People) -> Model:  # noqa: F811
    """A model of the set."""
    register(people)
    return train(people.con, name="own", description="names and births", seed=SEED)


def register(people: People) -> None:  # noqa: F811
    """Standardise the set; truth is in temp table true_person."""
    rows = named_and_born(random.Random(SEED))
    people.rows["register"] = [
        {"key": str(n), "given_name": row.given_name, "surname": row.surname, "birth_date": str(row.born)}
        for n, (_, row) in enumerate(rows)
    ]
    people.standardise()
    values = ", ".join(f"('register:{n}', {person})" for n, (person, _) in enumerate(rows))
    people.con.execute(f"create temp table true_person as select * from (values {values}) as t(record_key, true_person_id)")


def test_names_are_learnt_where_births_alone_leave_them_free(people: People, trained: Model, tmp_path: Path) -> None:  # noqa: F811
    assert not {"given_name", "surname", "birth"} & set(trained.training["assumed"])
    assert trained.odds["given_name"]["same"].m > 0.5, "one record in three has a wrong one"
    assert trained.odds["birth"]["same date"].m > 0.5
    assert trained.odds["given_name"][DIFFERS].m < 0.05, "twins are no persons with two given names"
    save_model(tmp_path / "own.json", trained)
    link(people.runner, Settings(home=people.world.home, trial_model=tmp_path / "own.json"))
    score = evaluate(people.con, "linkage.cluster", "true_person")
    assert score.precision >= LEAST_PRECISION
    assert score.recall >= LEAST_RECALL


def test_plain_splink_is_measured_at_its_best_though_no_two_records_are_equal(people: People, tmp_path: Path) -> None:  # noqa: F811
    register(people)
    records, pairs = tmp_path / "person_record.parquet", tmp_path / "pairs.parquet"
    people.con.execute(f"copy linkage.person_record to '{records}'")
    splink = PlainSplink(people.con, SEED, LEAST_OF_SMALL)
    splink.link(records)
    splink.keep_pairs(pairs)
    assert best_threshold(people.con, records, pairs, "true_person", LEAST_OF_SMALL).score.f1 > LEAST_OF_SPLINK


def test_where_plain_splink_learns_nothing_that_is_said(people: People, tmp_path: Path) -> None:  # noqa: F811
    register(people)
    names = tmp_path / "person_record.parquet"
    people.con.execute(
        f"""copy (select * replace (null::date as birth_date, null::integer as birth_year) from linkage.person_record)
            to '{names}'"""
    )
    with pytest.raises(ModelNotTrained, match="learns nothing"):
        PlainSplink(people.con, SEED).link(names)


def test_where_a_level_of_plain_splink_falls_to_nothing_that_is_said(
    people: People,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fall_to_nothing(_: PlainSplink) -> None:
        raise ValueError("m_probability value 0.0 is below the minimum allowed value")

    register(people)
    records = tmp_path / "person_record.parquet"
    people.con.execute(f"copy linkage.person_record to '{records}'")
    monkeypatch.setattr(PlainSplink, "_trained", fall_to_nothing)
    with pytest.raises(ModelNotTrained, match="learns nothing"):
        PlainSplink(people.con, SEED).link(records)
