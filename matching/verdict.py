"""What linking's rules say of one pair that ``matching.explain`` has laid out, beside what its comparisons weigh."""

from __future__ import annotations

from hub.duck import Connection
from matching.decisions import RECORD, count_given_names
from matching.facts import facts
from matching.model import Model
from matching.reference import REFERENCE_RECORD
from matching.scorer import FAMILY_BIRTH, code_rule, contradiction, rules_under, weight_beside_relatives


def constraints(con: Connection, model: Model, left_no: int, right_no: int) -> tuple[str | None, bool, str | None]:
    """The hard constraint that speaks, whether the valid national codes are equal, and what bears them out.

    Reads:   temp tables scored_record, numbered_record, code_link
    """
    reason, rule = contradiction(rules_under(model)), code_rule()
    sides = f"l.record_no = {left_no} and r.record_no = {right_no}"
    constraint = con.execute(f"select {reason} from ({_compared(con, sides, reason)})").fetchall()[0][0]
    has_equal_code, borne_out, is_linked = con.execute(
        f"""select coalesce(is_same_code, false), case when is_same_code then {rule} end,
                   {_placed(left_no)} = {_placed(right_no)}
            from (select {facts("is_same_code", rule)} from numbered_record as l join numbered_record as r on {sides})"""
    ).fetchall()[0]
    if borne_out == FAMILY_BIRTH:  # what tells of a twin, only linking by codes has seen
        return (None, True, borne_out) if is_linked else (constraint, True, None)
    return constraint, has_equal_code, borne_out


def beside_relatives(con: Connection, model: Model, left_no: int, right_no: int, weight: float) -> float:
    """What the pair weighs less since two of one home may be relatives (bits; 0 or below).

    Reads:   temp table scored_record

    Args:
        weight: of the pair against strangers.
    """
    rules = rules_under(model)
    if not (rules.relatives or rules.of_one_birth):  # the model was not taught by families
        return 0.0
    beside = weight_beside_relatives(rules, f"{weight!r}::double")
    if not facts(beside):
        return 0.0
    sides = f"l.record_no = {left_no} and r.record_no = {right_no}"
    return float(con.execute(f"select {beside} from ({_compared(con, sides, beside)})").fetchall()[0][0]) - weight


def _placed(record_no: int) -> str:
    return f"coalesce((select max(node_no) from code_link where record_no = {record_no}), {record_no})"


def _compared(con: Connection, sides: str, *expressions: str) -> str:
    count_given_names(con, REFERENCE_RECORD)
    record = RECORD.format(records="scored_record")
    return f"with record as ({record}) select {facts(*expressions)} from record as l join record as r on {sides}"
