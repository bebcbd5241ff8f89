"""Names that go together are learnt from what else the records tell; names of siblings and twins are not taken for one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.settings import Settings
from matching.link import link
from matching.model import Model, save_model
from matching.together import heard
from matching.train import train
from nights.models import write_page
from nights.records import Records
from schemas.tables import PERSON_RECORD
from tests.foreign import MEN, SURNAMES, Row
from tests.spec.people_world import People, people  # noqa: F401

PERSONS, NICKNAMED, SEED = 250, 12, 5
NICKNAME, NAME = "Teddy", "Christopher"
BROTHERS, TWINS = ("Mortimer", "Bartholomew"), ("Ferdinand", "Leopold")
# All of one sound: too few persons bear any of the first to prove it alone; one is told thrice, without a second record; one
# is all that its bearer is called; one is another name.
SPELLINGS, MISSPELT, AGREED, OTHER_NAME = ("Teddy", "Tedy", "Taddy", "Todey"), "Teddoy", "Tadoy", "Toddy"


def brothers(first: Row, name: str, *, are_twins: bool) -> list[Row]:
    """Two records of each."""
    assert first.born
    second = replace(first, given_name=name, born=first.born if are_twins else first.born + timedelta(1_000))
    return [first, first, second, second]


def register(
    people: People,  # noqa: F811
    nicknames: Sequence[str] = (NICKNAME,),
    once: Sequence[str] = (),
    twice: Sequence[str] = (),
) -> None:
    """Persons with two records each; of one name some bear a nickname in the second. Half of those of another name have a
    twin of one name, the others a brother of that name; of a third three of ten have a twin, the others nobody.

    Args:
        nicknames: the nickname in as many spellings.
        once: names of more persons with one record each.
        twice: names of more persons with two.
    """
    chance = random.Random(SEED)
    given, surnames = MEN.split(), SURNAMES.split()

    def person(name: str | None = None) -> Row:
        born = date(1940, 1, 1) + timedelta(chance.randrange(20_000))
        address = f"{chance.randrange(1, 900)} Mill Road {chance.randrange(99)}"
        return Row(name or chance.choice(given), chance.choice(surnames), "", born, address)

    persons = [person() for _ in range(PERSONS)] + [person(NAME) for _ in range(3 * NICKNAMED)]
    persons += [person(BROTHERS[1]) for _ in range(NICKNAMED)] + [person(TWINS[1]) for _ in range(2 * NICKNAMED)]
    rows = [row for row in persons for _ in range(2)]
    for n in range(NICKNAMED):
        rows[2 * (PERSONS + n)] = replace(rows[2 * (PERSONS + n)], given_name=nicknames[n % len(nicknames)])
    for n in range(4 * NICKNAMED):
        rows += brothers(person(BROTHERS[0]), BROTHERS[1], are_twins=n % 2 == 0)
    for n in range(30):
        rows += brothers(person(TWINS[0]), TWINS[1], are_twins=True) if n % 10 < 3 else [person(TWINS[0])] * 2
    rows += [person(name) for name in once]
    rows += [row for name in twice for row in [person(name)] * 2]
    people.rows["register"] = [
        {"key": f"{n:05}", "given_name": row.given_name, "surname": row.surname, "birth_date": str(row.born),
         "address": row.address}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    people.standardise()


@pytest.fixture
def trained(people: People) -> Model:  # noqa: F811
    """A model of the set."""
    register(people)
    return model_of(people)


def model_of(people: People) -> Model:  # noqa: F811
    return train(people.con, name="own", description="nicknames", seed=SEED)


def sounds(people: People, name: str, rows: str) -> set[str]:  # noqa: F811
    found = people.con.execute(f"select given_name_phonetic from ({rows}) where given_name = ?", [name]).fetchall()
    return {sound for (sound,) in found}


def test_a_nickname_goes_with_its_name_and_brothers_names_are_two(people: People, trained: Model) -> None:  # noqa: F811
    (sound,) = sounds(people, NAME, "from linkage.person_record")
    assert trained.together == {"given_name": {NICKNAME.casefold(): sound}}
    assert sounds(people, NICKNAME, heard("from linkage.person_record", trained.together)) == {sound}


def test_spellings_of_one_sound_prove_together_that_it_goes_with_a_name(people: People) -> None:  # noqa: F811
    register(people, SPELLINGS, once=[MISSPELT] * 3, twice=[AGREED])
    (sound,) = sounds(people, NAME, "from linkage.person_record")
    learnt = dict.fromkeys((each.casefold() for each in (*SPELLINGS, MISSPELT)), sound)
    told = "that of which nothing is known goes with them, that whose bearer has no other name does not"
    assert model_of(people).together == {"given_name": learnt}, told


def test_a_model_holds_no_name_that_one_or_two_persons_bear(people: People) -> None:  # noqa: F811
    """They prove it with the others, but whoever reads the model could tell who they are."""
    rare = ("Todey", "Tadey")
    register(people, (*SPELLINGS[:3], *rare), once=[MISSPELT] * 2)
    bearers = {name: sum(row["given_name"] == name for row in people.rows["register"]) for name in (*SPELLINGS[:3], *rare)}
    assert bearers == {"Teddy": 3, "Tedy": 3, "Taddy": 2, "Todey": 2, "Tadey": 2}
    assert set(model_of(people).together["given_name"]) == {"teddy", "tedy"}


def test_another_name_of_that_sound_keeps_its_own(people: People) -> None:  # noqa: F811
    register(people, SPELLINGS, once=[MISSPELT] * 3, twice=[OTHER_NAME] * NICKNAMED)
    learnt = model_of(people).together["given_name"]
    assert set(learnt) == {each.casefold() for each in SPELLINGS}, "nor is it known which of the two a misspelt one is"


def test_fathers_names_tell_which_names_go_together(people: People) -> None:  # noqa: F811
    """Two records each tell the father, of some by his nickname in one; few bear it themselves."""
    register(people, [NAME], once=[NICKNAME] * 3)
    fathers = MEN.split()
    for n, row in enumerate(people.rows["register"]):
        is_nicknamed = PERSONS <= n // 2 < PERSONS + NICKNAMED
        row["father_name"] = (NAME, NICKNAME)[n % 2] if is_nicknamed else fathers[n // 2 % len(fathers)]
    people.standardise()
    (sound,) = sounds(people, NAME, "from linkage.person_record")
    assert model_of(people).together == {"given_name": {NICKNAME.casefold(): sound}}


def test_the_page_of_the_model_tells_which_names_go_together(people: People, trained: Model) -> None:  # noqa: F811
    page = write_page(Settings(home=people.world.home), trained)
    told = page.with_suffix(".en.html").read_text(encoding="utf-8")
    assert "given names that go together" in told
    assert "surnames that go together" not in told, "it learnt none"
    assert f"{NICKNAME.casefold()}\u2069 → " in told
    assert "of names only such as several persons bear" in told


def test_a_model_on_trial_and_a_night_hear_names_alike(people: People, trained: Model, tmp_path: Path) -> None:  # noqa: F811
    save_model(tmp_path / "own.json", trained)
    records = Records(people.runner.folder / f"{PERSON_RECORD.name}.parquet", ())
    trial = Settings(home=people.world.home, trial_model=tmp_path / "own.json")
    with records.runner(trial, "trial") as runner:
        on_trial = runner.con.execute(f"from {PERSON_RECORD.name} order by record_key").fetchall()
        link(runner, trial)
        nicknamed = f"select record_key, cluster_no from linkage.cluster join {PERSON_RECORD.name} using (record_key)"
        apart = runner.con.execute(
            f"""select count(*) from ({nicknamed} where given_name = '{NICKNAME}') as n
                where cluster_no not in (select cluster_no from ({nicknamed} where given_name = '{NAME}'))"""
        ).fetchall()
    assert apart == [(0,)], "each record under the nickname is with the person of that name"
    people.standardise(together=trained.together)
    assert people.con.execute(f"from {PERSON_RECORD.name} order by record_key").fetchall() == on_trial
