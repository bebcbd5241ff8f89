"""What specs of cover share: given cover rows, judge them with the declared rules."""

from __future__ import annotations

from collections.abc import Sequence

from hub.steps import Step
from schemas.codes import OverlapRule, overlap_rules
from schemas.tables import TABLES
from tests.tables import World
from warehouse import cover, life
from warehouse.issuing import act
from warehouse.rules import rule

ASSUMED = (
    "person.crosswalk",
    "person.person",
    "person.golden",
    "person.review_pair",
    "person.death_query",
    "person.former",
    "linkage.person_record",
)


def given_cover(world: World, text: str, **tables: str) -> None:
    """Cover rows, and any of the other tables by name with ``__`` for the dot; those not given are empty."""
    world.given("cover.record", text)
    for name in ASSUMED:
        given = tables.get(name.replace(".", "__"))
        world.given(name, given if given else " | ".join(TABLES[name].columns))


def judge(world: World, rules: Sequence[OverlapRule] | None = None, *given: Step) -> None:
    """Periods, overlaps, conflicts and booklets, as a night makes them; by the rules of the tree, or by others.

    given: steps of what else the night was told.
    """
    cover.prepare(world.runner, world.base_folder)
    world.when(act(), rule(rules or overlap_rules()), *given, *cover.steps(world.run))
    life.keep_history(world.runner, world.base_folder)
