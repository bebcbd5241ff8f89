"""Reference statistics: what match weights start from, measured in one night and carried by the nights after it.

How common a value is, how many people there are and how many of them the registry holds shifts a little every night. Were
it measured every night, every weight of the nation would move with every delivery, and nothing could be taken over from the
night before. So a night uses the reference of its base while that holds (decision 0008).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import asdict
from pathlib import Path

from hub.duck import Connection
from hub.layers import count_rows, link_table, remove_table, rows_of
from hub.steps import Runner, Step
from matching.blocking import MOST_PAIRS_PER_BLOCK, block_keys, hashed_fields
from matching.blocking_rules import BLOCKING_RULES, PERSONS_OF_FEW
from matching.codes import REFUSED
from matching.comparisons import comparisons_hash, term_frequency_columns
from matching.facts import FACTS
from matching.habits import LEARNING, habit
from matching.model import Model
from matching.scorer import contradiction, corroboration, rules_under
from matching.told import told
from matching.twins import OFTEN_TWICE
from matching.weights import HELD_ONCE
from schemas.reference_tables import HABIT, REFERENCE, REFERENCE_BLOCK, REFERENCE_FREQUENCY
from schemas.tables import PERSON_RECORD, POPULATION

REFERENCE_RECORD = "linkage.reference_record"
CARRIED = (
    REFERENCE_RECORD, POPULATION.name, HABIT.name, REFERENCE_BLOCK.name, REFERENCE_FREQUENCY.name, REFERENCE.name,
)  # fmt: skip
# Columns of few different values, most of which the first night has counted: kept, so that no night counts them again.
KEPT_COLUMNS = HELD_ONCE
# A nation that has grown or shrunk by more than this is measured anew.
MOST_DRIFT_RATIO = 0.05


def adopt(runner: Runner, base_folder: Path | None, model: Model) -> str | None:
    """Carry the reference of the night before, where it still holds. Where it does not, one that this night measured
    before it was killed goes, or it would be taken for a carried one.

    Returns: why it is measured anew; None when it is carried.
    """
    because = _measured_because(runner, base_folder, model)
    if because is not None or base_folder is None:
        remove_table(_file(runner.folder, REFERENCE.name))
        return because
    for name in CARRIED:
        carry(runner, base_folder, name)
    return None


def _measured_because(runner: Runner, base_folder: Path | None, model: Model) -> str | None:
    con = runner.con
    if base_folder is None:
        return "first night"
    if not all(_file(base_folder, name).exists() for name in CARRIED):
        return "the night before left no reference"
    facts = rows_of(_file(base_folder, REFERENCE.name))
    method = con.execute(f"select max(text) from {facts} where fact_code = 'method'").fetchall()[0][0]
    if method != method_hash(con, model):
        return "another model or method"
    if has_drifted(con, base_folder, count_rows(runner.files, _file(runner.folder, PERSON_RECORD.name))):
        return "the population has drifted"
    return None


def has_drifted(con: Connection, base_folder: Path, now: int) -> bool:
    """Whether there are so many more or fewer records than when the reference was measured that it is measured anew; also
    where the night before has none.

    Args:
        now: number of tonight's.
    """
    facts = _file(base_folder, REFERENCE.name)
    if not facts.exists():
        return True
    counted = f"select max(figure) from {rows_of(facts)} where fact_code = 'record_count'"
    then = con.execute(counted).fetchall()[0][0]
    return bool(abs(now - then) > MOST_DRIFT_RATIO * then)


def carry(runner: Runner, base_folder: Path, table: str) -> None:
    """Let this run folder hold a table of the night before as it is, without a copy."""
    path = _file(runner.folder, table)
    if not path.exists():
        link_table(_file(base_folder, table), path)
    runner.attach(table, path)


def is_carried(runner: Runner) -> bool:
    """Whether this run folder already holds a reference."""
    return _file(runner.folder, REFERENCE.name).exists()


def method_hash(con: Connection, model: Model) -> str:
    """Hash of all that weighs and decides: weights of two nights with the same hash can stand side by side."""
    odds = {name: {label: (o.m, o.u) for label, o in levels.items()} for name, levels in model.odds.items()}
    engine = con.execute("select version()").fetchall()[0][0]
    decided = rules_under(model)
    rules = [hashed_fields(), *(block_keys("", "", is_other=is_other) for is_other in (False, True))]
    rules += [contradiction(decided), corroboration(decided), REFUSED, told(""), *FACTS.values()]
    release = importlib.metadata.version("databank")
    numbers = [asdict(decided), asdict(LEARNING), MOST_PAIRS_PER_BLOCK, [asdict(rule) for rule in BLOCKING_RULES]]
    numbers += [model.training.get("others"), model.together, OFTEN_TWICE, PERSONS_OF_FEW]
    text = json.dumps([odds, comparisons_hash(), numbers, rules, engine, release], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def recall(runner: Runner) -> None:
    """Lay out what was measured.

    Leaves:  linkage.reference_record; temp table capped_block (round_no, block, is_capped) and, when carried, tf_total and
             those tf_* that were kept, unless they are there
    """
    con = runner.con
    con.execute("create or replace temp table capped_block (round_no integer, block ubigint, is_capped boolean)")
    if not is_carried(runner):
        runner.attach(REFERENCE_RECORD, _file(runner.folder, PERSON_RECORD.name))
        return
    con.execute(f"insert into capped_block select round_no, block, is_capped from {REFERENCE_BLOCK.name}")
    totals = ", ".join(
        f"max(figure) filter (where fact_code = '{fact}') as {column}" for column, fact in _total_facts().items()
    )
    con.execute(f"create or replace temp table tf_total as select {totals} from {REFERENCE.name}")
    for column in KEPT_COLUMNS:
        con.execute(
            f"""create temp table if not exists tf_{column} as
                select cast(value as {PERSON_RECORD.columns[column]}) as {column}, share_ratio as tf_{column}
                from {REFERENCE_FREQUENCY.name} where column_name = '{column}'"""
        )


def note_capped(con: Connection, round_no: int) -> None:
    """Remember the blocks that this round left out, and those of which it asked more.

    Reads:   temp table large_block
    """
    con.execute(
        f"""insert into capped_block select {round_no}, block, is_capped from large_block
            anti join (select block, is_capped from capped_block where round_no = {round_no}) using (block, is_capped)"""
    )


def keep(runner: Runner, model: Model) -> None:
    """Write the reference down for the nights to come.

    Reads:   temp tables capped_block, habit, tf_total, tf_*
    Leaves:  linkage.habit, linkage.reference_record, linkage.reference_block, linkage.reference_frequency, linkage.reference
    """
    path = _file(runner.folder, REFERENCE_RECORD)
    link_table(_file(runner.folder, PERSON_RECORD.name), path)
    runner.attach(REFERENCE_RECORD, path)
    runner.run(habit())
    blocks = "select round_no, block, bool_or(is_capped) as is_capped from capped_block group by all"
    runner.run(Step(REFERENCE_BLOCK.name, REFERENCE_BLOCK.grain, blocks))
    counted = " union all ".join(
        f"select '{column}' as column_name, cast({column} as varchar) as value, tf_{column} as share_ratio from tf_{column}"
        for column in KEPT_COLUMNS
    )
    runner.run(Step(REFERENCE_FREQUENCY.name, REFERENCE_FREQUENCY.grain, counted))
    totals = " union all ".join(
        f"select '{fact}', cast({column} as double), null from tf_total" for column, fact in _total_facts().items()
    )
    runner.run(
        Step(
            REFERENCE.name,
            REFERENCE.grain,
            f"""
            select 'method' as fact_code, cast(null as double) as figure, $method as text
            union all select 'record_count', (select count(*) from {PERSON_RECORD.name})::double, null
            union all {totals}
            """,
            {"method": method_hash(runner.con, model)},
        )
    )


def _total_facts() -> dict[str, str]:
    return {column: f"persons:{column}" for column in term_frequency_columns()}


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"
