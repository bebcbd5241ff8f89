"""Records of one feed that want the same person: one of them waits until habits are known, and then they are rivals as far
as their feed seldom holds anybody twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.duck import DuckConnection, connection
from hub.settings import Settings
from matching.decisions import link_best
from matching.scorer import RULES

FATHER, SON = 900, 901
# Two of the post's records with one name and address, and one of a fund; all fit the father best.
PAIRS = {1: ("post", 20.0), 2: ("post", 30.0), 3: ("fund", 25.0)}


# How likely the feed holds a person again, and for the first time, in bits.
SELDOM, OFTEN = {"again": -11.0, "first": 0.5}, {"again": 2.0, "first": 0.5}


@pytest.fixture
def con(tmp_path: Path) -> Iterator[DuckConnection]:
    with connection(Settings(home=tmp_path)) as con:
        yield con


def link_pairs(
    con: DuckConnection, wanted: dict[int, tuple[str, float]], habits: dict[str, float], *, is_last_round: bool
) -> tuple[set[int], set[int]]:
    """Records that are linked to the father, and those that are left to people because another is as likely."""
    profiles = ", ".join(f"({number}, '{feed}', 1)" for number, (feed, _) in wanted.items())
    pairs = ", ".join(
        f"({number}, {person}, 1, {weight}, null::varchar, true, false, false)"
        for number, (_, best) in wanted.items()
        for person, weight in ((FATHER, best), (SON, 2.0))
    )
    told = ", ".join(f"(1, '{code}', 'post', '', {weight})" for code, weight in habits.items())
    con.execute(f"create temp table profile as from (values {profiles}) as t(record_no, feed, record_count)")
    con.execute(
        f"""create temp table checked_pair as from (values {pairs}) as t(
                record_no_l, record_no_r, rule_no, match_weight, reason_code, is_known, is_personal, was_one)"""
    )
    con.execute(f"create temp table habit as from (values {told}) as t(round_no, habit_code, feed, cohort, weight)")
    con.execute("create temp table attached (record_no bigint, node_no bigint, feed varchar)")
    link_best(con, RULES, round_no=1, is_last_round=is_last_round)
    linked = dict(con.execute("select record_no_l, record_no_r from decision").fetchall())
    assert set(linked.values()) <= {FATHER}
    waits = con.execute(
        "select record_no_l from round_decision where reason_code = 'margin' and record_no_r = 900"
    ).fetchall()
    return set(linked), {number for (number,) in waits}


@pytest.mark.parametrize(("is_last_round", "linked"), [(False, {2, 3}), (True, {1, 2, 3})])
def test_one_record_of_a_feed_claims_a_person(con: DuckConnection, is_last_round: bool, linked: set[int]) -> None:
    assert link_pairs(con, PAIRS, OFTEN, is_last_round=is_last_round) == (linked, set(PAIRS) - linked)


def test_of_rivals_of_a_feed_that_holds_each_once_only_the_likelier_is_linked(con: DuckConnection) -> None:
    namesakes = {1: ("post", 8.0), 2: ("post", 20.0), 3: ("fund", 5.0)}
    assert link_pairs(con, namesakes, SELDOM, is_last_round=True) == ({2, 3}, {1})


def test_two_rivals_who_are_as_likely_are_both_left_to_people(con: DuckConnection) -> None:
    namesakes = {1: ("post", 9.0), 2: ("post", 9.5), 3: ("fund", 5.0)}
    assert link_pairs(con, namesakes, SELDOM, is_last_round=True) == ({3}, {1, 2})
