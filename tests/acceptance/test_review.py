"""A steward's evening and what the next nights make of it: the queue, a decision, its undoing, through real nights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hub.errors import IdentityError, meaning
from hub.runs import find_run
from matching.known_models import keep_model, use_model
from matching.model import Model, Odds, current_model
from nights.review import decide, waiting_pairs
from nights.setup import make_ready
from nights.sync import sync
from tests.nation import FIRST, SECOND, Home, make_nation
from warehouse.judgements import ContradictingJudgement, judgements_in_force, undo_judgement
from warehouse.runs import live_run_id

PERSONS, SEED = 2_000, 5
Keys = tuple[str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A small databank after its first night."""
    nation = make_nation(tmp_path_factory.mktemp("nation"), persons=PERSONS, seed=SEED)
    home = Home(tmp_path_factory.mktemp("home") / "state", nation)
    make_ready(home.settings)
    night(home, FIRST)
    yield home
    home.close()


def night(home: Home, business_date: str) -> None:
    sync(home.settings.on(date.fromisoformat(business_date)))


def persons(home: Home) -> dict[str, int]:
    """The person of each record in the live night."""
    run_id = live_run_id(home.settings)
    assert run_id is not None
    with find_run(home.settings, run_id).runner(home.settings) as runner:
        return dict(runner.con.execute("select record_key, person_id from person.crosswalk").fetchall())


def linked_pairs(home: Home) -> list[Keys]:
    """Records that a code brought to the registry, each with its registry record; persons of two records only."""
    run_id = live_run_id(home.settings)
    assert run_id is not None
    with find_run(home.settings, run_id).runner(home.settings) as runner:
        return runner.con.execute(
            """select c.record_key, r.record_key from person.crosswalk as c join person.crosswalk as r using (person_id)
               where c.method_code = 'code' and r.method_code = 'registry'
               qualify count(*) over (partition by person_id) = 2 order by all limit 6"""
        ).fetchall()


def test_the_queue_and_a_pair_are_shown_with_weights_and_rule(home: Home, tmp_path: Path) -> None:
    waiting = waiting_pairs(home.settings)
    assert waiting
    pair = next((each for each in waiting if each.match_weight is not None), waiting[0])
    listed = json.loads(home.run("review", "list", "--json", "--limit", "1000").stdout)
    assert (pair.record_key_a, pair.record_key_b) in {(row["record_key_a"], row["record_key_b"]) for row in listed}
    shown = home.run("review", "show", pair.record_key_a, pair.record_key_b)
    assert shown.returncode == 0, shown.stderr
    assert "نام خانوادگی" in shown.stdout
    assert "reason of review" in shown.stdout
    page = tmp_path / "why.html"
    explained = home.run("explain", pair.record_key_a, pair.record_key_b, "--html", str(page), "--json")
    assert explained.returncode == 0, explained.stderr
    found = json.loads(explained.stdout)
    assert found["weight"] == pytest.approx(found["start_weight"] + sum(part["weight"] for part in found["parts"]))
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert not {"<script", "<link", "@import", "url("} & {
        word for word in ("<script", "<link", "@import", "url(") if word in text
    }
    unknown = home.run("explain", "nobody:1", pair.record_key_a)
    assert unknown.returncode == meaning(IdentityError("")).exit_code
    assert "nobody:1" not in unknown.stderr


def test_I04_judgements_outlive_redelivery_retraining_and_rebuild_and_undo_brings_back(home: Home) -> None:
    before = persons(home)
    apart, (moved, was_with), (_, united_with) = (pair for pair in linked_pairs(home)[:3])
    settings = home.settings
    parted = decide(settings, apart, is_same=False, judged_by="steward", reason="a relative's code")
    united = decide(settings, (moved, united_with), is_same=True, judged_by="steward", reason="seen papers")

    def holds() -> bool:
        now = persons(home)
        return now[apart[0]] != now[apart[1]] == before[apart[1]] and now[moved] == now[united_with] != now[was_with]

    night(home, SECOND)  # every feed is delivered again
    assert holds()
    first_run = live_run_id(settings)
    retrain(home)
    night(home, SECOND)  # another model: everything is standardised and scored anew
    assert live_run_id(settings) != first_run
    assert holds()
    for each in (parted, united):
        undo_judgement(settings, each.judgement_id, undone_by="steward", reason="was wrong")
    night(home, SECOND)
    after = persons(home)
    assert after[apart[0]] == after[apart[1]] == before[apart[1]]
    assert after[moved] == after[was_with] == before[was_with]
    assert after[united_with] == before[united_with]
    assert judgements_in_force(settings) == []


def retrain(home: Home) -> None:
    """Put another model in force: slightly other odds."""
    model = current_model(home.settings)
    odds = {
        name: {label: Odds(min(1.0, each.m * 1.01), each.u) for label, each in levels.items()}
        for name, levels in model.odds.items()
    }
    keep_model(home.settings, Model("retrained", odds, model.training))
    use_model(home.settings, "retrained", switched_by="steward", reason="slightly other odds")


def test_I05_contradicting_judgements_are_refused_with_both_shown(home: Home) -> None:
    (a, b), (c, _), *_ = linked_pairs(home)
    settings = home.settings
    first = decide(settings, (a, b), is_same=True, judged_by="steward", reason="seen papers")
    second = decide(settings, (b, c), is_same=True, judged_by="steward", reason="seen papers")
    with pytest.raises(ContradictingJudgement) as refused:
        decide(settings, (c, a), is_same=False, judged_by="another", reason="twins")
    assert {each.judgement_id for each in refused.value.others} == {first.judgement_id, second.judgement_id}
    assert a not in str(refused.value)
    said = home.run("review", "decide", a, c, "--different", "--by", "another", "--reason", "twins")
    assert said.returncode == meaning(IdentityError("")).exit_code
    assert all(part in said.stdout for part in (a, b, c, "two persons"))
    assert len(judgements_in_force(settings)) == 2
    done = home.run("review", "undo", str(second.judgement_id), "--by", "steward", "--reason", "was wrong")
    assert done.returncode == 0, done.stderr
    done = home.run("review", "decide", a, c, "--different", "--by", "another", "--reason", "twins", "--json")
    assert json.loads(done.stdout)["is_same"] is False
