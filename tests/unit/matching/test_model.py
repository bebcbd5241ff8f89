"""A model that is missing, untrained or another's is refused; nothing is linked with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ModelNotTrained
from hub.settings import Settings
from matching.comparisons import COMPARISONS, comparisons_hash
from matching.model import CURRENT, IN_TREE, current_model, load_model, save_model
from matching.train import train
from tests.spec.people_world import People, people  # noqa: F401

OWN = ("models", "current.json")


def _untrained(value: dict[str, Any]) -> None:
    value["comparisons"]["birth"]["same date"]["m"] = None


def _other_comparisons(value: dict[str, Any]) -> None:
    value["comparisons_hash"] = "0" * 16


def _level_missing(value: dict[str, Any]) -> None:
    del value["comparisons"]["given_name"]["swapped"]


def _empty(value: dict[str, Any]) -> None:
    value["comparisons"] = {}


@pytest.mark.parametrize("spoil", [_untrained, _other_comparisons, _level_missing, _empty])
def test_a_model_that_does_not_fit_is_refused(tmp_path: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads((IN_TREE / f"{CURRENT}.json").read_text())
    spoil(value)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(value))
    with pytest.raises(ModelNotTrained) as refused:
        load_model(path)
    assert "nothing was linked" in str(refused.value)


def test_linking_with_an_untrained_model_leaves_nothing(people: People) -> None:  # noqa: F811
    people.given("fund", "key | given_name\n1 | علی")
    own = people.world.home.joinpath(*OWN)
    own.parent.mkdir()
    own.write_text(json.dumps({"comparisons_hash": comparisons_hash(), "comparisons": {}, "name": "x", "training": {}}))
    with pytest.raises(ModelNotTrained):
        people.link()
    assert not (people.runner.folder / "linkage.cluster.parquet").exists()


def test_the_model_of_the_tree_is_trained_for_these_comparisons(tmp_path: Path) -> None:
    model = current_model(Settings(home=tmp_path))
    assert model.name == CURRENT
    assert set(model.odds) == {comparison.name for comparison in COMPARISONS}
    assert {"description", "seed", "distinct_records"} <= set(model.training)
    for comparison in COMPARISONS:
        levels = [model.odds[comparison.name][label] for label in comparison.labels]
        assert sum(odds.m for odds in levels) == pytest.approx(1.0, abs=1e-6)
        assert levels[0].m / levels[0].u > levels[-1].m / levels[-1].u


def test_a_model_trained_on_the_data_at_hand_is_the_one_in_force(people: People, tmp_path: Path) -> None:  # noqa: F811
    people.given_neighbours()
    rows = people.rows["civil"]
    for feed in ("fund", "other", "third"):
        people.rows[feed] = [dict(row) for row in rows]
    people.standardise()
    first = train(people.con, name="own", description="neighbours thrice", seed=5)
    again = train(people.con, name="own", description="neighbours thrice", seed=5)
    assert first == again
    save_model(tmp_path.joinpath(*OWN), first)
    loaded = current_model(Settings(home=tmp_path))
    assert loaded.odds == first.odds
    assert loaded.training["description"] == "neighbours thrice"


def test_too_little_to_learn_from_is_said(people: People) -> None:  # noqa: F811
    people.given("fund", "key | given_name\n1 | علی\n2 | رضا")
    people.standardise()
    with pytest.raises(ModelNotTrained):
        train(people.con, name="none", description="two records", seed=5)
