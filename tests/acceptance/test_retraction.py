"""D13: a retracted delivery leaves the nation as if it had never come; ids, log and evidence stay, and it can be undone."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from connectors.deliveries import deliveries_of
from connectors.retractions import RETRACT, acts, note_act
from hub import postgres
from hub.duck import connection
from hub.errors import DeliveryError
from hub.layers import rows_of
from hub.runs import all_runs, find_run
from hub.settings import Settings
from nights import retraction
from nights.replay import REPLAYS
from nights.setup import make_ready
from nights.state import state_of
from nights.sync import sync
from reports.persian import jalali_text
from tests.nation import DATABANK, make_nation
from warehouse.consistency import compare
from warehouse.runs import live_run_id

pytestmark = pytest.mark.slow
FEEDS = ("sabt_persons", "sso_members", "ihio_rural")
WRONG = "ihio_rural"
WRONG_DATE = date(2026, 11, 20)
DATES = [date(2026, 11, day) for day in (19, 20, 21, 22)]
# What must be equal in two worlds, by records instead of numbers that were given out.
PERSON = "(select person_id, min(record_key) as person from {person.crosswalk} group by person_id) as p using (person_id)"
WORLD = {
    "who belongs together": f"select x.record_key, p.person from {{person.crosswalk}} as x join {PERSON}",
    "golden values": f"select p.person, g.* exclude (person_id) from {{person.golden}} as g join {PERSON}",
    "disagreements": "select * exclude (person_id) from {person.disagreement}",
    "reviews": "select record_key_a, record_key_b, reason_code from {person.review_pair}",
    "conflicts": f"""select p.person, c.* exclude (conflict_no, person_id, principal_person_id_a, principal_person_id_b,
                            opened_date, changed_date, reopened_count, status_code, stage_code, reported_date, due_date,
                            is_overdue, event_count)
                     from {{cover.conflict}} as c join {PERSON} where status_code <> 'resolved'""",
    "booklets": f"select p.person, b.* exclude (person_id, conflict_no) from {{cover.booklet}} as b join {PERSON}",
}


@dataclass
class Databank:
    """A databank that takes in the files of one nation, some of them or all."""

    settings: Settings
    nation: Path
    with_it: dict[str, list[str]] = field(default_factory=dict)

    def night(self, day: date, but: str = "") -> None:
        """Deliver and run one night; of the feed ``but`` nothing comes."""
        for file in (self.nation / "inbox").glob("*/*"):
            if file.parent.name in FEEDS and file.parent.name != but and _day(file.name, day):
                target = self.settings.inbox / file.parent.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)
        sync(self.settings.on(day))

    def world(self) -> dict[str, list[str]]:
        """The live night's tables as sorted rows, without numbers."""
        run = find_run(self.settings, live_run_id(self.settings) or "")
        with connection(self.settings) as con:
            return {name: sorted(map(str, con.execute(_over(sql, run.table)).fetchall())) for name, sql in WORLD.items()}

    def returned(self, day: date) -> dict[str, int]:
        """Conflicts told to each insurer on a day."""
        manifests = (self.settings.returns / day.isoformat()).glob("*/manifest.json")
        return {path.parent.name: json.loads(path.read_text(encoding="utf-8"))["by_change"] for path in manifests}

    @property
    def wrong(self) -> str:
        """Id of the delivery that should not have come."""
        return deliveries_of(self.settings, WRONG)[1].delivery_id

    @property
    def first(self) -> str:
        """Id of that feed's delivery before."""
        return deliveries_of(self.settings, WRONG)[0].delivery_id

    def told(self, *arguments: str) -> object:
        """What the command line says on this databank, as JSON."""
        places = {"DATABANK_HOME": str(self.settings.home), "DATABANK_CONTRACTS": str(self.settings.contracts)}
        done = subprocess.run(
            [str(DATABANK), *arguments], env=os.environ | places, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def asked(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(postgres.start(self.settings).url) as live:
            return live.execute(sql).fetchall()


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four nights; on the second the rural fund's numbers stand for other people, and some rows are spoilt."""
    folder = make_nation(tmp_path_factory.mktemp("nation"), persons=300, seed=5, nights=len(DATES))
    (file,) = (path for path in (folder / "inbox" / WRONG).glob("*.gz") if _day(path.name, WRONG_DATE))
    header, *lines = gzip.decompress(file.read_bytes()).decode("cp1256").splitlines()
    rows = [line.split("|") for line in lines]
    member_no = header.split("|").index("SH_BIME")
    numbers = [row[member_no] for row in rows[: len(rows) // 4]]
    for row, number in zip(rows, numbers[1:] + numbers[:1], strict=False):
        row[member_no] = number
    rows[-1][-1] = "99" + rows[-1][-1]
    file.write_bytes(gzip.compress("\n".join([header, *("|".join(row) for row in rows)]).encode("cp1256")))
    file.with_name(f"{file.name}.manifest.json").unlink()
    return folder


@pytest.fixture(scope="module")
def retracted(tmp_path_factory: pytest.TempPathFactory, nation: Path) -> Iterator[Databank]:
    """Three nights with the wrong delivery among them."""
    yield from _databank(tmp_path_factory.mktemp("retracted"), nation, DATES[:3])


@pytest.fixture(scope="module")
def never(tmp_path_factory: pytest.TempPathFactory, nation: Path) -> Iterator[Databank]:
    """The same nights; the wrong delivery never came."""
    yield from _databank(tmp_path_factory.mktemp("never"), nation, DATES[:3], WRONG)


def _databank(home: Path, nation: Path, days: list[date], late: str = "") -> Iterator[Databank]:
    settings = Settings(home=home, memory="1GB")
    contracts = home / "contracts"
    contracts.mkdir()
    for feed in FEEDS:
        shutil.copy(settings.contracts / f"{feed}.odcs.yaml", contracts)
    made = Databank(replace(settings, contracts=contracts), nation)
    try:
        make_ready(made.settings)
        for day in days:
            made.night(day, late if day == WRONG_DATE else "")
        yield made
    finally:
        postgres.stop(made.settings, mode="immediate")


def _day(name: str, day: date) -> bool:
    jalali = "".join(str(int(digit)) for digit in jalali_text(day) if digit.isdigit())
    return jalali in name


def _over(sql: str, table: object) -> str:
    for name in (
        "person.crosswalk",
        "person.golden",
        "person.disagreement",
        "person.review_pair",
        "cover.conflict",
        "cover.booklet",
    ):
        sql = sql.replace("{" + name + "}", rows_of(table(name)))  # type: ignore[operator]
    return sql


def test_D13_a_retracted_delivery_leaves_the_nation_as_if_it_had_never_come(retracted: Databank, never: Databank) -> None:
    settings, wrong = retracted.settings, retracted.wrong
    before = retracted.with_it = retracted.world()
    log = retracted.asked("select * from person.identity_event order by event_no")
    assert before != never.world(), "the wrong delivery matters"

    foreseen = retracted.told("retract", wrong, "--dry-run", "--json")
    assert retracted.world() == before, "looking changes nothing"
    assert acts(settings) == []

    effect = retraction.retract(settings, wrong, "numbers of other people", "steward")
    assert effect is not None
    assert json.loads(json.dumps(effect.as_json())) == foreseen
    assert effect.nights == 2
    assert effect.person_count > 0
    assert len(effect.staged_again) == 1, "the delivery of the third night followed it"
    now, other = retracted.world(), never.world()
    for name, rows in other.items():
        assert now[name] == rows, name

    assert [(act.who, act.reason, act.delivery_id) for act in acts(settings)] == [
        ("steward", "numbers of other people", wrong)
    ]
    told = retracted.asked("select * from person.identity_event order by event_no")
    assert told[: len(log)] == log, "the log only grows"
    assert retracted.asked("select count(*) from person.person where person.resolve(person_id, now()) is null") == [(0,)]
    assert retracted.asked(f"select state_code, reason from ops.delivery where delivery_id = '{wrong}'") == [
        ("retracted", "numbers of other people")
    ]
    assert compare(settings).differences == ()
    assert not state_of(settings).open_run
    assert retraction.settle(settings) is None, "settled once"
    assert not [run for run in all_runs(settings) if REPLAYS in run.inputs], "nights gone through again are swept away"


def test_D13_a_retraction_is_undone_as_if_it_had_never_been(retracted: Databank, never: Databank) -> None:
    settings, wrong = retracted.settings, retracted.wrong
    with pytest.raises(DeliveryError, match="was never retracted"):
        retraction.undo(settings, retracted.first, "a mistake", "steward")
    effect = retraction.undo(settings, wrong, "they were right after all", "steward")
    assert effect is not None
    assert retracted.world() == retracted.with_it

    note_act(settings, RETRACT, WRONG, wrong, "no, they were not", "steward")  # and killed before anything else
    assert sync(settings.on(DATES[2])).opening.is_live, "the next night carries it through first"
    now, other = retracted.world(), never.world()
    for name, rows in other.items():
        assert now[name] == rows, name
    assert [act.act_code for act in acts(settings)] == ["retract", "undo", "retract"]


def test_D13_nights_after_a_retraction_go_on_as_if_it_had_never_come(retracted: Databank, never: Databank) -> None:
    for each in (retracted, never):
        each.night(DATES[3])
    now, other = retracted.world(), never.world()
    for name, rows in other.items():
        assert now[name] == rows, name
    assert retracted.returned(DATES[3]) == never.returned(DATES[3])
