"""An agency's codes and what they mean: by words, by what given names stand beside them, by what others mean with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from connectors.drafting.headers import levelled
from connectors.drafting.shapes import Shape, known_names
from connectors.drafting.words import Words
from schemas.feed import OPERATION, UNKNOWN_CODE
from schemas.fields import Field

REST = ("other", "XXX")
"""Codes of ours for whatever has none."""
LONGEST_LETTERS = 2
"""So few letters may mean anything: that they stand for unknown is a guess."""
PAIRS = ({"e": "male", "k": "female"}, {"l": "male", "p": "female"}, {"m": "male", "k": "female"})
"""Men and women in Turkish; Indonesian and Malay; Polish, Swedish and others."""
SURE_RATIO = 0.95
"""A number means a sex when so many of the known given names beside it are of that sex."""


@dataclass(frozen=True)
class CodeMeaning:
    """One code of the agency. ``ours`` None: nobody knows it, so the contract leaves it out."""

    text: str
    row_count: int
    ours: str | None
    reason: str

    @property
    def is_sure(self) -> bool:
        """Whether nobody needs to ask the agency about it."""
        return not self.reason


def code_list(
    field: Field, shape: Shape, words: Words, beside: tuple[pa.ChunkedArray, pa.ChunkedArray] | None
) -> list[CodeMeaning]:
    """What each code of a column means.

    Args:
        beside: the column itself and the given names of the same rows; tells men's numbers from women's.
    """
    by_name = sexes(*beside) if beside and field.name == "sex_code" else {}
    found = [_meaning(text, count, field, words, by_name) for text, count in shape.codes.items()]
    if field.name != "sex_code":
        return found
    found = _of_pairs(_women_of_m(found))
    if not set(field.codes) <= {each.ours for each in found}:
        return found
    third = "other codes are men and women, so this one is taken as unknown. Ask the agency"
    return [each if each.ours else replace(each, ours=UNKNOWN_CODE, reason=third) for each in found]


def _women_of_m(found: list[CodeMeaning]) -> list[CodeMeaning]:
    """Beside another letter for men M is no man, but mujer or mulher."""
    if "h" not in {levelled(each.text) for each in found} or "female" in {each.ours for each in found}:
        return found
    why = "beside H, which is a man in Spanish and Portuguese, M is a woman. Ask the agency"
    return [replace(each, ours="female", reason=why) if levelled(each.text) == "m" else each for each in found]


def _of_pairs(found: list[CodeMeaning]) -> list[CodeMeaning]:
    """Letters that are sexes beside each other alone, where neither names nor words say otherwise: P is also پسر, a boy."""
    ours = {levelled(each.text): each.ours for each in found}
    fit = [pair for pair in PAIRS if all(ours.get(letter, "") in (None, sex) for letter, sex in pair.items())]
    if len(fit) != 1 or None not in [ours[letter] for letter in fit[0]]:
        return found
    why = f"a guess: beside each other {' and '.join(letter.upper() for letter in fit[0])} are man and woman. Ask the agency"
    return [
        replace(each, ours=fit[0][letter], reason=why)
        if not each.ours and (letter := levelled(each.text)) in fit[0]
        else each
        for each in found
    ]


def _meaning(text: str, count: int, field: Field, words: Words, by_name: Mapping[str, str]) -> CodeMeaning:
    ours = words.code(field.name, text)
    if ours and not levelled(text).isdigit():
        return CodeMeaning(text, count, ours, "")
    if field.name != OPERATION and words.is_unknown(text):
        guess = "a guess: it may stand for unknown. Ask the agency" if len(levelled(text)) <= LONGEST_LETTERS else ""
        return CodeMeaning(text, count, UNKNOWN_CODE, guess)
    if sex := by_name.get(text):
        return CodeMeaning(text, count, sex, f"nearly all known given names beside it are {sex}")
    if votes := words.numbers.get(field.name, {}).get(levelled(text)):
        most, share = votes.most_common(1)[0]
        return CodeMeaning(
            text, count, most, f"a guess: {share} of {votes.total()} contracts mean that by it. Ask the agency"
        )
    if ours:
        return CodeMeaning(text, count, ours, "a guess: the number is one of ours too. Ask the agency")
    if rest := next((code for code in REST if code in field.codes), None):
        return CodeMeaning(text, count, rest, "not known here; taken as the rest. Ask the agency")
    return CodeMeaning(text, count, None, "not known here. Ask the agency; until then its rows are set aside")


def sexes(codes: pa.ChunkedArray, names: pa.ChunkedArray, least: int = 1) -> dict[str, str]:
    """Codes beside which nearly all known given names, and at least so many, are of one sex."""
    men, women, _ = known_names()
    seen: dict[str, Counter[str]] = {}
    for code, name in zip(codes.to_pylist(), names.to_pylist(), strict=True):
        sex = "male" if levelled(name or "") in men else "female" if levelled(name or "") in women else None
        if code and sex:
            seen.setdefault(code.strip(), Counter())[sex] += 1
    best = {code: counted.most_common(1)[0] for code, counted in seen.items()}
    return {code: sex for code, (sex, count) in best.items() if count >= max(least, SURE_RATIO * seen[code].total())}
