"""In a round that tells the next one something, one record of a feed claims a person; others wait until habits are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.duck import connection
from hub.settings import Settings
from matching.decisions import link_best

FATHER, SON = 900, 901
# Two of the post's records with one name and address, and one of a fund; all fit the father best.
PAIRS = {1: ("post", 20.0), 2: ("post", 30.0), 3: ("fund", 25.0)}


@pytest.mark.parametrize(("is_last_round", "linked"), [(False, {2, 3}), (True, {1, 2, 3})])
def test_one_record_of_a_feed_claims_a_person(tmp_path: Path, is_last_round: bool, linked: set[int]) -> None:
    profiles = ", ".join(f"({number}, '{feed}', 1)" for number, (feed, _) in PAIRS.items())
    pairs = ", ".join(
        f"({number}, {person}, 1, {weight}, null::varchar, true, false, false)"
        for number, (_, best) in PAIRS.items()
        for person, weight in ((FATHER, best), (SON, 2.0))
    )
    with connection(Settings(home=tmp_path)) as con:
        con.execute(f"create temp table profile as from (values {profiles}) as t(record_no, feed, record_count)")
        con.execute(
            f"""create temp table checked_pair as from (values {pairs}) as t(
                    record_no_l, record_no_r, rule_no, match_weight, reason_code, is_known, is_personal, was_one)"""
        )
        link_best(con, is_first_round=False, is_last_round=is_last_round)
        found = con.execute("select record_no_l, record_no_r from decision").fetchall()
        waits = con.execute("select record_no_l from round_decision where reason_code = 'margin' and record_no_r = 900")
        assert {number for (number,) in waits.fetchall()} == set(PAIRS) - linked
    assert dict(found) == dict.fromkeys(linked, FATHER)
