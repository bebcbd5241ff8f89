"""Facts of a pair: how alike two names are, and only what a rule speaks of."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from matching.facts import FACTS, NameLevel, facts
from matching.scorer import RULES, AgainstRelatives, contradiction, corroboration, is_personal, weight_beside_relatives

PERSIAN, ONE_BYTE = "محدرضاسنولیطتهزع", "abcdefghijklmnopq"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("محمد", "محمد", NameLevel.SAME),
        ("طاهره", "تاهره", NameLevel.SOUND),
        ("محمدرضا", "رضا", NameLevel.SHORTENED),
        ("م", "محمد", NameLevel.SHORTENED),
        ("سامان", "سام", NameLevel.PART),
        ("محمود", "محمد", NameLevel.MISTYPED),
        ("علیرضا", "عل", NameLevel.PIECE),
        ("محمد", "زهرا", NameLevel.OTHER),
        ("محمد", None, NameLevel.UNKNOWN),
    ],
)
def test_how_alike_two_names_are(one: str, other: str | None, level: NameLevel) -> None:
    letters = f"translate(key, '{PERSIAN}', '{ONE_BYTE}')"
    forms = f"key as given_name_key, replace(key, 'ط', 'ت') as given_name_phonetic, {letters} as given_name_letters"
    left, right = (f"(select {forms} from (select ${side}::varchar as key)) as {side}" for side in "lr")
    with duckdb.connect() as con:
        found = con.execute(f"select {facts('given_name_level')} from {left}, {right}", {"l": one, "r": other}).fetchall()
    assert found == [(level,)]


def test_only_what_a_rule_speaks_of_is_looked_at() -> None:
    assert facts("years_apart > 1 and is_same_sex").count(" as ") == 2
    assert "is_verified" not in facts(corroboration()), "records that codes doubt are not read so far"
    rules = replace(RULES, relatives=AgainstRelatives(0.0, 0.0))
    aged = contradiction(replace(RULES, is_birth_steady=False))
    told = facts(contradiction(), aged, corroboration(), is_personal(), weight_beside_relatives(rules, "weight"))
    assert [name for name in FACTS if f" as {name}" not in told] == [], "nothing is kept that no rule speaks of"
