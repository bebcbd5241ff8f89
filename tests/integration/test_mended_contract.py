"""A new agency's first file, refused by its contract: what the command line says until the rows are staged."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from hub.errors import ContractBreach, DeliveryCorrupt, VolumeBreach, meaning
from tests.integration.drafting_world import sample_of
from tests.nation import Home

DAY = "2026-11-20"
LOOSE = "metric: rowCountChange, unit: percent, mustBeLessThan: 90"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A databank with no contract and an empty inbox of the feed new."""
    contracts = tmp_path / "contracts"
    for folder in (tmp_path / "nation" / "inbox" / "new", contracts):
        folder.mkdir(parents=True)
    made = Home(tmp_path / "state", tmp_path / "nation")
    made.settings = replace(made.settings, contracts=contracts)
    return made


def delivered(home: Home, tmp_path: Path, header: str, rows: list[str]) -> str:
    """Put an agency's first file into the inbox. Returns the contract that drafting proposes for it."""
    drafted = sample_of(tmp_path, "\n".join([header, *rows]).encode(), "NEW_14050829.csv")
    (tmp_path / "NEW_14050829.csv").rename(home.settings.inbox / "new" / "NEW_14050829.csv")
    return drafted.text


def held_by_a_limit(home: Home, tmp_path: Path) -> tuple[str, CompletedProcess[str]]:
    """Land and stage a file with more cells empty than its contract allows.

    Returns: the contract that allows them, and how staging ended.
    """
    right = delivered(home, tmp_path, "case no,نام", [f"A{7 * n},{'زهرا' if n % 4 else ''}" for n in range(60)])
    strict = re.sub(r"nullValues, unit: percent, mustBeLessThan: \d+", "nullValues, unit: percent, mustBeLessThan: 5", right)
    (home.settings.contracts / "new.odcs.yaml").write_text(strict, encoding="utf-8")
    home.run("land", "new", "--date", DAY)
    held = home.run("stage", "new")
    assert held.returncode == meaning(VolumeBreach("")).exit_code, held.stdout
    return right, held


