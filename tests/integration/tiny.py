"""Run folders made by hand: small nations that pass the audit, for tests of what comes after the linkage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from hub.runs import Run, open_run
from hub.settings import Settings
from hub.steps import Runner, Step
from schemas.tables import TABLES
from warehouse import conflicts, marts
from warehouse.scores import insurer_scores

FIRST = date(2026, 11, 19)
FEEDS = ("sabt_persons", "sso_members", "ihio_gov")


@dataclass(frozen=True)
class Night:
    """What is true on a night: persons 1..persons; every third holds a second booklet, which is blocked."""

    persons: int = 60
    renamed: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int], ...] = ()
    spoil: dict[str, str] = field(default_factory=dict)
    """SQL put over a table (its rows are in ``made``), to break a promise of the audit."""


class TinyNation:
    """Makes run folders, one night after the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.events = 0
        self.known = 0

    def make(self, night: Night, base: Run | None = None) -> Run:
        """The run folder of a night that builds on ``base``."""
        business_date = base.business_date + timedelta(days=1) if base else FIRST
        run = open_run(self.settings, business_date, {"night": repr(night)}, base.run_id if base else None)
        before = 0 if base is None else self.known
        with run.runner(self.settings) as runner:
            for table, sql in _tables(night, run, before, self.events).items():
                _keep(runner, table, night.spoil.get(table, "select * from made"), sql)
            runner.run(conflicts.kinds())
            runner.run(insurer_scores(run.business_date))
            marts.build(runner, run)
            self.events += runner.con.execute("select count(*) from person.identity_event").fetchall()[0][0]
        self.known = night.persons
        return run


def _keep(runner: Runner, table: str, spoil: str, sql: str) -> None:
    declared = TABLES[table]
    empty = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in declared.columns.items())
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in declared.columns.items())
    full = f"with made as (select * from (select {empty} limit 0) union all by name ({sql})) {spoil}"
    runner.run(Step(table, declared.grain, f"select {columns} from ({full})"))


