"""Who keeps the booklet: the dated rule table, and whom it does not judge.

The rules are data: ``schemas/codes/overlap_rules.csv``, and what officials approved since (``warehouse.rule_review``). The
first rule in order of priority that fits a pair in either direction decides; a pair without one is a case for people (C05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from hub.steps import Step
from schemas.codes import OverlapRule
from schemas.tables import RULE

FIRST_ERA = "0001-01-01"
NO_AGE = -1
OPEN_END = "9999-12-31"


def rule(rules: Sequence[OverlapRule]) -> Step:
    """The rules as a table.

    Grain:   rule_code, insurer_a, insurer_b, from_date
    Columns: conditions are null where they fit anybody; insurer_b ANY_OTHER: any other insurer.
    """
    struct = ", ".join(f"{name} {kind}" for name, kind in RULE.columns.items())
    texts = [name for name, kind in RULE.columns.items() if kind == "varchar"]
    return Step(
        RULE.name,
        RULE.grain,
        f"""
        select {", ".join(f"nullif({name}, '') as {name}" if name in texts else name for name in RULE.columns)}
        from (select unnest(cast($rules as struct({struct})[]), recursive := true))
        """,
        {"rules": [{name: asdict(declared)[name] for name in RULE.columns} for declared in rules]},
    )


def rule_bound() -> Step:
    """What splits cover into slices: days from which another set of rules holds, and ages from which another rule fits.

    Reads:   cover.rule
    Grain:   era_date, age
    Columns: either a day, age -1, or an age in completed years, era_date the first day of all.
    Units:   years count from birthday to birthday of the Gregorian calendar; a Jalali birthday is at most a day off.
    """
    return Step(
        "cover.rule_bound",
        ("era_date", "age"),
        f"""
        select from_date as era_date, {NO_AGE} as age from cover.rule where from_date > date '{FIRST_ERA}'
        union select to_date, {NO_AGE} from cover.rule where to_date < date '{OPEN_END}'
        union select date '{FIRST_ERA}', from_age_a from cover.rule where from_age_a is not null
        union select date '{FIRST_ERA}', to_age_a from cover.rule where to_age_a is not null
        """,
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