def test_a_file_that_its_contract_refused_is_staged_once_that_is_mended(home: Home, tmp_path: Path) -> None:
    """The file need not come again; when it does, it is a repeat, and the next command is named."""
    contracts = home.settings.contracts
    right = delivered(home, tmp_path, "case no,نام,extra", [f"A{7 * n},زهرا,{n % 3}x" for n in range(60)])
    wrong = right.replace('ignore, value: ["extra"]', "ignore, value: []")
    assert wrong != right
    (contracts / "new.odcs.yaml").write_text(wrong, encoding="utf-8")

    first = home.run("land", "new", "--date", DAY)
    assert "waits: databank stage new" in first.stdout, first.stderr
    refused = home.run("stage", "new")
    assert refused.returncode == meaning(ContractBreach("")).exit_code
    assert "Once the contract is mended: databank stage new." in refused.stderr
    os.utime(home.settings.inbox / "new" / "NEW_14050829.csv", ns=(1, 1))  # it comes again under its name
    assert "Mend the contract, then: databank stage new" in home.run("land", "new", "--date", DAY).stdout

    (contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    staged = home.run("stage", "new")
    assert "accepted 60" in staged.stdout, staged.stderr
    os.utime(home.settings.inbox / "new" / "NEW_14050829.csv", ns=(2, 2))
    assert "is staged already" in home.run("land", "new", "--date", DAY).stdout


def test_a_file_that_is_not_whole_is_asked_for_again(home: Home, tmp_path: Path) -> None:
    """No contract mends it; the note on contracts is there where another delivery needs it, whichever failed first."""
    inbox, contracts = home.settings.inbox / "new", home.settings.contracts
    rows = [f"A{7 * n},زهرا" for n in range(60)]
    draft = sample_of(tmp_path, "\n".join(["case no,نام", *rows]).encode(), "NEW_14050829.csv")
    (contracts / "new.odcs.yaml").write_text(draft.text, encoding="utf-8")
    good = (tmp_path / "NEW_14050829.csv").read_bytes()
    (inbox / "NEW_14050828.csv").write_bytes(good)
    (inbox / "NEW_14050828.csv.manifest.json").write_text(json.dumps({"rows": 99}), encoding="utf-8")
    (inbox / "NEW_14050829.csv").write_bytes(good.replace(b"case no,", b"number,"))
    home.run("land", "new", "--date", DAY)
    refused = home.run("stage", "new")
    assert refused.returncode == meaning(DeliveryCorrupt("")).exit_code, refused.stderr
    assert "Once the contract is mended: databank stage new." in refused.stderr
    os.utime(home.settings.inbox / "new" / "NEW_14050828.csv", ns=(1, 1))
    assert "Ask the agency for it again." in home.run("land", "new", "--date", DAY).stdout


def test_a_file_that_its_contract_held_is_staged_once_its_limit_is_mended(home: Home, tmp_path: Path) -> None:
    """Nobody has to release it: it is within the limits of the new contract."""
    right, held = held_by_a_limit(home, tmp_path)
    assert "or mend the contract" in held.stderr
    assert "Nothing to stage" in home.run("stage", "new").stdout
    (home.settings.contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    assert "accepted 60" in home.run("stage", "new").stdout


def test_a_cut_file_stays_held_whatever_limit_is_loosened(home: Home, tmp_path: Path) -> None:
    """Only a person who has seen it lets it pass: a limit that fits the next file does not say that this one is whole."""
    contracts, inbox = home.settings.contracts, home.settings.inbox / "new"
    rows = [f"A{7 * n},زهرا" for n in range(60)]
    right = delivered(home, tmp_path, "case no,نام", rows)
    (contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    (inbox / "NEW_14050830.csv").write_text("\n".join(["case no,نام", *rows[:20]]), encoding="utf-8")
    home.run("land", "new", "--date", "2026-11-21")
    held = home.run("stage", "new")
    assert held.returncode == meaning(VolumeBreach("")).exit_code
    assert "mend the contract" not in held.stderr
    loose = right.replace("metric: rowCountChange, unit: percent, mustBeLessThan: 30", LOOSE)
    assert loose != right
    (contracts / "new.odcs.yaml").write_text(loose, encoding="utf-8")
    assert "Nothing to stage" in home.run("stage", "new").stdout
    forget_contract(home)
    assert "Nothing to stage" in home.run("stage", "new").stdout
    delivery = re.findall(r"new-2026-11-21-\w+", home.run("feeds", "new").stdout)[0]
    assert "accepted" in home.run("land", "--accept", delivery, "--reason", "a small month").stdout


def test_a_file_whose_rows_the_contract_set_aside_is_staged_by_the_mended_one(home: Home, tmp_path: Path) -> None:
    """What is set aside is missing, too; whether the file is whole, the contract that reads its rows says."""
    contracts, inbox = home.settings.contracts, home.settings.inbox / "new"
    right = delivered(home, tmp_path, "case no,نام", [f"A{7 * n},{'زهرا' if n % 3 else ''}" for n in range(60)])
    named = right.replace("name: given_name,", "name: given_name, required: true,")
    assert named != right
    (contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    home.run("land", "new", "--date", DAY)
    assert "accepted 60" in home.run("stage", "new").stdout
    (contracts / "new.odcs.yaml").write_text(named, encoding="utf-8")
    rows = [f"A{7 * n},{'زهرا' if n % 3 else ''}" for n in range(61)]
    (inbox / "NEW_14050830.csv").write_text("\n".join(["case no,نام", *rows]), encoding="utf-8")
    home.run("land", "new", "--date", "2026-11-21")
    held = home.run("stage", "new")
    assert held.returncode == meaning(VolumeBreach("")).exit_code, held.stdout
    assert "rows more or fewer than before" in held.stderr
    assert "or mend the contract" in held.stderr
    (contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    assert "received 61" in home.run("stage", "new").stdout


def test_a_file_held_before_contracts_were_written_down_is_tried_by_the_mended_one(home: Home, tmp_path: Path) -> None:
    right, _ = held_by_a_limit(home, tmp_path)
    forget_contract(home)
    (home.settings.contracts / "new.odcs.yaml").write_text(right, encoding="utf-8")
    assert "accepted 60" in home.run("stage", "new").stdout


def forget_contract(home: Home) -> None:
    """Leave of what is held what was written down at first."""
    (path,) = (home.settings.staging / "new").glob("*.held.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    del said["contract_hash"]
    path.write_text(json.dumps(said), encoding="utf-8")
