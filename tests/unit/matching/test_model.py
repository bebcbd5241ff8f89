"""A model that is missing, untrained or another's is refused; nothing is linked with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ModelNotTrained, SettingsError
from hub.settings import Settings
from matching.comparisons import COMPARISONS, comparisons_hash
from matching.known_models import keep_model, known_models, use_model
from matching.model import CURRENT, IN_TREE, current_model, in_force, load_model, model_version
from matching.switches import switches
from matching.train import train
from tests.spec.people_world import People, people  # noqa: F401


def _untrained(value: dict[str, Any]) -> None:
    value["comparisons"]["birth"]["same date"]["m"] = None


def _other_comparisons(value: dict[str, Any]) -> None:
    value["comparisons_hash"] = "0" * 16


def _level_missing(value: dict[str, Any]) -> None:
    del value["comparisons"]["given_name"]["swapped"]


def _empty(value: dict[str, Any]) -> None:
    value["comparisons"] = {}


def _better_looking(value: dict[str, Any]) -> None:
    value["comparisons"]["birth"]["same date"]["m"] = 0.99


def _other_record(value: dict[str, Any]) -> None:
    value["training"]["description"] = "a whole nation"


def _not_sealed(value: dict[str, Any]) -> None:
    del value["content_hash"]


def _no_training(value: dict[str, Any]) -> None:
    del value["training"]


SPOILT = [
    _untrained, _other_comparisons, _level_missing, _empty, _better_looking, _other_record, _not_sealed, _no_training,
]  # fmt: skip
REVIEW = {"switched_by": "lead", "reason": "fewer wrong links"}


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_model_that_does_not_fit_is_refused(tmp_path: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads((IN_TREE / f"{CURRENT}.json").read_text())
    spoil(value)
    path = tmp_path / f"{CURRENT}.json"
    path.write_text(json.dumps(value))
    with pytest.raises(ModelNotTrained) as refused:
        load_model(path)
    assert "nothing was linked" in str(refused.value)


def test_a_model_under_another_name_or_cut_short_is_refused(tmp_path: Path) -> None:
    shutil.copy(IN_TREE / f"{CURRENT}.json", tmp_path / "other.json")
    (tmp_path / "cut.json").write_text((IN_TREE / f"{CURRENT}.json").read_text()[:100])
    for name in ("other", "cut", "absent"):
        with pytest.raises(ModelNotTrained):
            load_model(tmp_path / f"{name}.json")


def test_linking_with_an_untrained_model_leaves_nothing(people: People) -> None:  # noqa: F811
    people.given("fund", "key | given_name\n1 | علی")
    settings = Settings(home=people.world.home)
    own = _keep(settings, "own")
    use_model(settings, "own", **REVIEW)
    own.write_text(json.dumps({"comparisons_hash": comparisons_hash(), "comparisons": {}, "name": "own", "training": {}}))
    with pytest.raises(ModelNotTrained):
        people.link()
    assert not (people.runner.folder / "linkage.cluster.parquet").exists()


def _keep(settings: Settings, name: str) -> Path:
    """A model of one's own that says what the tree's does."""
    return keep_model(settings, replace(load_model(IN_TREE / f"{CURRENT}.json"), name=name))


def test_a_trained_model_is_not_in_force_until_a_person_puts_it_there(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    _keep(settings, "own")
    assert in_force(settings) == CURRENT
    use_model(settings, "own", **REVIEW)
    assert (in_force(settings), current_model(settings).name) == ("own", "own")
    use_model(settings, CURRENT, switched_by="lead", reason="back again")
    assert model_version(settings).startswith(CURRENT)
    assert [(each.model, each.reason) for each in switches(settings)] == [
        ("own", "fewer wrong links"),
        (CURRENT, "back again"),
    ]


def test_a_model_that_was_exchanged_after_its_review_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    path = _keep(settings, "own")
    use_model(settings, "own", **REVIEW)
    path.unlink()
    other = load_model(IN_TREE / f"{CURRENT}.json")
    keep_model(settings, replace(other, name="own", training={"description": "something else"}))
    with pytest.raises(ModelNotTrained, match="reviewed"):
        current_model(settings)
    assert [each.name for each in known_models(settings) if each.refusal] == ["own"]


@pytest.mark.parametrize("name", ["absent", "spoilt"])
def test_a_model_that_cannot_be_used_is_never_put_in_force(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path)
    spoilt = _keep(settings, "spoilt")
    spoilt.write_text(spoilt.read_text().replace("0.9", "0.8"))
    with pytest.raises(ModelNotTrained):
        use_model(settings, name, **REVIEW)
    assert (in_force(settings), switches(settings)) == (CURRENT, [])


@pytest.mark.parametrize("name", [CURRENT, "taken", "", "../out", "a b"])
def test_a_name_that_is_taken_or_none_is_refused(tmp_path: Path, name: str) -> None:
    settings = Settings(home=tmp_path)
    _keep(settings, "taken")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SettingsError, match="nothing was trained"):
        _keep(settings, name)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_model_of_the_tree_is_trained_for_these_comparisons(tmp_path: Path) -> None:
    model = current_model(Settings(home=tmp_path))
    assert model.name == CURRENT
    assert set(model.odds) == {comparison.name for comparison in COMPARISONS}
    told = {"description", "seed", "date", "deliveries", "records", "random_pairs", "blocks", "software"}
    assert told <= set(model.training)
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
    tree = load_model(IN_TREE / f"{CURRENT}.json")
    assert {"mobile", "nationality", "residence"} <= set(first.training["assumed"])
    assert first.odds["nationality"] == tree.odds["nationality"], "what nobody delivered yet weighs as in the tree"
    again = train(people.con, name="own", description="neighbours thrice", seed=5)
    assert first == again
    settings = Settings(home=tmp_path)
    keep_model(settings, first)
    use_model(settings, "own", **REVIEW)
    loaded = current_model(settings)
    assert loaded.odds == first.odds
    assert loaded.training["description"] == "neighbours thrice"


def test_too_little_to_learn_from_is_said(people: People) -> None:  # noqa: F811
    people.given("fund", "key | given_name\n1 | علی\n2 | رضا")
    people.standardise()
    with pytest.raises(ModelNotTrained):
        train(people.con, name="none", description="two records", seed=5)
