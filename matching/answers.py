"""What civil registration answered about national codes: a code that it does not know, or cancelled, links nobody.

Feeds of inquiries declare ``inquiry_answer_code``. Their rows that found somebody are evidence like any other feed's; the
others say something about a code and are nobody's record. A code that the register itself holds is not refused, whatever was
answered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.duck import literal, no_rows
from hub.steps import Step
from schemas.answer_tables import CODE_ANSWER, REFUSED_CODE
from schemas.delivery import Delivery
from schemas.feed import Feed
from schemas.inquiries import FOUND, meanings
from schemas.tables import PERSON_RECORD

ANSWER = "inquiry_answer_code"
IS_PERSON = f"coalesce({ANSWER}, '{FOUND}') = '{FOUND}'"


def refused_code(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> Step:
    """Codes that are none, or no longer one.

    Reads:   rows of the current deliveries of registry and inquiries
    Grain:   national_code
    """
    used = list(deliveries)
    refused = ", ".join(f"'{each.answer_code}'" for each in meanings().values() if each.is_refused)
    registered = _codes_of_registry(feeds, used)
    return Step(
        REFUSED_CODE.name,
        REFUSED_CODE.grain,
        f"""
        select national_code, min({ANSWER}) as {ANSWER}
        from ({_answered(feeds, used)}) anti join ({registered}) using (national_code)
        where {ANSWER} in ({refused})
        group by national_code
        """,
    )


def code_answer(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> Step:
    """Records whose code people must look at, for what civil registration answered about it.

    Reads:   rows of the current deliveries of inquiries, linkage.person_record, person.crosswalk
    Grain:   record_key
    """
    return Step(
        CODE_ANSWER.name,
        CODE_ANSWER.grain,
        f"""
        with answered as (
            select national_code, min({ANSWER}) as {ANSWER} from ({_answered(feeds, deliveries)})
            where {ANSWER} <> '{FOUND}' group by national_code
        ),
        asked as (
            select * from answered
            anti join (select national_code from {PERSON_RECORD.name} where is_registry) using (national_code)
        )
        select r.record_key, r.feed, x.person_id, a.{ANSWER}
        from asked as a
        join {PERSON_RECORD.name} as r on coalesce(r.national_code_claimed, r.birth_certificate_no) = a.national_code
        join person.crosswalk as x on x.record_key = r.record_key
        """,
    )


def turned_records() -> str:
    """SQL of records of the night before whose code is refused now and was not, or the other way round.

    Reads: linkage.refused_code, base.refused_code, base.person_record
    """
    codes = (
        "case when national_code is null then coalesce(national_code_claimed, birth_certificate_no) else national_code end"
    )
    return f"""
        select record_key from base.person_record
        where {codes} in (
            (select national_code from {REFUSED_CODE.name} except select national_code from base.refused_code)
            union
            (select national_code from base.refused_code except select national_code from {REFUSED_CODE.name})
        )
    """


def _answered(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> str:
    asking = {feed.name for feed in feeds if ANSWER in feed.staging_table.columns}
    return _codes(ANSWER, [each for each in deliveries if each.feed in asking], f"{ANSWER} is not null")


def _codes_of_registry(feeds: Sequence[Feed], deliveries: Iterable[Delivery]) -> str:
    registries = {feed.name for feed in feeds if feed.is_registry and "national_code" in feed.staging_table.columns}
    return _codes(f"null as {ANSWER}", [each for each in deliveries if each.feed in registries], "true")


def _codes(said: str, deliveries: Sequence[Delivery], condition: str) -> str:
    """SQL of the codes of some deliveries and what is said of them."""
    if not deliveries:
        return no_rows({"national_code": "varchar", ANSWER: "varchar"})
    paths = ", ".join(literal(each.rows_path) for each in deliveries)
    rows = f"read_parquet([{paths}], union_by_name = true)"
    return f"select national_code, {said} from {rows} where national_code is not null and {condition}"
