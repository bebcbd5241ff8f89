"""docs/adding_a_feed.md, "A new agency in an hour": every line of the page is run as it stands there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cli.main import app
from hub import postgres
from hub.duck import connection
from hub.settings import CONTRACTS_IN_TREE, Settings
from nights import trial
from schemas.contracts import load_feed
from synthetic.samples import CONTRACTS, SAMPLES, write_samples
from tests.house.tree import PROJECT
from tests.integration.staging_world import DAY, Agency, lines_of, people

pytestmark = pytest.mark.xdist_group("new agency")
PAGE = (PROJECT / "docs" / "adding_a_feed.md").read_text(encoding="utf-8")
WALK = re.findall(r"```sh\n(.*?)```", PAGE.partition("## A new agency in an hour")[2].partition("\n## ")[0], re.S)
EXAMPLES = {"msrt_graduates": "faragh_*", "medu_pupils": "DANESHAMOOZ_*", "cbi_accounts": "حساب‌ها_*"}
LEAST_LINKED = 0.97


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("agency")
    yield folder
    postgres.stop(Settings(home=folder / "state"), mode="immediate")


def run(folder: Path, script: str) -> str:
    """Run a piece of the page, line by line, with a place of its own for /some/folder; what `databank` printed.

    Commands run in this process: loading what judges and links takes longer than the work of most of them.
    """
    place = dict.fromkeys(name for name in os.environ if name.startswith("DATABANK_")) | {
        "DATABANK_HOME": str(folder / "state")
    }
    said = ""
    for line in script.replace("/some/folder", str(folder)).splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["databank"]:
            done = CliRunner().invoke(app, words[1:], env=place, catch_exceptions=False)
            assert done.exit_code == 0, done.output
            said += done.stdout
        elif words[:1] == ["export"]:
            place |= dict([words[1].split("=", 1)])
        elif words:
            given = os.environ | {name: value for name, value in place.items() if value}
            subprocess.run(["bash", "-ec", line], cwd=PROJECT, env=given, timeout=60, check=True)
    return said


@pytest.fixture(autouse=True)
def in_the_projects_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)


def tried(folder: Path, feed: str) -> dict[str, Any]:
    sample = next(SAMPLES.glob(EXAMPLES[feed]))
    found: dict[str, Any] = json.loads(run(folder, f"databank feeds try {CONTRACTS / feed}.odcs.yaml '{sample}' --json"))
    return found


def everything(home: Path) -> str:
    """One hash of all names and contents under a home, the database server's own files left out."""
    files = sorted(path for path in home.rglob("*") if "postgres" not in path.relative_to(home).parts)
    said = [f"{path} {hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ''}" for path in files]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def test_samples_are_those_of_the_nation(tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in write_samples(tmp_path)}
    assert made == {path.name: path.read_bytes() for path in SAMPLES.iterdir()}


def test_without_a_nation_a_contract_is_tried_without_linking(folder: Path) -> None:
    found = tried(folder, "medu_pupils")
    assert found["linkage"] is None
    assert found["counts"]["accepted"] == found["counts"]["received"] > 0


def test_the_page_is_walked_from_sample_to_feed(folder: Path) -> None:
    """Drafts load, trials link, and a trial leaves the state folder as it was."""
    assert len(WALK) == 4
    made, drafted, tries, taken = WALK
    run(folder, made)
    said = run(folder, drafted)
    for feed in EXAMPLES:
        mapped = {column.name for column in load_feed(folder / "drafts" / f"{feed}.odcs.yaml").layouts[0].columns}
        finished = load_feed(CONTRACTS / f"{feed}.odcs.yaml").layouts[0]
        assert {column.name for column in finished.columns} - mapped <= {"school_name"}
        assert finished.keys[0].source in said
    before = everything(folder / "state")
    scorecards = run(folder, tries)
    assert everything(folder / "state") == before
    for feed in EXAMPLES:
        assert f"{feed} on 2026-11-19, tried on a sample" in scorecards
    rates = [float(rate) for rate in re.findall(r"Expected link rate +([0-9.]+)%", scorecards)]
    assert len(rates) == len(EXAMPLES)
    assert min(rates) >= 100 * LEAST_LINKED
    assert "staged" in run(folder, taken)


def test_an_insurers_trial_tells_the_conflicts_it_would_bring(folder: Path) -> None:
    """Social security's members as if another basic insurer listed them too: each booklet would be a second one."""
    text = (CONTRACTS_IN_TREE / "sso_members.odcs.yaml").read_text(encoding="utf-8")
    twice = folder / "twice" / "sso_twice.odcs.yaml"
    twice.parent.mkdir()
    for old, new in (("name: sso_members", "name: sso_twice"), ("insurerCode, value: SSO", "insurerCode, value: BANKS")):
        text = text.replace(old, new)
    twice.write_text(text, encoding="utf-8")
    [sample] = (folder / "state" / "inbox" / "sso_members").glob("*.gz")
    found = json.loads(run(folder, f"databank feeds try {twice} '{sample}' --json"))
    assert found["linkage"]["link_ratio"] > LEAST_LINKED
    assert found["linkage"]["conflicts"]["two_basic"] > found["counts"]["accepted"] / 2


def test_a_trial_in_which_the_engine_fails_once_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency, plain = Agency.at(tmp_path), list[bool]()
    sample = tmp_path / f"clients_{DAY}.csv"
    sample.write_text("\n".join(lines_of(people(20))) + "\n", encoding="utf-8")
    linkage = trial._dry_linkage

    def failing_once(settings: Settings, place: Settings, *others: Any) -> Any:
        plain.append(place.has_plain_plans)
        if len(plain) == 1:
            with connection(place):
                raise duckdb.InternalException("a fault")
        return linkage(settings, place, *others)

    monkeypatch.setattr(trial, "_dry_linkage", failing_once)
    assert trial.try_contract(agency.settings, agency.feed, sample, DAY).counts.accepted == 20
    assert plain == [False, True]
