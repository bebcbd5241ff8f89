"""Golden records: which source supplies which value, and what is said when sources disagree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.duck import literal
from matching.golden import golden
from schemas.feed import Column, Feed, FileFormat, Layout
from schemas.fields import field_dictionary
from tests.tables import FIRST_NIGHT, World


@dataclass(frozen=True)
class Delivered:
    feed: str
    business_date: date
    rows_path: Path


RANKS: dict[str, tuple[str, dict[str, int], tuple[str, ...]]] = {
    "sabt": ("registry", {"identity": 1}, ()),
    "post": ("address", {"identity": 60, "address": 1, "contact": 1}, ()),
    "sso": ("insurer", {"identity": 11, "address": 10, "contact": 1}, ("cover_from_date",)),
    "ihio": ("insurer", {"identity": 20, "address": 12, "contact": 1}, ("cover_from_date",)),
    "rnf": ("insurer", {"identity": 20, "contact": 2}, ("cover_from_date",)),
    "work": ("employment", {"identity": 58}, ("work_month",)),
}
OLDER = {"sso": date(2026, 11, 18)}  # all other deliveries are of the first night


def feed(name: str) -> Feed:
    role, survivorship, names = RANKS[name]
    columns = tuple(Column(field_dictionary()[column], column) for column in ("member_no", *names))
    layouts = (Layout(FileFormat("parquet"), columns),)
    return Feed(name, "1.0.0", name, "", name, role, "*", "", "gregorian", layouts, survivorship=survivorship)


def choose(world: World, records: str, crosswalk: str, rows: dict[str, str] | None = None) -> None:
    """Golden values of these records; ``rows`` are staged rows of a feed where cover or work dates matter."""
    world.given("linkage.person_record", records)
    _standardise(world)
    world.given("person.crosswalk", crosswalk)
    deliveries = []
    for name in RANKS:
        world.given(f"staging.{name}", (rows or {}).get(name, "record_key | cover_from_date | work_month"))
        day = OLDER.get(name, FIRST_NIGHT)
        deliveries.append(Delivered(name, day, world.run.table(f"staging.{name}")))
    golden(world.runner, [feed(name) for name in RANKS], deliveries)


def _standardise(world: World) -> None:
    """What standardising adds: the feed, match keys equal to the display form where a spec names none, the birth year."""
    keyed = world.home / "keyed.parquet"
    world.con.execute(
        f"""copy (select * replace (
            split_part(record_key, ':', 1) as feed, split_part(record_key, ':', 1) = 'sabt' as is_registry,
            coalesce(since_delivery_id, split_part(record_key, ':', 1) || '-2026-11-20-abc') as since_delivery_id,
            coalesce(given_name_key, given_name) as given_name_key, coalesce(surname_key, surname) as surname_key,
            coalesce(father_name_key, father_name) as father_name_key,
            nullif(coalesce(mobile_no_key, mobile_no), '') as mobile_no_key,
            coalesce(birth_year, cast(extract(year from birth_date) - 621 as integer)) as birth_year
        ) from linkage.person_record) to {literal(keyed)} (format parquet)"""
    )
    world.runner.attach("linkage.person_record", keyed)


def entry(record_key: str) -> dict[str, str]:
    """What provenance says of a record whose row came with the first night's delivery."""
    feed = record_key.partition(":")[0]
    day = FIRST_NIGHT.isoformat()
    return {"feed": feed, "delivery_id": f"{feed}-{day}-abc", "business_date": day, "record_key": record_key}


def provenance(world: World, person_id: int) -> dict[str, Any]:
    rows = world.con.execute("select provenance from person.golden where person_id = ?", [person_id]).fetchall()
    return dict(json.loads(rows[0][0]))


