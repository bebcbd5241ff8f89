"""Standardising only what changed leaves what standardising everything would, night after night (S06, issue 3)."""

from __future__ import annotations

import shutil
from random import Random
from typing import Any

import pytest

from hub.layers import is_layered
from matching import names
from matching.evidence import LAST_DIGITS
from matching.together import Together
from schemas.tables import PERSON_RECORD
from tests.properties.changing_nation import Nation, Row
from tests.spec.people_world import GIVEN, SURNAMES, People
from tests.tables import World

CALL_CENTRE, PLACEHOLDER = "09129999999", "1921-03-21"


class Nights:
    """Nights of one population, each standardised on the base of the one before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.together: Together = {}

    def standardise(self, rows: dict[str, list[Row]], *, is_full: bool = False) -> list[tuple[Any, ...]]:
        people = People(self.world)
        people.rows = rows
        people.standardise(is_full=is_full, together=self.together)
        self.world.given("linkage.reference", f"fact_code | figure\nrecord_count | {sum(map(len, rows.values()))}")
        return self.world.con.execute(f"from {PERSON_RECORD.name} order by record_key").fetchall()

    def both_ways(self, rows: dict[str, list[Row]]) -> list[tuple[Any, ...]]:
        in_full = self.standardise(rows, is_full=True)
        shutil.rmtree(self.world.run.folder)
        self.world.run.folder.mkdir()
        self.world.runner = type(self.world.runner)(self.world.con, self.world.run.folder)
        changes = self.standardise(rows)
        assert changes == in_full
        return changes

    @property
    def took_over(self) -> bool:
        """Whether tonight's records are yesterday's but for what changed."""
        return is_layered(self.world.run.table(PERSON_RECORD.name))


@pytest.fixture
def nights(world: World) -> Nights:
    return Nights(world)


@pytest.mark.parametrize("seed", [3, 9])
def test_L11_standardising_changes_equals_standardising_all_night_after_night(nights: Nights, seed: int) -> None:
    nation, random = Nation(seed, persons=150), Random(seed)
    nights.standardise(nation.feeds())
    took_over = []
    for share in (0.02, 0.05, 0.0, 0.03):
        nights.world.next_night()
        nation.change(share)
        rows = nation.feeds()
        rows["bank"] = [  # a feed that comes, changes and tells full names
            {"key": str(n), "full_name": f"{random.choice(GIVEN)} {random.choice(SURNAMES)}"}
            for n in range(int(share * 100))
        ]
        nights.both_ways({feed: told for feed, told in rows.items() if told})
        took_over.append(nights.took_over)
    assert all(took_over[:2])


def test_L11_a_model_under_which_other_names_go_together_standardises_all_anew(nights: Nights) -> None:
    nation = Nation(4, persons=150)
    before = nights.standardise(nation.feeds())
    nights.world.next_night()
    nights.together = {"given_name": {GIVEN[0]: "other", GIVEN[1]: "other"}, "surname": {SURNAMES[0]: "third"}}
    after = nights.both_ways(nation.feeds())
    assert not nights.took_over
    sounds = {column: list(PERSON_RECORD.columns).index(f"{column}_phonetic") for column in ("given_name", "surname")}
    for column, sound in (("given_name", "other"), ("surname", "third")):
        assert sound not in {row[sounds[column]] for row in before}
        assert sound in {row[sounds[column]] for row in after}
    nights.world.next_night()
    nation.change(0.02)
    nights.both_ways(nation.feeds())
    assert nights.took_over


def test_L11_other_nicknames_standardise_all_anew(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"fund": [{"key": str(n), "given_name": name} for n, name in enumerate(("Jim", "James") * 20)]}
    nights.standardise(rows)
    nights.world.next_night()
    monkeypatch.setattr(names, "nicknames", lambda: {})
    sound = list(PERSON_RECORD.columns).index("given_name_phonetic")
    assert len({row[sound] for row in nights.standardise(rows)}) == 2
    assert not nights.took_over


def test_S03_one_who_says_whose_son_he_is_tells_nothing_of_the_names_of_later_nights(nights: Nights) -> None:
    """Whether whole names tell fathers was found out in the first night: of one in forty, they do not."""
    told: list[Row] = [{"key": f"a{n}", "given_name": "امیر", "surname": "زرین", "father_name": "حسین"} for n in range(9)]
    whole: list[Row] = [{"key": f"b{n}", "full_name": "امیر زرین"} for n in range(40)]
    whole += [{"key": "son", "full_name": "رضا بن علی"}, {"key": "first", "full_name": "امیر حسین سپهری"}]
    first = nights.standardise({"fund": told, "bank": whole})
    nights.world.next_night()
    later = nights.both_ways({"fund": told, "bank": [*whole, {"key": "later", "full_name": "امیر حسین نوری"}]})
    assert nights.took_over
    given, key = (list(PERSON_RECORD.columns).index(name) for name in ("given_name_key", "record_key"))
    assert [row[given] for rows in (first, later) for row in rows if row[key] in ("bank:first", "bank:later")] == [
        "امیرحسین"
    ] * 3


def holders(count: int, **told: str) -> list[Row]:
    """Many others, and this many who all tell the same."""
    others: list[Row] = [
        {"key": f"o{n:03d}", "surname": SURNAMES[n % 14], "birth_date": f"19{50 + n % 40}-0{1 + n % 9}-1{n % 7}"}
        for n in range(300)
    ]
    same = (
        {"key": f"s{n:02d}", "surname": SURNAMES[n % 14] + "زاده", "birth_date": f"1980-01-{n + 1:02d}"}
        for n in range(count)
    )
    return others + [{**row, **told} for row in same]


def test_S06_a_number_becomes_a_call_centres_for_those_who_held_it_before_too(nights: Nights) -> None:
    key, holds = list(PERSON_RECORD.columns).index("mobile_no_key"), list(PERSON_RECORD.columns).index("mobile_no")
    nights.standardise({"fund": holders(12, mobile_no=CALL_CENTRE)})
    for count, is_evidence in ((13, False), (12, True)):
        nights.world.next_night()
        rows = nights.both_ways({"fund": holders(count, mobile_no=CALL_CENTRE)})
        assert nights.took_over
        assert {row[key] for row in rows if row[holds] == CALL_CENTRE} == {
            CALL_CENTRE[-LAST_DIGITS:] if is_evidence else None
        }


def test_S04_a_day_becomes_a_placeholder_for_those_who_told_it_before_too(nights: Nights) -> None:
    born = list(PERSON_RECORD.columns).index("birth_date")
    nights.standardise({"fund": holders(7, birth_date=PLACEHOLDER, given_name="")})
    for count, is_evidence in ((9, False), (7, True)):
        nights.world.next_night()
        rows = nights.both_ways({"fund": holders(count, birth_date=PLACEHOLDER)})
        assert nights.took_over
        assert any(str(row[born]) == PLACEHOLDER for row in rows) is is_evidence


def test_other_contracts_or_lost_deliveries_are_standardised_whole(nights: Nights) -> None:
    nights.standardise({"fund": holders(5)})
    nights.world.next_night()
    nights.standardise({"fund": holders(6)})
    assert nights.took_over
    staged = nights.world.home / "staged" / nights.world.run.run_id / "fund.parquet"
    staged.write_bytes(staged.read_bytes())  # staged again since, at the same place
    nights.world.next_night()
    nights.both_ways({"fund": holders(7)})
    assert not nights.took_over
    (nights.world.home / "staged" / nights.world.run.run_id / "fund.parquet").unlink()
    nights.world.next_night()
    nights.standardise({"fund": holders(8)})
    assert not nights.took_over
