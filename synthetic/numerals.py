"""Columns of numbers as text: national codes and how they get spoilt, certificates, postal codes, mobiles, memberships."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.feed import Column
from synthetic.chance import Ints, Mask, below, which
from synthetic.codes import DUMMIES, check_digit
from synthetic.draft import Cells, Draft
from synthetic.people import NONE, People

#: How far a foreigner's second code is from the first, among all codes of twelve digits.
SECOND_CODE, FOREIGN_CODES = 318_281_828_459, 10**12
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
CODE_FAULTS = ("missing", "typo", "random_valid", "relative", "dummy", "zeros_lost", "float", "persian_digits", "dashes")
TYPED_DUMMIES = (DUMMIES[0], DUMMIES[1])
CODE_WIDTH = 10
#: Running numbers become numbers that look like an agency's: a walk round a prime, each number once.
PRIME, MEMBER_STRIDE, BOOKLET_STRIDE, CASE_STRIDE = 999_999_937, 387_420_489, 236_364_091, 39_916_801


def digits(number: Ints, width: int, missing: Mask | None = None) -> Cells:
    """Numbers as text with leading zeros; NONE is empty."""
    absent = number == NONE if missing is None else (number == NONE) | missing
    return pc.utf8_lpad(pc.cast(pa.array(np.where(absent, 0, number), mask=absent), pa.string()), width, "0")


def replaced(cells: Cells, where: Mask, new: Cells) -> Cells:
    """Cells with some of them replaced, in order."""
    return pc.replace_with_mask(cells, pa.array(where), new)


def relative_of(people: People, person: Ints) -> Ints:
    """Somebody near whose papers get mixed up with a person's: a parent or the spouse, NONE where there is none."""
    parent = np.where(people.father[person] == NONE, people.mother[person], people.father[person])
    return np.where(people.spouse[person] != NONE, people.spouse[person], parent)


def national_code(draft: Draft, column: Column) -> Cells:
    """The national code with its faults; foreigners have none."""
    people, rates = draft.world.people, draft.rates
    code = people.code[draft.person]
    bits = draft.bits(column.name)
    kind = which(bits, [getattr(rates, f"code_{name}") for name in CODE_FAULTS])
    fault = {name: (kind == number) & (code != NONE) for number, name in enumerate(CODE_FAULTS, 1)}
    if draft.world.options.missing_national_code is None and not draft.world.options.nocodes:
        fault["missing"] = draft.within(fault["missing"], column.max_null_percent, column.name)
    wrong = draft.within(fault["typo"] | fault["dummy"], column.max_invalid_percent, column.name, "invalid")
    fault["typo"], fault["dummy"] = fault["typo"] & wrong, fault["dummy"] & wrong
    value = _wrong_codes(draft, code, fault, below(bits, 90_000_000))
    fault["relative"] &= value != code
    cells = digits(value, CODE_WIDTH, fault["missing"])
    cells = _forms(draft, column, cells, fault, value)
    for name in CODE_FAULTS:
        draft.fault(column.name, name, fault[name])
    draft.shown[column.name] = np.where(fault["missing"] | fault["dummy"], NONE, value)
    return cells


