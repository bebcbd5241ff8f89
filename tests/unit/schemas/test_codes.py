"""Code lists and rule tables are typed, whole, and refused when wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from connectors.kinds.date_texts import compared
from hub.errors import ContractError
from schemas.codes import (
    ANY_OTHER,
    FOLDER,
    insurers,
    month_names,
    name_frequencies,
    national_code_prefixes,
    overlap_rules,
    provinces,
    read_rows,
    without_accents,
)
from schemas.codes import read_overlap_rules as read_rules
from schemas.fields import field_dictionary

RULES = (FOLDER / "overlap_rules.csv").read_text(encoding="utf-8")


def test_the_published_rules_decide_as_published() -> None:
    rules = {rule.rule_code: rule for rule in overlap_rules()}
    said = {
        code: (rule.insurer_a, rule.member_kind_a or rule.relation_a, rule.insurer_b, rule.outcome_code)
        for code, rule in rules.items()
        if rule.outcome_code != "case"
    }
    assert said == {
        "R1": ("IHIO-RUR", "", ANY_OTHER, "block_a"),
        "R2": ("IHIO-GOV", "", "SSO", "block_b"),
        "R3": ("IHIO-GOV", "", "AFMSIO", "choose"),
        "R4": ("IHIO-UNI", "", ANY_OTHER, "block_a"),
        "R5": ("IHIO-OTH", "student", ANY_OTHER, "block_a"),
        "R6": ("SSO", "dependant", ANY_OTHER, "block_a"),
    }
    assert all(rules[code].confidence == "high" for code in said)


def test_ages_of_dependants_are_in_the_table_and_decide_nothing_by_themselves() -> None:
    ages = {
        rule.rule_code: (rule.relation_a, rule.sex_code_a, rule.from_age_a, rule.to_age_a)
        for rule in overlap_rules()
        if (rule.from_age_a, rule.to_age_a) != (None, None)
    }
    assert ages == {
        "R7": ("child", "male", 22, None),
        "R7Y": ("child", "male", 19, 22),
        "R9": ("spouse", "male", None, 60),
        "R10F": ("parent", "male", None, 60),
        "R10M": ("parent", "female", None, 55),
    }
    assert {rule.outcome_code for rule in overlap_rules() if rule.rule_code in ages} == {"case"}
    assert all(rule.reason_fa and rule.reason_en for rule in overlap_rules())


def test_rural_yields_before_universal() -> None:
    order = [rule.rule_code for rule in overlap_rules()]
    assert order.index("R1") < order.index("R4") < order.index("R5")


def test_rules_come_in_order_of_priority_with_days(tmp_path: Path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(RULES.replace("R2,40,", "R2,5,").replace("SSO,,block_b,0001-01-01", "SSO,,block_b,2026-03-21"), "utf-8")
    first = read_rules(path)[0]
    assert (first.rule_code, first.from_date, first.to_date) == ("R2", date(2026, 3, 21), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("right", "spoilt", "message"),
    [
        ("IHIO-GOV,,,,,,SSO", "IHIO-GOV,,,,,,SSOO", r"rules\.csv:5 .*'SSOO'"),
        ("R1,10,IHIO-RUR", "R1,10,RURAL", r"rules\.csv:2 .*'RURAL'"),
        ("AFMSIO,,choose", "AFMSIO,,chose", r"rules\.csv:6 .*'chose'"),
        ("R1,10", "R1,first", r"rules\.csv:2 "),
        ("0001-01-01,9999-12-31", "9999-12-31,0001-01-01", r"rules\.csv:2 .*ends before it begins"),
        ("SSO,,child,male", "SSO,,son,male", r"rules\.csv:8 .*'son'"),
        ("male,19,22", "male,22,19", r"rules\.csv:9 .*ages end"),
        ("child,male,22", "child,man,22", r"rules\.csv:8 .*'man'"),
        ("rule_code,priority", "rule,priority", r"rules\.csv:2 .*rule_code"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path: Path, right: str, spoilt: str, message: str) -> None:
    assert right in RULES
    path = tmp_path / "rules.csv"
    path.write_text(RULES.replace(right, spoilt, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=message) as caught:
        read_rules(path)
    assert str(path) in caught.value.hint


def test_thirty_one_provinces_with_two_digits() -> None:
    assert len(provinces()) == len({province.name_fa for province in provinces().values()}) == 31
    assert all(len(code) == 2 and code.isdigit() for code in provinces())
    assert field_dictionary()["province_code"].codes == tuple(provinces())


def test_every_code_column_has_its_codes() -> None:
    without = [name for name, field in field_dictionary().items() if (field.type == "code") != bool(field.codes)]
    assert without == []


def test_insurers_know_their_benefit_kinds() -> None:
    kinds = {code: insurer.benefit_kinds for code, insurer in insurers().items()}
    assert kinds["SSO"] == {"basic", "pension"}
    assert (kinds["SUPP"], kinds["CSPF"], kinds["WELFARE"]) == ({"supplementary"}, {"pension"}, frozenset())


def test_prefixes_are_three_digits() -> None:
    assert len(national_code_prefixes()) == 626
    assert all(len(prefix) == 3 and prefix.isdigit() for prefix in national_code_prefixes())


def test_names_have_counts_or_ranks() -> None:
    kinds = {name.kind for name in name_frequencies()}
    assert kinds == {"surname", "female_given", "male_given"}
    assert all(name.count or name.note for name in name_frequencies())


def test_every_list_has_its_source_and_confidence_written_down() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    counts = {path.name: len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in FOLDER.glob("*.csv")}
    assert [name for name, rows in counts.items() if f"| `{name}` | {rows} |" not in page] == []


def test_each_name_of_a_month_names_one_month() -> None:
    listed = [(name, number) for months in month_names().values() for name, number in months.items()]
    assert len({name for name, _ in listed}) == len(listed)
    for calendar in ("gregorian", "jalali"):
        assert set(month_names()[calendar].values()) == set(range(1, 13))
    assert (month_names()["gregorian"]["sub"], month_names()["jalali"]["ابان"]) == (2, 8)


def test_a_text_without_accents_is_what_the_engine_makes_of_it() -> None:
    texts = [name for row in read_rows("month_names") for name in row["names"].split()]
    made = duckdb.execute(f"select {compared('text')} from (select unnest($1) as text)", [texts]).fetchall()
    assert [without_accents(text) for text in texts] == [text for (text,) in made]
