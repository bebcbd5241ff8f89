"""What is proposed for each side of a conflict, and why, in one sentence of each language."""

from __future__ import annotations

from schemas.codes import overlap_rules
from tests.spec.cover_world import given_cover, judge
from tests.tables import World

RULES = {rule.rule_code: rule for rule in overlap_rules()}
COVER = """
record_key | person_id | insurer_code | benefit_kind_code | booklet_no | from_date  | to_date
s:1        | P1        | SSO          | basic             | B1         | 2020-01-01 | 9999-12-31
g:1        | P1        | IHIO-GOV     | basic             | G1         | 2020-01-01 | 9999-12-31
g:2        | P2        | IHIO-GOV     | basic             | G2         | 2020-01-01 | 9999-12-31
a:2        | P2        | AFMSIO       | basic             | A2         | 2020-01-01 | 9999-12-31
s:3        | P3        | SSO          | basic             | B3         | 2020-01-01 | 9999-12-31
o:3        | P3        | OIL          | basic             | O3         | 2020-01-01 | 9999-12-31
s:4        | P4        | SSO          | basic             | B4         | 2020-01-01 | 9999-12-31
s:5        | P4        | SSO          | basic             | B5         | 2020-01-01 | 9999-12-31
"""


def test_C05_each_side_is_told_to_keep_to_block_to_let_choose_or_that_people_decide(world: World) -> None:
    given_cover(world, COVER)
    judge(world)
    world.then(
        "cover.proposal",
        """
        person_id | insurer_code | booklet_no | proposal_code | keeper_insurer_code | rule_code | confidence
        P1        | SSO          | B1         | block         | IHIO-GOV            | R2        | high
        P1        | IHIO-GOV     | G1         | keep          | IHIO-GOV            | R2        | high
        P2        | IHIO-GOV     | G2         | choose        |                     | R3        | high
        P2        | AFMSIO       | A2         | choose        |                     | R3        | high
        P3        | SSO          | B3         | case          |                     |           |
        P3        | OIL          | O3         | case          |                     |           |
        P4        | SSO          | B4         | case          |                     |           |
        P4        | SSO          | B5         | case          |                     |           |
        """,
    )
    told = dict(
        world.con.execute(
            "select person_id, any_value((reason_fa, reason_en)) from cover.proposal group by person_id"
        ).fetchall()
    )
    assert told[1] == (RULES["R2"].reason_fa, RULES["R2"].reason_en)
    assert told[3][1] == "No rule is known for these two insurers; an official decides."
    assert all(fa.endswith(".") and en.endswith(".") for fa, en in told.values())


def test_C13_a_proposal_about_a_person_under_review_says_so(world: World) -> None:
    given_cover(
        world,
        COVER.split("g:2")[0],
        person__crosswalk="record_key | person_id\ns:1 | P1",
        person__review_pair="record_key_a | record_key_b\ns:1 | z:1",
    )
    judge(world)
    world.then("cover.proposal", "insurer_code | proposal_code | is_under_review\nSSO | case | true\nIHIO-GOV | case | true")


def test_a_resolved_conflict_proposes_nothing(world: World) -> None:
    given_cover(world, COVER.split("g:2")[0])
    judge(world)
    world.next_night()
    given_cover(world, COVER.split("g:1")[0])
    judge(world)
    world.then("cover.proposal", "conflict_no")
