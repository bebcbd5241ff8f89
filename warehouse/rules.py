"""Who keeps the booklet: the dated rule table, laid out so that a pair of covers finds its rule by one join.

The rules are data (``schemas/codes/overlap_rules.csv``). The first rule in order of priority that fits a pair in either
direction decides; a pair without a rule is a case for people (C05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from hub.steps import Step
from schemas.codes import ANY_OTHER, OverlapRule

FIRST_ERA = "0001-01-01"
OPEN_END = "9999-12-31"


def rule(rules: Sequence[OverlapRule]) -> Step:
    """The declared rules as a table.

    Grain:   rule_code, insurer_a, insurer_b, from_date
    Columns: member_kind_a null: any kind of member; insurer_b ANY_OTHER: any other insurer.
    """
    rows = [{name: value for name, value in asdict(declared).items() if name in _RULE_COLUMNS} for declared in rules]
    struct = ", ".join(f"{name} {kind}" for name, kind in _RULE_COLUMNS.items())
    return Step(
        "cover.rule",
        ("rule_code", "insurer_a", "insurer_b", "from_date"),
        f"""
        select rule_code, priority, insurer_a, nullif(member_kind_a, '') as member_kind_a, insurer_b, outcome_code,
               from_date, coalesce(to_date, date '{OPEN_END}') as to_date, reason_fa
        from (select unnest(cast($rules as struct({struct})[]), recursive := true))
        """,
        {"rules": rows},
    )


def rule_era() -> Step:
    """Days from which another set of rules holds; the first era reaches back without end.

    Reads:   cover.rule
    Grain:   era_date
    """
    return Step(
        "cover.rule_era",
        ("era_date",),
        f"""
        select date '{FIRST_ERA}' as era_date
        union select from_date from cover.rule where from_date is not null
        union select to_date from cover.rule where to_date < date '{OPEN_END}'
        """,
    )


def pair_rule() -> Step:
    """The rule that decides between two covers, for every two kinds of cover that occur.

    Reads:   cover.period, cover.rule, cover.rule_era
    Grain:   era_date, insurer_a, member_kind_a, insurer_b, member_kind_b; insurer_a < insurer_b
    Columns: outcome as seen from side a of this table; member kinds '' where not known.
    """
    return Step(
        "cover.pair_rule",
        ("era_date", "insurer_a", "member_kind_a", "insurer_b", "member_kind_b"),
        """
        with side as (
            select distinct insurer_code, coalesce(member_kind_code, '') as member_kind_code
            from cover.period where benefit_kind_code = 'basic'
        ),
        in_force as (
            select e.era_date, r.* from cover.rule_era as e
            join cover.rule as r on e.era_date >= r.from_date and e.era_date < r.to_date
        ),
        fitting as (
            select r.era_date, x.insurer_code as insurer_x, x.member_kind_code as member_kind_x,
                   y.insurer_code as insurer_y, y.member_kind_code as member_kind_y,
                   r.priority, r.rule_code, r.outcome_code, r.reason_fa
            from in_force as r
            join side as x
              on x.insurer_code = r.insurer_a and x.member_kind_code = coalesce(r.member_kind_a, x.member_kind_code)
            join side as y
              on y.insurer_code <> x.insurer_code and (r.insurer_b = $any_other or y.insurer_code = r.insurer_b)
        ),
        ordered as (
            select era_date, insurer_x as insurer_a, member_kind_x as member_kind_a, insurer_y as insurer_b,
                   member_kind_y as member_kind_b, priority, rule_code, outcome_code, reason_fa
            from fitting where insurer_x < insurer_y
            union all
            select era_date, insurer_y, member_kind_y, insurer_x, member_kind_x, priority, rule_code,
                   case outcome_code when 'block_a' then 'block_b' when 'block_b' then 'block_a' else outcome_code end,
                   reason_fa
            from fitting where insurer_x > insurer_y
        )
        select era_date, insurer_a, member_kind_a, insurer_b, member_kind_b, rule_code, priority, outcome_code, reason_fa
        from ordered
        qualify row_number() over (
            partition by era_date, insurer_a, member_kind_a, insurer_b, member_kind_b
            order by priority, rule_code, outcome_code) = 1
        """,
        {"any_other": ANY_OTHER},
    )


def under_review() -> Step:
    """Persons about whose identity people have yet to decide.

    Reads:   person.review_pair, person.crosswalk
    Grain:   person_id
    """
    return Step(
        "cover.under_review",
        ("person_id",),
        """
        with waiting as (
            select record_key_a as record_key from person.review_pair
            union select record_key_b from person.review_pair
        )
        select distinct x.person_id from waiting join person.crosswalk as x using (record_key)
        """,
    )


_RULE_COLUMNS = {
    "rule_code": "varchar",
    "priority": "integer",
    "insurer_a": "varchar",
    "member_kind_a": "varchar",
    "insurer_b": "varchar",
    "outcome_code": "varchar",
    "from_date": "date",
    "to_date": "date",
    "reason_fa": "varchar",
}
