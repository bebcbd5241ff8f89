"""Special patients: their disease marks and the claims of their drugs, and where two insurers bear the same (case C15).

Marks and claims come by insurer and member number, which tells the person without any linking; a row whose member number
nobody lists goes by its national code. The tables are a sensitive class of their own: see ``warehouse.roles``.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.steps import Runner, Step
from schemas.conflict_kinds import conflict_kinds
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.special_tables import CLAIM, MARK
from warehouse.role_rows import role_rows
from warehouse.rules import OPEN_END

MARK_ROLE, CLAIM_ROLE = "special_mark", "special_claim"
_OF_MEMBER = {"record_key": "varchar", "insurer_code": "varchar", "member_no": "varchar", "national_code": "varchar"}
MARK_NEEDED = _OF_MEMBER | {"disease_code": "varchar", "mark_from_date": "date", "mark_to_date": "date"}
CLAIM_NEEDED = _OF_MEMBER | {"drug_code": "varchar", "dispensed_date": "date", "supply_days": "bigint"}


def build(runner: Runner, feeds: Sequence[Feed], deliveries: Sequence[Delivery]) -> None:
    """Make ``special.mark`` and ``special.claim`` of one night; reads cover.record."""
    runner.run(mark(role_rows(runner, feeds, deliveries, MARK_ROLE, MARK_NEEDED)))
    runner.run(claim(role_rows(runner, feeds, deliveries, CLAIM_ROLE, CLAIM_NEEDED)))


def mark(rows: str) -> Step:
    """Disease marks with their persons.

    Reads:   ``rows`` of the current deliveries of role special_mark, cover.record, person.golden
    Grain:   record_key
    """
    days = f"mark_from_date as from_date, coalesce(mark_to_date, date '{OPEN_END}') as to_date"
    return Step(
        MARK.name,
        MARK.grain,
        f"{_placed(rows)} select record_key, person_id, insurer_code, disease_code, {days} from placed",
    )


def claim(rows: str) -> Step:
    """Claims of special drugs with their persons.

    Reads:   ``rows`` of the current deliveries of role special_claim, cover.record, person.golden
    Grain:   record_key
    """
    days = "dispensed_date as from_date, dispensed_date + cast(supply_days as integer) as to_date"
    return Step(
        CLAIM.name, CLAIM.grain, f"{_placed(rows)} select record_key, person_id, insurer_code, drug_code, {days} from placed"
    )


def _placed(rows: str) -> str:
    """CTEs that end in ``placed``: the rows with the person of each."""
    return f"""
        with told as ({rows}),
        member as (
            select insurer_code, member_no, min(person_id) as person_id
            from cover.record where (insurer_code, member_no) in (select (insurer_code, member_no) from told)
            group by insurer_code, member_no
        ),
        holder as (
            select national_code, min(person_id) as holder_person_id
            from person.golden
            where national_code_status_code = 'registry' and national_code in (select national_code from told)
            group by national_code
        ),
        placed as (
            select told.* , coalesce(member.person_id, holder.holder_person_id) as person_id
            from told left join member using (insurer_code, member_no) left join holder using (national_code)
        )
    """


def found_marks() -> Step:
    """This night's conflicts of two insurers that hold a mark for one disease of one person on the same days.

    Reads:   special.mark, cover.under_review
    Grain:   kind_code, record_key_a, record_key_b, from_date
    """
    return _found("cover.found_mark", "special_mark_twice", MARK.name, "disease_code")


def found_claims() -> Step:
    """This night's conflicts of two insurers to which one special drug was claimed for one person and the same days.

    Reads:   special.claim, cover.under_review
    Grain:   kind_code, record_key_a, record_key_b, from_date
    """
    return _found("cover.found_claim", "special_drug_twice", CLAIM.name, "drug_code")


def _found(table: str, kind_code: str, rows: str, same: str) -> Step:
    return Step(
        table,
        ("kind_code", "record_key_a", "record_key_b", "from_date"),
        f"""
        select $kind_code as kind_code, a.person_id, a.insurer_code as insurer_a, b.insurer_code as insurer_b,
               a.record_key as record_key_a, b.record_key as record_key_b,
               greatest(a.from_date, b.from_date) as from_date, least(a.to_date, b.to_date) as to_date,
               'case' as outcome_code, $reason_fa as reason_fa, u.person_id is not null as is_under_review
        from {rows} as a
        join {rows} as b
          on b.person_id = a.person_id and b.{same} = a.{same} and b.insurer_code > a.insurer_code
         and b.from_date < a.to_date and a.from_date < b.to_date
        left join cover.under_review as u on u.person_id = a.person_id
        """,
        {"kind_code": kind_code, "reason_fa": conflict_kinds()[kind_code].reason_fa},
    )
