"""What a kind is, and the SQL by which every kind reads raw text."""

from __future__ import annotations

from dataclasses import dataclass

from hub.duck import literal

# What agencies write for "not known" (facts, section 2). Such a text is missing, not wrong.
MISSING_WORDS = (
    "", "-", "--", "---", "*", "**", "***", ".", "NULL", "null", "N/A", "نامشخص", "ندارد", "نامعلوم",
    "n/a", "(null)", "nan", "NaN", "None", "NaT", "<NA>", "\\N",  # what programs write for an empty cell
    "#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!",  # a workbook's formulas that failed
)  # fmt: skip

_FOREIGN_DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"
_LATIN_DIGITS = "01234567890123456789"


@dataclass(frozen=True)
class Kind:
    """How texts of one kind become values.

    Args:
        type: DuckDB type of the value.
        plain: condition over ``raw`` and ``number`` (the text as a whole number, if it is one): such texts need no work,
            their value is a cast. ``false`` when all texts do.
        query: SQL that types the other texts: reads ``texts(raw)``, each text once, and yields ``raw``, ``value``,
            ``failure`` (why there is no value: a wrong text), ``note`` (what was restored, or why a value is left out
            though the text is not wrong), ``is_missing`` (the text says that nothing is known), ``extra``.
        extra_suffix: the column's name with this suffix holds ``extra``; empty when the kind has none.
        is_plain_extra: whether ``extra`` of a plain text is the text itself.
    """

    type: str
    plain: str
    query: str
    extra_suffix: str = ""
    is_plain_extra: bool = False


def latin(text: str) -> str:
    """Persian and Arabic digits to Latin ones; costs nothing where a text is ASCII."""
    return (
        f"case when strlen({text}) = length({text}) then {text} "
        f"else translate({text}, '{_FOREIGN_DIGITS}', '{_LATIN_DIGITS}') end"
    )


def missing_words() -> str:
    """The missing words as an SQL list in parentheses."""
    return "(" + ", ".join(literal(word) for word in MISSING_WORDS) + ")"


def present(text: str) -> str:
    """The trimmed text; null when it is one of the missing words."""
    return f"case when trim({text}) in {missing_words()} then null else trim({text}) end"
