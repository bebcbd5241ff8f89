"""Explaining a pair: weights per comparison and the rule that decided (L12)."""

from __future__ import annotations

import pytest

from hub.errors import IdentityError
from hub.settings import Settings
from hub.steps import Runner
from matching.explain import Explanation, explain
from matching.model import current_model
from tests.spec.people_world import REGISTRY, People, people, valid_code  # noqa: F401

HEADER = "key | national_code | given_name | surname | father_name | sex_code | birth_date | mobile_no | postal_code"
CODE = valid_code(223_456_789)


def explained(people: People, left: str, right: str) -> Explanation:  # noqa: F811
    """Explain a pair of the linked population, as a program of its own would."""
    runner = Runner(people.con, people.world.run.folder)
    people.con.execute("drop schema linkage cascade")
    runner.attach_all()
    return explain(runner, current_model(Settings(home=people.world.home)), (left, right))


@pytest.fixture
def linked(people: People) -> People:  # noqa: F811
    people.given_neighbours(are_fewer=True)
    # That these are found easily shows that the registry holds nearly everybody.
    people.rows["school"] = [{**row, "national_code": None} for row in people.rows[REGISTRY][:40]]
    people.given(
        REGISTRY,
        f"""{HEADER}
        x | {CODE}                  | مهدی | تهرانچی | کاظم | male   | 1960-05-17 | |
        t | {valid_code(223456790)} | نیما | تهرانچی | کاظم | male   | 1960-05-17 | |
        p | {valid_code(223456791)} | امیر | سپهری   | رضا  | male   | 1963-02-12 | |
        q | {valid_code(223456792)} | امیر | سپهری   | رضا  | male   | 1963-02-12 | |
        u | {valid_code(223456793)} | لیلا | یوسفی   | کاظم | female | 1948-08-21 | |
        v | {valid_code(223456794)} | هومن | زرین    | کاظم | male   | 1985-03-30 | |
        w | {valid_code(223456795)} | هما  | نیکنام  | کاظم | female | 1951-01-09 | |
        z | {valid_code(223456796)} | رعنا | نیکنام  | کاظم | female | 1951-01-09 | |""",
    )
    people.given(
        "fund",
        f"""{HEADER}
        code  | {CODE} | مهدى | تهرانچی | کاظم | male | 1960-05-17 | 09121112233 |
        other | {valid_code(223456793)} | مهناز | یوسفی | کاظم | female | 1948-08-21 | |
        score |        | مهدی | تهرانچی | کاظم | male | 1960-05-18 | 09121112233 |
        near  |        | مهدی | تهرانچی | رضا  |      | 1960-05-17 | 09124445566 |
        pq    |        | امیر | سپهری   | رضا  | male | 1963-02-12 | |
        twin  | {valid_code(223456795)} | شهین | نیکنام | کاظم | female | 1951-01-09 | |
        a     |        | سهراب | یگانه  | جمشید | male | 1971-01-03 | |
        la    |        | پرویز | آذرنوش | | male | 1966-07-11 | |""",
    )
    people.given(
        "other",
        f"{HEADER}\na | | سهراب | یگانه | جمشید | male | 1971-01-04 | |\nla | | پرویز | آذرنوش | | male | | |",
    )
    for feed, given in (("fund", "بهرام"), ("other", "منوچهر"), ("school", "بهرام")):  # of a code that is not the registry's
        born = f"{given} | زرین | جمشید | male | 1972-02-05 |"
        people.given(feed, f"{HEADER}\nnew | {valid_code(223456797)} | {born} |")
    people.link()
    people.world.given("person.judgement", "judgement_id | record_key_a")
    return people


def test_L12_linked_by_code_names_what_bears_the_code_out(linked: People) -> None:
    found = explained(linked, "fund:code", "civil:x")
    assert (found.is_one, found.rule, found.corroboration) == (True, "code", "names_birth")
    assert "national_code" in found.blocking_rules


def test_L12_linked_by_code_under_another_given_name_says_that_family_and_birth_bear_it_out(linked: People) -> None:
    found = explained(linked, "fund:other", "civil:u")
    assert (found.is_one, found.rule, found.corroboration) == (True, "code", "family_birth")
    assert found.constraint is None


def test_L12_under_another_given_name_nothing_bears_out_the_code_of_whom_the_registry_knows_a_twin(linked: People) -> None:
    found = explained(linked, "fund:twin", "civil:w")
    assert (found.is_one, found.has_equal_code, found.corroboration) == (False, True, None)


@pytest.mark.parametrize("left", ["fund:new", "school:new"])
def test_L12_so_is_it_said_of_a_code_that_the_registry_does_not_hold(linked: People, left: str) -> None:
    found = explained(linked, left, "other:new")
    assert (found.is_one, found.rule, found.corroboration, found.constraint) == (True, "code", "family_birth", None)


KEPT = [("fund:score", "civil:x"), ("fund:near", "civil:x"), ("fund:a", "other:a"), ("fund:pq", "civil:p")]


@pytest.mark.parametrize(("left", "right"), KEPT)
def test_L12_the_weights_add_up_to_what_linking_wrote_down(linked: People, left: str, right: str) -> None:
    found = explained(linked, left, right)
    assert found.recorded_weight is not None
    assert found.weight == pytest.approx(found.recorded_weight, abs=0.01)
    assert {part.comparison for part in found.parts} >= {"given_name", "surname", "birth"}


def test_L12_linked_by_score_against_the_next_best(linked: People) -> None:
    found = explained(linked, "civil:x", "fund:score")
    assert found.record_keys == ("fund:score", "civil:x"), "the registry's record stands on the right"
    assert (found.is_one, found.rule) == (True, "score")
    levels = {part.comparison: part.level for part in found.parts}
    assert (levels["given_name"], levels["birth"], levels["mobile"]) == ("same", "wrong digit", "same")


def test_L12_refused_names_the_constraint(linked: People) -> None:
    found = explained(linked, "fund:code", "civil:t")
    assert (found.is_one, found.rule) == (False, "constraint")
    assert found.constraint == "two_codes"


def test_L12_for_people_to_decide_names_the_reason(linked: People) -> None:
    found = explained(linked, "fund:near", "civil:x")
    assert (found.is_one, found.rule, found.review_reason) == (False, "review", "threshold")


def test_L12_two_about_equally_show_the_weight_of_the_other(linked: People) -> None:
    found = explained(linked, "fund:pq", "civil:p")
    assert (found.rule, found.review_reason) == ("review", "margin")
    assert found.next_weight is not None
    assert abs(found.weight - found.next_weight) < 5


def test_L12_never_compared_says_so(linked: People) -> None:
    found = explained(linked, "fund:a", "civil:x")
    assert (found.is_one, found.blocking_rules) == (False, ())
    assert found.recorded_weight is None


def test_L12_of_two_open_records_either_may_be_the_one_that_lacks_the_birth(linked: People) -> None:
    for left, right in (("fund:la", "other:la"), ("other:la", "fund:la")):
        assert explained(linked, left, right).blocking_rules


def test_L12_a_record_that_is_not_there_is_refused_without_its_key(linked: People) -> None:
    with pytest.raises(IdentityError) as refused:
        explained(linked, "fund:7731", "civil:x")
    assert "7731" not in str(refused.value)