def test_G01_identity_from_the_registry_address_from_the_post_mobile_from_the_freshest_agency(world: World) -> None:
    choose(
        world,
        """
        record_key | national_code | given_name | surname | birth_date | sex_code | address | postal_code | mobile_no
        -----------+---------------+------------+---------+------------+----------+---------+-------------+------------
        sabt:1     | 0012345679    | زهرا       | رضایی   | 1990-03-01 | female   |         |             |
        sso:7      | 0012345679    | زهرا سادات | رضائی   | 1990-03-01 | female   | B       | 2222222222  | 09120000002
        post:5     | 0012345679    | زهرا       | رضایی   | 1990-03-11 | female   | A       | 1111111111  |
        ihio:3     |               | زهرا       | رضایی   | 1990-03-01 |          |         |             | 09120000003
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:7 | P1\npost:5 | P1\nihio:3 | P1",
    )
    world.then(
        "person.golden",
        """
        person_id | national_code | national_code_status_code | given_name | surname | birth_date | record_count
        ----------+---------------+---------------------------+------------+---------+------------+-------------
        P1        | 0012345679    | registry                  | زهرا       | رضایی   | 1990-03-01 | 4
        """,
    )
    world.then(
        "person.golden",
        """
        person_id | address | postal_code | mobile_no   | identity_source | address_source | mobile_source
        ----------+---------+-------------+-------------+-----------------+----------------+--------------
        P1        | A       | 1111111111  | 09120000003 | sabt            | post           | ihio
        """,
    )
    assert provenance(world, 1) == {
        "identity": entry("sabt:1"),
        "address": entry("post:5"),
        "mobile_no": entry("ihio:3"),
    }


def test_G01_what_the_registry_leaves_open_comes_from_the_best_ranked_agency_and_says_so(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | surname | father_name | birth_date | death_date
        -----------+------------+---------+-------------+------------+-----------
        sabt:1     | زهرا       | رضایی   |             | 1990-03-01 |
        ihio:3     | زری        | رضایی   | حسن         | 1990-03-01 | 2026-01-01
        sso:7      | زهرا       | رضایی   | محمدحسن     | 1990-03-01 |
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:7 | P1\nihio:3 | P1",
    )
    world.then(
        "person.golden",
        "person_id | given_name | father_name | death_date | identity_source\nP1 | زهرا | محمدحسن | | sabt",
    )
    assert provenance(world, 1)["father_name"]["record_key"] == "sso:7"


def test_G01_persons_that_only_agencies_know_go_by_rank_then_freshness_then_what_most_say(world: World) -> None:
    choose(
        world,
        """
        record_key | national_code | given_name | surname | birth_date | birth_year
        -----------+---------------+------------+---------+------------+-----------
        ihio:1     |               | غلام       | نظری    | 1980-01-01 |
        ihio:2     |               | غلامعلی    | نظری    |            | 1360
        rnf:1      |               | غلامعلی    | نظری    | 1980-01-01 |
        ihio:8     | 0012345679    |            | کریمی   |            | 1370
        sso:8      |               | رضا        | کریم    |            |
        """,
        "record_key | person_id\nihio:1 | P1\nihio:2 | P1\nrnf:1 | P1\nihio:8 | P2\nsso:8 | P2",
    )
    world.then(
        "person.golden",
        """
        person_id | national_code | national_code_status_code | given_name | surname | birth_date | birth_year
        ----------+---------------+---------------------------+------------+---------+------------+-----------
        P1        |               | missing                   | غلامعلی    | نظری    | 1980-01-01 | 1359
        P2        | 0012345679    | claimed                   | رضا        | کریم    |            | 1370
        """,
    )
    world.then("person.golden", "person_id | vital_status_code\nP1 |\nP2 |")
    assert provenance(world, 1)["given_name"]["record_key"] == "ihio:2"
    assert "birth_year" not in provenance(world, 1)


def test_G01_a_year_that_the_registry_knows_is_completed_only_by_a_date_of_that_year(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | birth_date | birth_year
        -----------+------------+------------+-----------
        sabt:1     | زهرا       |            | 1359
        sso:7      | زهرا       | 1981-05-05 |
        ihio:3     | زهرا       | 1980-04-04 |
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:7 | P1\nihio:3 | P1",
    )
    world.then("person.golden", "person_id | birth_date | birth_year\nP1 | 1980-04-04 | 1359")


def test_G01_a_mobile_that_very_many_people_share_comes_last(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | mobile_no   | mobile_no_key
        -----------+------------+-------------+--------------
        ihio:1     | رضا        | 09120000009 | ''
        sso:1      | رضا        | 09120000001 |
        """,
        "record_key | person_id\nihio:1 | P1\nsso:1 | P1",
    )
    world.then("person.golden", "person_id | mobile_no\nP1 | 09120000001")


def test_G02_a_record_out_of_line_is_a_row_without_its_value(world: World) -> None:
    choose(
        world,
        """
        record_key | national_code | given_name | given_name_key | surname | birth_date | birth_year | sex_code
        -----------+---------------+------------+----------------+---------+------------+------------+---------
        sabt:1     | 0012345679    | محمد رضا   | محمدرضا        | رضایی   | 1990-05-01 |            | male
        sso:7      | 0012345679    | محمدرضا    | محمدرضا        | کریمی   | 1990-05-01 |            | female
        ihio:3     | 0099999993    | محمدرضا    | محمدرضا        | رضایی   |            | 1350       |
        rnf:4      |               | رضا        | رضا            | رضایی   | 1990-05-02 |            | male
        sabt:2     | 0077777771    | سارا       | سارا           | ملکی    | 1999-09-09 |            | female
        post:2     | 0012345679    | سارا       | سارا           | ملکی    | 1999-09-09 |            | female
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:7 | P1\nihio:3 | P1\nrnf:4 | P1\nsabt:2 | P2\npost:2 | P2",
    )
    world.then(
        "person.disagreement",
        """
        person_id | record_key | feed | attribute     | reason_code
        ----------+------------+------+---------------+--------------
        P1        | sso:7      | sso  | surname       | differs
        P1        | sso:7      | sso  | sex_code      | differs
        P1        | ihio:3     | ihio | national_code | differs
        P1        | ihio:3     | ihio | birth_date    | differs
        P1        | rnf:4      | rnf  | given_name    | differs
        P1        | rnf:4      | rnf  | birth_date    | differs
        P2        | post:2     | post | national_code | code_of_other
        """,
    )


def test_G03_a_registered_death_is_golden_and_an_agencys_is_not_where_the_registry_knows_the_person(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | vital_status_code | death_date
        -----------+------------+-------------------+-----------
        sabt:1     | رضا        | alive             | 2026-05-01
        sabt:2     | علی        | alive             |
        sso:2      | علی        | dead              | 2026-05-01
        """,
        "record_key | person_id\nsabt:1 | P1\nsabt:2 | P2\nsso:2 | P2",
    )
    world.then("person.golden", "person_id | vital_status_code | death_date\nP1 | dead | 2026-05-01\nP2 | alive |")


