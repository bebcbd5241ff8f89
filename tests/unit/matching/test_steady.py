"""What one person's records often differ in, as a model was taught by its data, is no hard constraint under that model."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.duck import connection
from hub.settings import Settings
from matching.comparisons import COMPARISONS, DIFFERS, compared_columns, list_columns
from matching.facts import facts
from matching.model import CURRENT, IN_TREE, Model, Odds, load_model
from matching.scorer import PERSONAL, RULES, Rules, contradiction, is_personal, rules_under, weight_beside_relatives
from schemas.tables import PERSON_RECORD

OFTEN = 2 * RULES.steady_differs
ANNA = {"given_name_key": "anna", "surname_key": "novak", "birth_date": "date '1980-02-03'", "birth_year": 1358}
BEATA = ANNA | {"given_name_key": "beata"}
OLD_ANNA = ANNA | {"birth_date": "date '1950-11-17'", "birth_year": 1329, "address_key": "12millst"}


def taught(name: str) -> Rules:
    """The rules under a model in which this comparison often differs in one person, and the others never."""
    labels = {c.name: c.labels for c in COMPARISONS}
    odds = {c: {label: Odds(1e-3, 0.5) for label in labels[c]} for c in labels}
    odds[name] = odds[name] | {DIFFERS: Odds(OFTEN, 0.5)}
    return rules_under(Model("own", odds, {}))


def told(tmp_path: Path, asked: str, *records: dict[str, object]) -> object:
    """What is asked of a pair, in SQL over its facts."""
    flags = {"is_verified": "false", "is_registry": "false", "given_name_count": 9, "record_hash": 1}
    rows = []
    for record in records:
        values = dict.fromkeys(compared_columns(), "null") | flags | {
            name: f"'{value}'" if name.endswith("_key") else value for name, value in record.items()
        }  # fmt: skip
        kinds = PERSON_RECORD.columns
        row = ", ".join(f"cast({v} as {kinds.get(n, 'boolean' if n[:3] == 'is_' else 'bigint')}) as {n}"
                        for n, v in values.items())  # fmt: skip
        rows.append(f"select r.*, {list_columns('r')} from (select {row}) as r")
    with connection(Settings(home=tmp_path)) as con:
        compared = f"select 20.0::double as weight, {facts(asked)} from ({rows[0]}) as l, ({rows[1]}) as r"
        found: object = con.execute(f"select {asked} from ({compared})").fetchall()[0][0]
    return found


@pytest.mark.parametrize(
    ("other", "constraint", "freed_by"), [(BEATA, "twins", "given_name"), (OLD_ANNA, "generations", "birth")]
)
def test_a_constraint_holds_where_its_attribute_is_steady(
    tmp_path: Path, other: dict[str, object], constraint: str, freed_by: str
) -> None:
    assert told(tmp_path, contradiction(RULES), ANNA, other) == constraint
    assert told(tmp_path, contradiction(taught(freed_by)), ANNA, other) is None
    assert told(tmp_path, contradiction(taught("surname")), ANNA, other) == constraint


def test_L05_another_given_name_and_another_sex_are_two_people_whatever_is_steady(tmp_path: Path) -> None:
    sister, brother = ANNA | {"sex_code": "'female'"}, BEATA | {"given_name_key": "otto", "sex_code": "'male'"}
    rules = taught("given_name")
    assert told(tmp_path, contradiction(rules), sister, brother) == "relatives"
    assert told(tmp_path, contradiction(rules), sister, brother | {"sex_code": "'female'"}) is None
    assert told(tmp_path, contradiction(), sister, brother) == "twins"


@pytest.mark.parametrize(("birth_year", "constraint"), [(1331, "generations"), (1328, None), (1354, None)])
def test_L06_a_year_alone_is_wrong_by_a_digit_or_a_few_years_and_by_no_generation(
    tmp_path: Path, birth_year: int, constraint: str | None
) -> None:
    aged = ANNA | {"birth_date": "null", "birth_year": birth_year}
    assert told(tmp_path, contradiction(taught("birth")), ANNA, aged) == constraint


def test_L05_L06_the_trees_model_keeps_all_constraints() -> None:
    assert rules_under(load_model(IN_TREE / f"{CURRENT}.json")) == RULES


@pytest.mark.parametrize(("namesakes", "is_personal_then"), [(0.01, True), (0.2, False)])
def test_a_given_name_is_personal_where_hardly_a_son_bears_his_fathers(
    tmp_path: Path, namesakes: float, is_personal_then: bool
) -> None:
    rules = rules_under(Model("own", {}, {"namesakes": namesakes}))
    untold = {name: value for name, value in ANNA.items() if not name.startswith("birth")}
    assert told(tmp_path, is_personal(rules), ANNA, untold) is is_personal_then
    assert told(tmp_path, is_personal(rules), ANNA, OLD_ANNA) is False, "two births"
    assert told(tmp_path, is_personal(rules), ANNA, untold | {"given_name_key": "beata"}) is False


def test_nothing_personal_is_asked_for_where_nobody_told_it() -> None:
    own = Model("own", {}, {"assumed": [*PERSONAL, "mobile"]})
    assert rules_under(own).alone_impersonal_link_weight == RULES.alone_link_weight
    assert rules_under(own).impersonal_link_weight == RULES.impersonal_link_weight, "a registry tells births"
    fathers = Model("own", {}, {"assumed": [name for name in PERSONAL if name != "father_name"]})
    assert rules_under(fathers) == RULES


HOME = {"surname_key": "novak", "address_key": "12millst"}
BORN = {"birth_date": "date '1980-02-03'", "birth_year": 1358}
WIFE, UNNAMED = HOME | {"given_name_key": "beata"}, HOME
MAN = HOME | {"given_name_key": "karel"}


def weight(tmp_path: Path, training: dict[str, float], *records: dict[str, object]) -> object:
    """What a pair of 20 bits weighs beside relatives, where one person's given names differ in 4 of 100 pairs."""
    rules = rules_under(
        Model("own", {"given_name": {DIFFERS: Odds(0.04, 1.0)}, "birth": {DIFFERS: Odds(0.1, 1.0)}}, training)
    )
    return told(tmp_path, weight_beside_relatives(rules, "weight"), *records)


def test_two_of_one_home_are_no_likelier_one_person_than_two_relatives(tmp_path: Path) -> None:
    as_many = {"relatives": 1.0}
    assert weight(tmp_path, as_many, MAN, WIFE) == pytest.approx(-4.64, abs=0.01)
    assert weight(tmp_path, as_many, MAN, UNNAMED) == 0, "either is as likely"
    assert weight(tmp_path, as_many, MAN, MAN) == 20
    assert weight(tmp_path, as_many, MAN, WIFE | {"address_key": "3oakave"}) == 20, "relatives live together"
    assert weight(tmp_path, {"relatives": 0.001}, MAN, WIFE) == 20, "few relatives, so mostly one person renamed"
    assert weight(tmp_path, {}, MAN, WIFE) == 20, "nothing was taught of relatives"


def test_a_birth_tells_relatives_apart_unless_theirs_is_copied(tmp_path: Path) -> None:
    man, wife = MAN | BORN, WIFE | BORN
    assert weight(tmp_path, {"relatives": 1.0, "relatives_of_one_birth": 0.01}, man, wife) == 20
    assert weight(tmp_path, {"relatives": 1.0, "relatives_of_one_birth": 0.5}, man, wife) == pytest.approx(-3.64, abs=0.01)
    documented = {"passport_no": "'P1'"}
    assert weight(tmp_path, {"relatives": 1.0, "relatives_of_one_birth": 0.5}, man | documented, wife | documented) == 20
