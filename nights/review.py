"""What stewards do: look at the queue of the live night, see two records side by side, decide, undo, ask why."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from hub.duck import Connection, literal
from hub.errors import IdentityError, PublishError
from hub.runs import Run
from hub.settings import Settings
from matching.explain import Explanation, explain
from matching.model import current_model, model_version
from schemas.answer_tables import CODE_ANSWER
from schemas.inquiries import meanings
from schemas.reference_tables import HABIT
from schemas.tables import BLOCKING_YIELD, CLUSTER, PERSON_RECORD, POPULATION, SCORED_PAIR, Table
from warehouse.judgements import Judgement, add_judgement, judgements_in_force
from warehouse.runs import run_or_live

# What a steward compares, in this order.
SHOWN = (
    "national_code_claimed", "foreign_id", "passport_no", "given_name", "surname", "father_name", "sex_code", "birth_date",
    "birth_certificate_no", "nationality_code", "vital_status_code", "death_date", "province_code", "address",
    "postal_code", "city_key", "mobile_no", "email",
)  # fmt: skip

# A birth known in part is shown by that part, a Jalali year and month; it is compared, too.
AS_READ = {
    "birth_date": "coalesce(cast(birth_date as varchar), "
    "nullif(concat_ws('/', birth_year, lpad(cast(birth_month as varchar), 2, '0')), ''))",
}

# What linking must have left, as this version declares it, for a pair to be explained.
EXPLAINING = (PERSON_RECORD, CLUSTER, SCORED_PAIR, BLOCKING_YIELD, POPULATION, HABIT)


@dataclass(frozen=True)
class WaitingPair:
    """A pair that waits for a person. ``judgement_id``: it was decided since; the next night obeys."""

    record_key_a: str
    record_key_b: str
    match_weight: float | None
    reason_code: str
    judgement_id: int | None


def waiting_pairs(settings: Settings, reason_code: str | None = None) -> list[WaitingPair]:
    """The review queue of the live night, heaviest first.

    Raises:
        PublishError: no night was published yet.
    """
    decided = {(each.record_key_a, each.record_key_b): each.judgement_id for each in judgements_in_force(settings)}
    with _live(settings).runner(settings) as runner:
        rows = runner.con.execute(
            "select record_key_a, record_key_b, match_weight, reason_code from person.review_pair "
            "where $reason is null or reason_code = $reason "
            "order by match_weight desc nulls last, record_key_a, record_key_b",
            {"reason": reason_code},
        ).fetchall()
    return [WaitingPair(a, b, weight, reason, decided.get((a, b))) for a, b, weight, reason in rows]


@dataclass(frozen=True)
class AnsweredCode:
    """A record whose code civil registration answered about, and what to do. Values are in ``databank review show``."""

    record_key: str
    feed: str
    person_id: int
    answer_code: str
    meaning: str
    to_do: str


def answered_codes(settings: Settings, answer_code: str | None = None) -> list[AnsweredCode]:
    """Records of the live night whose code people must look at, refused codes first.

    Raises:
        PublishError: no night was published yet.
    """
    said, live = meanings(), _live(settings)
    if not live.table(CODE_ANSWER.name).exists():
        return []  # of a version that did not ask
    with live.runner(settings) as runner:
        rows = runner.con.execute(
            f"select record_key, feed, person_id, inquiry_answer_code from {CODE_ANSWER.name} "
            "where $answer is null or inquiry_answer_code = $answer order by inquiry_answer_code, record_key",
            {"answer": answer_code},
        ).fetchall()
    found = [
        AnsweredCode(key, feed, person_id, code, said[code].meaning_en, said[code].todo_en)
        for key, feed, person_id, code in rows
    ]
    return sorted(found, key=lambda each: not said[each.answer_code].is_refused)


def _city_as_written(con: Connection, record_key: str) -> str | None:
    """A record's city as its agency writes it; linking keeps one spelling of it only. None where it delivers none, or its
    staged rows are gone."""
    feed = record_key.partition(":")[0]
    found = con.execute("select rows_path from staging.current_delivery where feed = ?", [feed]).fetchall()
    if not found or not Path(found[0][0]).exists():
        return None
    rows = f"read_parquet({literal(found[0][0])})"
    names = {row[0] for row in con.execute(f"describe select * from {rows}").fetchall()}
    if "city_name" not in names:
        return None
    told = con.execute(f"select city_name from {rows} where record_key = ?", [record_key]).fetchall()
    return str(told[0][0]) if told and told[0][0] else None


def side_by_side(settings: Settings, record_keys: tuple[str, str]) -> list[tuple[str, str | None, str | None]]:
    """Column, value of the first record, value of the second: for a steward's eyes, never for a log.

    Raises:
        IdentityError: the live night does not hold both.
    """
    columns = ", ".join(AS_READ.get(name, f"cast({name} as varchar)") for name in SHOWN)
    with _live(settings).runner(settings) as runner:
        rows = {
            row[0]: list(row[1:])
            for row in runner.con.execute(
                f"select record_key, {columns} from linkage.person_record where record_key in ($a, $b)",
                {"a": record_keys[0], "b": record_keys[1]},
            ).fetchall()
        }
        _require(rows, record_keys)
        for key in record_keys:
            if city := _city_as_written(runner.con, key):
                rows[key][SHOWN.index("city_key")] = city
    return [(name, rows[record_keys[0]][n], rows[record_keys[1]][n]) for n, name in enumerate(SHOWN)]


def explain_pair(settings: Settings, record_keys: tuple[str, str]) -> Explanation:
    """Why two records of the live night are, or are not, one person.

    Raises:
        IdentityError: a record is not in the live night, or that night was linked with another model.
    """
    run = _live(settings)
    if run.inputs.get("model") != model_version(settings):
        raise IdentityError(
            "The live night was linked with another model than the one in force; nothing was explained.",
            hint="Run a night with the new model (`databank sync`), then ask again.",
        )
    if absent := [table.name for table in EXPLAINING if not _holds(run, table)]:
        raise IdentityError(
            f"An earlier version of this program linked the live night and kept no such {', '.join(absent)} as is needed; "
            "nothing was explained.",
            hint="Run the next night (`databank sync`), then ask again.",
        )
    with run.runner(settings) as runner:
        return explain(runner, current_model(settings), record_keys)


def decide(settings: Settings, record_keys: tuple[str, str], *, is_same: bool, judged_by: str, reason: str) -> Judgement:
    """Record a steward's decision; the next night obeys it.

    Raises:
        IdentityError: a record is not in the live night, or judgements in force say otherwise.
    """
    with _live(settings).runner(settings) as runner:
        found = runner.con.execute(
            "select record_key from person.crosswalk where record_key in ($a, $b)",
            {"a": record_keys[0], "b": record_keys[1]},
        ).fetchall()
    _require({key for (key,) in found}, record_keys)
    judgement_id = add_judgement(settings, record_keys, is_same=is_same, judged_by=judged_by, reason=reason)
    return next(each for each in judgements_in_force(settings) if each.judgement_id == judgement_id)


def _holds(run: Run, table: Table) -> bool:
    """Whether a run folder holds a table with all columns that are declared today."""
    path = run.table(table.name)
    return path.exists() and set(table.columns) <= set(pq.read_schema(path).names)


def _require(found: Container[str], record_keys: tuple[str, str]) -> None:
    absent = [place for place, key in zip(("first", "second"), record_keys, strict=True) if key not in found]
    if absent:
        raise IdentityError(
            f"The live night holds no such record: the {' and the '.join(absent)}; nothing was changed.",
            hint="Give record keys as `databank review list` shows them (feed:key).",
        )


def _live(settings: Settings) -> Run:
    run = run_or_live(settings)
    if run is None:
        raise PublishError("No night was published yet; there is nothing to review.", hint="Run `databank sync` first.")
    return run