def test_G03_a_death_contradicted_by_later_activity_is_queried(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | death_date
        -----------+------------+-----------
        sabt:1     | رضا        | 2026-05-01
        sso:1      | رضا        |
        ihio:1     | رضا        |
        work:1     | رضا        |
        work:2     | رضا        |
        sabt:2     | علی        |
        sso:2      | علی        |
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:1 | P1\nihio:1 | P1\nwork:1 | P1\nwork:2 | P1\nsabt:2 | P2\nsso:2 | P2",
        {
            "sso": "record_key | cover_from_date\nsso:1 | 2026-05-02\nsso:2 | 2026-06-01",
            "ihio": "record_key | cover_from_date\nihio:1 | 2026-05-01",
            "work": "record_key | work_month\nwork:1 | 1405-02\nwork:2 | 1405-03",
        },
    )
    world.then(
        "person.death_query",
        """
        person_id | record_key | reason_code
        ----------+------------+------------------
        P1        | sso:1      | cover_after_death
        P1        | work:2     | work_after_death
        """,
    )


def test_G04_an_address_is_one_records_and_never_mixed(world: World) -> None:
    choose(
        world,
        """
        record_key | given_name | address | postal_code | province_code
        -----------+------------+---------+-------------+--------------
        sabt:1     | رضا        |         |             | 08
        post:1     | رضا        |         | 1111111111  |
        sso:1      | رضا        | B       | 2222222222  | 11
        sabt:2     | علی        |         |             | 08
        """,
        "record_key | person_id\nsabt:1 | P1\npost:1 | P1\nsso:1 | P1\nsabt:2 | P2",
    )
    world.then(
        "person.golden",
        """
        person_id | address | postal_code | province_code | address_source
        ----------+---------+-------------+---------------+---------------
        P1        |         | 1111111111  |               | post
        P2        |         |             | 08            | sabt
        """,
    )


def test_G04_no_value_comes_from_another_person_or_from_a_record_that_is_nobodys(world: World) -> None:
    """Twins of one household, one of whom has gaps; and a record that was set aside after linking."""
    choose(
        world,
        """
        record_key | national_code | given_name | surname | father_name | mobile_no
        -----------+---------------+------------+---------+-------------+------------
        sabt:1     | 0012345679    | حسن        | نظری    | رضا         |
        sabt:2     |               | حسین       | نظری    |             |
        sso:1      | 0012345679    | حسن        | نظری    | رضا         | 09120000001
        sso:9      |               | حسین       | نظری    | جعفر        | 09120000009
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:1 | P1\nsabt:2 | P2",
    )
    world.then(
        "person.golden",
        """
        person_id | given_name | father_name | mobile_no   | national_code
        ----------+------------+-------------+-------------+--------------
        P1        | حسن        | رضا         | 09120000001 | 0012345679
        P2        | حسین       |             |             |
        """,
    )


@pytest.mark.parametrize("alone", [True, False])
def test_G04_a_code_that_the_registry_gives_to_someone_else_is_nobody_elses_claim(world: World, alone: bool) -> None:
    """A child insured under the mother's code is not a second holder of it (C08)."""
    choose(
        world,
        """
        record_key | national_code | given_name
        -----------+---------------+-----------
        sabt:1     | 0012345679    | مادر
        sso:2      | 0012345679    | کودک
        ihio:2     |               | کودک
        """,
        "record_key | person_id\nsabt:1 | P1\nsso:2 | P2" + ("" if alone else "\nihio:2 | P2"),
    )
    world.then(
        "person.golden",
        "person_id | national_code | national_code_status_code\nP1 | 0012345679 | registry\nP2 | | missing",
    )
    world.then("person.disagreement", "record_key | attribute | reason_code\nsso:2 | national_code | code_of_other")
