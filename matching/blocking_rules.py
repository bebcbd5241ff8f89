"""The blocking rules: which pairs are worth comparing. Each is named after its fields and has a cap."""

from __future__ import annotations

from dataclasses import dataclass

# Among more people than this, what a rule asks for singles out nobody: who is meant is told by what else agrees, and by
# other rules. Their number grows with the nation, so without this cap pairs would grow with its square.
MOST_OTHERS = 100
# Of one name and a piece of another, more: by nothing else are some found who tell little.
MOST_OTHERS_BY_PIECE = 800
# Among so few known persons, names alone may single somebody out; among more, where they live or a father has to agree too.
FEW_NAMESAKES = 20
# With a birth told, among so few, in a nation of so many: of ten times as many, who is alone in a block is ten times as
# often a stranger.
FEW_OF_AN_AGE = 2
PERSONS_OF_FEW = 1_000_000


@dataclass(frozen=True)
class BlockingRule:
    """Records that agree on all fields are compared; ``other`` when the other record's fields are different ones.

    ``lacking``: a field without which the rule is needed; records that have it are found by better rules.
    ``is_for_unheard``: needed only for a name that nobody else bears, as errors make them (``hear_names``).
    ``alike``: what else has to agree, in one of two fields, where both records tell it (``ALIKE``); without it, strangers of
    one birth date and given name grow with the square of the nation.
    ``few_others``: in a block of no more known persons ``alike`` is not asked for.
    ``most_others``: a block of more others, known persons and open records, is left out.
    """

    fields: tuple[str, ...]
    other: tuple[str, ...] | None = None
    lacking: str | None = None
    is_for_unheard: bool = False
    alike: str | None = None
    few_others: int = 0
    most_others: int = MOST_OTHERS

    def few_among(self, known_count: int) -> int:
        """``few_others`` in a nation of so many known persons."""
        return self.few_others if self.lacking else round(self.few_others * min(1.0, PERSONS_OF_FEW / max(1, known_count)))

    @property
    def name(self) -> str:
        """Named after its fields; ``=`` the other record's fields, ``-`` the field that is lacking, ``~`` what has to be
        alike."""
        mirrored = f"={'+'.join(self.other)}" if self.other else ""
        return (
            "+".join(self.fields)
            + mirrored
            + (f"-{self.lacking}" if self.lacking else "")
            + (f"~{self.alike}" if self.alike else "")
        )


def _of_names(*fields: str, is_for_unheard: bool = False, most_others: int = MOST_OTHERS) -> BlockingRule:
    return BlockingRule(
        fields,
        lacking="birth_date",
        is_for_unheard=is_for_unheard,
        alike="province_code|father_name",
        few_others=FEW_NAMESAKES,
        most_others=most_others,
    )


def _of_piece(*fields: str) -> BlockingRule:
    return _of_names(*fields, is_for_unheard=True, most_others=MOST_OTHERS_BY_PIECE)


def _of_unheard(*fields: str, lacking: str | None = None, alike: str | None = None) -> BlockingRule:
    return BlockingRule(fields, lacking=lacking, is_for_unheard=True, alike=alike)


# Of so many sounds is a piece of a name that an error elsewhere in it, or a part left out, leaves as it is.
PIECE_SOUNDS = 2
# Several times as fast as left and right, since it is worked out once for each different name of a vector.
ENDS = {"head": f"substr({{0}}, 1, {PIECE_SOUNDS})", "tail": f"substr({{0}}, -{PIECE_SOUNDS})"}
OWN_NAMES = ("given_name", "surname")
PIECES = {
    f"{name}_{end}": (f"{name}_phonetic", piece) for name in (*OWN_NAMES, "father_name") for end, piece in ENDS.items()
}
# The day in the Gregorian year: where births were written so, a wrong year moves the Jalali day by one.
GREGORIAN_DAY = "gregorian_day"
# Where births were written so, a wrong month or day may move the Jalali year by one.
GREGORIAN_YEAR = "gregorian_year"
# Fields that are worked out of a column: the column, and how.
DERIVED = PIECES | {
    GREGORIAN_DAY: ("birth_date", "100 * month({0}::date) + day({0}::date)"),
    GREGORIAN_YEAR: ("birth_date", "year({0}::date)"),
}
# Two fields of which one has to agree, wherever both records tell the first. Own names are asked for only where both tell
# their father: without him another rule has to find those of whom that takes away a few.
ALIKE = {name: (f"{name}_head", f"{name}_tail") for name in (*OWN_NAMES, "father_name")} | {
    "province_code|father_name": ("province_code", "father_name_head"),
    "birth_month|birth_day": ("birth_month", "birth_day"),
}

