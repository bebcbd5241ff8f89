"""Columns of schools, universities and banks: what pupils, graduates and account holders have besides a name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.feed import Column
from synthetic.chance import Ints, below
from synthetic.dates_and_codes import dates
from synthetic.draft import Cells, Draft
from synthetic.families import YEAR
from synthetic.numerals import digits

#: Ages of those whom an agency's file lists, by a column that only such a file has: first, and last.
AGES = {"pupil_no": (7, 18), "student_no": (23, 70), "account_no": (18, 110)}
UNIVERSITIES = (
    "دانشگاه تهران", "دانشگاه صنعتی شریف", "دانشگاه فردوسی مشهد", "دانشگاه شیراز", "دانشگاه اصفهان", "دانشگاه تبریز",
    "دانشگاه شهید چمران اهواز", "دانشگاه پیام نور", "دانشگاه گیلان", "دانشگاه رازی",
)  # fmt: skip
FIELDS_OF_STUDY = (
    "حقوق", "حسابداری", "مهندسی عمران", "مهندسی کامپیوتر", "روان‌شناسی", "زبان و ادبیات فارسی", "مدیریت", "شیمی", "معماری",
)  # fmt: skip
SCHOOLS = ("دبستان", "دبیرستان")
DEGREES = ("associate", "bachelor", "master", "doctorate")
DEGREE_SHARES = (0.2, 0.75, 0.95, 1.0)
GRADUATION_AGE, FIRST_GRADE_AGE, GRADES = 23, 7, 12
STUDENT_STRIDE, PUPIL_STRIDE, SCHOOL_COUNT = 479_001_599, 334_214_459, 60
ACCOUNT_STRIDE, ACCOUNT_PRIME = 433_494_437, 999_999_937
BANKS = (12, 15, 17, 18, 54)
_IR = 1827


def _chosen(draft: Draft, purpose: str, pool: tuple[str, ...]) -> Cells:
    return pa.array(pool, pa.string()).take(pa.array(below(draft.bits(purpose), len(pool))))


def _age(draft: Draft) -> Ints:
    return ((draft.world.first_day - draft.world.people.birth[draft.person]) // YEAR).astype(np.int64)


def student_no(draft: Draft, column: Column) -> Cells:
    """Student numbers."""
    return digits(1_000_000_000 + draft.person * STUDENT_STRIDE % ACCOUNT_PRIME, 10)


def university_name(draft: Draft, column: Column) -> Cells:
    """Universities."""
    return _chosen(draft, column.name, UNIVERSITIES)


def study_field_name(draft: Draft, column: Column) -> Cells:
    """Fields of study."""
    return _chosen(draft, column.name, FIELDS_OF_STUDY)


def degree_code(draft: Draft, column: Column) -> Cells:
    """Degrees, bachelors mostly."""
    chance = below(draft.bits(column.name), 1000) / 1000
    return draft.coded(column, DEGREES, np.searchsorted(np.array(DEGREE_SHARES), chance, side="right").astype(np.int64))


def graduation_date(draft: Draft, column: Column) -> Cells:
    """Days of graduation: some time after the age at which one graduates first, and past."""
    born = draft.world.people.birth[draft.person]
    day = born + GRADUATION_AGE * 365 + below(draft.bits(column.name), 1500)
    return dates(draft, column, np.minimum(day, draft.world.first_day - 1))


def pupil_no(draft: Draft, column: Column) -> Cells:
    """Numbers of pupils."""
    return digits(100_000_000 + draft.person * PUPIL_STRIDE % ACCOUNT_PRIME, 10)


def _school(draft: Draft) -> Ints:
    is_older = _age(draft) >= FIRST_GRADE_AGE + GRADES // 2
    return below(draft.bits("school"), SCHOOL_COUNT) * 2 + is_older


def school_no(draft: Draft, column: Column) -> Cells:
    """Numbers of schools."""
    return digits(7_000_000 + _school(draft) * 311, 8)


def school_name(draft: Draft, column: Column) -> Cells:
    """Schools: each number has one name."""
    school = _school(draft)
    kind = pa.array(SCHOOLS, pa.string()).take(pa.array(school % 2))
    return pc.binary_join_element_wise(kind, pc.cast(pa.array(school // 2 + 1), pa.string()), " ")


def grade_no(draft: Draft, column: Column) -> Cells:
    """Grades by age."""
    return pc.cast(pa.array(np.clip(_age(draft) - FIRST_GRADE_AGE + 1, 1, GRADES)), pa.string())


def account_no(draft: Draft, column: Column) -> Cells:
    """Accounts as IBANs with their check digits (ISO 13616)."""
    banks = np.array(BANKS)[below(draft.bits(column.name), len(BANKS))].tolist()
    accounts = (draft.person * ACCOUNT_STRIDE % ACCOUNT_PRIME).tolist()
    inner = [f"{bank:03d}{account:019d}" for bank, account in zip(banks, accounts, strict=True)]
    return pa.array([f"IR{98 - int(f'{text}{_IR}00') % 97:02d}{text}" for text in inner], pa.string())


def account_opened_date(draft: Draft, column: Column) -> Cells:
    """Days on which accounts were opened."""
    grown = draft.world.people.birth[draft.person] + AGES["account_no"][0] * 365
    day = grown + below(draft.bits(column.name), 7000)
    return dates(draft, column, np.minimum(day, draft.world.first_day - 1))