def _tables(night: Night, run: Run, before: int, events: int) -> dict[str, str]:
    swallowed = [person for person, _ in night.merged]
    gone = ", ".join(map(str, swallowed)) or "0"
    renamed = ", ".join(map(str, sorted(night.renamed))) or "0"
    survivor = " ".join(f"when {a} then {b}" for a, b in night.merged)
    owner = f"case i {survivor} else i end" if survivor else "i"
    people = f"range(1, {night.persons + 1}) as t(i)"
    day = f"date '{run.business_date}'"
    merges = " union all ".join(
        f"select 'merge', {a}, {b}, cast(null as varchar), {night.persons * 2 + n}" for n, (a, b) in enumerate(night.merged)
    )
    feeds = ", ".join(f"('{feed}', '{feed}-{run.business_date}-0123456789ab')" for feed in FEEDS)
    return {
        "staging.current_delivery": f"select feed, delivery_id, {day} as business_date, 0 as as_of_days, 1 as row_count "
        f"from (values {feeds}) as d(feed, delivery_id)",
        "linkage.person_record": f"select feed || ':' || i as record_key, feed from {people}, "
        "(values ('sabt_persons'), ('sso_members')) as f(feed)",
        "person.crosswalk": f"select feed || ':' || i as record_key, feed, {owner} as person_id, 'registry' as method_code "
        f"from {people}, (values ('sabt_persons'), ('sso_members')) as f(feed)",
        "person.person": f"select i as person_id, if(i in ({gone}), 'merged', 'live') as state_code, "
        f"nullif({owner}, i) as survivor_person_id, '{run.run_id}' as changed_run from {people}",
        "person.golden": f"select i as person_id, lpad(i::varchar, 10, '0') as national_code, "
        "'registry' as national_code_status_code, "
        f"if(i in ({renamed}), 'حسینی', 'محمدی') as surname, 'علی, \"رضا\"' as given_name, "
        f"if(i % 5 = 0, '', 'x') as address, "
        f"if(i % 2 = 0, 'male', 'female') as sex_code, date '1980-01-01' + i::int as birth_date, "
        f"if(i % 7 = 0, null, '08') as province_code, 'alive' as vital_status_code, 2 as record_count "
        f"from {people} where i not in ({gone})",
        "person.identity_event": f"select {events} + row_number() over (order by o, event_code desc, record_key) "
        "as event_no, "
        f"'{run.run_id}' as run_id, event_code, person_id, other_person_id, record_key, {day} as business_date from ("
        f"select 'mint' as event_code, i as person_id, null as other_person_id, null as record_key, i as o from {people} "
        f"where i > {before} "
        f"union all select 'join', i, null, feed || ':' || i, i from {people}, "
        f"(values ('sabt_persons'), ('sso_members')) as f(feed) where i > {before} "
        + (f"union all {merges}" if merges else "")
        + ")",
        "person.review_pair": "select "
        "'ihio_gov:1' as record_key_a, 'sso_members:2' as record_key_b, 'margin' as reason_code",
        "person.disagreement": "select 1 as person_id, 'sso_members:1' as record_key, 'surname' as attribute",
        "person.code_answer": "select 'sso_members:1' as record_key where false",
        "person.death_query": "select 'sso_members:1' as record_key where false",
        "cover.period": f"select i as person_id, insurer_code, 'basic' as benefit_kind_code, 'B' || i as booklet_no, "
        f"date '2020-01-01' as from_date, date '9999-12-31' as to_date, feed, feed || ':' || i as record_key from {people}, "
        "(values ('SSO', 'sso_members', 1), ('IHIO-GOV', 'ihio_gov', 3)) as f(insurer_code, feed, every) "
        f"where i % every = 0 and i % 10 <> 9 and i not in ({gone})",
        "cover.conflict": f"select i as conflict_no, 'two_basic' as kind_code, i as person_id, 'IHIO-GOV' as insurer_a, "
        "'SSO' as insurer_b, 'block' as outcome_code, 'IHIO-GOV' as keeper_insurer_code, 'open' as status_code, "
        f"date '2020-01-01' as from_date, date '9999-12-31' as to_date, date '{FIRST}' as opened_date, "
        "'ihio_gov:' || i as record_key_a, 'sso_members:' || i as record_key_b "
        f"from {people} where i % 3 = 0 and i % 10 <> 9 and i not in ({gone})",
        "cover.proposal": "select conflict_no, insurer_a as insurer_code, '' as booklet_no from cover.conflict where false",
        "cover.rule": "select 'R2' as rule_code, 1 as priority, 'IHIO-GOV' as insurer_a, 'SSO' as insurer_b, "
        "'block_b' as outcome_code, date '0001-01-01' as from_date, date '9999-12-31' as to_date",
        "cover.booklet": "select person_id, insurer_code, booklet_no, from_date, to_date, "
        "if(insurer_code = 'SSO' and person_id % 3 = 0, 'blocked', 'active') as status_code from cover.period",
        "employment.contribution": f"select i as person_id, '1405-08' as work_month, '7' as workshop_no, "
        f"30 as contribution_days, {day} as as_of_date from {people} where i % 2 = 0 and i not in ({gone})",
        "cover.booklet_act": "select 1 as act_no where false",
        "cover.conflict_answer": "select 'sso_answers:' || i as record_key, i as conflict_no, 'SSO' as insurer_code, "
        f"'taken' as verdict_code, {day} as answered_date from range(3, 4) as t(i)",
        "cover.conflict_event": f"select i as conflict_no, 1 as event_no, 'opened' as event_code, 'found' as cause_code, "
        f"date '{FIRST}' as business_date, 'first' as run_id from {people} where i % 3 = 0 and i % 10 <> 9",
        "employment.benefit": f"select 'benefit:1' as record_key, 1 as person_id, {day} as from_date",
        "special.mark": "select 'mark:1' as record_key, 1 as person_id, 'SSO' as insurer_code, 'ms' as disease_code",
        "special.claim": "select 'claim:1' as record_key, 1 as person_id, 'SSO' as insurer_code, 'D1' as drug_code",
        "ops.delivery": "select delivery_id, feed, business_date, 'staged' as state_code from staging.current_delivery",
        "ops.ledger": "select delivery_id, feed, 'f.csv' as file_name, fate_code, f.row_count "
        "from staging.current_delivery, "
        "(values ('received', 100), ('accepted', 99), ('quarantined', 1)) as f(fate_code, row_count)",
        "ops.quarantine": "select delivery_id, feed, 7 as line_no, 'bad_date' as reason_code from staging.current_delivery",
        "ops.profile": "select delivery_id, feed, '' as column_name, 'row_count' as figure_code, 99 as figure "
        "from staging.current_delivery",
    }
