"""One small night as its run folder, for reports to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.duck import connection
from hub.runs import Run
from hub.settings import Settings
from hub.storage import write_json
from reports.pages import write_pages
from reports.returns import write_returns
from tests.spec.cover_world import given_cover, judge
from tests.tables import World
from warehouse.scores import insurer_scores

COVER = """
    record_key | person_id | insurer_code | benefit_kind_code | member_no | booklet_no | from_date  | to_date    | principal_person_id | feed
    gov:1      | P1        | IHIO-GOV     | basic             | G-10      | G1         | 2026-01-01 | 9999-12-31 |                     | gov
    sso:1      | P1        | SSO          | basic             | +S-10     | =S1        | 2020-01-01 | 9999-12-31 | P2                  | sso
    sso:2      | P2        | SSO          | basic             | S-20      | S2         | 2020-01-01 | 9999-12-31 |                     | sso
    sso:3      | P2        | SSO          | basic             | S-21      | S3         | 2026-06-01 | 2026-09-01 |                     | sso
    oil:3      | P3        | OIL          | basic             | O-30      | O3         | 2026-01-01 | 9999-12-31 |                     | oil
    tmun:3     | P3        | TMUN         | basic             | T-30      | T3         | 2026-01-01 | 9999-12-31 |                     | tmun
    cspf:4     | P4        | CSPF         | pension           | C-40      | C4         | 2026-01-01 | 9999-12-31 |                     | cspf
    rnf:4      | P4        | RNF          | pension           | R-40      | R4         | 2026-01-01 | 9999-12-31 |                     | rnf
    supp:5     | P5        | SUPP         | supplementary     | ＝X-50    | X5         | 2026-01-01 | 9999-12-31 |                     | supp
"""  # noqa: E501
GOLDEN = """
    person_id | national_code | national_code_status_code | given_name | surname  | nationality_code | death_date
    P1        | 0012345679    | registry                  | @زهرا      | محمدی    | IRN              |
    P2        | 0012345687    | claimed                   | نام دیگران | دیگران   | IRN              |
    P3        | 0012345695    | registry                  | مریم       | احمدی    | IRN              |
    P4        | 0012345709    | registry                  | حسن        | کریمی    | IRN              |
    P5        | 0012345717    | registry                  | رقیه       | <b>موسوی | IRN              | 2026-03-01
"""
DELIVERIES = """
    feed        | delivery_id            | business_date | row_count | as_of_days
    sso_members | sso_members-2026-11-20 | 2026-11-20    | 990       | 0
    ihio_gov    | ihio_gov-2026-11-18    | 2026-11-18    | 4321      | 2
    sso         | sso-2026-11-19         | 2026-11-19    | 7         | 1
"""
LEDGER = """
    delivery_id            | feed        | file_name | fate_code   | row_count
    sso_members-2026-11-20 | sso_members | a.csv     | received    | 1234
    sso_members-2026-11-20 | sso_members | a.csv     | accepted    | 1200
    sso_members-2026-11-20 | sso_members | a.csv     | quarantined | 34
    ihio_gov-2026-11-18    | ihio_gov    | b.csv     | received    | 4321
    ihio_gov-2026-11-18    | ihio_gov    | b.csv     | unchanged   | 4321
"""
PROFILE = """
    delivery_id            | feed        | column_name   | figure_code         | figure
    sso_members-2026-11-20 | sso_members |               | received_count      | 1234
    sso_members-2026-11-20 | sso_members |               | quarantined_percent | 2.75
    sso_members-2026-11-20 | sso_members | national_code | null_percent        | 4
    sso_members-2026-11-20 | sso_members | national_code | invalid_percent     | 1
    sso_members-2026-11-20 | sso_members | surname       | null_percent        | 0
    sso_members-2026-11-20 | sso_members | surname       | invalid_percent     | 0
    sso_members-2026-11-18 | sso_members |               | received_count      | 1100
