"""What a well-written value looks like, for public tools that read our contracts.

A contract's ``invalidValues`` limit carries it as the standard's argument ``pattern``. It is looser than our own check: it
knows no check digit, no calendar and nothing of what staging restores. Contracts are held to these, so each is said once.
"""

from __future__ import annotations

import re

from schemas.document import Part
from schemas.fields import Field

BY_ROLE = {
    "national_code": "^[0-9]{8,10}$",
    "foreign_id": "^[0-9]{10,12}$",
    "postal_code": "^[1-9][0-9]{9}$",
    "mobile_no": "^([+]98|0098|98|0)?9[0-9]{9}$",
    "iban": "^(IR)?[0-9]{24}$",
}
SHAPED_ROLES = ("postal_code", "mobile_no", "foreign_id")  # numbers that look otherwise in other countries
BY_DATE_FORM = {
    "yyyymmdd": "^[0-9]{8}$",
    "yyyy/mm/dd": "^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$",
    "yyyy-mm-dd": "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$",
    "yyyy.mm.dd": "^[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}[.]?$",
    "yy/mm/dd": "^[0-9]{2}/[0-9]{1,2}/[0-9]{1,2}$",
    "dd/mm/yyyy": "^([0-9]{1,2}[/.-][0-9]{1,2}[/.-]|[0-9]{4})[0-9]{4}$",
    "mm/dd/yyyy": "^([0-9]{1,2}[/.-][0-9]{1,2}[/.-]|[0-9]{4})[0-9]{4}$",
    "dd/mm/yy": "^([0-9]{1,2}[/.-][0-9]{1,2}[/.-]|[0-9]{4})[0-9]{2}$",
    "mm/dd/yy": "^([0-9]{1,2}[/.-][0-9]{1,2}[/.-]|[0-9]{4})[0-9]{2}$",
    "dd-mon-yyyy": "^([0-9]{1,2}[^0-9]+|[^0-9]+[0-9]{1,2}[^0-9]+)[0-9]{4}$",
    "dd-mon-yy": "^[0-9]{1,2}[^0-9]+[0-9]{2}$",
    "serial": "^[0-9]{2,5}$",
}
FORMER = {BY_DATE_FORM["dd/mm/yyyy"]: "^([0-9]{1,2}/[0-9]{1,2}/|[0-9]{4})[0-9]{4}$"}
"""What was said before in a pattern's place: contracts that say so stay right."""


def pattern_of(field: Field, date_format: str | None) -> str | None:
    """The pattern of a column's values; None where nothing more than text can be said."""
    if field.role in BY_ROLE:
        return BY_ROLE[field.role]
    return BY_DATE_FORM.get((date_format or "").partition(":")[2])


def own_shape(part: Part, field: Field) -> str | None:
    """The pattern that a contract gives to a column whose values are another country's; None where it gives none.

    Raises:
        ContractError: the field has no such pattern, or it is no regular expression.
    """
    if part.value is None:
        return None
    if field.role not in SHAPED_ROLES:
        raise part.wrong(f"gives {field.name} a pattern", f"Only these may have one: {', '.join(SHAPED_ROLES)}.")
    try:
        re.compile(part.text())
    except re.error as error:
        raise part.wrong(f"has a pattern that cannot be read: {error}", "Write a regular expression.") from error
    return part.text()
