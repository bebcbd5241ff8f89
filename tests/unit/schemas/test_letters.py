"""Letters as data: what a translation keeps for people and what it levels for match keys."""

from __future__ import annotations

from schemas.letters import display_map, iran_system, match_key_map

# Published values read from real list disks, in the visual order of Iran System.
VECTORS = {"علی": "fcf3e4", "محمد": "a2f59ff5", "رضا": "91aea4"}


def test_arabic_letters_become_persian_ones() -> None:
    assert "علي كريمى".translate(display_map()) == "علی کریمی"


def test_display_keeps_what_match_keys_level() -> None:
    name = "آمنه رضائی‌نژاد"
    assert name.translate(display_map()) == name
    assert name.translate(match_key_map()) == "امنه رضایینژاد"


def test_hamza_at_the_end_is_dropped_in_match_keys() -> None:
    assert "علاء".translate(match_key_map()) == "علا"


def test_both_kinds_of_digits_become_plain() -> None:
    assert "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩".translate(display_map()) == "01234567890123456789"


def test_marks_are_dropped_and_the_narrow_space_widened() -> None:
    assert "مُحَمَّـد\u00a0علی".translate(display_map()) == "محمد علی"


def test_match_keys_level_all_that_display_levels() -> None:
    assert display_map().items() <= match_key_map().items()


def test_iran_system_decodes_published_values() -> None:
    table = {byte.byte: byte.text for byte in iran_system()}
    assert len(table) == 128
    for name, code in VECTORS.items():
        assert "".join(table[byte] for byte in reversed(bytes.fromhex(code))).translate(match_key_map()) == name
