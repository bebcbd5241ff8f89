"""Kinds on texts that nobody foresaw: every text has one outcome, and no text stops the others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.kinds import Calendars, Kind
from connectors.kinds.codes import code
from connectors.kinds.dates import HIJRI_TABLE, JALALI_TABLE, day, month
from connectors.kinds.identifiers import foreign_id, mobile_no, postal_code
from connectors.kinds.national_codes import DUMMIES, national_code
from connectors.kinds.numbers import flag, whole_number
from hub.duck import Connection, connection
from hub.settings import Settings
from schemas.hijri import hijri_table
from schemas.jalali import gregorian, jalali_table, month_days

SEED = 1405
BUSINESS_DATE = date(2026, 11, 20)
ALPHABET = "0123456789" * 4 + "۰۱۹٠٩" + "/-. .,:eE+T" + "xآي\u200c\u200f\u00a0\t'\"\\|%{}[]()*$^"
KINDS = {
    "national_code": national_code(),
    "postal_code": postal_code(),
    "mobile_no": mobile_no(),
    "foreign_id": foreign_id(),
    "whole_number": whole_number(),
    "flag": flag(),
    "code": code({"01": "male", "2": "female", "it's": "other"}),
    "birth": day(Calendars("jalali:yy/mm/dd", BUSINESS_DATE, is_spreadsheet=True), is_past=True),
    "day": day(Calendars("gregorian:yyyy-mm-dd", BUSINESS_DATE), is_past=False),
    "worded": day(Calendars("gregorian:dd-mon-yy", BUSINESS_DATE), is_past=True),
    "hijri": day(Calendars("hijri:dd/mm/yyyy", BUSINESS_DATE), is_past=True),
    "buddhist": day(Calendars("buddhist:yyyymmdd", BUSINESS_DATE), is_past=False),
    "age": day(Calendars("age:years", BUSINESS_DATE, is_spreadsheet=True), is_past=True),
    "serial": day(Calendars("excel:serial", BUSINESS_DATE), is_past=False),
    "month": month(Calendars("jalali:yymm", BUSINESS_DATE)),
}


@pytest.fixture
def con(tmp_path: Path) -> Iterator[Connection]:
    with connection(Settings(home=tmp_path, memory="500MB", threads=1)) as opened:
        opened.register(JALALI_TABLE, jalali_table())
        opened.register(HIJRI_TABLE, hijri_table())
        yield opened


def typed(con: Connection, kind: Kind, texts: set[str], columns: str) -> list[tuple[object, ...]]:
    """Type texts as staging does: those that are not plain by the kind's query."""
    con.execute("create or replace temp table texts (raw varchar)")
    con.executemany("insert into texts values (?)", [[text] for text in sorted(texts)])
    return con.execute(f"select {columns} from ({kind.query})").fetchall()


@pytest.mark.parametrize("name", KINDS)
def test_every_text_has_exactly_one_outcome(con: Connection, name: str) -> None:
    chance = random.Random(SEED)
    texts = {"".join(chance.choice(ALPHABET) for _ in range(chance.randint(0, 14))) for _ in range(1500)}
    texts |= {"0" * n for n in range(20)} | {"9" * n for n in range(20)} | {"'; drop table texts; --", "\\1", "1e999", "-"}
    columns = "raw, value is not null, failure is not null, is_missing, note is not null"
    found = typed(con, KINDS[name], texts, columns)
    assert {row[0] for row in found} == texts
    assert len(found) == len(texts), "no text is doubled"
    for _, has_value, has_failure, is_missing, has_note in found:
        outcomes = [has_value, has_failure, is_missing]
        assert sum(map(bool, outcomes)) == 1 or (not any(outcomes) and has_note), "a note says why there is no value"


def test_every_day_of_a_century_is_read_as_the_calendar_says(con: Connection) -> None:
    days = {
        f"{year}{month_no:02d}{day_no:02d}": gregorian(year, month_no, day_no)
        for year in range(1306, 1405)
        for month_no in range(1, 13)
        for day_no in range(1, month_days(year, month_no) + 1)
    }
    con.execute("create or replace temp table texts (raw varchar)")
    chosen = sorted(days)[:: 1 + len(days) // 2000]
    con.executemany("insert into texts values (?)", [[text] for text in chosen])
    short = "create or replace temp table texts as select substr(raw, 3) as raw from texts"
    kind = KINDS["birth"]
    assert dict(con.execute(f"select raw, value from ({kind.query})").fetchall()) == {text: days[text] for text in chosen}
    con.execute(short)
    assert dict(con.execute(f"select raw, value from ({kind.query})").fetchall()) == {
        text[2:]: days[text] for text in chosen
    }


def test_the_check_digit_is_the_published_one(con: Connection) -> None:
    def is_valid(text: str) -> bool:
        rest = sum(int(digit) * (10 - i) for i, digit in enumerate(text[:9])) % 11
        passes = int(text[9]) == (rest if rest < 2 else 11 - rest)
        return passes and len(set(text)) > 1 and text not in DUMMIES and text[3:9] != "000000"

    chance = random.Random(SEED)
    texts = {f"{chance.randrange(10**10):010d}" for _ in range(3000)} | {str(d) * 10 for d in range(10)} | set(DUMMIES)
    found = dict(typed(con, KINDS["national_code"], texts, "raw, value is not null"))
    assert found == {text: is_valid(text) for text in texts}
