"""A nation's files: stable, the same for the same seed, and noisy as asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthetic.nation import generate
from synthetic.options import NationOptions
from tests.unit.synthetic.conftest import OPTIONS, Written


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_byte_equal_files(nation: Written, tmp_path: Path) -> None:
    options = NationOptions(persons=1500, seed=9, nights=2)
    generate(options, tmp_path / "a", nation.feeds)
    generate(options, tmp_path / "b", nation.feeds)
    assert _hashes(tmp_path / "a") == _hashes(tmp_path / "b")


def test_another_seed_gives_other_people(nation: Written, tmp_path: Path) -> None:
    options = NationOptions(persons=1500, seed=9)
    generate(options, tmp_path / "a", nation.feeds)
    generate(replace(options, seed=10), tmp_path / "b", nation.feeds)
    first, second = _hashes(tmp_path / "a"), _hashes(tmp_path / "b")
    assert first.keys() == second.keys()
    assert first["truth/person.parquet"] != second["truth/person.parquet"]


@pytest.mark.parametrize("feed", ["afsso", "ihio_gov", "post_addresses", "ikrf", "afmsio"])
def test_whom_nothing_befell_keeps_the_same_line(nation: Written, feed: str) -> None:
    first, second = (path.read_bytes().split(b"\n") for path in nation.files(feed))
    gone = set(first) - set(second)
    assert len(gone) <= 0.02 * len(first) + 2
    assert first != second or feed != "post_addresses"


def test_every_role_and_every_night_changes_something(nation: Written) -> None:
    people = {row["true_person_id"] for row in nation.records("sabt_persons")}
    newborn = {row["true_person_id"] for row in nation.records("sabt_persons", night=1)} - people
    assert newborn
    assert people <= {row["true_person_id"] for row in nation.records("sabt_persons", night=1)}


def test_nobody_is_missing_and_the_nation_has_the_size_asked_for(nation: Written) -> None:
    registered = {row["true_person_id"] for row in nation.records("sabt_persons")}
    foreign = round(OPTIONS.persons * OPTIONS.habits.foreigner)
    missing = OPTIONS.persons - foreign - len(registered)
    assert 0 <= missing / OPTIONS.persons < 5 * OPTIONS.habits.unregistered
    assert nation.summary.records / OPTIONS.persons / OPTIONS.nights == pytest.approx(2.7, abs=0.3)


def test_twins_are_born_together_and_differ_in_name(nation: Written) -> None:
    person = {row["true_person_id"]: row for row in nation.truth("person").to_pylist()}
    second = [row for row in person.values() if row["is_second_twin"]]
    assert 0.01 < len(second) / len(person) < 0.03
    for twin in second:
        first = person[twin["true_person_id"] - 1]
        assert (twin["birth_date"], twin["surname"]) == (first["birth_date"], first["surname"])
        assert twin["given_name"] != first["given_name"]
        assert int(twin["national_code"][:9]) - int(first["national_code"][:9]) in (1, 2)


def test_sons_bear_their_fathers_names_at_times(nation: Written) -> None:
    rows = nation.truth("person").to_pylist()
    sons = [row for row in rows if row["sex_code"] == "male" and row["father_person_id"] is not None]
    namesakes = [row for row in sons if row["given_name"] == row["father_name"]]
    assert 0.002 < len(namesakes) / len(sons) < 0.04


def test_foreigners_have_no_national_code_but_papers(nation: Written) -> None:
    foreign = [row for row in nation.truth("person").to_pylist() if row["nationality_code"] != "IRN"]
    assert len(foreign) == round(OPTIONS.persons * OPTIONS.habits.foreigner)
    assert all(row["national_code"] is None and len(row["foreign_id"]) == 12 for row in foreign)


def test_overlaps_lie_near_their_rate(nation: Written) -> None:
    people = {row["true_person_id"] for row in nation.truth("overlap").to_pylist()}
    assert len(people) / OPTIONS.persons == pytest.approx(OPTIONS.habits.overlap, abs=0.02)


def test_faults_lie_near_their_rates(nation: Written) -> None:
    count = {row["record_key"] for row in nation.truth("record").to_pylist() if row["feed"] == "ihio_rural"}
    faults = [row for row in nation.truth("corruption").to_pylist() if row["record_key"] in count]

    def share(column: str, kind: str) -> float:
        return sum(row["column"] == column and row["kind"] == kind for row in faults) / len(count)

    rates = OPTIONS.noise
    assert share("father_name", "missing") == pytest.approx(rates.father_missing, abs=0.02)
    assert share("national_code", "missing") == pytest.approx(rates.code_missing, abs=0.01)
    assert share("national_code", "typo") == pytest.approx(rates.code_typo, abs=0.004)
    assert share("postal_code", "missing") == pytest.approx(rates.postal_missing, abs=0.04)
    assert share("surname", "letters") > 0.02


def test_civil_registration_has_no_wrong_names_or_codes(nation: Written) -> None:
    columns = {row["column"] for row in nation.truth("corruption").to_pylist() if row["record_key"].startswith("sabt_")}
    assert columns <= {"birth_date", "father_name", "vital_status_code", "row"}


def test_the_rate_of_missing_codes_can_be_overridden(nation: Written, tmp_path: Path) -> None:
    options = NationOptions(persons=2000, seed=3, missing_national_code=0.4)
    summary = generate(options, tmp_path, nation.feeds)
    faults = Written(tmp_path, summary, nation.feeds).truth("corruption").to_pylist()
    missing = sum(row["kind"] == "missing" and row["column"] == "national_code" for row in faults)
    coded = summary.records - summary.rows_by_feed["sabt_persons"]
    assert missing / coded == pytest.approx(0.4, abs=0.04)


def test_a_nation_without_codes_shows_none_outside_civil_registration(nation: Written, tmp_path: Path) -> None:
    summary = generate(NationOptions(persons=1500, seed=3, nocodes=True), tmp_path, nation.feeds)
    written = Written(tmp_path, summary, nation.feeds)
    codes = {row["national_code"] for row in written.truth("person").to_pylist()} - {None}
    text = written.files("ihio_gov")[0].read_text(encoding="utf-8", errors="replace")
    assert not codes & set(text.replace("\n", ";").split(";"))


def test_households_share_postal_codes_and_mobiles(nation: Written) -> None:
    lines = nation.files("post_addresses")[0].read_text(encoding="utf-8-sig", errors="replace").splitlines()
    header = lines[0].split(",")
    rows = [line.split(",") for line in lines[1:] if line.count(",") == len(header) - 1]
    mobiles = [row[header.index("mobile")] for row in rows if row[header.index("mobile")]]
    shared = 1 - len(np.unique(mobiles)) / len(mobiles)
    assert 0.02 < shared < 0.4
