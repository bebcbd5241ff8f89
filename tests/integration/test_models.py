"""Models on data of which the tree knows nothing: another language, no registry, no codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.drafting.draft import Wanted
from hub.errors import ContractBreach, DeliveryError, ModelNotTrained, SettingsError, meaning
from hub.storage import read_json
from matching.evaluate import Score
from matching.model import CURRENT
from nights.bench_own import OwnSet, Way, bench_own
from nights.comparison import compare_models
from nights.comparison_page import LEAST_SHIFT_BITS
from nights.drafting import draft_checked
from nights.intake import take_in_all
from schemas.contracts import load_feeds
from tests.foreign import BUSINESS_DATE, foreign_home
from tests.nation import Home

pytestmark = pytest.mark.xdist_group("models")
ON_THE_DAY = ("--date", BUSINESS_DATE)
LEAST_PRECISION, LEAST_RECALL = 0.99, 0.65  # half of the records are spoilt one to three times


def staged(home: Home) -> Home:
    intakes = take_in_all(home.settings, date.fromisoformat(BUSINESS_DATE))
    assert [item.error for item in intakes] == [None] * len(intakes)
    return home


def figures(home: Home, *arguments: str) -> Any:
    done = home.run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = staged(foreign_home(tmp_path_factory.mktemp("foreign"), persons=700, seed=7))
    yield made
    made.close()


@pytest.fixture(scope="module")
def trained(home: Home) -> dict[str, Any]:
    """What `databank train` says of a model called own."""
    told: dict[str, Any] = figures(home, "train", "--name", "own", "--description", "two agencies", *ON_THE_DAY)
    return told


@pytest.fixture(scope="module")
def compared(home: Home, trained: dict[str, Any]) -> dict[str, Any]:
    truth = home.settings.home / "truth.csv"
    told: dict[str, Any] = figures(home, "evaluate", CURRENT, "own", "--truth", str(truth), *ON_THE_DAY)
    return told


def test_a_model_says_from_what_it_was_made(home: Home, trained: dict[str, Any]) -> None:
    said = trained["training"]
    assert (said["description"], said["date"], said["seed"]) == ("two agencies", BUSINESS_DATE, 1)
    assert said["records"] > 1_000
    assert {"clinic", "taxes"} == {delivery.partition("-")[0] for delivery in said["deliveries"]}
    assert set(said["software"]) == {"databank", "duckdb", "splink"}
    assert {"national_code", "father_name", "mobile"} <= set(said["assumed"]), "nobody delivers these"
    assert not {"given_name", "surname", "birth", "residence"} & set(said["assumed"])
    assert "`databank bench own --truth FILE`" in trained["advice"]
    assert Path(trained["file"]) == home.settings.home / "models" / "own.json"


def test_a_set_without_registry_and_codes_is_linked_with_a_model_of_its_own(compared: dict[str, Any]) -> None:
    own = compared["sides"][1]["persons"]
    assert own["precision"] >= LEAST_PRECISION
    assert own["recall"] >= LEAST_RECALL
    assert own["f1"] > compared["sides"][0]["persons"]["f1"], "a model of another nation knows this one less well"


def test_an_own_set_is_measured_by_one_command_and_leaves_nothing(home: Home) -> None:
    before = sorted(home.settings.home.rglob("*.json"))
    told = figures(home, "bench", "own", "--truth", str(home.settings.home / "truth.csv"), *ON_THE_DAY)
    assert told["records"] == told["known_records"] > 1_000
    assert (list(told["ways"]), told["untrained"]) == ([CURRENT, "own", "plain Splink"], None)
    own = told["ways"].pop("own")
    assert told["best_model"] == "own"
    assert own["precision"] >= LEAST_PRECISION
    assert own["f1"] > max(each["f1"] for each in told["ways"].values())
    assert sorted(home.settings.home.rglob("*.json")) == before


@pytest.mark.parametrize(
    ("own", "best", "said"),
    [
        (Score(93, 1, 7), "own", "own suits this set better than the tree's (F1 0.9588 against 0.9474)"),
        (Score(90, 0, 10), CURRENT, "as well as one of its own, or better (F1 0.9474 against 0.9474): keep it"),
        (Score(85, 0, 15), CURRENT, "(F1 0.9474 against 0.9189): keep it"),
    ],
)
def test_a_measured_set_says_which_model_to_use(own: Score, best: str, said: str) -> None:
    ways = (Way(CURRENT, Score(90, 0, 10)), Way("own", own), Way("plain Splink", Score(99, 0, 1)))
    measured = OwnSet(100, 100, ways)
    assert measured.best_model.name == best
    assert said in measured.advice


def test_comparing_tells_what_a_switch_would_change(compared: dict[str, Any]) -> None:
    assert compared["measured_by"] == "truth"
    same, (first, second) = compared["agreement"], compared["sides"]
    assert (first["name"], second["name"]) == (CURRENT, "own")
    assert same["merged"] > 0, "the second finds more"
    found = [side["persons"]["true_pairs"] + side["persons"]["false_pairs"] for side in (first, second)]
    assert found[0] == same["pairs"]["true_pairs"] + same["pairs"]["missed_pairs"]
    assert found[1] == same["pairs"]["true_pairs"] + same["pairs"]["false_pairs"]
    assert set(second["reviews"]) >= {"threshold"}
    shifts = [abs(each["second_weight"] - each["first_weight"]) for each in compared["levels"]]
    assert shifts == sorted(shifts, reverse=True)


def test_the_page_of_a_comparison_works_offline_in_both_languages(compared: dict[str, Any]) -> None:
    persian = Path(compared["page"])
    english = persian.with_name(f"{CURRENT}--own.en.html")
    for page in (persian, english):
        text = page.read_text(encoding="utf-8")
        assert "://" not in text
        assert "<script" not in text
        shifted = {
            each["comparison"]
            for each in compared["levels"]
            if abs(each["second_weight"] - each["first_weight"]) >= LEAST_SHIFT_BITS
        }
        assert text.count('class="bars weights"') == len(shifted) >= 4
    shown = english.read_text(encoding="utf-8")
    for side in compared["sides"]:
        assert f"{side['persons']['recall']:.5f}" in shown
    same = compared["agreement"]
    assert f"<b>{same['merged']:,}</b>" in shown
    assert f">{same['pairs']['false_pairs']:,}</text>" in shown
    furthest = compared["levels"][0]
    assert f">{furthest['second_weight'] - furthest['first_weight']:+.1f}</text>" in shown
    assert "جابه‌جایی وزن جفت‌ها" in persian.read_text(encoding="utf-8")


def test_names_that_nothing_bears_are_told_what_there_is(home: Home, trained: dict[str, Any]) -> None:
    done = home.run("evaluate", "own", "atumn", *ON_THE_DAY)
    assert done.returncode == meaning(SettingsError("")).exit_code
    assert "Neither a model nor a run is called atumn" in done.stderr
    assert CURRENT in done.stderr.split("What to do:")[-1]


def test_a_model_is_listed_shown_and_put_in_force_by_a_person(home: Home, trained: dict[str, Any]) -> None:
    listed = {each["name"]: each for each in figures(home, "models", "list")}
    assert (listed[CURRENT]["is_in_force"], listed["own"]["is_in_force"]) == (True, False)
    page = Path(figures(home, "models", "show", "own")["page"])
    assert page.exists()
    assert home.run("models", "use", "own", "--by", " ", "--reason", "better").returncode == 2
    done = home.run("models", "use", "own", "--by", "S. Karimi", "--reason", "knows these names")
    assert done.returncode == 0, done.stderr
    home.sync(BUSINESS_DATE)
    [run] = home.settings.runs.glob("*/manifest.json")
    assert read_json(run)["inputs"]["model"] == trained["version"]
    night = run.parent.name
    mixed = home.run("evaluate", night, "own")
    assert "One is a model, the other a run" in mixed.stderr
    assert night in mixed.stderr.split("What to do:")[-1]
    told = figures(home, "evaluate", night, night)
    assert told["agreement"]["equal_clusters"] == told["agreement"]["clusters"][0] > 0
    back = home.run("models", "use", CURRENT, "--by", "S. Karimi", "--reason", "only a try")
    assert back.returncode == 0, back.stderr
    told = figures(home, "models", "history")
    assert [(each["model"], each["switched_by"]) for each in told] == [("own", "S. Karimi"), (CURRENT, "S. Karimi")]


def test_the_page_of_a_model_works_offline_in_both_languages(home: Home, trained: dict[str, Any]) -> None:
    persian = Path(trained["page"])
    english = persian.with_name("own.en.html")
    for page in (persian, english):
        text = page.read_text(encoding="utf-8")
        assert "://" not in text
        assert "<script" not in text
        assert text.count("<svg") == len(trained["comparisons"])
    assert 'dir="rtl"' in persian.read_text(encoding="utf-8")
    assert "نام خانوادگی" in persian.read_text(encoding="utf-8")
    shown = english.read_text(encoding="utf-8")
    best = trained["comparisons"]["surname"]["same"]
    assert f"{best['m'] * 100:.3g} %" in shown
    assert "assumed: the data did not show it" in shown


def test_a_truth_that_is_none_is_refused(home: Home, trained: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("record,person\n1,2\n")
    for truth in (tmp_path / "truth.csv", tmp_path / "absent.parquet", tmp_path):
        for measuring in (bench_own, lambda *asked: compare_models(asked[0], (CURRENT, "own"), *asked[1:])):
            with pytest.raises(SettingsError, match="nothing was measured"):
                measuring(home.settings, date.fromisoformat(BUSINESS_DATE), truth)
    done = home.run("evaluate", CURRENT, "own", "--truth", str(tmp_path), *ON_THE_DAY)
    assert done.returncode == meaning(SettingsError("")).exit_code
    assert "nothing was measured" in done.stderr


def test_too_few_records_make_no_model_and_are_linked_with_the_trees(tmp_path: Path) -> None:
    few = staged(foreign_home(tmp_path, persons=25, seed=3))
    refused = few.run("train", "--name", "few", *ON_THE_DAY)
    assert refused.returncode == meaning(ModelNotTrained("")).exit_code
    assert "use the model of the tree" in refused.stderr
    assert not (few.settings.home / "models").exists()
    truth = few.settings.home / "truth.csv"
    told = figures(few, "evaluate", CURRENT, CURRENT, "--truth", str(truth), *ON_THE_DAY)
    assert told["sides"][0]["persons"]["true_pairs"] > 0
    assert told["agreement"]["pairs"]["missed_pairs"] == told["agreement"]["pairs"]["false_pairs"] == 0
    told = figures(few, "evaluate", CURRENT, CURRENT, *ON_THE_DAY)
    assert told["measured_by"] is None, "there is neither truth nor code"
    assert [side["persons"] for side in told["sides"]] == [None, None]
    measured = bench_own(few.settings, date.fromisoformat(BUSINESS_DATE), truth, is_splink_measured=False)
    assert "Too few records" in str(measured.untrained)
    assert [way.name for way in measured.ways] == [CURRENT]
    assert measured.advice.startswith("Use the tree's model: Too few records")
    assert not list(few.settings.scratch.glob("trial-*"))


def test_the_first_contract_is_drafted_into_an_empty_folder(tmp_path: Path) -> None:
    made = foreign_home(tmp_path, persons=25, seed=3)
    sample = next(made.settings.inbox.glob("clinic/*.csv"))
    empty = replace(made.settings, contracts=tmp_path / "drafts")
    empty.contracts.mkdir()
    drafted, path = draft_checked(empty, sample, Wanted("clinic", "patients"), empty.contracts)
    meant = {each.source: each.field.name for each in drafted.meanings if each.field}
    assert meant | {"first_name": "given_name", "last_name": "surname", "gender": "sex_code", "dob": "birth_date"} == meant
    assert path is not None
    assert [feed.name for feed in load_feeds(empty.contracts)] == ["clinic_patients"]


def test_a_first_night_whose_deliveries_were_all_refused_says_why(tmp_path: Path) -> None:
    refused = foreign_home(tmp_path, persons=25, seed=3)
    for file in refused.settings.inbox.glob("*/*.csv"):
        file.write_text(file.read_text(encoding="utf-8").replace("no", "number", 1), encoding="utf-8")
    done = refused.run("sync", *ON_THE_DAY)
    assert done.returncode == meaning(ContractBreach("")).exit_code, done.stderr
    assert "number" in done.stderr


def test_nothing_staged_is_nothing_to_train_on(tmp_path: Path) -> None:
    bare = foreign_home(tmp_path, persons=25, seed=3)
    done = bare.run("train", *ON_THE_DAY)
    assert done.returncode == meaning(DeliveryError("")).exit_code
    assert "databank stage" in done.stderr