"""
QUALITY = """
    feed        | linked_ratio | as_of_days | as_of_date
    sso_members | 0.9815       | 0          | 2026-11-20
    ihio_gov    | 0.75         | 2          | 2026-11-20
"""
COSTS = """
    jalali_month | kind_code | insurer_a | insurer_b | province_code | person_count | overlap_days | cost_rials | as_of_feeds
    1405-07      | two_basic | IHIO-GOV  | SSO       | 23            | 30           | 900          | 21480000   | s@1
    1405-08      | two_basic | IHIO-GOV  | SSO       | 23            | 25           | 500          | 11933333   | s@1
    1405-08      | two_basic | other     | other     | other         | 12           | 90           | 2148000    | s@1
"""


@dataclass(frozen=True)
class Night:
    """A night's settings and run, and the world it was made in."""

    settings: Settings
    run: Run
    world: World

    def folder(self, insurer_code: str, day: str = "2026-11-20") -> Path:
        return self.settings.returns / day / insurer_code


@pytest.fixture
def night(world: World, tmp_path: Path) -> Night:
    """A small night of one's own, to go on from."""
    return make_night(world, tmp_path)


@pytest.fixture(scope="package")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The same small night with its returns and pages written, shared by tests that only look."""
    home = tmp_path_factory.mktemp("told")
    with connection(Settings(home=home, memory="1GB", threads=1)) as con:
        made = make_night(World(con, home), home)
        write_returns(made.settings, made.run)
        write_pages(made.settings, made.run)
        yield made


def make_night(world: World, home: Path) -> Night:
    """Overlaps, a pair at one insurer, a death, a person under review, two pensions."""
    given_cover(
        world,
        COVER,
        person__golden=GOLDEN,
        person__crosswalk="record_key | person_id | method_code\ntmun:3 | P3 | score\noil:3 | P3 | code\nsso:1 | P1 | code",
        linkage__person_record="record_key | national_code | given_name | surname\nsso:2 | 0012345687 | حسین | رضائی",
        person__review_pair="record_key_a | record_key_b | reason_code\nsabt:9 | tmun:3 | margin",
    )
    judge(world)
    world.when(insurer_scores(world.run.business_date))
    world.given("mart.overlap_cost", COSTS)
    world.given("staging.current_delivery", DELIVERIES)
    world.given("ops.ledger", LEDGER)
    world.given(
        "ops.delivery",
        """
        delivery_id            | feed        | business_date | file_name  | state_code | landed_at           | reason
        oil-x                  | oil         | 2026-11-20    | OIL_1.xlsx | held       |                     | 31 % of rows in quarantine
        sso_members-2026-11-20 | sso_members | 2026-11-20    | a.csv      | staged     | 2026-11-20 20:30:00 |
        sso_members-2026-11-18 | sso_members | 2026-11-18    | z.csv      | late       | 2026-11-20 19:00:00 |
        """,  # noqa: E501
    )
    world.given("ops.profile", PROFILE)
    world.given("mart.feed_quality", QUALITY)
    world.given("person.identity_event", "event_no | event_code\n1 | mint\n2 | mint\n3 | merge")
    settings = Settings(home=home, memory="1GB", threads=1)
    write_json(
        settings.staging / "sso_members" / "sso_members-2026-11-20" / "validation.json",
        {
            "acceptance": None,
            "success": False,
            "results": [
                _result("national_code null_percent", 4.25, 3.0),
                _result("quarantined_percent", 2.75, 5.0),
                _result("received_count", 1_234, None, 1.0),
            ],
        },
    )
    return Night(settings, world.run, world)


def _result(column: str, figure: float, most: float | None, least: float | None = None) -> dict[str, object]:
    return {
        "success": most is None or figure < most,
        "expectation_config": {
            "type": "expect_column_max_to_be_between",
            "kwargs": {"column": column, "min_value": least, "max_value": most, "strict_max": most is not None},
            "meta": {"name": column},
        },
        "result": {"observed_value": figure},
    }
