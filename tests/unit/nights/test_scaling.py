"""Two measured nations tell of a larger one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import SettingsError
from nights.scaling import growth, read_figures


def figures(persons: int, seconds: float, **more: Any) -> dict[str, Any]:
    return {"persons": persons, "variant": "default", "ours": {"seconds": seconds, "spill_mb": 0}, **more}


def test_a_figure_that_doubles_with_the_nation_goes_on_doubling() -> None:
    (seconds, spill) = growth(figures(1_000_000, 20.0), figures(10_000_000, 200.0), 90_000_000)
    assert seconds.exponent == pytest.approx(1.0)
    assert seconds.expected == pytest.approx(1_800.0)
    assert spill.expected is None, "from nothing nothing can be told"


def test_a_figure_that_grows_with_pairs_is_told_so() -> None:
    found = growth(figures(1_000, 1.0), figures(10_000, 100.0), 100_000)
    assert (found[0].exponent, found[0].expected) == (pytest.approx(2.0), pytest.approx(10_000.0))


def test_what_only_one_run_measured_is_left_out() -> None:
    found = growth(figures(1_000, 1.0, splink={"seconds": 9.0}), figures(10_000, 10.0, splink=None), 100_000)
    assert "plain Splink" not in [each.name for each in found]


@pytest.mark.parametrize("second", [figures(1_000, 2.0), figures(10_000, 2.0) | {"variant": "nocodes"}])
def test_runs_that_give_no_line_are_refused(second: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="no line"):
        growth(figures(1_000, 1.0), second, 100_000)


@pytest.mark.parametrize("text", [None, "no JSON", "[1]", '{"persons": 1}'])
def test_a_file_that_holds_no_figures_is_refused_by_its_name(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=r"small\.json .*nothing was told") as refused:
        read_figures(path)
    assert "databank bench linkage" in refused.value.hint
