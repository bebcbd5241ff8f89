"""Letters for sexes: names and the letter beside it tell what a letter means; where a header says nothing, it means none."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.drafting.draft import Draft
from schemas.contracts import load_feed
from tests.integration.drafting_world import ROWS, loaded, person, sample_of


def draft_of(folder: Path, header: str, letters: tuple[str, ...], given_name: str = "NAM") -> Draft:
    """A draft of men and women in turn, each with the letter of the turn."""
    lines = [
        f"{person(n)['member_no']},{person(n)['given_name'] if given_name else n},{letters[n % len(letters)]}"
        for n in range(ROWS)
    ]
    return sample_of(folder, "\n".join((f"MEMBER_NO,{given_name or 'X'},{header}", *lines)).encode())


def codes_of(folder: Path, draft: Draft) -> dict[str, str]:
    assert "sex_code" in loaded(folder, draft).values()
    return next(column.codes for column in load_feed(folder / "new.odcs.yaml").layouts[0].columns if column.codes)


@pytest.mark.parametrize("letters", [("P", "D"), ("P", "Z"), ("K", "L")])
def test_names_beside_a_letter_tell_more_than_other_languages(tmp_path: Path, letters: tuple[str, str]) -> None:
    """Pesar and dokhtar: P is a boy, and a woman in Indonesia."""
    man, woman = letters
    assert codes_of(tmp_path, draft_of(tmp_path, "JENS", letters)) == {man: "male", woman: "female"}


@pytest.mark.parametrize("letters", [("E", "K"), ("L", "P"), ("M", "K")])
def test_two_letters_that_are_sexes_beside_each_other_are_a_question(tmp_path: Path, letters: tuple[str, str]) -> None:
    man, woman = letters
    draft = draft_of(tmp_path, "JENS", letters, given_name="")
    assert codes_of(tmp_path, draft) == {man: "male", woman: "female"}
    assert f"CHECK {woman} (30 rows) as female: a guess" in draft.text


@pytest.mark.parametrize("letters", ["HL", "HML", "PF", "EP", "KL", "HM", "MW", "HF", "EK"])
def test_letters_under_a_header_that_says_nothing_are_no_sexes(tmp_path: Path, letters: str) -> None:
    """High and low, part and full, monthly and weekly."""
    draft = draft_of(tmp_path, "VAZ", tuple(letters), given_name="")
    assert "sex_code" not in loaded(tmp_path, draft).values()


def test_m_and_f_are_sexes_whatever_the_header_says(tmp_path: Path) -> None:
    assert codes_of(tmp_path, draft_of(tmp_path, "XX", ("M", "F"), given_name="")) == {"M": "male", "F": "female"}