def _wrong_codes(draft: Draft, code: Ints, fault: dict[str, Mask], chance: Ints) -> Ints:
    place = 10 ** (chance % 9 + 1)
    digit = code // place % 10
    typo = code + ((digit + 1 + chance // 9 % 9) % 10 - digit) * place
    relative = relative_of(draft.world.people, draft.person)
    theirs = np.where(relative == NONE, NONE, draft.world.people.code[relative])
    nine = chance * 11 % 999_000_000 + 1_000_000
    value = np.where(fault["typo"], typo, code)
    value = np.where(fault["random_valid"], nine * 10 + check_digit(nine), value)
    value = np.where(fault["relative"] & (theirs != NONE), theirs, value)
    return np.where(fault["dummy"], np.array(TYPED_DUMMIES)[chance % len(TYPED_DUMMIES)], value)


def _forms(draft: Draft, column: Column, cells: Cells, fault: dict[str, Mask], value: Ints) -> Cells:
    """Right codes wrongly written; what the file cannot hold is written as it is."""
    form = draft.layout.format
    room = column.width or CODE_WIDTH * 2
    none = np.zeros(len(value), dtype=np.bool_)
    fault["zeros_lost"] &= value < 10 ** (CODE_WIDTH - 1)
    if room < CODE_WIDTH + 2:
        fault["float"], fault["dashes"] = none, none
    if form.encoding in ("cp1256", "windows-1256"):
        fault["persian_digits"] = none
    bare = pc.cast(pa.array(value), pa.string())
    cells = replaced(cells, fault["zeros_lost"], bare.filter(fault["zeros_lost"]))
    cells = replaced(cells, fault["float"], pc.binary_join_element_wise(bare.filter(fault["float"]), ".0", ""))
    whole = cells.filter(fault["persian_digits"])
    cells = replaced(
        cells, fault["persian_digits"], pa.array([t.translate(PERSIAN_DIGITS) for t in whole.to_pylist()], pa.string())
    )
    whole = cells.filter(fault["dashes"])
    parts = [pc.utf8_slice_codeunits(whole, a, b) for a, b in ((0, 3), (3, 9), (9, 10))]
    return replaced(cells, fault["dashes"], pc.binary_join_element_wise(*parts, "-"))


def principal_national_code(draft: Draft, column: Column) -> Cells:
    """The principal's national code beside a dependant; sometimes left out."""
    covers, people = draft.world.covers, draft.world.people
    row = covers.principal[draft.cover]
    code = np.where(row == NONE, NONE, people.code[covers.person[row]])
    missing = draft.happens(min(1.0, 2 * draft.rates.code_missing), column.name) & (code != NONE)
    draft.fault(column.name, "missing", missing)
    draft.shown[column.name] = np.where(missing, NONE, code)
    return digits(code, CODE_WIDTH, missing)


def foreign_id(draft: Draft, column: Column) -> Cells:
    """A foreigner's code; one in four is known by passport alone."""
    people = draft.world.people
    by_passport = draft.happens(0.25, "papers") & (people.passport[draft.person] != NONE) & draft.has("passport_no")
    code = people.fida[draft.person]
    if draft.feed.role == "insurer":  # whoever entered them twice may have gone by papers issued later, with another code
        second = (draft.world.covers.copy_of[draft.cover] != NONE) & (code != NONE)
        code = np.where(second, (code + SECOND_CODE) % FOREIGN_CODES, code)
    draft.shown[column.name] = np.where(by_passport, NONE, code)
    return digits(code, 12, by_passport)


def passport_no(draft: Draft, column: Column) -> Cells:
    """Passport numbers: a letter and digits."""
    number = draft.world.people.passport[draft.person]
    hidden = draft.happens(0.3, "passport") & ~draft.happens(0.25, "papers")
    return pc.binary_join_element_wise("P", digits(number, 8, hidden), "")


def birth_certificate_no(draft: Draft, column: Column) -> Cells:
    """Certificate numbers: a number, 0, or the national code again."""
    number = draft.world.people.certificate[draft.person]
    missing = draft.happens(draft.rates.certificate_missing, column.name) & (number != NONE)
    draft.fault(column.name, "missing", missing)
    is_code = number == draft.world.people.code[draft.person]
    draft.shown[column.name] = np.where(is_code & ~missing, number, NONE)
    if draft.world.options.nocodes:
        number = np.where(is_code, 0, number)
    text = pc.cast(pa.array(number, mask=missing | (number == NONE)), pa.string())
    return pc.if_else(pa.array(is_code), pc.utf8_lpad(text, CODE_WIDTH if not draft.world.options.nocodes else 1, "0"), text)


def postal_code(draft: Draft, column: Column) -> Cells:
    """Postal codes: of the dwelling, of the one before, or none."""
    world, rates = draft.world, draft.rates
    home = world.people.dwelling[draft.person]
    kind = which(draft.bits("postal_code"), (rates.postal_missing, rates.postal_old))
    old = (kind == 2) & (world.dwellings.previous[home] != NONE)
    draft.fault(column.name, "missing", kind == 1)
    draft.fault(column.name, "old", old)
    lived = np.where(old, world.dwellings.previous[home], home)
    return digits(world.dwellings.postal[lived], 10, kind == 1)


def mobile_no(draft: Draft, column: Column) -> Cells:
    """Mobiles, some in other forms: +98…, 0098…, without the zero."""
    number = draft.world.people.mobile[draft.person]
    bits = draft.bits("mobile_no")
    kind = which(bits, (draft.rates.mobile_missing, draft.rates.mobile_form))
    missing = (kind == 1) & (number != NONE)
    other = (kind == 2) & (number != NONE)
    draft.fault(column.name, "missing", missing)
    draft.fault(column.name, "form", other)
    start = pa.array(["0", "+98", "0098", ""]).take(pa.array(np.where(other, 1 + below(bits, 3), 0)))
    return pc.binary_join_element_wise(start, digits(number, 10, missing), "")


def phone_no(draft: Draft, column: Column) -> Cells:
    """Landlines of the dwelling."""
    return digits(draft.world.dwellings.phone[draft.world.people.dwelling[draft.person]], 8)


def member_number(row: Ints) -> Ints:
    """Number of a membership from its row; unique at every insurer."""
    return np.where(row == NONE, NONE, 1_000_000_000 + row * MEMBER_STRIDE % PRIME)


def member_no(draft: Draft, column: Column) -> Cells:
    """Membership number."""
    return digits(member_number(draft.cover), 10)


def principal_member_no(draft: Draft, column: Column) -> Cells:
    """Membership number of the principal of a dependant."""
    return digits(member_number(draft.world.covers.principal[draft.cover]), 10)


def booklet_no(draft: Draft, column: Column) -> Cells:
    """Booklet number: each membership's own."""
    return digits(draft.cover * BOOKLET_STRIDE % PRIME, 10)


#: Employers' lists: workers of one place and number of workshop share a workshop and a list.
WORKERS_A_WORKSHOP = 12


def _workshop(draft: Draft) -> Ints:
    return draft.serial % (1 << 39) // WORKERS_A_WORKSHOP * 2 + (draft.serial >= 1 << 40)


def workshop_no(draft: Draft, column: Column) -> Cells:
    """Workshop codes; a second workshop is another one."""
    return digits(1_000_000 + _workshop(draft) * 37, 10)


def list_no(draft: Draft, column: Column) -> Cells:
    """Numbers of monthly lists: one a workshop."""
    return digits(1 + _workshop(draft) % 3, 3)


def insurance_no(draft: Draft, column: Column) -> Cells:
    """Insurance numbers: the membership number of the same person at the insurer."""
    return digits(member_number(draft.cover), 10)


def record_no(draft: Draft, column: Column) -> Cells:
    """Numbers of marks, claims and benefits."""
    return case_no(draft, column)


def case_no(draft: Draft, column: Column) -> Cells:
    """Numbers of records and cases."""
    return digits(draft.serial * CASE_STRIDE % PRIME, 9)
