"""Iran System: drawn letters in visual order become logical text, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.iran_system import decode, encode

# Read from files that social security accepted.
KNOWN = {
    "علی": "fcf3e4",
    "محمد": "a2f59ff5",
    "حسین": "f6fea89f",
    "رضا": "91aea4",
    "احمدی": "fca2f59f90",
    "فاطمه": "f9f5af91ea",
    "غلامرضا": "91aea4f5f2e8",
}
LETTERS = "آئءابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"


@pytest.mark.parametrize(("name", "drawn"), KNOWN.items())
def test_D10_names_as_real_files_have_them(name: str, drawn: str) -> None:
    assert encode(name).hex() == drawn
    assert decode(bytes.fromhex(drawn)) == name


def test_D10_numbers_and_latin_words_inside_persian_text_keep_their_order() -> None:
    for text in (
        "خیابان ۱۴۰۰ پلاک ۱۲/۳",
        "کوچه 12 واحد 3",
        "شرکت IRAN DATA تهران",
        "بلوار (شرقی) ۵",
        "1234567890",
        "PO BOX 12",
    ):
        assert decode(encode(text)) == text
    assert encode("پلاک 12") == b"12 " + encode("پلاک")


def test_D10_letters_that_the_code_page_lacks_are_spelt_with_those_it_has() -> None:
    assert decode(encode("علي كاظمي")) == "علی کاظمی"
    assert decode(encode("مؤمنة ٤٥")) == "مومنه ۴۵"
    with pytest.raises(UnicodeEncodeError):
        encode("علی☃")
    assert encode("☃", "replace") == b"?"


def test_D10_a_letter_drawn_as_the_last_of_its_word_breaks_it_without_a_space() -> None:
    assert decode(encode("علی\u200cرضا")) == "علی\u200cرضا"
    assert encode("علی\u200cرضا") == encode("رضا") + encode("علی")


@given(st.lists(st.text(st.sampled_from(LETTERS + "۰۱۲۳۴۵۶۷۸۹"), min_size=1), max_size=6))
def test_D10_every_text_comes_back(words: list[str]) -> None:
    text = " ".join(words)
    assert decode(encode(text)) == text


@given(st.binary(max_size=40))
def test_D14_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decode(data), str)
