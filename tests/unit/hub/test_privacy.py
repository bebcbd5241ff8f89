"""What libraries say never reaches a log; what we say is a net below."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from hub.privacy import redacted, told

MARKED = "Zarrinmarked"


def said_by(program: str) -> str:
    """What a guarded process of its own prints."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABANK_DEBUG"}
    start = "import logging, threading, warnings; from hub.privacy import guard_logs; guard_logs()\n"
    done = subprocess.run(
        [sys.executable, "-c", start + program.format(value=MARKED)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("value", ["0012345679", "۰۰۱۲۳۴۵۶۷۹", "٠٩١٢٣٤٥٦٧٨٩", "محمدرضا موسوی‌نژاد", "119012345678"])
def test_identifiers_and_persian_words_are_blacked_out(value: str) -> None:
    assert value not in redacted(f"row ({value}, x) is bad")


@pytest.mark.parametrize("text", ["oil-2026-11-20-0a1b2c3d4e5f", "line 1,234,567 of 2026-11-20", "matching.link:88"])
def test_what_operators_need_stays(text: str) -> None:
    assert redacted(text) == text


def test_an_error_is_told_by_kind_and_place_not_by_its_words() -> None:
    try:
        raise ValueError(f"could not convert {MARKED}")
    except ValueError as error:
        said = told(error)
    assert MARKED not in said
    assert said.startswith("ValueError at tests.unit.hub.test_privacy:")


def test_the_place_is_ours_even_when_a_library_broke() -> None:
    with pytest.raises(json.JSONDecodeError) as failure:
        json.loads(MARKED)
    assert "tests.unit.hub.test_privacy" in told(failure.value)


def test_our_log_keeps_our_words_but_not_an_exceptions() -> None:
    said = said_by(
        "try: raise ValueError('{value}')\n"
        "except ValueError: logging.getLogger('databank').exception('stage failed for 0012345679')"
    )
    assert "stage failed for […]" in said
    assert "ValueError at __main__:2" in said
    assert MARKED not in said


def test_a_library_that_fails_says_that_it_did_and_nothing_more() -> None:
    said = said_by("logging.getLogger('splink.internals.linker').critical('cannot score %s', '{value}')")
    assert "splink.internals.linker" in said
    assert MARKED not in said


def test_warnings_and_log_lines_that_fail_keep_quiet_about_values() -> None:
    said = said_by(
        "warnings.warn('column holds {value}'); logging.getLogger('databank').info('%d', '{value}'); print('end')"
    )
    assert "end" in said
    assert MARKED not in said


def test_a_stray_thread_and_the_interpreter_keep_quiet_about_values() -> None:
    said = said_by("t = threading.Thread(target=lambda: int('{value}')); t.start(); t.join()\nraise RuntimeError('{value}')")
    assert said.count("Unexpected") == 2
    assert MARKED not in said