BLOCKING_RULES = (
    BlockingRule(("national_code",)),
    BlockingRule(("foreign_id",)),
    BlockingRule(("passport_no",)),
    BlockingRule(("birth_date", "given_name_phonetic"), alike="surname"),
    BlockingRule(("birth_date", "surname_phonetic"), alike="father_name", few_others=FEW_OF_AN_AGE),
    BlockingRule(("birth_date", "father_name_key", "sex_code"), alike="given_name", few_others=FEW_OF_AN_AGE),
    BlockingRule(("birth_date", "father_name_key", "sex_code"), alike="surname"),
    BlockingRule(("given_name_phonetic", "surname_phonetic", "birth_year"), alike="father_name", few_others=FEW_OF_AN_AGE),
    _of_names("given_name_phonetic", "surname_phonetic"),
    _of_piece("given_name_head", "surname_phonetic"),
    _of_piece("given_name_tail", "surname_phonetic"),
    _of_piece("given_name_phonetic", "surname_head"),
    _of_piece("given_name_phonetic", "surname_tail"),
    BlockingRule(
        ("given_name_key", "surname_key", "father_name_key"), alike="birth_month|birth_day", few_others=FEW_OF_AN_AGE
    ),
    BlockingRule(("surname_key", "father_name_key", "birth_year"), alike="given_name"),
    BlockingRule(("given_name_key", "father_name_key", "birth_year", "birth_month"), alike="surname"),
    BlockingRule(
        ("given_name_key", "surname_key", "birth_month", "birth_day"), alike="father_name", few_others=FEW_OF_AN_AGE
    ),
    BlockingRule(("given_name_key", "surname_key", GREGORIAN_DAY), alike="father_name", few_others=FEW_OF_AN_AGE),
    BlockingRule(("given_name_phonetic", "surname_phonetic", GREGORIAN_YEAR), alike="father_name", few_others=FEW_OF_AN_AGE),
    BlockingRule(("given_name_key", "surname_key", "birth_year"), ("surname_key", "given_name_key", "birth_year")),
    BlockingRule(("given_name_key", "surname_key"), ("surname_key", "given_name_key"), lacking="birth_date"),
    BlockingRule(("birth_certificate_key", "surname_key", "given_name_key")),
    BlockingRule(("mobile_no_key", "given_name_phonetic")),
    BlockingRule(("mobile_no_key", "surname_phonetic")),
    BlockingRule(("mobile_no_key", "birth_year")),
    BlockingRule(("email_key",)),
    BlockingRule(("postal_code_key", "given_name_phonetic")),
    BlockingRule(("postal_code_key", "surname_phonetic")),
    BlockingRule(("postal_code_key", "birth_year")),
    BlockingRule(("address_key", "given_name_phonetic")),
    BlockingRule(("address_key", "surname_phonetic")),
    BlockingRule(("address_key", "birth_year")),
    _of_unheard("mobile_no_key", lacking="birth_date"),
    _of_unheard("postal_code_key", lacking="birth_date"),
    _of_unheard("address_key", lacking="birth_date"),
    _of_unheard("given_name_key", "father_name_key", "birth_year", alike="surname"),
    _of_unheard("given_name_key", "father_name_key", "birth_month", "birth_day", alike="surname"),
    _of_unheard("surname_key", "father_name_key", "birth_month", "birth_day", alike="given_name"),
)
# What the rules read, as ``hashed_fields`` gives it.
FIELDS = tuple(
    dict.fromkeys(
        field
        for rule in BLOCKING_RULES
        for field in (*rule.fields, *(rule.other or ()), *filter(None, [rule.lacking]), *ALIKE.get(rule.alike or "", ()))
    )
)
