"""What a night may take over from the one before: nothing once something that decides is another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from hub.settings import Settings
from matching import reference
from matching.facts import FACTS
from matching.model import current_model
from matching.scorer import rules_under


@pytest.mark.parametrize("name", ["contradiction", "corroboration", "block_keys", "hashed_fields"])
def test_L11_a_rule_that_decides_otherwise_measures_the_reference_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    con, model = duckdb.connect(), current_model(Settings(home=tmp_path))
    before = reference.method_hash(con, model)
    assert reference.method_hash(con, model) == before
    said = getattr(reference, name)
    monkeypatch.setattr(reference, name, lambda *asked, **also: said(*asked, **also) + " ")
    assert reference.method_hash(con, model) != before


def test_L11_another_number_that_decides_measures_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    con, model = duckdb.connect(), current_model(Settings(home=tmp_path))
    before = reference.method_hash(con, model)
    monkeypatch.setattr(
        reference, "rules_under", lambda asked: replace(rules_under(asked), link_weight=rules_under(asked).link_weight + 1)
    )
    assert reference.method_hash(con, model) != before


def test_L11_another_fact_that_rules_speak_of_measures_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    con, model = duckdb.connect(), current_model(Settings(home=tmp_path))
    before = reference.method_hash(con, model)
    monkeypatch.setitem(FACTS, "is_swapped", "false")
    assert reference.method_hash(con, model) != before


def test_L11_other_names_that_go_together_measure_it_anew(tmp_path: Path) -> None:
    con, model = duckdb.connect(), current_model(Settings(home=tmp_path))
    other = replace(model, training={**model.training, "together": {"given_name": {"jim": "jms"}}})
    assert reference.method_hash(con, other) != reference.method_hash(con, model)
