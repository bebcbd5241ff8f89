"""Sets where nobody tells births, a registry or codes, and families live together: a model of their own tells them apart."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.steps import Runner
from matching.comparisons import DIFFERS
from matching.evaluate import evaluate
from matching.link import link
from matching.model import Model, save_model
from matching.train import SWAPPED_NAMES, train
from tests.foreign import MEN, WOMEN, Row, population, spoilt
from tests.spec.people_world import People, people  # noqa: F401

PERSONS, SEED = 400, 3
LEAST_PRECISION, LEAST_RECALL = 0.96, 0.44  # half of the records are spoilt one to three times


def families(chance: random.Random) -> list[tuple[int, Row]]:
    """Persons with their further records, and of each a sister or brother with theirs."""
    rows = population(PERSONS, chance)
    first = dict(reversed(rows))
    for person, row in first.items():
        sibling = replace(row, given_name=chance.choice((MEN + " " + WOMEN).split()))
        if sibling.given_name != row.given_name:
            rows.append((PERSONS + person, sibling))
            rows += [(PERSONS + person, spoilt(sibling, chance)) for _ in range(chance.choice((0, 1, 1)))]
    return rows


@pytest.fixture
def trained(people: People) -> Model:  # noqa: F811
    """A model of a set that tells names and addresses only; truth is in temp table true_person."""
    rows = families(random.Random(SEED))
    people.rows["clinic"] = [
        {"key": str(n), "given_name": row.given_name or None, "surname": row.surname, "address": row.address or None}
        for n, (_, row) in enumerate(rows)
    ]
    people.standardise()
    values = ", ".join(f"('clinic:{n}', {person})" for n, (person, _) in enumerate(rows))
    people.con.execute(f"create temp table true_person as select * from (values {values}) as t(record_key, true_person_id)")
    return train(people.con, name="own", description="families", seed=SEED)


def test_sisters_are_not_taken_for_one_person_with_two_given_names(trained: Model) -> None:
    assert trained.odds["given_name"][DIFFERS].m < 0.05
    assert not {"given_name", "surname", "residence"} & set(trained.training["assumed"])


def test_names_in_each_others_place_weigh_what_equal_names_do(trained: Model) -> None:
    for name in ("given_name", "surname"):
        swapped, same = trained.odds[name][SWAPPED_NAMES], trained.odds[name]["same"]
        assert swapped.u == pytest.approx(swapped.m * same.u, rel=1e-3)


def test_names_and_addresses_find_persons_in_families(people: People, trained: Model, tmp_path: Path) -> None:  # noqa: F811
    save_model(tmp_path / "own.json", trained)
    runner: Runner = people.runner
    link(runner, Settings(home=people.world.home, trial_model=tmp_path / "own.json"))
    score = evaluate(people.con, "linkage.cluster", "true_person")
    assert score.precision >= LEAST_PRECISION
    assert score.recall >= LEAST_RECALL
